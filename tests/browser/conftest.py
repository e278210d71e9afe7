"""A real headless Chromium for the tests of pages. One process for all tests; a fresh profile for each."""

import shutil

import pytest
from playwright.sync_api import sync_playwright
from tests.kit.process import PATIENCE_S

# Chromium's own errands; the tests run where no network is.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@pytest.fixture(scope="package")  # its event loop must not outlive these tests: others run loops of their own
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Opens a file as a user would, from disk, without a network; whatever the page's script complains of fails."""
    contexts, complaints = [], []

    def opened(path, scheme="light", width=1280):
        context = chromium.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 800}, offline=True
        )
        contexts.append(context)
        context.set_default_timeout(1_000 * PATIENCE_S)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []

"""The documentation is whole: its links lead somewhere, its lists name everything that there is and nothing else."""

import re
from pathlib import Path

import click
import pytest
from tests.docs.pages import CHECKOUT

from veracity.app.cli.main import cli

DOCS = CHECKOUT / "docs"
LINK = re.compile(r"\]\(([^)#:]+)(?:#([^)]*))?\)")
WRITTEN = ("bench", "data", "docs", "features", "specs", "tests")
PAGES = [
    *CHECKOUT.glob("*.md"),
    *(page for part in WRITTEN for page in sorted((CHECKOUT / part).rglob("*.md"))),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        found = page.parent / target
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), f"{target}#{anchor}"


def test_every_page_is_found_from_the_index() -> None:
    """Following links from docs/README.md leads to each page of docs/ and specs/."""
    found, ahead = set(), [DOCS / "README.md"]
    while ahead:
        page = ahead.pop().resolve()
        if page.suffix == ".md" and page not in found:
            found.add(page)
            ahead += [page.parent / target for target, _ in LINK.findall(page.read_text(encoding="utf-8"))]
    missing = {page for part in ("docs", "specs") for page in (CHECKOUT / part).rglob("*.md")} - found
    assert not missing


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have as links."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_index_of_decisions_has_each_of_them_with_its_title() -> None:
    folder = DOCS / "decisions"
    listed = re.findall(
        r"^- \[(\d{4})\]\((.+)\) (.+)$", (folder / "README.md").read_text("utf-8"), re.MULTILINE
    )
    there = []
    for path in sorted(folder.glob("0*.md")):
        head = path.read_text(encoding="utf-8").splitlines()[0]
        there.append((path.name[:4], path.name, head.removeprefix(f"# {path.name[:4]}. ")))
    assert listed == there


def test_the_readme_names_commands_that_exist() -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    table = text.partition("| for | commands |")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z -]+)`", table)
    assert len(named) > 25
    for words in named:
        command: click.Command | None = cli
        for word in words.split():
            assert isinstance(command, click.Group), words
            command = command.get_command(click.Context(command), word)
        assert command is not None, words

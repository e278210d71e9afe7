"""The report as people read it: in a real browser, from a file, light and dark, on a phone and on paper."""

import pytest
from tests.browser.axe import violations
from tests.kit.market import BTC, dataset_of, usd
from tests.kit.players import NO_LIMITS, puppet
from tests.kit.process import PATIENCE_S
from tests.kit.programs import needs
from tests.research.runs import played, run_baselines, summary_of
from tests.research.test_report_evidence import BARS, ORIGIN, panels

from veracity.research.baselines import IDS, plan, table
from veracity.research.report import SIZE_MAX, render
from veracity.research.tables import thinned

pytestmark = needs("chromium")

__all__ = ["panels"]  # the fixture


@pytest.fixture(scope="module")
def report_page(tmp_path_factory, panels):
    """A page with every part: baselines, strata, folds, surface, stress, statistics, score."""
    market = dataset_of({BTC: BARS})
    planned = plan(market, BTC, usd(1_000), 0, NO_LIMITS)
    _, baselines = run_baselines(market, planned, usd(1_000))
    results = played(market, puppet("a", (1_000, 0, 0) * 12 + (0,) * 354))
    summary = summary_of(results, baselines=table(baselines, planned))
    curves = thinned(baselines, {IDS[one.name]: one.name for one in planned if one.bound})
    path = tmp_path_factory.mktemp("report") / "index.html"
    path.write_text(render(summary, results, market, curves, ORIGIN, panels), "utf-8")
    return path


def until(page, expression):
    """Wait for what is true in the page. Asked from outside: the page's own policy lets nobody evaluate text in it."""
    for _ in range(10 * PATIENCE_S):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}")


def drawn(page):
    """The page once its charts are drawn."""
    until(page, "[...document.querySelectorAll('.chart')].every(one => one.querySelector('.main-svg'))")
    return page


@pytest.fixture(scope="module")
def shown(chromium, report_page):
    """The page, open and drawn; who changes it changes it back."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    context.set_default_timeout(1_000 * PATIENCE_S)
    page = context.new_page()
    page.goto(report_page.as_uri())
    yield drawn(page)
    context.close()


def test_axe_finds_nothing_with_all_tables_open(open_page, report_page):
    page = drawn(open_page(report_page))
    open_tables(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_axe_finds_nothing_in_the_dark_on_a_phone_and_nothing_is_wider_than_its_screen(
    open_page, report_page
):
    page = drawn(open_page(report_page, "dark", 360))
    assert violations(page) == []
    open_tables(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def open_tables(page):
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


def test_it_is_one_file_below_its_limit(report_page):
    assert report_page.stat().st_size < SIZE_MAX


def test_every_chart_draws_what_it_was_given(shown):
    charts = shown.locator(".chart").evaluate_all(
        "all => Object.fromEntries(all.map(one => [one.id, one.data.map(trace => (trace.x ?? trace.z).length)]))"
    )
    assert set(charts) >= {
        "equity-chart",
        f"price-chart-{BTC}",
        "costs-chart-a",
        "regimes-chart-a",
        "hours-chart-a",
        "sweep-chart",
        "surface-chart",
        "folds-chart",
        "stress-chart",
    }
    assert all(
        lengths and min(lengths) > 0 for name, lengths in charts.items() if name != f"price-chart-{BTC}"
    )
    assert charts["hours-chart-a"] == [24]


def test_the_contents_lead_to_a_part(shown):
    shown.get_by_role("navigation").get_by_role("link", name="Stress").click()
    assert 0 <= shown.locator("#stress").bounding_box()["y"] < 200


def test_the_numbers_of_a_chart_open_as_a_table_with_keys_alone(shown):
    table = shown.locator("#equity details table")
    assert not table.is_visible()
    shown.locator("#equity summary").focus()
    shown.keyboard.press("Enter")
    assert table.is_visible()


def test_colours_follow_the_theme_while_the_page_is_open(shown):
    colour = "document.querySelector('#equity-chart').data[0].line.color"
    light = shown.evaluate(colour)
    shown.emulate_media(color_scheme="dark")
    until(shown, f"{colour} !== {light!r}")
    shown.emulate_media(color_scheme="light")
    until(shown, f"{colour} === {light!r}")


def test_a_number_on_the_surface_can_be_read_in_both_themes(shown):
    """WCAG 2.2: 4.5 to 1, on the deepest colours that a cell can have."""
    for scheme in ("light", "dark"):
        shown.emulate_media(color_scheme=scheme)
        ratios = shown.evaluate(
            """() => {
              const style = getComputedStyle(document.documentElement);
              const light = name => {
                const hex = style.getPropertyValue(name).trim();
                const linear = [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16) / 255)
                  .map(share => share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
                return linear[0] * 0.2126 + linear[1] * 0.7152 + linear[2] * 0.0722;
              };
              return ["--gain-cell", "--loss-cell"].map(name => {
                const [low, high] = [light(name), light("--ink")].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05);
              });
            }"""
        )
        assert min(ratios) > 4.5, (scheme, ratios)
    shown.emulate_media(color_scheme="light")


def test_on_paper_it_is_black_on_white_without_what_only_a_screen_can_use(open_page, report_page):
    page = drawn(open_page(report_page, "dark"))
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not page.get_by_role("navigation").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_without_its_script_every_number_is_still_there(chromium, report_page):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report_page.as_uri())
    assert page.locator("#headline table").is_visible()
    assert "every number is in the tables" in page.locator("noscript").inner_text()
    context.close()

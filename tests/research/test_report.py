"""The report: one file, self-contained, safe, and with a table for every chart."""

import hashlib
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.kit.market import BTC, PERP, START, bars_of, dataset_of, funding_of, usd
from tests.kit.players import NO_LIMITS, player, puppet
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.research.runs import played, run_baselines, summary_of, targets, walk

from veracity.data.dataset import Dataset
from veracity.domain.errors import EngineFault
from veracity.guards.view import RiskLimits
from veracity.research import report as module
from veracity.research.baselines import IDS, plan, table
from veracity.research.report import SIZE_MAX, Origin, plotly_script, render, write_report
from veracity.research.report_tables import TINT_MAX
from veracity.research.results import Results, collect
from veracity.research.tables import thinned
from veracity.simulator.costs import CostModel

ORIGIN = Origin("btc-test", "runs/backtest-1", '[run]\nlabel = "x</pre><script>alert(1)</script>"\n')
COSTS = CostModel(fee_taker=500_000, half_spread=200_000)
VOID = {"meta", "br"}


class Page(HTMLParser):
    """The page as a browser's parser sees it: ids, tags, text by tag, and whether every tag was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [value for value in (found.get("id"),) if value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.setdefault(self.open[-1] if self.open else "", []).append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


@pytest.fixture(scope="module")
def market() -> Dataset:
    return dataset_of({BTC: walk(3, 300)})


@pytest.fixture(scope="module")
def html(market: Dataset) -> str:
    planned = plan(market, BTC, usd(1_000), 0, NO_LIMITS)
    _, baselines = run_baselines(market, planned, usd(1_000), COSTS)
    results = played(market, puppet("a", targets(3, 300), limits=RiskLimits(trades_per_day=40)), costs=COSTS)
    summary = summary_of(results, baselines=table(baselines, planned))
    curves = thinned(baselines, {IDS[one.name]: one.name for one in planned if one.bound})
    return render(summary, results, market, curves, ORIGIN)


def own_part(html: str) -> str:
    """The page without the bundled library."""
    return html.replace(plotly_script(), "")


@pytest.fixture(scope="module")
def own(html: str) -> str:
    return own_part(html)


def test_the_page_has_its_sections_in_order_and_every_tag_is_closed(own: str) -> None:
    page = Page(own)
    assert page.open == []
    sections = [found.get("id") for tag, found in page.tags if tag == "section"]
    assert sections == ["headline", "equity", "price", "costs", "months", "denials", "provenance"]
    assert len(page.ids) == len(set(page.ids))


def test_the_contents_lead_to_every_section_in_order(own: str) -> None:
    page = Page(own)
    nav = own.split("<nav", 1)[1].split("</nav>", 1)[0]
    sections = [found["id"] for tag, found in page.tags if tag == "section"]
    assert re.findall(r'href="#(\w+)"', nav) == sections


def test_every_figure_has_its_place_and_every_chart_over_time_its_table(own: str) -> None:
    page = Page(own)
    figures = json.loads(page.text["script"][0])
    assert [figure["id"] for figure in figures] == ["equity-chart", f"price-chart-{BTC}", "costs-chart-a"]
    assert all(figure["id"] in page.ids for figure in figures)
    assert page.count("figure") == 3
    assert page.text["summary"].count("The same as a table") == 2
    assert {
        "Equity and drawdown at evenly spaced bars",
        f"Fills of {BTC}",
        "Where the money came from",
    } <= set(page.text["caption"])


def test_every_column_and_every_landmark_has_a_name_of_its_own(own: str) -> None:
    page = Page(own)
    assert re.findall(r"<th[^>]*></th>", own) == []
    regions = [found["aria-label"] for _, found in page.tags if found.get("role") == "region"]
    names = [*regions, *page.text["h2"]]
    assert len(regions) > 8
    assert len(set(names)) == len(names)


def test_what_scrolls_by_itself_can_be_scrolled_from_the_keyboard(own: str) -> None:
    scrolling = [
        found
        for tag, found in Page(own).tags
        if tag == "pre" or "scroll" in (found.get("class") or "").split()
    ]
    assert len(scrolling) > 8
    assert {found.get("tabindex") for found in scrolling} == {"0"}


def test_the_deepest_tint_of_a_month_leaves_its_number_readable(own: str) -> None:
    """WCAG 2.2 asks for a contrast of 4.5 to 1; in both themes, and for gains and losses."""
    themes = re.findall(
        r"--card: (#\w{6}); --ink: (#\w{6});.*?--gain: (#\w{6}); --loss: (#\w{6});", own, re.DOTALL
    )
    assert len(themes) == 3  # light, dark, print
    for card, ink, *tints in themes:
        for tint in tints:
            mixed = [
                (a * TINT_MAX + b * (100 - TINT_MAX)) / 100 for a, b in zip(rgb(tint), rgb(card), strict=True)
            ]
            darker, lighter = sorted([luminance(mixed), luminance(rgb(ink))])
            assert (lighter + 0.05) / (darker + 0.05) > 4.5


def rgb(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def luminance(colour: list[float]) -> float:
    """WCAG's relative luminance."""
    shares = [value / 255 for value in colour]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def test_nothing_is_fetched_and_only_the_two_scripts_of_the_page_may_run(html: str, own: str) -> None:
    page = Page(own)
    assert not [tag for tag, found in page.tags if "src" in found or tag in ("link", "iframe", "img")]
    links = [found["href"] or "" for _, found in page.tags if "href" in found]
    assert {link.removeprefix("#") for link in links} <= set(page.ids)
    assert all(link.startswith("#") for link in links)
    assert not [name for _, found in page.tags for name in found if name.startswith("on")]
    (policy,) = [
        found["content"] for _, found in page.tags if found.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert "default-src 'none'" in policy
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    allowed = [b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert re.findall(r"'sha256-([^']+)'", policy) == allowed
    assert len(allowed) == 2
    assert "unsafe-eval" not in policy
    assert "http" not in own.replace("http-equiv", "")


def test_text_of_others_cannot_become_part_of_the_page(own: str) -> None:
    assert "<script>alert(1)" not in own
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in own


def test_no_text_inside_the_figures_can_end_their_element(own: str) -> None:
    (data,) = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', own, re.DOTALL)
    assert "<" not in data
    assert "<extra>close</extra>" in json.dumps(json.loads(data))


def test_it_is_labelled_utc_bar_open_and_says_how_to_repeat_the_run(own: str) -> None:
    assert own.count('"UTC, bar open"') == 2
    assert "All times are UTC, bar open." in own
    assert "veracity replay runs/backtest-1\nveracity replay runs/backtest-1 --rerun" in own
    assert "2" * 64 in own


def test_the_final_state_is_shown_where_the_run_ended_in_order(own: str) -> None:
    script = Script(player("a")).ticks(100_00)
    market = dataset_of({BTC: bars_of([100_00])})
    unfinished = rendered(collect(script.journal.events, market, script.state), market)
    assert "the run did not end in order" in unfinished
    assert "the run did not end in order" not in own


@pytest.mark.parametrize(("last", "tone"), [(101_00, "gain"), (99_00, "loss"), (100_00, None)])
def test_a_gain_and_a_loss_have_a_tone_and_nothing_has_none(last: int, tone: str | None) -> None:
    market = dataset_of({BTC: bars_of([100_00, 100_00, last])})
    page = Page(rendered(played(market, puppet("a", (1_000,))), market))
    values = [found.get("class") for tag, found in page.tags if tag == "dd" and found.get("class") != "note"]
    assert values[:2] == [tone, tone]


def test_a_baseline_that_could_not_run_is_shown_with_its_reason(own: str) -> None:
    assert "not applicable: the data hold no perpetual with funding of BTC/USDT" in own
    assert "fewer than 2 returns" in own


def test_refused_intents_stand_in_their_section(own: str) -> None:
    section = own.split('<section id="denials"')[1].split("</section>")[0]
    assert "trades_per_day" in section
    assert "as_told" in section


def test_the_page_is_the_same_each_time(own: str, market: Dataset) -> None:
    once, twice = (rendered(played(market, puppet("a", targets(3, 300))), market) for _ in range(2))
    assert once == twice
    assert once != own


def test_dark_and_light_are_left_to_the_reader(own: str) -> None:
    assert "color-scheme: light dark" in own
    assert "prefers-color-scheme: dark" in own
    assert "@media print" in own


def rendered(results: Results, dataset: Dataset) -> str:
    return own_part(render(summary_of(results), results, dataset, [], ORIGIN))


def test_a_run_that_never_traded_has_a_page() -> None:
    market = dataset_of({BTC: bars_of([100_00] * 3)})
    text = rendered(played(market, puppet("a", ())), market)
    assert "There was no trade." in text
    assert "No intent was refused." in text


def test_a_run_without_strategies_has_a_page() -> None:
    market = dataset_of({BTC: bars_of([100_00] * 3)})
    assert "<h1>btc-test</h1>" in rendered(played(market), market)


def test_unknown_costs_are_said_and_not_drawn() -> None:
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order)).hears(filled(script.order, 1_000))
    market = dataset_of({BTC: bars_of([100_00])})
    text = rendered(collect(script.journal.events, market, script.state), market)
    assert "a: a venue did not state its costs, so gross is unknown and not drawn." in text
    assert "<td>unknown</td>" in text


def test_a_settlement_series_is_counted_among_the_data() -> None:
    market = dataset_of({PERP: bars_of([100_00] * 3)}, {PERP: funding_of([(START + 60 * 10**9, 1, 100_00)])})
    assert '<th scope="col">Settlements</th>' in rendered(played(market, puppet("a", (), PERP)), market)


@pytest.mark.parametrize("bars", [3_000, 30_000])
def test_the_page_stays_below_its_size_at_any_number_of_bars(bars: int) -> None:
    market = dataset_of({BTC: walk(6, bars)})
    results = played(market, puppet("a", targets(6, 2_000)), costs=COSTS)
    size = len(rendered(results, market))
    assert size < 500_000
    assert size + len(plotly_script()) < SIZE_MAX


def test_a_page_that_is_too_large_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    market = dataset_of({BTC: bars_of([100_00] * 3)})
    results = played(market, puppet("a", ()))
    write_report(tmp_path / "report" / "index.html", summary_of(results), results, market, [], ORIGIN)
    assert (tmp_path / "report" / "index.html").read_text().startswith("<!doctype html>")
    monkeypatch.setattr(module, "SIZE_MAX", 1_000_000)
    with pytest.raises(EngineFault, match="more than 1000000"):
        write_report(tmp_path / "big.html", summary_of(results), results, market, [], ORIGIN)
    assert not (tmp_path / "big.html").exists()

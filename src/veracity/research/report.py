"""The report: one HTML file with everything in it, that opens from the disk, without a network, in light and dark.

Its numbers come from the summary, its curves from the results; nothing is computed for the page alone. The page's
policy (Content-Security-Policy) lets exactly its own two scripts run and nothing be fetched.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

from veracity.data.dataset import Dataset
from veracity.domain.errors import EngineFault
from veracity.domain.summary_models import Summary
from veracity.research import report_charts as charts
from veracity.research import report_evidence as shown
from veracity.research import report_tables as tables
from veracity.research.files import publish
from veracity.research.markup import Child, Markup, el, join
from veracity.research.report_evidence import Panels
from veracity.research.report_evidence_charts import (
    folds_figure,
    hours_figure,
    regimes_figure,
    stress_figure,
    surface_figure,
    sweep_figure,
)
from veracity.research.report_header import header
from veracity.research.results import Results
from veracity.research.tables import Curve
from veracity.research.wording import count

SIZE_MAX: Final = 6_000_000
PRICE_CHARTS_MAX: Final = 6
COST_CHARTS_MAX: Final = 4
NO_PANELS: Final = Panels()
TEMPLATES: Final = Path(__file__).parent / "templates"


class Origin(NamedTuple):
    """Where a run lives and what it was asked to do, for the section on provenance."""

    title: str  # the run's label
    run_name: str  # name of the run's directory
    config_text: str  # config.resolved.toml


def write_report(
    path: Path,
    summary: Summary,
    results: Results,
    dataset: Dataset,
    curves: Sequence[Curve],
    origin: Origin,
    panels: Panels = NO_PANELS,
) -> None:
    """Write the report to `path`, whole or not at all. Raises EngineFault where it would be larger than SIZE_MAX."""
    page = render(summary, results, dataset, curves, origin, panels).encode()
    if len(page) > SIZE_MAX:
        raise EngineFault(f"the report has {len(page)} bytes, more than {SIZE_MAX}")
    publish(path, page)


def render(
    summary: Summary,
    results: Results,
    dataset: Dataset,
    curves: Sequence[Curve],
    origin: Origin,
    panels: Panels = NO_PANELS,
) -> str:
    """The page. `curves` are the thinned equity curves of the baselines, `panels` what says how far to believe it."""
    page = _Page()
    parts = [
        page.section("headline", "Strategies against baselines", _headline(summary)),
        page.equity(summary, results, curves),
        page.prices(results, dataset),
        page.costs(summary),
        page.section("months", "Monthly returns", [tables.months(one) for one in summary.strategies]),
        page.section(
            "denials", "Refused intents and reasons", tables.denials(summary), tables.reasons(results)
        ),
        *page.evidence(summary, panels),
        page.section("provenance", "Provenance", _provenance(summary, dataset, origin)),
    ]
    body = join(
        [
            el("a", "Skip to the content", href="#headline", class_="skip"),
            header(summary, origin.title, panels),
            page.contents(),
            el("main", parts),
            el(
                "footer",
                "Made by veracity from the run's journal and data alone. Charts: plotly.js (MIT licence).",
            ),
        ]
    )
    return _document(origin.title, body, page.figures)


class _Page:
    """Collects the figures that the sections draw, and the sections' names for the table of contents."""

    def __init__(self) -> None:
        self.figures: list[charts.Figure] = []
        self._titles: list[tuple[str, str]] = []

    def section(self, name: str, title: str, *children: Child) -> Markup:
        self._titles.append((name, title))
        heading = el("h2", title, id=f"{name}-title")
        return el("section", heading, children, id=name, aria_labelledby=f"{name}-title")

    def contents(self) -> Markup:
        links = [el("li", el("a", title, href=f"#{name}")) for name, title in self._titles]
        return el("nav", el("ul", links), aria_label="Contents")

    def equity(self, summary: Summary, results: Results, curves: Sequence[Curve]) -> Markup:
        figure = charts.equity_figure(results, curves)
        return self.section(
            "equity",
            "Equity and drawdown",
            self._chart(figure, "Growth of equity and drawdown over time", tables.equity_points(results)),
            [tables.falls(strategy) for strategy in summary.strategies],
        )

    def prices(self, results: Results, dataset: Dataset) -> Markup:
        data = {one.source.symbol: one for one in dataset.instruments}
        by_symbol = charts.fills_by_symbol(results, dataset)
        drawn_symbols = list(by_symbol)[:PRICE_CHARTS_MAX]
        parts: list[Child] = []
        for symbol in drawn_symbols:
            fills = by_symbol[symbol]
            figure = charts.price_figure(data[symbol], fills, len(drawn_symbols))
            twin = tables.fills(symbol, fills, results.instruments[symbol])
            drawn = sum(len(trace["x"]) for trace in figure["data"][1:])
            caption = f"Price of {symbol} with {_of(drawn, len(fills))} fills"
            parts.append(self._chart(figure, caption, twin))
        left_out = len(by_symbol) - len(drawn_symbols)
        if left_out:
            parts.append(
                el("p", f"{left_out} more instruments with fewer fills are in results/fills.parquet.")
            )
        return self.section("price", "Price and fills", parts)

    def costs(self, summary: Summary) -> Markup:
        parts: list[Child] = []
        for strategy in summary.strategies[:COST_CHARTS_MAX]:
            figure = charts.costs_figure(strategy)
            name = strategy.strategy_id
            if figure is None:
                parts.append(
                    el("p", f"{name}: a venue did not state its costs, so gross is unknown and not drawn.")
                )
            else:
                parts.append(self._chart(figure, f"{name}: from gross to net, {strategy.currency}", None))
        return self.section(
            "costs",
            "Costs",
            el("div", parts, class_="grid"),
            tables.attribution(summary),
            tables.statistics(summary),
        )

    def evidence(self, summary: Summary, panels: Panels) -> list[Child]:
        """Everything that says how far the result may be believed; a part without its file is left out."""
        parts: list[Child] = []
        currency = {one.strategy_id: one.currency for one in summary.strategies}
        unit = next(
            iter(currency.values()), ""
        )  # where they differ there is no sweep, walk-forward or stress
        if panels.regimes is not None:
            figures = [
                self._chart(
                    regimes_figure(one, currency[one.strategy_id]), f"{one.strategy_id}: net by regime", None
                )
                for one in panels.regimes.strategies[:COST_CHARTS_MAX]
            ]
            parts.append(
                self.section(
                    "regimes",
                    "Volatility regimes",
                    el("div", figures, class_="grid"),
                    shown.regimes(panels.regimes),
                )
            )
        if panels.hours is not None:
            figures = [
                self._chart(
                    hours_figure(one, currency[one.strategy_id]), f"{one.strategy_id}: net by UTC hour", None
                )
                for one in panels.hours.strategies[:COST_CHARTS_MAX]
            ]
            parts.append(self.section("hours", "Hours of the day", figures, shown.hours(panels.hours)))
        if panels.sweep is not None:
            chart = self._chart(
                sweep_figure(panels.sweep, unit), f"Net over the parameters, on all data, {unit}", None
            )
            parts.append(self.section("sweep", "Parameter sweep", chart, shown.sweep(panels.sweep)))
        walked = panels.walk_forward
        if walked is not None:
            surface = surface_figure(walked)
            if surface is not None:
                chart = self._chart(
                    surface, "Sharpe ratio a year of each trial of the walk-forward's grid, on all data", None
                )
                parts.append(self.section("surface", "Parameter surface", chart))
            chart = self._chart(folds_figure(walked, unit), "Net of every test window", None)
            parts.append(self.section("folds", "Walk-forward folds", chart, shown.folds(walked)))
        if panels.stress is not None:
            chart = self._chart(
                stress_figure(panels.stress, unit), "Net of the run and of every scenario", None
            )
            parts.append(self.section("stress", "Stress", chart, shown.stress(panels.stress)))
        told = _told(panels)
        if told:
            parts.append(self.section("statistics", "Statistics", told))
        if panels.reality is not None:
            parts.append(self.section("reality", "Reality score", shown.reality(panels.reality)))
        return parts

    def _chart(self, figure: charts.Figure, caption: str, twin: Markup | None) -> Markup:
        self.figures.append(figure)
        details = el("details", el("summary", "The same as a table"), twin) if twin else None
        chart = el("div", id=figure["id"], class_="chart", style=f"min-height:{figure['layout']['height']}px")
        return el("figure", el("figcaption", caption), chart, details)


def _told(panels: Panels) -> list[list[Child]]:
    """How far each result may be believed: of the run's strategies, then of the best of every choice among many."""
    judged = [] if panels.statistics is None else list(panels.statistics.strategies)
    told = [shown.statistics(one.statistics, one.strategy_id) for one in judged]
    if panels.walk_forward is not None:
        known = max((one.statistics.trials for one in judged), default=0)
        told.append(shown.statistics(panels.walk_forward.statistics, "the best of the grid", known))
    best = None if panels.sweep is None else panels.sweep.judged
    if best is not None:
        told.append(shown.statistics(best.statistics, f"trial {best.best}, the best of the sweep"))
    return told


def _of(shown: int, total: int) -> str:
    return f"its {count(total)}" if shown == total else f"{count(shown)} of its {count(total)}"


def _headline(summary: Summary) -> list[Child]:
    found = summary.warnings
    if not found:
        return [tables.headline(summary)]
    told = el("ul", [el("li", text) for text in found])
    box = el("aside", el("h3", "Before you believe it"), told, class_="warnings", aria_label="Warnings")
    return [tables.headline(summary), box]


def _provenance(summary: Summary, dataset: Dataset, origin: Origin) -> list[Child]:
    manifest = summary.manifest
    hashes = [
        ("Run id", manifest.run_id),
        ("Config", manifest.config_hash),
        ("Dataset", manifest.dataset_hash),
        ("Code", manifest.code_hash),
        ("Features", manifest.feature_hash),
        ("Environment", manifest.env_hash),
        ("Git", manifest.git_sha),
        ("Seed", str(manifest.seed)),
        ("Final state", summary.state_hash or "the run did not end in order"),
    ]
    versions = [(one.name, one.version) for one in manifest.versions]
    again = f"veracity replay {origin.run_name}\nveracity replay {origin.run_name} --rerun"
    return [
        el(
            "p",
            "The same config, data, code and seed give the same run id and the same final state. To prove it:",
        ),
        _source(again, "Commands"),
        tables.pairs("What the run is made of", hashes),
        tables.instruments(dataset),
        el("details", el("summary", "Config, as resolved"), _source(origin.config_text, "Config")),
        el("details", el("summary", "Versions"), tables.pairs("Versions", versions)) if versions else None,
    ]


def _source(text: str, name: str) -> Markup:
    """Text that scrolls by itself, also from the keyboard."""
    return el("pre", text, tabindex="0", role="region", aria_label=name)


def _document(title: str, body: Markup, figures: Sequence[Any]) -> str:
    style, script = (_template(name) for name in ("report.css", "report.js"))
    plotly = plotly_script()
    policy = (
        f"default-src 'none'; script-src {_allowed(plotly)} {_allowed(script)}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    # A "<" inside JSON text would let it end its own element.
    data = json.dumps(figures, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} - veracity"),
        el("style", Markup(style)),
    )
    scripts = join(
        [
            el("noscript", el("p", "Charts need JavaScript; every number is in the tables too.")),
            el("script", Markup(data), type="application/json", id="figures"),
            el("script", Markup(plotly)),
            el("script", Markup(script)),
        ]
    )
    return f"<!doctype html>\n{el('html', head, el('body', body, scripts), lang='en')}\n"


@cache
def plotly_script() -> str:
    """plotly.js as the plotly package ships it: the only bundle it has. Found without importing the package."""
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    text = (Path(spec.origin).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    assert "</script" not in text.lower()
    return text


@cache
def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _allowed(script: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"

"""The report's figures as plain plotly JSON. Colours are names of CSS variables, which the page resolves for its theme.

Every series is thinned to what a screen can show, lowest and highest points kept; all figures together stay within
`POINTS_MAX`, whatever the number of bars and strategies.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from veracity.data.dataset import Dataset, InstrumentData
from veracity.domain.amounts import MONEY_SCALE, units_text
from veracity.domain.market import Column
from veracity.domain.summary_models import StrategySummary
from veracity.domain.time import NS_PER_MS
from veracity.research.downsample import keep
from veracity.research.drawdown import depths
from veracity.research.results import Results
from veracity.research.tables import Curve
from veracity.research.trades import FillRow

Figure = dict[str, Any]
Trace = dict[str, Any]

POINTS_MAX: Final = 24_000  # about 600 KB of JSON
TRACE_POINTS_MAX: Final = 2_000  # a wide screen has fewer columns of pixels than two points each
TRACE_POINTS_MIN: Final = 100
FILLS_MAX: Final = 400  # markers of one side of one chart
FILLS_LARGE: Final = 80  # with more, each marker is smaller
SERIES_COLOURS: Final = 6
BASELINE_LINES: Final = {
    "buy_and_hold": {"color": "var(--b0)", "width": 1.6, "dash": "solid"},
    "no_trade": {"color": "var(--b0)", "width": 1.2, "dash": "dot"},
    "momentum": {"color": "var(--b1)", "width": 1.2, "dash": "dash"},
    "mean_reversion": {"color": "var(--b2)", "width": 1.2, "dash": "dashdot"},
    "carry": {"color": "var(--b3)", "width": 1.2, "dash": "longdash"},
}
COSTS: Final = ("latency", "spread", "impact", "rounding", "fees", "borrow", "liquidation", "funding")


def equity_figure(results: Results, curves: Sequence[Curve]) -> Figure:
    """Growth of every account since its start, the baselines beside them, and below it the fall from the last peak."""
    books = list(results.books.values())
    budget = _budget(2 * len(books) + len(curves), POINTS_MAX * 2 // 3)
    opens = results.timeline.open_ts
    traces: list[Trace] = []
    for number, book in enumerate(books):
        grown = _grown(book.equity_start, book.equity)
        fallen = -100 * depths(book.equity_start, book.equity)
        colour = series_colour(number)
        line = {"color": colour, "width": 2}
        traces.append(_line(book.strategy_id, opens, grown, budget) | {"line": line})
        under = _line(book.strategy_id, opens, fallen, budget)
        under |= {"yaxis": "y2", "line": {"color": colour, "width": 1}, "showlegend": False}
        traces.append(under | ({"fill": "tozeroy"} if len(books) == 1 else {}))
    for curve in curves:
        trace = _line(f"{curve.name} (baseline)", curve.open_ts, _grown(curve.start, curve.equity), budget)
        traces.append(trace | {"line": BASELINE_LINES[curve.name]})
    shape = layout(height=520) | {
        "yaxis": axis("growth since the start, %") | {"domain": [0.36, 1.0]},
        "yaxis2": axis("drawdown, %") | {"domain": [0.0, 0.28], "rangemode": "tozero"},
        "xaxis": _time_axis(opens) | {"anchor": "y2"},
    }
    return {"id": "equity-chart", "data": traces, "layout": shape}


def price_figure(data: InstrumentData, fills: Sequence[FillRow], charts: int) -> Figure:
    """The closes of one instrument and where its fills were; `charts` is how many such figures share the page."""
    source = data.source
    budget = _budget(charts, POINTS_MAX // 3 - 2 * FILLS_MAX)
    close = data.bars.close
    points = keep(close, budget)
    instrument_scale = source.price_scale
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "close",
        "x": _milliseconds(data.bars.ts[points]),
        "y": _decimals(close[points], instrument_scale),
        "line": {"color": "var(--price)", "width": 1.2},
        "hovertemplate": "%{y}<extra>close</extra>",
    }
    sides = [
        _markers("buy", "triangle-up", "var(--gain)", fills, data, charts),
        _markers("sell", "triangle-down", "var(--loss)", fills, data, charts),
    ]
    shape = layout(height=400) | {
        "yaxis": axis(f"{source.symbol}, {source.quote}"),
        "xaxis": _time_axis(data.bars.ts),
        "hovermode": "closest",
    }
    return {"id": f"price-chart-{source.symbol}", "data": [line, *sides], "layout": shape}


def costs_figure(strategy: StrategySummary) -> Figure | None:
    """From gross to net, one step a cost; None where a cost is not known: a bar for it would be a guess."""
    parts, net = strategy.attribution, strategy.pnl.net
    if net is None:
        return None
    lines: dict[str, int] = {}
    for name in ("gross", *COSTS):
        amounts = [getattr(part, name) for part in parts]
        if any(amount is None for amount in amounts):
            return None
        lines[name] = sum(amount.units for amount in amounts)
    steps = [name for name in COSTS if lines[name]]
    labels = ["gross", *steps, "net"]
    values = [lines["gross"], *(lines[name] for name in steps), net.units]
    trace = {
        "type": "waterfall",
        "x": labels,
        "y": [money_float(value) for value in values],
        "measure": ["absolute", *["relative"] * len(steps), "total"],
        "text": [f"{money_float(value):+,.2f}".replace("-", "\u2212") for value in values],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "connector": {"line": {"color": "var(--grid)", "width": 1}},
        "increasing": {"marker": {"color": "var(--gain)"}},
        "decreasing": {"marker": {"color": "var(--loss)"}},
        "totals": {"marker": {"color": "var(--price)"}},
        "hovertemplate": "%{x}: %{text}<extra></extra>",
    }
    shape = layout(height=340) | {
        "yaxis": axis(strategy.currency),
        "xaxis": {"type": "category", "color": "var(--muted)", "fixedrange": True},
        "showlegend": False,
    }
    return {"id": f"costs-chart-{strategy.strategy_id}", "data": [trace], "layout": shape}


def fills_by_symbol(results: Results, dataset: Dataset) -> dict[str, list[FillRow]]:
    """Every instrument's fills of all strategies by time, those with most fills first."""
    found: dict[str, list[FillRow]] = {data.source.symbol: [] for data in dataset.instruments}
    for book in results.books.values():
        for fill in book.fills:
            found[fill.symbol].append(fill)
    for fills in found.values():
        fills.sort(key=lambda fill: fill.seq)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def series_colour(number: int) -> str:
    """CSS variable of the strategy's colour."""
    return f"var(--s{number % SERIES_COLOURS})"


def _markers(
    side: str, symbol: str, colour: str, fills: Sequence[FillRow], data: InstrumentData, charts: int
) -> Trace:
    chosen = [fill for fill in fills if fill.side == side]
    limit = max(FILLS_MAX // charts, 4)
    prices = np.array([fill.price for fill in chosen], dtype=np.int64)
    shown = [chosen[index] for index in keep(prices, limit).tolist()]
    scale = data.source.price_scale
    return {
        "type": "scatter",
        "mode": "markers",
        "name": side,
        "x": [fill.ts // NS_PER_MS for fill in shown],
        "y": [fill.price / 10**scale for fill in shown],
        "text": [
            f"{units_text(fill.qty, data.source.qty_scale)} {fill.strategy_id}: {fill.reason}"
            for fill in shown
        ],
        "hovertemplate": f"{side} %{{text}}<br>%{{y}}<extra></extra>",
        "marker": {
            "symbol": symbol,
            "size": 9 if len(shown) <= FILLS_LARGE else 6,
            "color": colour,
            "line": {"color": "var(--card)", "width": 1},
        },
    }


def _budget(traces: int, points: int) -> int:
    return max(TRACE_POINTS_MIN, min(TRACE_POINTS_MAX, points // max(traces, 1)))


def _line(name: str, stamps: Column, values: NDArray[np.float64], points_max: int) -> Trace:
    points = keep(values, points_max)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": _milliseconds(stamps[points]),
        "y": [float(f"{value:.6g}") for value in values[points].tolist()],
        "hovertemplate": "%{y:.2f} %",
    }


def _grown(start: int, equity: Column) -> NDArray[np.float64]:
    """Change since the start in percent; an account that starts with nothing has none."""
    grown: NDArray[np.float64] = (equity - start) * 100.0 / start if start > 0 else np.zeros(len(equity))
    return grown


def _milliseconds(stamps: Column) -> list[int]:
    found: list[int] = (stamps // NS_PER_MS).tolist()
    return found


def _decimals(units: Column, scale: int) -> list[float]:
    found: list[float] = (units / 10**scale).tolist()
    return found


def money_float(units: int) -> float:
    """Money of a chart."""
    return units / 10**MONEY_SCALE


def axis(title: str) -> dict[str, Any]:
    """An axis with a title, in the page's colours."""
    return {
        "title": {"text": title, "font": {"size": 13}},
        "color": "var(--muted)",
        "gridcolor": "var(--grid)",
        "zerolinecolor": "var(--grid)",
        "automargin": True,
    }


def _time_axis(stamps: Column) -> dict[str, Any]:
    return {
        "type": "date",
        "title": {"text": "UTC, bar open", "font": {"size": 13}},
        "color": "var(--muted)",
        "gridcolor": "var(--grid)",
        "hoverformat": "%Y-%m-%d %H:%M",
        "range": _milliseconds(stamps[[0, -1]]) if len(stamps) > 1 else None,
    }


def layout(height: int) -> dict[str, Any]:
    """What all figures share."""
    return {
        "height": height,
        "margin": {"l": 64, "r": 16, "t": 16, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": "var(--ink)"},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": "var(--card)",
            "bordercolor": "var(--grid)",
            "font": {"color": "var(--ink)"},
        },
    }

"""Figures of the evidence: hours, folds, and the surface of a grid. Plain plotly JSON like the others of the report."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from veracity.domain.summary_models import StrategyHours, StrategyStrata, StressFile, WalkForwardFile
from veracity.research.report_charts import Figure, axis, layout, money_float
from veracity.research.report_evidence import SweepPanel
from veracity.research.wording import when

COLUMNS_WITH_TEXT: Final = 12  # with more, a number does not fit its cell


def hours_figure(one: StrategyHours, currency: str) -> Figure:
    """Net by UTC hour of the bar's open."""
    values = [money_float(row.pnl.units) for row in one.hours]
    return _bars(
        f"hours-chart-{one.strategy_id}",
        [row.name for row in one.hours],
        values,
        currency,
        "UTC hour of the bar's open",
    )


def regimes_figure(one: StrategyStrata, currency: str) -> Figure:
    """Net by the volatility regime in force."""
    values = [money_float(row.pnl.units) for row in one.rows]
    return _bars(
        f"regimes-chart-{one.strategy_id}", [row.name for row in one.rows], values, currency, "regime", 240
    )


def stress_figure(file: StressFile, currency: str) -> Figure:
    """Net of the base run and of each scenario that could run."""
    ran = [(one.name, one.net.units) for one in (file.base, *file.scenarios) if one.net is not None]
    names, units = zip(*ran, strict=True)
    return _bars(
        "stress-chart", list(names), list(map(money_float, units)), f"net, {currency}", "scenario", 280
    )


def folds_figure(file: WalkForwardFile, currency: str) -> Figure:
    """Net of every test window."""
    values = [money_float(fold.net.units) for fold in file.folds]
    names = [when(fold.test_first).partition(" ")[0] for fold in file.folds]
    if len(set(names)) < len(names):  # several on a day
        names = [when(fold.test_first) for fold in file.folds]
    return _bars("folds-chart", names, values, f"net of the fold, {currency}", "tested from, UTC")


def surface_figure(file: WalkForwardFile) -> Figure | None:
    """Annual Sharpe ratio of every trial of a grid of one or two axes; None for other grids."""
    if len(file.grid) not in (1, 2) or len(file.statistics.corrected) < 2:
        return None
    root = file.statistics.periods_per_year**0.5
    ratios = [
        None if one.sharpe.value is None else round(one.sharpe.value * root, 3)
        for one in file.statistics.corrected
    ]
    axes = [(axis.key, tuple(axis.values)) for axis in file.grid]
    cells = dict(zip(product(*(values for _, values in axes)), ratios, strict=True))
    return _surface("surface-chart", axes, cells, "Sharpe, a year", 2)


def sweep_figure(sweep: SweepPanel, currency: str) -> Figure:
    """Net of the trials of a sweep over its first two axes; of several in one place, the best."""
    axes = [(axis.key, axis.values) for axis in sweep.axes[:2]]
    cells: dict[tuple[str, ...], float | None] = {}
    for row in sweep.rows:
        if row["metrics"] is not None:
            place = tuple(row["params"][key] for key, _ in axes)
            known = cells.get(place)
            net = money_float(row["metrics"]["net"])
            cells[place] = net if known is None else max(net, known)
    return _surface("sweep-chart", axes, cells, f"net, {currency}", 0)


def _surface(
    name: str,
    axes: Sequence[tuple[str, Sequence[str]]],
    cells: Mapping[tuple[str, ...], float | None],
    unit: str,
    decimals: int,
) -> Figure:
    """Bars over one axis, or coloured cells over two; a place without a trial is empty."""
    (key, values), *others = axes
    first = key.split(".")[-1]
    if not others:
        return _bars(name, list(values), [cells.get((one,)) for one in values], unit, first)
    ((second_key, columns),) = others
    second = second_key.split(".")[-1]
    rows = [[cells.get((one, other)) for other in columns] for one in values]
    limit = max((abs(one) for row in rows for one in row if one is not None), default=1.0) or 1.0
    trace = {
        "type": "heatmap",
        "x": list(columns),
        "y": list(values),
        "z": rows,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": [[0, "var(--loss-cell)"], [0.5, "var(--card)"], [1, "var(--gain-cell)"]],
        "text": [
            ["none" if one is None else f"{one:,.{decimals}f}".replace("-", "\u2212") for one in row]
            for row in rows
        ],
        "textfont": {"color": "var(--ink)"},
        "hovertemplate": f"{first} %{{y}}, {second} %{{x}}: %{{text}}<extra></extra>",
        "showscale": False,
    }
    if len(columns) <= COLUMNS_WITH_TEXT:
        trace["texttemplate"] = "%{text}"
    return {
        "id": name,
        "data": [trace],
        "layout": layout(height=120 + min(44, 900 // len(rows)) * len(rows))
        | {"xaxis": axis(second) | {"type": "category"}, "yaxis": axis(first) | {"type": "category"}},
    }


def _bars(
    name: str, labels: list[str], values: Sequence[float | None], unit: str, below: str, height: int = 300
) -> Figure:
    trace: dict[str, Any] = {
        "type": "bar",
        "x": labels,
        "y": values,
        "marker": {
            "color": ["var(--loss)" if value is not None and value < 0 else "var(--gain)" for value in values]
        },
        "hovertemplate": "%{x}: %{y:,.2f}<extra></extra>",
    }
    return {
        "id": name,
        "data": [trace],
        "layout": layout(height=height)
        | {"xaxis": axis(below) | {"type": "category"}, "yaxis": axis(unit), "showlegend": False},
    }

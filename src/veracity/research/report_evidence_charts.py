"""Figures of the evidence: hours, folds, and the surface of a grid. Plain plotly JSON like the others of the report."""

from typing import Any

from veracity.domain.summary_models import StrategyHours, StrategyStrata, StressFile, WalkForwardFile
from veracity.research.report_charts import Figure, axis, layout, money_float
from veracity.research.wording import when


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


def stress_figure(file: StressFile) -> Figure:
    """Net of the base run and of each scenario that could run."""
    ran = [(one.name, one.net.units) for one in (file.base, *file.scenarios) if one.net is not None]
    names, units = zip(*ran, strict=True)
    return _bars("stress-chart", list(names), list(map(money_float, units)), "net", "scenario", 280)


def folds_figure(file: WalkForwardFile) -> Figure:
    """Net of every test window."""
    values = [money_float(fold.net.units) for fold in file.folds]
    names = [when(fold.test_first).partition(" ")[0] for fold in file.folds]
    if len(set(names)) < len(names):  # several on a day
        names = [when(fold.test_first) for fold in file.folds]
    return _bars("folds-chart", names, values, "net of the fold", "tested from, UTC")


def surface_figure(file: WalkForwardFile) -> Figure | None:
    """Annual Sharpe ratio of every trial of a grid of one or two axes; None for other grids."""
    if len(file.grid) not in (1, 2) or len(file.statistics.corrected) < 2:
        return None
    root = file.statistics.periods_per_year**0.5
    ratios = [
        None if one.sharpe.value is None else round(one.sharpe.value * root, 3)
        for one in file.statistics.corrected
    ]
    first = file.grid[0]
    name = first.key.split(".")[-1]
    if len(file.grid) == 1:
        return _bars(
            "surface-chart", list(first.values), [one or 0.0 for one in ratios], "Sharpe, a year", name
        )
    second = file.grid[1]
    width = len(second.values)
    rows = [ratios[start : start + width] for start in range(0, len(ratios), width)]
    limit = max((abs(one) for one in ratios if one is not None), default=1.0) or 1.0
    trace = {
        "type": "heatmap",
        "x": list(second.values),
        "y": list(first.values),
        "z": rows,
        "zmin": -limit,
        "zmax": limit,
        "colorscale": [[0, "var(--loss-cell)"], [0.5, "var(--card)"], [1, "var(--gain-cell)"]],
        "text": [
            ["none" if one is None else f"{one:.2f}".replace("-", "\u2212") for one in row] for row in rows
        ],
        "texttemplate": "%{text}",
        "textfont": {"color": "var(--ink)"},
        "hovertemplate": f"{name} %{{y}}, {second.key.split('.')[-1]} %{{x}}: %{{text}}<extra></extra>",
        "showscale": False,
    }
    return {
        "id": "surface-chart",
        "data": [trace],
        "layout": layout(height=120 + 44 * len(rows))
        | {
            "xaxis": axis(second.key.split(".")[-1]) | {"type": "category"},
            "yaxis": axis(name) | {"type": "category"},
        },
    }


def _bars(
    name: str, labels: list[str], values: list[float], unit: str, below: str, height: int = 300
) -> Figure:
    trace: dict[str, Any] = {
        "type": "bar",
        "x": labels,
        "y": values,
        "marker": {"color": ["var(--gain)" if value >= 0 else "var(--loss)" for value in values]},
        "hovertemplate": "%{x}: %{y:,.2f}<extra></extra>",
    }
    return {
        "id": name,
        "data": [trace],
        "layout": layout(height=height)
        | {"xaxis": axis(below) | {"type": "category"}, "yaxis": axis(unit), "showlegend": False},
    }

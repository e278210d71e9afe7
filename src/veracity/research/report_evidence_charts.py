"""Figures of the evidence: hours, folds, and the surface of a grid. Plain plotly JSON like the others of the report."""

from typing import Any

from veracity.domain.summary_models import StrategyHours, WalkForwardFile
from veracity.research.report_charts import Figure, axis, layout, money_float


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


def folds_figure(file: WalkForwardFile) -> Figure:
    """Net of every test window."""
    values = [money_float(fold.net.units) for fold in file.folds]
    names = [fold.test_first[:16].replace("T", " ") for fold in file.folds]
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
        "colorscale": [[0, "var(--loss)"], [0.5, "var(--card)"], [1, "var(--gain)"]],
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


def _bars(name: str, labels: list[str], values: list[float], unit: str, below: str) -> Figure:
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
        "layout": layout(height=300)
        | {"xaxis": axis(below) | {"type": "category"}, "yaxis": axis(unit), "showlegend": False},
    }

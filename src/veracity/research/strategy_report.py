"""strategy_report.json: what a strategy did in each volatility regime of each test window of its walk-forward (S-139).

The label of a test bar is the one that was known when the bar opened. It is made of the bars from the beginning of the
fold's own train window on, so no later fold moves it. Every test bar has one label and every round trip that of the bar
of its entry: bars, trades and money of the cells are those of the evaluation, to the unit.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from veracity.domain.market import Bars, Column
from veracity.domain.summary_models import Ratio, RegimeCell, StrategyReportFile
from veracity.engine.opening import RunIdentity
from veracity.research import measures, metrics, regimes
from veracity.research.splits import Fold
from veracity.research.walk_forward import Outcome

STRATEGY_REPORT_FILE: Final = "strategy_report.json"
THIN_TRADES: Final = 30
"""With fewer round trips than these a hit rate says nothing: its standard error is above nine points."""


class FoldOutcome(NamedTuple):
    """One fold, and what the chosen parameters came to on its test window."""

    fold: Fold
    outcome: Outcome


class _Cell(NamedTuple):
    """Before it is written: nets of the round trips, and money."""

    bars: int
    nets: tuple[int, ...]
    pnl: int


def strategy_report(
    tested: Sequence[FoldOutcome], bars: Bars, interval_ns: int, identity: RunIdentity
) -> StrategyReportFile:
    """The file; `bars` are those of the deciding instrument, by which the folds are numbered."""
    cut = [_cells(one.outcome, labels_of(one.fold, bars, interval_ns)) for one in tested]
    rows = [
        _written(number, label, cells[label]) for number, cells in enumerate(cut) for label in regimes.SHOWN
    ]
    rows += [_written(None, label, _joined(cells[label] for cells in cut)) for label in regimes.SHOWN]
    return StrategyReportFile(
        config_hash=identity.config_hash,
        dataset_hash=identity.dataset_hash,
        code_hash=identity.code_hash,
        seed=identity.seed,
        net=measures.amount(sum(int(one.outcome.equity[-1]) - one.outcome.start for one in tested)),
        by_regime=tuple(rows),
    )


def labels_of(fold: Fold, bars: Bars, interval_ns: int) -> Column:
    """The regime in force on each test bar: what the bars of the fold up to the one before say."""
    part = slice(fold.train_begin, fold.test_end)
    labels = regimes.in_force(regimes.label_bars(bars.ts[part], bars.close[part], interval_ns))
    return labels[fold.test_begin - fold.train_begin :]


def _cells(outcome: Outcome, labels: Column) -> dict[int, _Cell]:
    """The test window cut by label."""
    changes = np.diff(outcome.equity, prepend=np.int64(outcome.start))
    found = {}
    for label in regimes.SHOWN:
        rows = labels == label
        nets = tuple(net for row, net in outcome.entries if labels[row] == label)
        found[label] = _Cell(int(rows.sum()), nets, int(changes[rows].sum()))
    return found


def _joined(cells: Iterable[_Cell]) -> _Cell:
    bars, nets, pnl = zip(*cells, strict=True)
    return _Cell(sum(bars), tuple(net for one in nets for net in one), sum(pnl))


def _written(fold: int | None, label: int, cell: _Cell) -> RegimeCell:
    return RegimeCell(
        fold=fold,
        regime=regimes.NAMES[label],
        bars=cell.bars,
        trades=len(cell.nets),
        pnl=measures.amount(cell.pnl),
        hit_rate=_hit_rate(cell.nets),
    )


def _hit_rate(nets: Sequence[int]) -> Ratio:
    if len(nets) < THIN_TRADES:
        return measures.ratio(metrics.unknown("thin"))
    return measures.ratio(metrics.quotient(sum(net > 0 for net in nets), len(nets), "no closed trade"))

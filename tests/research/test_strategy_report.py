"""A walk-forward's test windows cut by regime: every cell is the fold's own, and all of them add up (T-385)."""

from collections import Counter

import numpy as np
import pytest
from tests.kit.script import IDENTITY
from tests.research.runs import walk
from tests.research.test_splits import plan
from tests.research.test_walk_forward import CASH

from veracity.app.trial_run import SerialExecutor
from veracity.domain.market import Bars
from veracity.domain.summary_models import GridAxis, StrategyReportFile, WalkForwardFile
from veracity.domain.time import NS_PER_HOUR
from veracity.research import regimes
from veracity.research.strategy_report import FoldOutcome, strategy_report
from veracity.research.walk_forward import Outcome, Study, Task, run_walk_forward

TRADES = 40  # of each test window, spread over its bars


def hourly(count: int, seed: int = 7) -> Bars:
    """A walk whose steps grow and shrink every hundred hours."""
    bars = walk(seed, count)
    loud = 1 + np.arange(count) // 100 % 3
    close = 1_000_00 + np.cumsum(np.diff(bars.close, prepend=bars.close[:1]) * loud)
    ts = NS_PER_HOUR * np.arange(count, dtype=np.int64)
    return Bars(ts, close, close, close, close, bars.volume)


def trial(task: Task) -> Outcome:
    """Equity that moves by the bar's number, and a round trip on every other bar or so, every third of them won."""
    bars = np.arange(task.begin, task.end)
    entries = tuple(
        (2 * number, 5 if number % 3 == 0 else -2) for number in range(TRADES) if 2 * number < len(bars)
    )
    return Outcome(CASH, CASH + np.cumsum(bars % 7 - 3), len(entries), 0, entries)


def evaluated(bars: Bars) -> tuple[StrategyReportFile, WalkForwardFile, list[FoldOutcome]]:
    axes = (GridAxis(key="edge", values=("1",)),)
    study = Study(bars.ts, NS_PER_HOUR, plan(), axes, IDENTITY, trials_before=0)
    tested: list[FoldOutcome] = []
    file = run_walk_forward(study, trial, SerialExecutor(), lambda *one: tested.append(FoldOutcome(*one)))
    return strategy_report(tested, bars, NS_PER_HOUR, IDENTITY), file, tested


def label_at(bars: Bars, begin: int, bar: int) -> str:
    """The label that was known when a bar opened, from nothing but the bars of its fold before it."""
    labels = regimes.label_bars(bars.ts[begin:bar], bars.close[begin:bar], NS_PER_HOUR)
    return regimes.NAMES[labels[-1]]


@pytest.mark.ticket("T-385")
def test_the_cells_of_five_folds_add_up_to_the_evaluation_to_the_unit() -> None:
    report, file, _ = evaluated(hourly(1_000))
    cells = [cell for cell in report.by_regime if cell.fold is not None]
    assert len(cells) == 5 * 4
    assert {(cell.fold, cell.regime) for cell in cells} == {
        (fold, name) for fold in range(5) for name in ("low_vol", "mid_vol", "high_vol", "UNKNOWN")
    }
    assert sum(cell.pnl.units for cell in cells) == file.joined.net.units == report.net.units
    assert [sum(cell.pnl.units for cell in cells if cell.fold == row.number) for row in file.folds] == [
        row.net.units for row in file.folds
    ]
    assert sum(cell.bars for cell in cells) == 500
    assert sum(cell.trades for cell in cells) == 5 * TRADES
    whole = [cell for cell in report.by_regime if cell.fold is None]
    assert sum(cell.pnl.units for cell in whole) == file.joined.net.units


@pytest.mark.ticket("T-385")
def test_every_test_bar_and_every_entry_has_the_label_that_was_known_when_its_bar_opened() -> None:
    """Bar by bar, each from a tape that ends before it: more than one label in a fold, and money and trades with them."""
    bars = hourly(1_000)
    report, _, tested = evaluated(bars)
    seen = Counter[str]()
    for number, (fold, outcome) in enumerate(tested):
        names = [label_at(bars, fold.train_begin, bar) for bar in range(fold.test_begin, fold.test_end)]
        seen += Counter(names)
        changes = np.diff(outcome.equity, prepend=CASH).tolist()
        for cell in report.by_regime:
            if cell.fold == number:
                assert cell.bars == names.count(cell.regime)
                assert cell.pnl.units == sum(
                    change for change, name in zip(changes, names, strict=True) if name == cell.regime
                )
                assert cell.trades == sum(names[row] == cell.regime for row, _ in outcome.entries)
    assert len(seen) >= 3


def test_bars_that_come_later_move_no_label_of_an_earlier_fold() -> None:
    """The same 1,000 hours with 100 wild ones behind them: a sixth fold, and the first five as they were."""
    early, late = hourly(1_000), hourly(1_100)
    wild = late.close.copy()
    wild[1_000:] += 300_00 * (np.arange(100) % 2)
    late = Bars(late.ts, wild, wild, wild, wild, late.volume)
    before, _, _ = evaluated(early)
    after, _, _ = evaluated(late)
    assert [cell for cell in after.by_regime if cell.fold is not None and cell.fold < 5] == [
        cell for cell in before.by_regime if cell.fold is not None
    ]


@pytest.mark.ticket("T-385")
def test_twelve_trades_have_no_hit_rate_and_thirty_have_one() -> None:
    bars = hourly(530)
    _, _, (only,) = evaluated(bars)
    found = {}
    for count in (12, 29, 30):
        entries = tuple((0, 1 if number % 3 == 0 else -1) for number in range(count))
        outcome = only.outcome._replace(entries=entries)
        report = strategy_report([FoldOutcome(only.fold, outcome)], bars, NS_PER_HOUR, IDENTITY)
        (cell,) = [one for one in report.by_regime if one.fold is None and one.trades]
        found[cell.trades] = (cell.hit_rate.value, cell.hit_rate.reason)
    assert found == {12: (None, "thin"), 29: (None, "thin"), 30: (pytest.approx(1 / 3), None)}

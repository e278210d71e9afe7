"""What a run costs grows with its bars and no faster: memory, work, and the page (specs/backtest/scope.md, S-069, 6).

A tenth of the size that the ticket names, and counted where it would be timed: lines executed are the same on any machine.
`bench/bounds.py` measures the same from 100,000 to 1,000,000 bars of the same task, with seconds in the place of lines.
"""

import sys
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from tests.kit.backtest import plan_for
from tests.kit.market import BTC, dataset_of, usd
from tests.kit.players import player, puppet
from tests.research.runs import digest, played, walk

from veracity.domain.events import decode_event
from veracity.journal.reader import read
from veracity.journal.writer import JournalWriter
from veracity.research.report import SIZE_MAX, Origin, render
from veracity.research.results import Results, collect
from veracity.research.summary import build
from veracity.research.tables import write_tables
from veracity.runtime.loop import NoJournal
from veracity.runtime.simulation import Plan, simulate
from veracity.state.model import CLOSED_ORDERS_MAX
from veracity.state.snapshot import take
from veracity.strategies import momentum

FEW, MANY = 3_000, 30_000
BYTES_A_BAR = 200
FACTOR_MAX = 12
ORIGIN = Origin("bounds", "runs/backtest-1", "")


def task(bars: int, fast: int = 10, slow: int = 50) -> Plan:
    """SMA 10 against 50, as in bench/sma_cross.py; shorter windows trade more often."""
    sma = player(strategy=momentum.STRATEGY, params=momentum.Params(fast, slow, 100), cash=usd(1_000_000))
    return plan_for({BTC: walk(1, bars)}, [sma])


def opened(folder: Path) -> JournalWriter:
    return JournalWriter.create(folder / "wal", "0" * 16, code_version="0", schema_version=1)


def ran(plan: Plan, folder: Path) -> Results:
    """The whole of a backtest but its page: journal on disk, results read from it, tables written."""
    folder.mkdir()
    with closing(opened(folder)) as journal:
        state = simulate(plan, journal)
    events = (decode_event(record.payload) for record in read(folder / "wal"))
    results = collect(events, plan.dataset, state)
    write_tables(results, folder / "results")
    return results


def peak_of(work: Callable[[], object]) -> int:
    """Bytes that were in use at most while it worked, beyond those before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def lines_of(work: Callable[[], object]) -> int:
    """Lines of Python executed; each round of a loop and of a comprehension counts again."""
    count = 0

    def watch(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += 1
        return watch

    sys.settrace(watch)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


@pytest.mark.ticket("T-236")
def test_ten_times_the_bars_take_less_than_200_bytes_more_for_each_of_them(tmp_path: Path) -> None:
    few, many = (task(bars) for bars in (FEW, MANY))
    ran(few, tmp_path / "warm")
    peaks = [
        peak_of(lambda plan=plan, name=name: ran(plan, tmp_path / name))
        for plan, name in ((few, "few"), (many, "many"))
    ]
    assert (peaks[1] - peaks[0]) / (MANY - FEW) < BYTES_A_BAR


@pytest.mark.ticket("T-236")
def test_the_engine_forgets_orders_that_are_done_however_many_there_were() -> None:
    """Averages over two and three bars: an order on every third bar or so; the shorter run has more than are remembered."""
    sizes = (3_000, 6_000)
    states = [simulate(task(bars, 2, 3), NoJournal()) for bars in sizes]
    assert [len(state.closed) for state in states] == [CLOSED_ORDERS_MAX, CLOSED_ORDERS_MAX]
    kept = [len(take(state)) for state in states]
    assert (kept[1] - kept[0]) / (sizes[1] - sizes[0]) < BYTES_A_BAR


@pytest.mark.ticket("T-236")
def test_ten_times_the_bars_take_at_most_twelve_times_the_work(tmp_path: Path) -> None:
    few, many = (task(bars) for bars in (FEW, MANY))
    lines = [
        lines_of(lambda plan=plan, name=name: ran(plan, tmp_path / name))
        for plan, name in ((few, "few"), (many, "many"))
    ]
    assert lines[1] / lines[0] <= FACTOR_MAX


@pytest.mark.ticket("T-236")
def test_the_page_stays_below_its_limit_at_any_number_of_bars() -> None:
    results = played({BTC: walk(1, MANY)}, puppet("a", (0, 1_000, 0), BTC))
    page = render(build(results, digest()), results, dataset_of({BTC: walk(1, MANY)}), [], ORIGIN)
    assert len(page.encode()) < SIZE_MAX == 6_000_000

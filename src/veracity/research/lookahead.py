"""Does anything look ahead? The future is cut off at many points, and what was known and decided before must not change.

Three questions, each answered bit by bit (specs/backtest/lookahead.md, S-070):

feature    is a feature row the same when the bars after it do not exist?
event      is every event up to the cut the same: decisions, orders, fills, payments?
warm_up    is a feature row the same when the bars before its warm-up do not exist?

The cuts are drawn, one from each of equally long stretches: a regular grid would miss a leak that has the grid's period.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from veracity.data import slices
from veracity.data.dataset import Dataset
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import decode_event
from veracity.domain.market import Column
from veracity.engine.core import BoundStrategy
from veracity.runtime.feed import Feed
from veracity.runtime.simulation import Plan, run_through
from veracity.simulator.chance import draw, stream

CUTS: Final = 200
STARTS: Final = 20
WORTH_COMPILING: Final = 4_000_000
"""Bars times cuts: below it the engine is done before the kernel is loaded."""
Kind: TypeAlias = Literal["feature", "event", "warm_up"]
_INTENT: Final = b'{"kind":"intent_created"'
Progress: TypeAlias = Callable[[int, int], None]


class NothingToJudge(OperatorFault):
    """The data leave nothing to compare, so that no leak would be a verdict on nothing."""


class Leak(NamedTuple):
    """The first bar at which something differs, and the two values there."""

    kind: Kind
    strategy_id: str
    bar: int  # of the instrument that triggers the strategy; the first is 0. -1: the event belongs to no bar
    ts: int  # open of that bar, or stamp of the event
    what: str  # such as "feature 1" or "intent_created"
    then: str  # what could be known: without the bars after the cut, or without those before the start
    now: str  # with all bars
    cut_ts: int  # when the tape ended (or, in a warm-up, began)


class Verdict(NamedTuple):
    """What was compared, and the first leak of each kind and strategy."""

    bars: int
    cuts: int
    starts: int
    leaks: tuple[Leak, ...]
    rows: int = 0  # feature rows of all strategies, with all bars
    intents: int = 0  # decisions to trade among the events


class _Table(NamedTuple):
    """The feature rows of one strategy: equally long columns, with the number and the stamp of each row's bar."""

    bar: Column
    ts: Column
    columns: tuple[Column, ...]


class Comparison(Protocol):
    """The events of the whole run, and how to compare those of a run that ends early with them."""

    @property
    def intents(self) -> int:
        """How many intents the whole run has."""

    def __call__(self, part: Plan, end: int) -> Iterator[Leak]:
        """The first event of `part`, whose tape ends at the stamp, that the whole run does not have, or that it lacks."""


def search_leaks(
    plan: Plan,
    *,
    cuts: int = CUTS,
    starts: int = STARTS,
    progress: Progress | None = None,
    compare: Comparison | None = None,
) -> Verdict:
    """Compare `plan` with itself at `cuts` ends and `starts` beginnings of its tape.

    `compare` judges the events of cut runs in the engine's place (`faster`). Raises NothingToJudge (exit code 4) where there
    are too few bars to cut, or for a strategy to have a turn, and what a run of the plan raises.
    """
    ends = _cut_stamps(plan.dataset, cuts)
    begins = _start_stamps(plan.dataset, starts)
    total = 1 + len(ends) + len(begins)
    hear = progress or (lambda _done, _total: None)
    first: dict[tuple[Kind, str], Leak] = {}
    whole = _tables(plan.dataset, plan.bound)
    _require_turns(whole)
    compare = ByEngine(plan) if compare is None else compare
    hear(1, total)
    for number, end in enumerate(ends, start=2):
        part = plan._replace(dataset=slices.until(plan.dataset, end))
        _note(first, _unlike_rows("feature", whole, _tables(part.dataset, part.bound), end, end))
        _note(first, compare(part, end))
        hear(number, total)
    for number, begin in enumerate(begins, start=2 + len(ends)):
        late = _tables(slices.since(plan.dataset, begin), plan.bound)
        _note(first, _unlike_rows("warm_up", whole, late, None, begin))
        hear(number, total)
    order = sorted(first.values(), key=lambda leak: (leak.kind, leak.ts, leak.strategy_id))
    rows = sum(len(table.ts) for table in whole.values())
    return Verdict(_bars(plan.dataset), len(ends), len(begins), tuple(order), rows, compare.intents)


def _require_turns(whole: dict[str, _Table]) -> None:
    for name, table in whole.items():
        if len(table.ts) == 0:
            raise NothingToJudge(
                f"strategy {name} never has a turn, so there is nothing to judge",
                why="there are fewer bars than its warm-up takes",
                hint="give more data, or shorter parameters",
                exit_code=ExitCode.DATA,
            )


def faster(plan: Plan, cuts: int, cache: Path, known_hash: str | None = None) -> Comparison | None:
    """The comparison by compiled runs, out of `cache`, where so many cuts are worth its start and the kernel covers the plan.

    `known_hash` is the state hash that a run of the plan came to. Raises as `compiled_comparison` does.
    """
    if cuts * _bars(plan.dataset) < WORTH_COMPILING:
        return None
    from veracity.research.lookahead_compiled import (
        compiled_comparison,  # Numba is not loaded for a small tape
    )

    return compiled_comparison(plan, cache, known_hash)


class _Kept:
    """A journal that keeps its records in memory."""

    def __init__(self) -> None:
        self.records: list[tuple[int, bytes]] = []

    def append(self, seq: int, payload: bytes) -> None:
        """Keep the event."""
        self.records.append((seq, payload))

    def barrier(self) -> None:
        """Nothing to wait for."""


def _note(first: dict[tuple[Kind, str], Leak], found: Iterator[Leak]) -> None:
    """Keep of each kind and strategy the leak at the earliest bar."""
    for leak in found:
        known = first.get((leak.kind, leak.strategy_id))
        if known is None or leak.ts < known.ts:
            first[leak.kind, leak.strategy_id] = leak


def _tables(dataset: Dataset, bound: Sequence[BoundStrategy]) -> dict[str, _Table]:
    """The feature rows on which each strategy has a turn."""
    feed = Feed(dataset)
    tables = {}
    for one in bound:
        trigger, turns = feed.turns_of(one)
        has_turn = turns.row_of_bar >= 0
        rows = turns.row_of_bar[has_turn]
        ts = dataset.instruments[trigger].bars.ts[has_turn]
        columns = tuple(column[rows] for column in turns.columns)
        tables[one.strategy_id] = _Table(np.flatnonzero(has_turn), ts, columns)
    return tables


def _unlike_rows(
    kind: Kind, whole: dict[str, _Table], part: dict[str, _Table], end: int | None, edge: int
) -> Iterator[Leak]:
    """The first row of each strategy that is not the same in `part`, of the rows that `part` should have."""
    for name, then in part.items():
        now = whole[name]
        if len(then.ts) == 0:
            continue
        begin = int(np.searchsorted(now.ts, then.ts[0]))
        size = len(then.ts)
        if end is None and begin + size != len(now.ts):
            raise AssertionError("a late start lacks rows of the end")
        best: tuple[int, int] | None = None
        for number, (old, new) in enumerate(zip(then.columns, now.columns, strict=True)):
            unlike = np.flatnonzero(old != new[begin : begin + size])
            if len(unlike) and (best is None or unlike[0] < best[0]):
                best = (int(unlike[0]), number)
        if best is not None:
            row, number = best
            then_value, now_value = str(then.columns[number][row]), str(now.columns[number][begin + row])
            what = f"feature {number}"
            bar = int(now.bar[begin + row])
            yield Leak(kind, name, bar, int(then.ts[row]), what, then_value, now_value, edge)


class ByEngine:
    """The comparison by the engine itself."""

    def __init__(self, plan: Plan) -> None:
        self._whole: Final = _Kept()
        run_through(plan, self._whole)

    @property
    def intents(self) -> int:
        """As `Comparison`."""
        return sum(payload.startswith(_INTENT) for _, payload in self._whole.records)

    def __call__(self, part: Plan, end: int) -> Iterator[Leak]:
        """As `Comparison`."""
        return _unlike_events(part, self._whole, end)


def _unlike_events(part: Plan, whole: _Kept, end: int) -> Iterator[Leak]:
    cut = _Kept()
    seq = run_through(part, cut).state.seq
    expected = [record for record in whole.records if record[0] <= seq]
    for then, now in zip(cut.records, expected, strict=False):
        if then != now:
            yield event_leak(then, now, end)
            return
    shared = min(len(cut.records), len(expected))
    for record in cut.records[shared:]:
        yield event_leak(record, None, end)
        return
    for record in expected[shared:]:
        yield event_leak(None, record, end)
        return


def event_leak(then: tuple[int, bytes] | None, now: tuple[int, bytes] | None, end: int) -> Leak:
    """A leak of an event, from the records of both runs at its place; one of them may be none."""
    known = then or now
    assert known is not None
    event = decode_event(known[1])
    old, new = ("nothing" if record is None else record[1].decode() for record in (then, now))
    strategy_id = getattr(event, "strategy_id", "")
    return Leak("event", strategy_id, -1, event.ts, str(event.__struct_config__.tag), old, new, end)


def _cut_stamps(dataset: Dataset, count: int) -> list[int]:
    """When the tape ends: after a bar drawn from each of `count` stretches of the lead instrument's bars."""
    data = dataset.instruments[0]
    begin = max(int(one.bars.ts[0]) + one.source.interval_ns for one in dataset.instruments)
    known = data.bars.ts + data.source.interval_ns
    known = known[(known >= begin)][:-1]  # the whole tape is no cut
    if len(known) == 0:
        raise NothingToJudge(
            "there is nothing to cut off",
            why="the data have one bar, or the instruments have no time in common",
            exit_code=ExitCode.DATA,
        )
    return [int(known[index]) for index in _drawn(len(known), count, "cuts")]


def _start_stamps(dataset: Dataset, count: int) -> list[int]:
    """When the tape begins: at a bar drawn from each of `count` stretches of its first half."""
    stamps = dataset.instruments[0].bars.ts
    last = min(int(one.bars.ts[-1]) for one in dataset.instruments)
    early = stamps[1 : max(2, len(stamps) // 2)]
    early = early[early <= last]
    return [int(early[index]) for index in _drawn(len(early), count, "starts")]


def _drawn(size: int, count: int, name: str) -> list[int]:
    """One index of each of `count` equally long stretches of `size`; all of them where there are fewer."""
    count = min(size, count)
    edges = [size * number // count for number in range(count + 1)] if count else [0]
    seed = stream(0, name)
    return [low + draw(seed, number) % (high - low) for number, (low, high) in enumerate(pairwise(edges))]


def _bars(dataset: Dataset) -> int:
    return sum(len(data.bars.ts) for data in dataset.instruments)

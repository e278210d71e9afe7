"""The runs that end at a cut, compiled: seconds where the engine would take minutes, and the same question.

The engine runs the whole tape once. The kernel runs it too, and has to come to the engine's state hash; then each cut is
run by the kernel alone and its log compared, number by number, with that of the kernel's whole run. What the kernel does
not cover is left to the engine, cut by cut.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from veracity.domain.errors import EngineFault, OperatorFault
from veracity.domain.events import CheckpointMarked, decode_event, encode_event
from veracity.domain.market import Column
from veracity.research.kernel import records
from veracity.research.kernel.events import events_of
from veracity.research.kernel.run import CompiledRun, Kernel, Prepared
from veracity.research.kernel.scope import uncovered
from veracity.research.kernel.state import final_hash
from veracity.research.lookahead import ByEngine, Comparison, Leak, event_leak
from veracity.runtime.feed import streams_of
from veracity.runtime.simulation import Plan, simulate
from veracity.strategies.interface import columns_of

OF_FACT: Final = np.array(
    [
        *(records.GAP, records.DAY, records.PAUSED, records.FUNDING, records.MEMO, records.INTENT),
        *(records.DENIED, records.SUBMITTED, records.CANCEL_REQUESTED, records.STOPPED),
    ]
)
"""Rows that a fact leads to by itself; behind them come reports, and, of a run that ends there, its end."""
SEQ, REASON_OF_INTENT, FEATURES_OF_INTENT, REASON_OF_CANCEL = 1, 7, 8, 5  # places in a row


def compiled_comparison(plan: Plan, cache: Path, known_hash: str | None = None) -> Comparison | None:
    """How to compare cut runs of the plan faster than the engine does; None where the kernel does not cover it.

    `known_hash` is the state hash that a run of the plan came to; where the kernel comes to another one, or none is known,
    the engine is asked. Raises EngineFault where kernel and engine do not agree.
    """
    prepared = Prepared(plan)
    if uncovered(plan, prepared.extent):
        return None
    kernel = Kernel(cache)
    try:
        whole = kernel.run(plan, prepared, log=True)
    except OperatorFault:  # liquidated, or beyond 64 bits
        return None
    found = final_hash(plan, whole)
    if found != known_hash and found != _engine_hash(plan):
        raise EngineFault("the compiled kernel does not come to the engine's state hash on this plan")
    return _Compiled(kernel, plan, whole, prepared.opened(plan))


class _Last:
    """A journal that keeps its last record."""

    payload = b""

    def append(self, seq: int, payload: bytes) -> None:
        """Keep it, and forget the one before."""
        self.payload = payload

    def barrier(self) -> None:
        """Nothing to wait for."""


def _engine_hash(plan: Plan) -> str:
    """The hash in the checkpoint that ends a run of the plan."""
    journal = _Last()
    simulate(plan, journal)
    ended = decode_event(journal.payload)
    assert isinstance(ended, CheckpointMarked), ended
    return ended.state_hash


class _Compiled:
    """The whole run's log, and the comparison of a shorter one with it."""

    def __init__(self, kernel: Kernel, plan: Plan, whole: CompiledRun, opened: int) -> None:
        self._kernel: Final = kernel
        self._plan: Final = plan
        self._whole: Final = whole
        self._opened: Final = opened
        self._columns: Final = columns_of(whole.rows)

    @property
    def intents(self) -> int:
        """How many intents the whole run has, but for those that close what is held when the data end."""
        log = _log(self._whole)
        made = log[log[:, 0] == records.INTENT]
        return int((made[:, REASON_OF_INTENT] != records.FORCED_CLOSE).sum())

    def __call__(self, part: Plan, end: int) -> Iterator[Leak]:
        """The first event of the cut run that the whole run does not have in its place, or that it lacks."""
        try:
            cut = self._kernel.run(part, log=True)
        except OperatorFault:  # another tape may be beyond what the kernel takes
            yield from ByEngine(self._plan)(part, end)
            return
        facts = _facts(part)
        then, now = (_known(_log(run), self._opened, facts) for run in (cut, self._whole))
        shared = min(len(then), len(now))
        unlike = np.flatnonzero(self._unlike(cut, then[:shared], now[:shared]))
        if not len(unlike) and len(then) == len(now):
            return
        at = int(unlike[0]) if len(unlike) else shared
        yield event_leak(
            _record(part, cut, then[at : at + 1]), _record(self._plan, self._whole, now[at : at + 1]), end
        )

    def _unlike(self, cut: CompiledRun, then: Column, now: Column) -> NDArray[np.bool_]:
        """Which rows differ, or name a feature row that does: an intent holds its features, its row only their number."""
        unlike: NDArray[np.bool_] = (then != now).any(axis=1)
        intents = np.flatnonzero(
            ~unlike & (then[:, 0] == records.INTENT) & (then[:, FEATURES_OF_INTENT] >= 0)
        )
        rows = then[intents, FEATURES_OF_INTENT]
        for old, new in zip(columns_of(cut.rows), self._columns, strict=True):
            unlike[intents] |= old[rows] != new[rows]
        return unlike


def _facts(plan: Plan) -> int:
    return sum(map(len, streams_of(plan.dataset)))


def _log(run: CompiledRun) -> Column:
    assert run.log is not None
    return run.log


def _known(log: Column, opened: int, facts: int) -> Column:
    """The rows up to the fact of that number and what it leads to by itself. `opened` events come before the first row."""
    before = log[:, SEQ] - opened - np.arange(len(log)) - 1
    first = int(np.searchsorted(before, facts, side="left"))
    last = int(np.searchsorted(before, facts, side="right"))
    rows = log[first:last]
    ends = ~np.isin(rows[:, 0], OF_FACT)
    ends |= (rows[:, 0] == records.INTENT) & (rows[:, REASON_OF_INTENT] == records.FORCED_CLOSE)
    ends |= (rows[:, 0] == records.CANCEL_REQUESTED) & (rows[:, REASON_OF_CANCEL] == records.NONE)
    stop = int(np.argmax(ends)) if ends.any() else len(rows)
    return log[: first + stop]


def _record(plan: Plan, run: CompiledRun, row: Column) -> tuple[int, bytes] | None:
    """The event of a row as a journal would hold it; None where there is no row."""
    for event in events_of(plan, run._replace(log=row)):
        return event.seq, encode_event(event)
    return None

"""The final state of a compiled run, folded from its own log and the dataset: equal to the event path's, hash included."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeGuard

from msgspec.structs import replace

from veracity.domain.events import CheckpointMarked, Event
from veracity.research.kernel.events import events_of
from veracity.research.kernel.run import CompiledRun
from veracity.runtime.feed import Arrival, Feed, Stretch
from veracity.runtime.simulation import Plan, opening_of
from veracity.state.apply import apply, skip_bars
from veracity.state.hash import state_hash
from veracity.state.model import EngineState


def journal_of(plan: Plan, run: CompiledRun) -> Iterator[Event]:
    """All events that the engine would have journaled: the opening, then those of the log."""
    yield from opening_of(plan).events
    yield from events_of(plan, run)


def follow(state: EngineState, plan: Plan, run: CompiledRun) -> Iterator[Event]:
    """Fold the run into a new state; yields each event when it is in, the checkpoint's with its hash.

    Every fact is folded: bars between two events by their closes, as the engine passes over them.
    """
    facts = _Facts(plan)
    for event in journal_of(plan, run):
        facts.fold_before(state, event.seq)
        if isinstance(event, CheckpointMarked):
            event = replace(event, state_hash=state_hash(state))
        apply(state, event)
        yield event
    assert facts.are_all_told(), "the log counts fewer facts than the dataset has"


def folded(plan: Plan, run: CompiledRun) -> tuple[EngineState, list[Event]]:
    """The state that the run came to, and its events."""
    state = EngineState()
    return state, list(follow(state, plan, run))


def final_hash(plan: Plan, run: CompiledRun) -> str:
    """The hash that the run's checkpoint has in a journal: a run always ends with one."""
    for event in follow(EngineState(), plan, run):
        last = event
    assert isinstance(last, CheckpointMarked), last
    return last.state_hash


class _Facts:
    """What the dataset says, in order, as far as it is folded."""

    def __init__(self, plan: Plan) -> None:
        self._parts: Final = Feed(plan.dataset, watching=plan.bound).parts()
        self._part: Iterator[Arrival] | _Bars = iter(())

    def fold_before(self, state: EngineState, seq: int) -> None:
        """Fold what stands between the state and the event of that number."""
        while (count := seq - 1 - state.seq) > 0:
            if not self._fold(state, count):
                part = next(self._parts)
                self._part = _Bars(part) if can_skip(part, state) else iter(part)

    def _fold(self, state: EngineState, count: int) -> bool:
        """Fold up to `count` facts of the part at hand; False where it has none left."""
        if isinstance(self._part, _Bars):
            return self._part.fold(state, count)
        arrival = next(self._part, None)
        if arrival is None:
            return False
        make, values, _ = arrival
        apply(state, make(state.seq + 1, *values))
        return True

    def are_all_told(self) -> bool:
        """Whether nothing is left."""
        at_end = self._part.at == len(self._part.closes) if isinstance(self._part, _Bars) else True
        return at_end and next(self._parts, None) is None


def can_skip(part: Iterable[Arrival], state: EngineState) -> TypeGuard[Stretch]:
    """Whether a part's bars may be folded many at a time: not those whose regime is kept."""
    return isinstance(part, Stretch) and state.markets[part.symbol].regime is None


class _Bars:
    """A stretch of bars, as far as it is folded."""

    def __init__(self, stretch: Stretch) -> None:
        self.closes: Final = stretch.closes
        self.at = 0
        self._stretch: Final = stretch

    def fold(self, state: EngineState, count: int) -> bool:
        """Fold up to `count` bars; False where none is left."""
        begin, stop = self.at, min(self.at + count, len(self.closes))
        if begin == stop:
            return False
        stretch = self._stretch
        skip_bars(
            state,
            stretch.symbol,
            stretch.known[stop - 1] - stretch.interval_ns,
            self.closes[begin:stop],
            stretch.squares[begin:stop],
        )
        self.at = stop
        return True

"""The final state of a compiled run, folded from its own log and the dataset: equal to the event path's, hash included."""

from collections.abc import Iterator

from msgspec.structs import replace

from veracity.domain.events import CheckpointMarked, Event
from veracity.engine.opening import Cast, opening, watches
from veracity.research.kernel.events import events_of
from veracity.research.kernel.run import CompiledRun
from veracity.runtime.feed import Feed
from veracity.runtime.replay import fill_gap
from veracity.runtime.simulation import Plan, first_ts, listing
from veracity.state.apply import apply
from veracity.state.hash import state_hash
from veracity.state.model import EngineState


def journal_of(plan: Plan, run: CompiledRun) -> Iterator[Event]:
    """All events that the engine would have journaled: the opening, then those of the log."""
    listed = [listing(data.source) for data in plan.dataset.instruments]
    yield from opening(
        plan.identity, Cast(listed, plan.started, watches(plan.bound)), first_ts(plan.dataset)
    ).events
    yield from events_of(plan, run)


def folded(plan: Plan, run: CompiledRun) -> tuple[EngineState, list[Event]]:
    """The state that the run came to, and its events with the checkpoint's hash. Every fact is folded, as a replay does."""
    state, events = EngineState(), []
    facts = iter(Feed(plan.dataset))
    for event in journal_of(plan, run):
        fill_gap(state, event.seq, facts)
        if isinstance(event, CheckpointMarked):
            event = replace(event, state_hash=state_hash(state))
        apply(state, event)
        events.append(event)
    assert next(facts, None) is None, "the log counts fewer facts than the dataset has"
    return state, events

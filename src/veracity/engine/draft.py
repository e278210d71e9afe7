"""A step in the making: events are numbered as they are added, effects keep their order."""

from typing import Final

import msgspec

from veracity.domain.events import Event
from veracity.domain.machines import Mode
from veracity.engine.effects import Effect
from veracity.state.model import EngineState


class Step(msgspec.Struct, frozen=True, gc=False):
    """What one input led to. The loop obeys the order of the fields."""

    events: tuple[Event, ...]  # 1. journal, apply
    effects: tuple[Effect, ...]  # 2. only then talk to the venue


QUIET: Final = Step((), ())
"""The input led to nothing."""


class Draft:
    """Collects the events of one step; `seq` is the number of the one that is added next.

    `state` is what was known before the step; `mode_now` is the mode as the step has changed it so far.
    """

    __slots__ = ("effects", "events", "mode_now", "seq", "state", "ts")

    def __init__(self, state: EngineState, ts: int) -> None:
        self.state = state
        # The engine's time never goes back. No `max`, here and wherever an event passes: it costs as much as ten lines.
        self.ts = state.ts
        if ts > state.ts:
            self.ts = ts
        self.seq = state.seq + 1
        self.mode_now: Mode = state.mode
        self.events: list[Event] = []
        self.effects: list[Effect] = []

    def add(self, event: Event) -> None:
        """Append `event`, which must carry the number `seq`."""
        assert event.seq == self.seq, (event.seq, self.seq)
        self.seq += 1
        self.events.append(event)

    def rewind(self, seq: int) -> None:
        """Take back the events from `seq` on, as if they had never been added; they must have no effects."""
        del self.events[len(self.events) - (self.seq - seq) :]
        self.seq = seq

    def step(self) -> Step:
        """The finished step."""
        return Step(tuple(self.events), tuple(self.effects))

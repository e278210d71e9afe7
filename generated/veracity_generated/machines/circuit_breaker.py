# Generated from specs/machines/circuit_breaker.yaml.
# Do not edit: change the source, then run `make gen`.

"""Circuit breaker (specs/machines/circuit_breaker.yaml).

Stops new risk while the venue fails. It looks at the last calls only, is state and so outlives a
restart, and holds back opening orders alone: cancels and closes pass in every state. The numbers
are in specs/policies/breaker.yaml.
"""

from enum import StrEnum
from typing import Final, TypeAlias

from veracity_generated.machines.base import NoSuchTransition


class State(StrEnum):
    """Where it is; the value is its name in the journal."""

    CLOSED = "closed"
    """The venue works; its calls are counted."""
    OPEN = "open"
    """Too many calls failed, or the venue banned us; no opening order until the time is up."""
    HALF_OPEN = "half_open"
    """One opening order at a time is let through as a probe."""


class On(StrEnum):
    """What can happen to it."""

    TRIP = "trip"
    """The share of failed calls reached its limit, or the venue banned us."""
    COOL = "cool"
    """The open time is over."""
    PROBE_FAILED = "probe_failed"
    """A probe had no answer that can be believed."""
    RECOVER = "recover"
    """Enough probes in a row were good."""


CircuitBreakerState: TypeAlias = State

INITIAL: Final = State.CLOSED
TERMINAL: Final[frozenset[State]] = frozenset(())

TABLE: Final[dict[tuple[State, On], State]] = {
    (State.CLOSED, On.TRIP): State.OPEN,
    (State.OPEN, On.COOL): State.HALF_OPEN,
    (State.HALF_OPEN, On.TRIP): State.OPEN,
    (State.HALF_OPEN, On.PROBE_FAILED): State.OPEN,
    (State.HALF_OPEN, On.RECOVER): State.CLOSED,
}


def step(state: State, on: On) -> State:
    """The state that follows; raises NoSuchTransition where the table has no row."""
    to = TABLE.get((state, on))
    if to is None:
        raise NoSuchTransition("circuit_breaker", state, on)
    return to

# Generated from specs/machines/engine_mode.yaml.
# Do not edit: change the source, then run `make gen`.

"""Engine mode (specs/machines/engine_mode.yaml).

The mode decides what the gate may let through. Guards and drift checks may only tighten it; only an
operator's command with a reason loosens it, and nothing leaves stopped. A restart begins in
recovering and takes over the journaled mode, so a halt outlives the process.
"""

from enum import StrEnum
from typing import Final, Literal, TypeAlias

from veracity_generated.machines.base import NoSuchTransition


class State(StrEnum):
    """Where it is; the value is its name in the journal."""

    RECOVERING = "recovering"
    """The journal is being folded and the venue compared; no order is sent."""
    RUNNING = "running"
    """Everything is allowed that the guards allow."""
    CLOSE_ONLY = "close_only"
    """Positions may get smaller, not larger."""
    SAFE = "safe"
    """Positions may only be closed; entered where the book cannot be trusted."""
    HALTED = "halted"
    """No new risk. Closing all of what is held passes, whether a strategy, the operator or an exit asks; nothing else does."""
    STOPPED = "stopped"
    """The run is over."""


class On(StrEnum):
    """What can happen to it."""

    RECOVERED = "recovered"
    """Recovery ended clean and no halt was journaled. By the engine, once, at the end of recovery."""
    HALT = "halt"
    """A breaker, a kill file, a fault or the operator stops all new risk. By the engine or the operator."""
    RESTRICT = "restrict"
    """No new exposure from now on. By the engine or the operator."""
    MAKE_SAFE = "make_safe"
    """Own book and venue disagree, or the clock cannot be trusted. By the engine or the operator."""
    RESUME = "resume"
    """Back to running. By the operator only, with a reason."""
    STOP = "stop"
    """The run ends. By the engine at the end of its data, or by the operator."""


EngineModeState: TypeAlias = State

INITIAL: Final = State.RECOVERING
TERMINAL: Final[frozenset[State]] = frozenset((State.STOPPED,))

TABLE: Final[dict[tuple[State, On], State]] = {
    (State.RECOVERING, On.RECOVERED): State.RUNNING,
    (State.RECOVERING, On.HALT): State.HALTED,
    (State.RECOVERING, On.RESTRICT): State.CLOSE_ONLY,
    (State.RECOVERING, On.MAKE_SAFE): State.SAFE,
    (State.RECOVERING, On.STOP): State.STOPPED,
    (State.RUNNING, On.HALT): State.HALTED,
    (State.RUNNING, On.RESTRICT): State.CLOSE_ONLY,
    (State.RUNNING, On.MAKE_SAFE): State.SAFE,
    (State.RUNNING, On.STOP): State.STOPPED,
    (State.CLOSE_ONLY, On.HALT): State.HALTED,
    (State.CLOSE_ONLY, On.MAKE_SAFE): State.SAFE,
    (State.CLOSE_ONLY, On.RESUME): State.RUNNING,
    (State.CLOSE_ONLY, On.STOP): State.STOPPED,
    (State.SAFE, On.HALT): State.HALTED,
    (State.SAFE, On.RESUME): State.RUNNING,
    (State.SAFE, On.STOP): State.STOPPED,
    (State.HALTED, On.RESUME): State.RUNNING,
    (State.HALTED, On.STOP): State.STOPPED,
}


def step(state: State, on: On) -> State:
    """The state that follows; raises NoSuchTransition where the table has no row."""
    to = TABLE.get((state, on))
    if to is None:
        raise NoSuchTransition("engine_mode", state, on)
    return to


Action: TypeAlias = Literal["open", "increase", "reduce", "close", "cancel"]

# Whether the gate may let an intent or a cancel through at all; the guards judge after this.
PERMITS: Final[dict[tuple[State, Action], bool]] = {
    (State.RECOVERING, "open"): False,
    (State.RECOVERING, "increase"): False,
    (State.RECOVERING, "reduce"): False,
    (State.RECOVERING, "close"): False,
    (State.RECOVERING, "cancel"): False,
    (State.RUNNING, "open"): True,
    (State.RUNNING, "increase"): True,
    (State.RUNNING, "reduce"): True,
    (State.RUNNING, "close"): True,
    (State.RUNNING, "cancel"): True,
    (State.CLOSE_ONLY, "open"): False,
    (State.CLOSE_ONLY, "increase"): False,
    (State.CLOSE_ONLY, "reduce"): True,
    (State.CLOSE_ONLY, "close"): True,
    (State.CLOSE_ONLY, "cancel"): True,
    (State.SAFE, "open"): False,
    (State.SAFE, "increase"): False,
    (State.SAFE, "reduce"): False,
    (State.SAFE, "close"): True,
    (State.SAFE, "cancel"): True,
    (State.HALTED, "open"): False,
    (State.HALTED, "increase"): False,
    (State.HALTED, "reduce"): False,
    (State.HALTED, "close"): True,
    (State.HALTED, "cancel"): True,
    (State.STOPPED, "open"): False,
    (State.STOPPED, "increase"): False,
    (State.STOPPED, "reduce"): False,
    (State.STOPPED, "close"): False,
    (State.STOPPED, "cancel"): False,
}


def allows(state: State, action: Action) -> bool:
    """Whether the action may be done in this state.

    open: An order that makes a position of a flat strategy.
    increase: An order that makes a position larger.
    reduce: An order that makes a position smaller and not flat.
    close: An order that makes a position flat.
    cancel: Asking the venue to cancel an order.
    """
    return PERMITS[state, action]

# Generated from specs/machines/recovery.yaml.
# Do not edit: change the source, then run `make gen`.

"""Recovery (specs/machines/recovery.yaml).

The steps from the disk to an engine that may trade, in their order. A refusal at any of them ends
the start with an exit code and a report, and no order is sent. Nothing is kept of where a killed
recovery was: each step leaves the disk so that the next start begins at the first again and comes
to the same.
"""

from enum import StrEnum
from typing import Final, TypeAlias

from veracity_generated.machines.base import NoSuchTransition


class State(StrEnum):
    """Where it is; the value is its name in the journal."""

    BEGUN = "begun"
    """The directories are there; nothing was read."""
    CHOSEN = "chosen"
    """The files are ours, and the newest snapshot that proves itself, and the one that proves it, are known."""
    TORN = "torn"
    """All records were checked; the last write was never finished."""
    WHOLE = "whole"
    """All records were checked and every byte behind them is accounted for; the witness agrees."""
    FOLDED = "folded"
    """The state is the fold of the records, and the snapshot's hash is the fold's."""
    TAKEN_OVER = "taken_over"
    """The report is written, and the writer holds the journal at the recovered record; nothing was sent."""
    RUNNING = "running"
    """What the venue knows of every open order is journaled, and trading may begin."""
    REFUSED = "refused"
    """Something was found that nobody may trade on; the report says what and what to do."""


class On(StrEnum):
    """What can happen to it."""

    CHOOSE = "choose"
    """Kind, owner and mode of the files, their names, and each snapshot's checksum were checked."""
    FIND_TORN = "find_torn"
    """The scan ended in a write that was provably never finished."""
    FIND_WHOLE = "find_whole"
    """The scan ended cleanly."""
    REPAIR = "repair"
    """In truncate-tail the torn bytes were kept aside and cut off."""
    FOLD = "fold"
    """The records behind the snapshot were folded and its hash compared."""
    TAKE_OVER = "take_over"
    """The writer took the journal over at the recovered record, because the venue's answers need a place."""
    ANSWER = "answer"
    """The last answer of the venue was journaled."""
    REFUSE = "refuse"
    """Damage, a missing acknowledged record, a hash that differs, another version, wrong permissions, a lock that is held, an order at the venue that the records do not know."""


RecoveryState: TypeAlias = State

INITIAL: Final = State.BEGUN
TERMINAL: Final[frozenset[State]] = frozenset((State.RUNNING, State.REFUSED))

TABLE: Final[dict[tuple[State, On], State]] = {
    (State.BEGUN, On.CHOOSE): State.CHOSEN,
    (State.BEGUN, On.REFUSE): State.REFUSED,
    (State.CHOSEN, On.FIND_TORN): State.TORN,
    (State.CHOSEN, On.FIND_WHOLE): State.WHOLE,
    (State.CHOSEN, On.REFUSE): State.REFUSED,
    (State.TORN, On.REPAIR): State.WHOLE,
    (State.TORN, On.REFUSE): State.REFUSED,
    (State.WHOLE, On.FOLD): State.FOLDED,
    (State.WHOLE, On.REFUSE): State.REFUSED,
    (State.FOLDED, On.TAKE_OVER): State.TAKEN_OVER,
    (State.FOLDED, On.REFUSE): State.REFUSED,
    (State.TAKEN_OVER, On.ANSWER): State.RUNNING,
    (State.TAKEN_OVER, On.REFUSE): State.REFUSED,
}


def step(state: State, on: On) -> State:
    """The state that follows; raises NoSuchTransition where the table has no row."""
    to = TABLE.get((state, on))
    if to is None:
        raise NoSuchTransition("recovery", state, on)
    return to

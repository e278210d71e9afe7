# Generated from specs/machines/order.yaml.
# Do not edit: change the source, then run `make gen`.

"""Order lifecycle (specs/machines/order.yaml).

What the engine believes of one order. The venue's evidence beats a local guess, so every report
that can be true has an arc from the states in which it can arrive, also out of order. A report that
the table does not allow changes nothing: the engine journals it as report_refused, a fill of
nothing too; a fill of a terminal or unknown order, or an overfill, is kept as fill_quarantined.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias

from veracity_generated.machines.base import NoSuchTransition


class State(StrEnum):
    """Where it is; the value is its name in the journal."""

    CREATED = "created"
    """The gate approved it; nothing has left the process."""
    SUBMITTED = "submitted"
    """Sent, or about to be; the venue has not answered."""
    ACCEPTED = "accepted"
    """Live at the venue, nothing traded."""
    PARTIALLY_FILLED = "partially_filled"
    """Live at the venue, something traded and something left."""
    CANCEL_PENDING = "cancel_pending"
    """A cancel was asked for and not answered; it can still trade, so what is left counts as exposure."""
    UNKNOWN = "unknown"
    """A submit or a cancel has no answer that can be believed; what is left counts against exposure as if filled."""
    FILLED = "filled"
    """Traded in full."""
    CANCELLED = "cancelled"
    """The venue confirmed the cancel, or cancelled by itself."""
    REJECTED = "rejected"
    """The venue said a definite no with its code."""
    EXPIRED = "expired"
    """The venue ended it, or proved that it never arrived."""


class On(StrEnum):
    """What can happen to it."""

    SUBMIT = "submit"
    """The engine hands the order to the venue."""
    ACCEPT = "accept"
    """The venue says that the order is live."""
    REJECT = "reject"
    """The venue says a definite no to the submit."""
    FILL = "fill"
    """The venue says that the order traded."""
    REQUEST_CANCEL = "request_cancel"
    """The engine asks the venue to cancel."""
    CONFIRM_CANCEL = "confirm_cancel"
    """The venue says that the order is cancelled."""
    REFUSE_CANCEL = "refuse_cancel"
    """The venue says that it did not cancel."""
    EXPIRE = "expire"
    """The venue ended the order, or it is proved that it never arrived."""
    LOSE = "lose"
    """A submit or a cancel got no answer that can be believed."""


def fill_is_partial(filled: int, leaves: int, fill_qty: int) -> bool:
    """Something is left after this fill."""
    return 0 < fill_qty < leaves


def fill_is_complete(filled: int, leaves: int, fill_qty: int) -> bool:
    """Nothing is left after this fill."""
    return 0 < fill_qty == leaves


def fill_is_over(filled: int, leaves: int, fill_qty: int) -> bool:
    """More than was left."""
    return fill_qty > leaves


def fill_is_empty(filled: int, leaves: int, fill_qty: int) -> bool:
    """A fill of nothing."""
    return fill_qty == 0


def nothing_filled(filled: int, leaves: int, fill_qty: int) -> bool:
    """No fill came before."""
    return filled == 0


def something_filled(filled: int, leaves: int, fill_qty: int) -> bool:
    """At least one fill came before."""
    return filled > 0


OrderState: TypeAlias = State

INITIAL: Final = State.CREATED
TERMINAL: Final[frozenset[State]] = frozenset((State.FILLED, State.CANCELLED, State.REJECTED, State.EXPIRED))

Guard: TypeAlias = Callable[[int, int, int], bool]

# What may follow, by guard; at most one holds (the generator tried all small numbers).
TABLE: Final[dict[tuple[State, On], tuple[tuple[Guard | None, State], ...]]] = {
    (State.CREATED, On.SUBMIT): ((None, State.SUBMITTED),),
    (State.SUBMITTED, On.ACCEPT): ((None, State.ACCEPTED),),
    (State.SUBMITTED, On.REJECT): ((None, State.REJECTED),),
    (State.SUBMITTED, On.FILL): ((fill_is_partial, State.PARTIALLY_FILLED), (fill_is_complete, State.FILLED)),
    (State.SUBMITTED, On.REQUEST_CANCEL): ((None, State.CANCEL_PENDING),),
    (State.SUBMITTED, On.CONFIRM_CANCEL): ((None, State.CANCELLED),),
    (State.SUBMITTED, On.EXPIRE): ((None, State.EXPIRED),),
    (State.SUBMITTED, On.LOSE): ((None, State.UNKNOWN),),
    (State.ACCEPTED, On.FILL): ((fill_is_partial, State.PARTIALLY_FILLED), (fill_is_complete, State.FILLED)),
    (State.ACCEPTED, On.REQUEST_CANCEL): ((None, State.CANCEL_PENDING),),
    (State.ACCEPTED, On.CONFIRM_CANCEL): ((None, State.CANCELLED),),
    (State.ACCEPTED, On.EXPIRE): ((None, State.EXPIRED),),
    (State.PARTIALLY_FILLED, On.FILL): (
        (fill_is_partial, State.PARTIALLY_FILLED),
        (fill_is_complete, State.FILLED),
    ),
    (State.PARTIALLY_FILLED, On.REQUEST_CANCEL): ((None, State.CANCEL_PENDING),),
    (State.PARTIALLY_FILLED, On.CONFIRM_CANCEL): ((None, State.CANCELLED),),
    (State.PARTIALLY_FILLED, On.EXPIRE): ((None, State.EXPIRED),),
    (State.CANCEL_PENDING, On.ACCEPT): ((nothing_filled, State.CANCEL_PENDING),),
    (State.CANCEL_PENDING, On.REJECT): ((nothing_filled, State.REJECTED),),
    (State.CANCEL_PENDING, On.FILL): (
        (fill_is_partial, State.CANCEL_PENDING),
        (fill_is_complete, State.FILLED),
    ),
    (State.CANCEL_PENDING, On.CONFIRM_CANCEL): ((None, State.CANCELLED),),
    (State.CANCEL_PENDING, On.REFUSE_CANCEL): (
        (nothing_filled, State.ACCEPTED),
        (something_filled, State.PARTIALLY_FILLED),
    ),
    (State.CANCEL_PENDING, On.EXPIRE): ((None, State.EXPIRED),),
    (State.CANCEL_PENDING, On.LOSE): ((None, State.UNKNOWN),),
    (State.UNKNOWN, On.ACCEPT): (
        (nothing_filled, State.ACCEPTED),
        (something_filled, State.PARTIALLY_FILLED),
    ),
    (State.UNKNOWN, On.REJECT): ((nothing_filled, State.REJECTED),),
    (State.UNKNOWN, On.FILL): ((fill_is_partial, State.PARTIALLY_FILLED), (fill_is_complete, State.FILLED)),
    (State.UNKNOWN, On.CONFIRM_CANCEL): ((None, State.CANCELLED),),
    (State.UNKNOWN, On.REFUSE_CANCEL): ((None, State.UNKNOWN),),
    (State.UNKNOWN, On.EXPIRE): ((None, State.EXPIRED),),
    (State.FILLED, On.REFUSE_CANCEL): ((None, State.FILLED),),
    (State.CANCELLED, On.REFUSE_CANCEL): ((None, State.CANCELLED),),
    (State.REJECTED, On.REFUSE_CANCEL): ((None, State.REJECTED),),
    (State.EXPIRED, On.REFUSE_CANCEL): ((None, State.EXPIRED),),
}

# What was thought of and is illegal, with the reason code that the refusal carries.
REFUSED: Final[dict[tuple[State, On], tuple[tuple[Guard, str], ...]]] = {
    (State.SUBMITTED, On.FILL): ((fill_is_over, "overfill"), (fill_is_empty, "empty_fill")),
    (State.ACCEPTED, On.FILL): ((fill_is_over, "overfill"), (fill_is_empty, "empty_fill")),
    (State.PARTIALLY_FILLED, On.FILL): ((fill_is_over, "overfill"), (fill_is_empty, "empty_fill")),
    (State.CANCEL_PENDING, On.ACCEPT): ((something_filled, "late_ack"),),
    (State.CANCEL_PENDING, On.REJECT): ((something_filled, "reject_after_fill"),),
    (State.CANCEL_PENDING, On.FILL): ((fill_is_over, "overfill"), (fill_is_empty, "empty_fill")),
    (State.UNKNOWN, On.REJECT): ((something_filled, "reject_after_fill"),),
    (State.UNKNOWN, On.FILL): ((fill_is_over, "overfill"), (fill_is_empty, "empty_fill")),
}


def step(state: State, on: On, *, filled: int, leaves: int, fill_qty: int) -> State:
    """The state that follows; raises NoSuchTransition, with the reason code where the case is refused by name.

    filled: Quantity traded before this event, units of 10^-qty_scale.
    leaves: Quantity not yet traded before this event, units of 10^-qty_scale.
    fill_qty: Quantity of this fill, units of 10^-qty_scale; 0 where the event is no fill.
    """
    for guard, to in TABLE.get((state, on), ()):
        if guard is None or guard(filled, leaves, fill_qty):
            return to
    for refuses, reason in REFUSED.get((state, on), ()):
        if refuses(filled, leaves, fill_qty):
            raise NoSuchTransition("order", state, on, reason)
    raise NoSuchTransition("order", state, on)

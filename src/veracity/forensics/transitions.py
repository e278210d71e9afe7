"""What changed its state: the engine's mode and every order, told from the events alone by the generated tables."""

from typing import Any, Final, NamedTuple

from veracity.domain import orders
from veracity.domain.errors import IllegalTransition
from veracity.domain.events import Event, ModeChanged
from veracity.domain.machines import Mode, ModeOn, NoSuchTransition, mode_step
from veracity.domain.orders import On
from veracity.state.model import CLOSED_ORDERS_MAX

ENGINE: Final = "engine"

TRIGGERS: Final[dict[Any, On]] = {
    "order_submitted": On.SUBMIT,
    "order_accepted": On.ACCEPT,
    "order_rejected": On.REJECT,
    "order_filled": On.FILL,
    "cancel_requested": On.REQUEST_CANCEL,
    "order_cancelled": On.CONFIRM_CANCEL,
    "cancel_rejected": On.REFUSE_CANCEL,
    "order_expired": On.EXPIRE,
    "order_outcome_unknown": On.LOSE,
}
"""Kind of event -> what it means to the order that it names, as `record` in specs/machines/order.yaml."""


class Arc(NamedTuple):
    """One step of a state machine. `before` and `now` are the same where it leads back."""

    before: str
    now: str
    trigger: str


class Subject(NamedTuple):
    """What an order belongs to: the decision that made it, and whose it is."""

    corr_id: str
    strategy_id: str
    symbol: str


class Track:
    """The engine or one order, as far as the events have told it, and the arc that it took last."""

    __slots__ = ("arc", "done", "name", "now", "qty", "subject")

    def __init__(self, name: str, subject: Subject | None = None, qty: int = 0) -> None:
        self.name = name  # the engine, or an order id
        self.subject = subject
        self.qty = qty  # of the order, and what of it is done; in the instrument's units
        self.done = 0
        self.now = orders.INITIAL
        self.arc = Arc("", "", "")


class Transitions:
    """Follows the events of one run from its first; remembers as many done orders as the engine does."""

    def __init__(self) -> None:
        self._engine = Track(ENGINE)
        self._open: dict[str, Track] = {}
        self._closed: dict[str, Track] = {}  # oldest first

    def order(self, order_id: str) -> Track | None:
        """The order after the last event that was followed; None for one that is not ours, or long forgotten."""
        return self._open.get(order_id) or self._closed.get(order_id)

    def follow(self, event: Event) -> Track | None:
        """What `event` moved, its arc the one that `event` is; None where it moves nothing.

        Raises IllegalTransition where the tables do not have the arc: then these are not the events of one run.
        """
        trigger = TRIGGERS.get(event.__struct_config__.tag)
        if trigger is not None:
            return self._move(event, trigger)
        if isinstance(event, ModeChanged):
            before, now = event.mode_from, event.mode_to
            self._engine.arc = Arc(before, now, _mode_trigger(before, now))
            return self._engine
        return None

    def _move(self, event: Any, trigger: On) -> Track:
        order_id: str = event.order_id
        track = self.order(order_id)
        if trigger is On.SUBMIT:
            track = Track(order_id, Subject(event.intent_id, event.strategy_id, event.symbol), event.qty)
            self._open[order_id] = track
        if track is None:
            raise IllegalTransition(f"order {order_id} was never submitted; {trigger} cannot happen to it")
        before, done = track.now, track.done
        fill_qty = event.qty if trigger is On.FILL else 0
        try:
            now = orders.step(before, trigger, filled=done, leaves=track.qty - done, fill_qty=fill_qty)
        except NoSuchTransition as error:
            raise IllegalTransition(f"order {order_id}: {error}") from error
        track.done = done + fill_qty
        track.now = now
        track.arc = Arc(before, now, trigger)
        if now in orders.TERMINAL and before not in orders.TERMINAL:
            self._close(order_id)
        return track

    def _close(self, order_id: str) -> None:
        self._closed[order_id] = self._open.pop(order_id)
        if len(self._closed) > CLOSED_ORDERS_MAX:
            del self._closed[next(iter(self._closed))]


def _mode_arcs() -> dict[tuple[Mode, Mode], str]:
    """What leads from one mode to another; the table has at most one way."""
    arcs = {}
    for before in Mode:
        for on in ModeOn:
            try:
                arcs[before, mode_step(before, on)] = on.value
            except NoSuchTransition:
                continue
    return arcs


_MODE_ARCS: Final = _mode_arcs()


def _mode_trigger(before: Mode, after: Mode) -> str:
    try:
        return _MODE_ARCS[before, after]
    except KeyError:
        raise IllegalTransition(f"no way leads from mode {before} to {after}") from None

"""What changed its state: the engine's mode and every order, told from the events alone by the generated tables."""

from typing import Any, Final, Literal, NamedTuple

from veracity.domain import orders
from veracity.domain.errors import IllegalTransition
from veracity.domain.events import (
    Event,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderFilled,
    OrderSubmitted,
)
from veracity.domain.machines import Mode, ModeOn, NoSuchTransition, mode_step
from veracity.domain.orders import On
from veracity.state.model import CLOSED_ORDERS_MAX

ENGINE: Final = "engine"

TRIGGERS: Final = {
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


class Change(NamedTuple):
    """One arc that was taken. `before` and `after` are equal where the arc leads back."""

    machine: Literal["engine_mode", "order"]
    subject: str  # the engine, or an order id
    before: str
    after: str
    trigger: str
    reason: str


class Life(NamedTuple):
    """An order as far as the events have told it; quantities in the instrument's units."""

    intent_id: str
    strategy_id: str
    symbol: str
    qty: int
    filled: int
    state: orders.State


class Transitions:
    """Follows the events of one run from its first; remembers as many done orders as the engine does."""

    def __init__(self) -> None:
        self._open: dict[str, Life] = {}
        self._done: dict[str, Life] = {}  # oldest first
        self._reasons: dict[str, str] = {}  # of intents that are not judged yet

    def life(self, order_id: str) -> Life | None:
        """The order, after the last event that was followed; None for one that is not ours, or long forgotten."""
        return self._open.get(order_id) or self._done.get(order_id)

    def follow(self, event: Event) -> Change | None:
        """The change that `event` is; None where it changes the state of nothing.

        Raises IllegalTransition where the tables do not have it: then these are not the events of one run.
        """
        trigger = TRIGGERS.get(str(event.__struct_config__.tag))
        if trigger is not None:
            return self._move(event, trigger)
        if isinstance(event, IntentCreated):
            self._reasons[event.intent_id] = event.reason
        elif isinstance(event, IntentDenied):
            self._reasons.pop(event.intent_id, None)
        elif isinstance(event, ModeChanged):
            reason = f"{event.reason}: {event.detail}" if event.detail else event.reason
            on = _mode_trigger(event.mode_from, event.mode_to)
            return Change("engine_mode", ENGINE, event.mode_from.value, event.mode_to.value, on, reason)
        return None

    def _move(self, event: Any, trigger: On) -> Change:
        order_id: str = event.order_id
        if isinstance(event, OrderSubmitted):
            before = orders.INITIAL
            life = Life(event.intent_id, event.strategy_id, event.symbol, event.qty, 0, before)
            reason = self._reasons.pop(event.intent_id, trigger.value)
        else:
            known = self.life(order_id)
            if known is None:
                raise IllegalTransition(
                    f"order {order_id} was never submitted; {trigger} cannot happen to it"
                )
            life, before = known, known.state
            reason = getattr(event, "reason", "") or getattr(event, "detail", "") or trigger.value
        fill_qty = event.qty if isinstance(event, OrderFilled) else 0
        try:
            after = orders.step(
                before, trigger, filled=life.filled, leaves=life.qty - life.filled, fill_qty=fill_qty
            )
        except NoSuchTransition as error:
            raise IllegalTransition(f"order {order_id}: {error}") from error
        self._keep(order_id, Life(*life[:4], life.filled + fill_qty, after))
        return Change("order", order_id, before.value, after.value, trigger.value, reason)

    def _keep(self, order_id: str, life: Life) -> None:
        if life.state not in orders.TERMINAL:
            self._open[order_id] = life
            return
        self._open.pop(order_id, None)
        self._done[order_id] = life
        if len(self._done) > CLOSED_ORDERS_MAX:
            del self._done[next(iter(self._done))]


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

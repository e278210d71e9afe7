"""Every intent passes here: the mode's table, then the guards in rulebook order. Only the gate makes an `Approved`.

Guards can only block or make smaller. An intent that reduces or closes is not asked for risk: leaving is always
allowed where the mode allows it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from veracity.domain.events import IntentCreated, TraceId
from veracity.domain.orders import LEAVING, OPENING
from veracity.engine import modes
from veracity.guards.rulebook import Guard
from veracity.guards.view import Denied, GuardView, Intended, RiskLimits
from veracity.state.model import Account, EngineState, equity


class Approved(NamedTuple):
    """Proof that the gate let `intent` pass with `qty`; only an Approved becomes an order."""

    intent: IntentCreated
    qty: int
    clamped_by: str | None


class Refused(NamedTuple):
    """A rule's refusal of an intent."""

    rule: str
    ticket: TraceId
    detail: str


class Gate:
    """Judges intents by the guards and each strategy's limits."""

    def __init__(self, guards: Sequence[Guard], limits: Mapping[str, RiskLimits]) -> None:
        self._guards = tuple(guards)
        self._limits = dict(limits)

    def judge(
        self, intent: IntentCreated, state: EngineState, reserved: Sequence[Approved]
    ) -> Approved | Refused:
        """Approve, make smaller or refuse; `reserved` are the approvals of the same step, not yet in the state."""
        if intent.intent_id in state.intents:
            used = state.intents[intent.intent_id]
            return Refused("idempotency", "T-005", f"this intent id was used by order {used}")
        if not modes.allows(state.mode, intent.purpose):
            detail = f"mode {state.mode} ({state.mode_reason}) does not allow to {intent.purpose}"
            return Refused(modes.RULE, modes.TICKET, detail)
        if intent.symbol not in state.instruments:
            return Refused("listing", "T-273", f"{intent.symbol} is not listed: cannot judge, so deny")
        if intent.purpose in LEAVING:
            return _leave(intent, state, reserved)
        view = view_of(state, state.accounts[intent.strategy_id], intent, reserved)
        limits = self._limits[intent.strategy_id]
        intended, clamped_by = Intended(intent.symbol, intent.qty, intent.limit_price), None
        for guard in self._guards:
            verdict = guard.check(intended, view, limits)
            if verdict is None:
                continue
            if isinstance(verdict, Denied):
                return Refused(guard.rule, guard.ticket, verdict.detail)
            assert 0 < verdict.qty < intended.qty, (guard.rule, verdict.qty, intended.qty)
            intended, clamped_by = intended._replace(qty=verdict.qty), guard.rule
        return Approved(intent, intended.qty, clamped_by)

    def shortfall(self, intent: IntentCreated, verdict: Approved | Refused) -> Refused | None:
        """What keeps an opening leg of a hedge from passing whole, as a refusal of all its opening legs; or None."""
        if intent.purpose not in OPENING:
            return None
        if isinstance(verdict, Refused):
            return verdict._replace(detail=f"{intent.symbol}: {verdict.detail}")
        if verdict.clamped_by is None:
            return None
        ticket = next(guard.ticket for guard in self._guards if guard.rule == verdict.clamped_by)
        detail = f"{intent.symbol}: {verdict.qty} of {intent.qty} would pass, and a hedge passes whole or not at all"
        return Refused(verdict.clamped_by, ticket, detail)


def _leave(intent: IntentCreated, state: EngineState, reserved: Sequence[Approved]) -> Approved | Refused:
    """Leaving needs no permission, but it must be leaving: at most what is held, in the other direction."""
    account = state.accounts[intent.strategy_id]
    held = account.positions[intent.symbol].qty
    leaving = sum(
        state.orders[order_id].leaves
        for order_id in account.open_orders
        if state.orders[order_id].symbol == intent.symbol and state.orders[order_id].purpose in LEAVING
    )
    leaving += sum(
        kept.qty
        for kept in reserved
        if kept.intent.purpose in LEAVING
        and (kept.intent.strategy_id, kept.intent.symbol) == (intent.strategy_id, intent.symbol)
    )
    free = max(0, held - leaving) if held > 0 else min(0, held + leaving)
    if not modes.reduces_only(free, intent.side, intent.qty):
        detail = f"to {intent.side} {intent.qty} is not to {intent.purpose} a position of {held} with {leaving} leaving"
        return Refused("reduce_only", "T-008", detail)
    return Approved(intent, intent.qty, None)


def view_of(
    state: EngineState, account: Account, intent: IntentCreated, reserved: Sequence[Approved]
) -> GuardView:
    """The state as a guard may see it. An order of unknown outcome counts as if it will fill.

    A flip opens against what is still held: its order first takes from that, so that is no part of what it can reach.
    """
    own = [kept for kept in reserved if kept.intent.strategy_id == account.strategy_id]
    risky = [kept for kept in own if kept.intent.purpose in OPENING]
    opening = _opening(state, account, risky)
    held = {symbol: position.qty for symbol, position in account.positions.items()}
    if held[intent.symbol] * (1 if intent.side == "buy" else -1) < 0:
        held[intent.symbol] = 0
    return GuardView(
        ts=state.ts,
        instrument=state.instruments[intent.symbol],
        last=state.markets[intent.symbol].last,
        last_ts=state.markets[intent.symbol].ts,
        position=held[intent.symbol],
        opening=opening.get(intent.symbol, 0),
        equity=equity(state, account),
        equity_day_start=account.day.equity_start,
        exposure=_exposure(state, held, opening),
        entries_today=account.day.entries + len(risky),
        loss_ts=account.loss_ts,
    )


def _exposure(state: EngineState, held: Mapping[str, int], opening: Mapping[str, int]) -> int | None:
    """Money value of what is held, plus what opening orders may still add; None where a price is unknown."""
    total = 0
    for symbol, position in held.items():
        qty = abs(position) + opening.get(symbol, 0)
        if qty:
            last = state.markets[symbol].last
            if last is None:
                return None
            total += qty * last * state.instruments[symbol].factor
    return total


def _opening(state: EngineState, account: Account, reserved: Sequence[Approved]) -> dict[str, int]:
    """Quantity by symbol that opening orders, sent or just approved, may still add."""
    opening: dict[str, int] = {}
    for order_id in account.open_orders:
        order = state.orders[order_id]
        if order.purpose in OPENING:
            opening[order.symbol] = opening.get(order.symbol, 0) + order.leaves
    for kept in reserved:
        opening[kept.intent.symbol] = opening.get(kept.intent.symbol, 0) + kept.qty
    return opening

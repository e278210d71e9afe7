"""From a strategy's decision to intents, through the gate, to orders.

A flip is two intents: close what is held, then open the other side, so that leaving never depends on a risk rule.
While an order is working and the strategy wants something else, the order is cancelled first; the new intent follows
on a later turn, when its fate is known.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from veracity.domain.amounts import step_ceil, step_floor
from veracity.domain.events import (
    DenialRehearsed,
    IntentCreated,
    IntentDenied,
    MemoUpdated,
    OrderKind,
    OrderSubmitted,
    Purpose,
)
from veracity.domain.ids import event_id
from veracity.domain.machines import Mode
from veracity.domain.orders import OPENING
from veracity.engine.cancels import cancel_working
from veracity.engine.draft import Draft
from veracity.engine.effects import SubmitOrder
from veracity.engine.gate import Approved, Gate, Refused
from veracity.guards.view import Intended
from veracity.state.model import ALL_SYMBOLS, DENIALS_MAX, Account, EngineState, refusal_key, working_qty
from veracity.strategies.interface import Memo, Row


class Execution(NamedTuple):
    """With which orders an account's wishes reach the market. A limit waits `offset_ticks` beside the last price."""

    entry: OrderKind = "market"
    leave: OrderKind = "market"
    offset_ticks: int = 0  # on the side that waits: below for a buy; below 0 the limit crosses the last price


_SAFE: Final = Mode.SAFE  # looked up on its class, a member costs as much as a call
MARKET: Final = Execution()
"""Take the market, always. What closes an account as a whole does."""


class Wish(msgspec.Struct, frozen=True, gc=False):
    """A part of a decision: trade `delta` (signed) on `symbol` for `purpose`."""

    symbol: str
    delta: int
    purpose: Purpose


def wishes(symbol: str, held: int, target: int) -> tuple[Wish, ...]:
    """The trades from a position of `held` to `target`; none where they are equal."""
    if target == held:
        return ()
    if held == 0:
        return (Wish(symbol, target, "open"),)
    if target == 0:
        return (Wish(symbol, -held, "close"),)
    if (held > 0) != (target > 0):
        return (Wish(symbol, -held, "close"), Wish(symbol, target, "open"))
    purpose: Purpose = "increase" if abs(target) > abs(held) else "reduce"
    return (Wish(symbol, target - held, purpose),)


def pursue(
    draft: Draft,
    gate: Gate,
    account: Account,
    target: int,
    reason: str,
    row: Row,
    execution: Execution = MARKET,
) -> None:
    """Add what brings every leg of `account` to its share of `target` (lead leg's quantity units).

    The legs of a hedge pass the gate together: an opening leg that is refused or made smaller refuses all opening
    legs of the decision, because half a hedge is a bet. A leg that an exit closes is left to it, and in safe mode no
    opening intent is made at all.
    """
    state = draft.state
    due: list[tuple[str, int, int]] = []
    for leg in account.legs:
        if state.exits and (leg.symbol in state.exits or ALL_SYMBOLS in state.exits):
            continue
        held = account.positions[leg.symbol].qty
        wanted = target * leg.weight
        working = working_qty(state, account, leg.symbol) if account.open_orders else 0
        if held + working == wanted:
            continue
        if account.open_orders and has_open_orders(draft, account, leg.symbol):
            if not _forced_out(draft, gate, account, leg.symbol, wanted):
                cancel_working(draft, account, reason, leg.symbol)
            continue
        due.append((leg.symbol, held, wanted))
    together: list[IntentCreated] = []
    for symbol, held, wanted in due:  # behind every cancel: a refusal that is not said takes back no cancel
        for wish in wishes(symbol, held, wanted):
            if draft.mode_now is _SAFE and wish.purpose in OPENING:
                continue
            intent = intend(draft, account, wish, wanted, reason, row, execution)
            if len(account.legs) == 1:
                _settle_alone(draft, gate, account, intent)
            else:
                together.append(intent)
    if together:
        _settle_together(draft, gate, account, together)


def close_leg(draft: Draft, gate: Gate, account: Account, wish: Wish, reason: str) -> None:
    """Add the intent of an exit, which no strategy asked for, and what became of it."""
    _settle_alone(draft, gate, account, intend(draft, account, wish, 0, reason, ()))


def intend(
    draft: Draft,
    account: Account,
    wish: Wish,
    target: int,
    reason: str,
    row: Row,
    execution: Execution = MARKET,
) -> IntentCreated:
    """Add the intent to trade `wish`."""
    seq = draft.seq
    kind, limit = _order_of(draft.state, wish, execution)
    intent = IntentCreated(  # by place, here and in `_submit`: by name costs twice as much
        seq,
        draft.ts,
        event_id(draft.state.run_id, account.strategy_id, seq),
        account.strategy_id,
        wish.symbol,
        "buy" if wish.delta > 0 else "sell",
        abs(wish.delta),
        kind,
        limit,
        wish.purpose,
        target,
        reason,
        row,
    )
    draft.add(intent)
    return intent


def _order_of(state: EngineState, wish: Wish, execution: Execution) -> tuple[OrderKind, int | None]:
    """The kind of order for `wish`, and its limit on the tick grid, on the side that waits.

    Without a price nobody can name a limit: the order is a market order, which the gate refuses where it opens.
    """
    kind = execution.entry if wish.purpose in OPENING else execution.leave
    last = None if kind == "market" else state.markets[wish.symbol].last
    if kind == "market" or last is None:
        return "market", None
    tick = state.instruments[wish.symbol].tick
    return kind, limit_beside(last, 1 if wish.delta > 0 else -1, tick, execution.offset_ticks)


def limit_beside(last: int, sign: int, tick: int, offset_ticks: int) -> int:
    """The limit of a buy (sign 1) or sell (-1) that waits `offset_ticks` beside the price `last`; at least one tick."""
    if sign > 0:
        return max(tick, step_floor(last, tick) - offset_ticks * tick)
    return max(tick, step_ceil(last, tick) + offset_ticks * tick)


def settle(draft: Draft, intent: IntentCreated, verdict: Approved | Refused) -> None:
    """Add what became of the intent: what rules in dry run would have said, then an order and its effect, or a denial."""
    for would in verdict.rehearsed:
        draft.add(
            DenialRehearsed(
                seq=draft.seq,
                ts=draft.ts,
                intent_id=intent.intent_id,
                strategy_id=intent.strategy_id,
                symbol=intent.symbol,
                rule=would.rule,
                ticket=would.ticket,
                detail=would.detail,
            )
        )
    if isinstance(verdict, Approved):
        _submit(draft, verdict)
        return
    draft.add(
        IntentDenied(
            seq=draft.seq,
            ts=draft.ts,
            intent_id=intent.intent_id,
            strategy_id=intent.strategy_id,
            symbol=intent.symbol,
            rule=verdict.rule,
            ticket=verdict.ticket,
            detail=verdict.detail,
        )
    )


def _settle_alone(draft: Draft, gate: Gate, account: Account, intent: IntentCreated) -> None:
    verdict = gate.judge(intent, draft.state, ())
    if isinstance(verdict, Approved):
        settle(draft, intent, verdict)
    elif _was_said(account, intent, verdict):
        draft.rewind(intent.seq)
    else:
        settle(draft, intent, verdict)
        close_where_demanded(draft, gate, intent, verdict)


def _was_said(account: Account, intent: IntentCreated, verdict: Approved | Refused) -> bool:
    """Whether the refusal lasts for so long that another record of it would say nothing."""
    if isinstance(verdict, Approved):
        return False
    if verdict.remedy == "close" and account.positions[intent.symbol].qty:
        return False  # what it demands is not done yet
    return account.refusals.get(refusal_key(intent.symbol, verdict.rule), 0) >= DENIALS_MAX


def _settle_together(draft: Draft, gate: Gate, account: Account, intents: Sequence[IntentCreated]) -> None:
    """Judge each intent beside those approved before it; then settle all of them in order."""
    verdicts: list[Approved | Refused] = []
    for intent in intents:
        beside = [verdict for verdict in verdicts if isinstance(verdict, Approved)]
        verdicts.append(gate.judge(intent, draft.state, beside))
    broken = next((one for one in map(gate.shortfall, intents, verdicts) if one is not None), None)
    final = [
        (
            intent,
            verdict if broken is None or intent.purpose not in OPENING else _in_place_of(verdict, broken),
        )
        for intent, verdict in zip(intents, verdicts, strict=True)
    ]
    if all(_was_said(account, intent, verdict) for intent, verdict in final):
        draft.rewind(intents[0].seq)
        return
    for intent, verdict in final:
        settle(draft, intent, verdict)
    for intent, verdict in zip(intents, verdicts, strict=True):
        close_where_demanded(draft, gate, intent, verdict)


def _in_place_of(verdict: Approved | Refused, broken: Refused) -> Refused:
    return replace(broken, rehearsed=verdict.rehearsed)


def close_where_demanded(
    draft: Draft, gate: Gate, intent: IntentCreated, verdict: Approved | Refused
) -> None:
    """Add the close of all that is held in the intent's symbol where the rule that refused it demands one: once, so
    not where one was added in this step already."""
    if not isinstance(verdict, Refused) or verdict.remedy != "close":
        return
    account = draft.state.accounts[intent.strategy_id]
    held = account.positions[intent.symbol].qty
    if not held:
        return
    mine = (intent.strategy_id, intent.symbol, "close")
    for event in draft.events:
        if isinstance(event, OrderSubmitted) and (event.strategy_id, event.symbol, event.purpose) == mine:
            return
    closing = intend(
        draft, account, Wish(intent.symbol, -held, "close"), 0, verdict.rule, tuple(intent.features)
    )
    settle(draft, closing, gate.judge(closing, draft.state, ()))


def _forced_out(draft: Draft, gate: Gate, account: Account, symbol: str, wanted: int) -> bool:
    """Whether a close works that a guard demands, and all that the strategy wants is to hold more."""
    held = account.positions[symbol].qty
    working = [draft.state.orders[order_id] for order_id in account.open_orders]
    closing = all(order.purpose == "close" for order in working if order.symbol == symbol)
    more = wanted if held * wanted < 0 else wanted - held
    if not closing or not held or more * wanted <= 0:
        return False
    intended = Intended(symbol, abs(more), None, "buy" if more > 0 else "sell")
    return gate.insists(draft.state, account, intended)


def _submit(draft: Draft, approved: Approved) -> None:
    intent, seq = approved.intent, draft.seq
    order = OrderSubmitted(
        seq,
        draft.ts,
        event_id(draft.state.run_id, intent.strategy_id, seq),
        intent.intent_id,
        intent.strategy_id,
        intent.symbol,
        intent.side,
        approved.qty,
        intent.order_kind,
        intent.limit_price,
        intent.purpose,
        approved.clamped_by,
    )
    draft.add(order)
    draft.effects.append(SubmitOrder(order))


def remember(draft: Draft, account: Account, memo: Memo) -> None:
    """Add the strategy's new memory."""
    draft.add(MemoUpdated(seq=draft.seq, ts=draft.ts, strategy_id=account.strategy_id, memo=memo))


def has_open_orders(draft: Draft, account: Account, symbol: str) -> bool:
    """Whether the account has an order at the venue on `symbol`, of whatever open state."""
    return any(draft.state.orders[order_id].symbol == symbol for order_id in account.open_orders)

"""Every intent passes here: the absolute rules and the mode's table, then the guards in rulebook order. Only the gate
makes an `Approved`.

Guards can only block, make smaller, or demand a close. An intent that reduces or closes is not asked for risk: leaving
is always allowed where the mode allows it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace

from veracity.domain.events import IntentCreated, TraceId
from veracity.domain.machines import Mode
from veracity.domain.orders import LEAVING, OPENING
from veracity.domain.regimes import REGIME, UNKNOWN
from veracity.engine import modes
from veracity.engine.modes import DETAIL_MAX
from veracity.guards.rulebook import Guard
from veracity.guards.view import Clamped, Denied, GuardView, Intended, Remedy, RiskLimits
from veracity.state.model import Account, AuxValue, EngineState, Market, aux_key

NOTHING: Final[Mapping[str, int]] = MappingProxyType({})

_RUNNING: Final = Mode.RUNNING  # a member that is looked up on its class costs as much as a call
_intended: Final = partial(tuple.__new__, Intended)  # without the Python frame of the class's own __new__


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A rule's refusal of an intent, or what a rule in dry run would have said."""

    rule: str
    ticket: TraceId
    detail: str
    remedy: Remedy = "hold"
    rehearsed: tuple["Refused", ...] = ()  # what rules in dry run would have refused before


class Approved(msgspec.Struct, frozen=True, gc=False):
    """Proof that the gate let `intent` pass with `qty`; only an Approved becomes an order."""

    intent: IntentCreated
    qty: int
    clamped_by: str | None
    rehearsed: tuple[Refused, ...] = ()


class Gate:
    """Judges intents by the guards and each strategy's limits. The rules of `dry_run` only say what they would do."""

    def __init__(
        self, guards: Sequence[Guard], limits: Mapping[str, RiskLimits], dry_run: Collection[str] = ()
    ) -> None:
        self._absolute = tuple(guard for guard in guards if guard.absolute)
        self._asked = {
            strategy_id: (
                given,
                tuple(
                    (guard.check, guard, guard.rule in dry_run)
                    for guard in guards
                    if not guard.absolute and guard.is_set(given)
                ),
            )
            for strategy_id, given in limits.items()
        }
        self._tickets = {guard.rule: guard.ticket for guard in guards}

    def judge(
        self, intent: IntentCreated, state: EngineState, reserved: Sequence[Approved]
    ) -> Approved | Refused:
        """Approve, make smaller or refuse; `reserved` are the approvals of the same step, not yet in the state."""
        used = state.intents.get(intent.intent_id)
        if used is not None:
            return Refused("idempotency", "T-005", f"this intent id was used by order {used}")
        if intent.symbol not in state.instruments:
            return Refused("listing", "T-273", f"{intent.symbol} is not listed: cannot judge, so deny")
        if state.mode is not _RUNNING:
            refused = self._by_mode(intent, state, reserved)
            if refused is not None:
                return refused
        if intent.purpose in LEAVING:
            return _leave(intent, state, reserved)
        return self._ask(intent, view_of(state, state.accounts[intent.strategy_id], intent, reserved))

    def insists(self, state: EngineState, account: Account, intended: Intended) -> bool:
        """Whether a guard would answer `intended` with the demand to close: then a close that works is left to work."""
        view = view_of(state, account, intended, ())
        limits, rules = self._asked[account.strategy_id]
        for check, _, dry in rules:
            verdict = None if dry else check(intended, view, limits)
            if isinstance(verdict, Denied):
                return verdict.remedy == "close"
        return False

    def _by_mode(
        self, intent: IntentCreated, state: EngineState, reserved: Sequence[Approved]
    ) -> Refused | None:
        """What the absolute rules say, then the mode's table."""
        account = state.accounts[intent.strategy_id]
        view, limits = view_of(state, account, intent, reserved), self._asked[intent.strategy_id][0]
        intended = intended_by(intent)
        for guard in self._absolute:
            verdict = guard.check(intended, view, limits)
            if isinstance(verdict, Denied):
                return _refused(guard, verdict)
        if modes.allows(state.mode, intent.purpose):
            return None
        detail = f"mode {state.mode} ({state.mode_reason}) does not allow to {intent.purpose}"
        return Refused(modes.RULE, modes.TICKET, one_line(detail))

    def _ask(self, intent: IntentCreated, view: GuardView) -> Approved | Refused:
        """What the guards leave of an intent that opens or increases."""
        limits, rules = self._asked[intent.strategy_id]
        intended, clamped_by = intended_by(intent), None
        rehearsed: tuple[Refused, ...] = ()
        for check, guard, dry in rules:
            verdict = check(intended, view, limits)
            if verdict is None:
                continue
            if dry:
                rehearsed += (self.rehearse(guard, verdict, intended.qty),)
                continue
            if isinstance(verdict, Denied):
                return _refused(guard, verdict, rehearsed)
            assert 0 < verdict.qty < intended.qty, (guard.rule, verdict.qty, intended.qty)
            intended, clamped_by = intended._replace(qty=verdict.qty), guard.rule
        return Approved(intent, intended.qty, clamped_by, rehearsed)

    def rehearse(self, guard: Guard, verdict: Denied | Clamped, asked: int) -> Refused:
        """What a rule in dry run would have said to `asked`; the intent goes on as it is."""
        return _refused(guard, verdict, asked=asked)

    def shortfall(self, intent: IntentCreated, verdict: Approved | Refused) -> Refused | None:
        """What keeps an opening leg of a hedge from passing whole, as a refusal of all its opening legs; or None."""
        if intent.purpose not in OPENING:
            return None
        if isinstance(verdict, Refused):
            return replace(verdict, detail=one_line(f"{intent.symbol}: {verdict.detail}"), rehearsed=())
        if verdict.clamped_by is None:
            return None
        detail = f"{intent.symbol}: {verdict.qty} of {intent.qty} would pass, and a hedge passes whole or not at all"
        return Refused(verdict.clamped_by, self._tickets[verdict.clamped_by], detail)


GateMaker: TypeAlias = Callable[[Sequence[Guard], Mapping[str, RiskLimits], Collection[str]], Gate]
"""Makes an engine's gate: the gate itself, or one that is watched."""


def denial_detail(verdict: Denied | Clamped, asked: int) -> str:
    """The words of a denial, or of what a rule in dry run would have done to an order of `asked`: the guard's own
    sentence, which holds what was measured and the limit as whole numbers, in one line."""
    if isinstance(verdict, Denied):
        return one_line(verdict.detail)
    return f"{verdict.qty} of {asked} would pass"


def one_line(text: str) -> str:
    """`text` in one line of at most DETAIL_MAX characters. Where it is too long, its last words without a digit go, or as
    much of one as is too much."""
    if len(text) <= DETAIL_MAX and text.isprintable():
        return text
    words = "".join(char if char.isprintable() else " " for char in text).split(" ")
    excess = sum(map(len, words)) + len(words) - 1 - DETAIL_MAX
    for index in range(len(words) - 1, -1, -1):
        if excess <= 0:
            break
        word = words[index]
        if any(char.isdigit() for char in word):
            continue
        words[index] = word[: max(0, len(word) - excess)]
        excess -= len(word) - len(words[index])
        if not words[index]:
            del words[index]
            excess -= 1
    return " ".join(words)[:DETAIL_MAX]


def _refused(
    guard: Guard, verdict: Denied | Clamped, rehearsed: tuple[Refused, ...] = (), asked: int = 0
) -> Refused:
    remedy = verdict.remedy if isinstance(verdict, Denied) else "hold"
    return Refused(guard.rule, guard.ticket, denial_detail(verdict, asked), remedy, rehearsed)


def intended_by(intent: IntentCreated) -> Intended:
    """What the guards are asked about."""
    return _intended((intent.symbol, intent.qty, intent.limit_price, intent.side, intent.purpose))


def _leave(intent: IntentCreated, state: EngineState, reserved: Sequence[Approved]) -> Approved | Refused:
    """Leaving needs no permission, but it must be leaving: at most what is held, in the other direction."""
    account = state.accounts[intent.strategy_id]
    free = _free(state, account, intent.symbol, reserved)
    if not modes.reduces_only(free, intent.side, intent.qty):
        held = account.positions[intent.symbol].qty
        detail = f"to {intent.side} {intent.qty} is not to {intent.purpose} a position of {held} with {abs(held - free)} leaving"
        return Refused("reduce_only", "T-008", detail)
    return Approved(intent, intent.qty, None)


def _free(state: EngineState, account: Account, symbol: str, reserved: Sequence[Approved]) -> int:
    """Signed quantity that is held and not leaving already."""
    held = account.positions[symbol].qty
    leaving = 0
    for order_id in account.open_orders:
        order = state.orders[order_id]
        if order.symbol == symbol and order.purpose in LEAVING:
            leaving += order.leaves
    for kept in reserved:
        intent = kept.intent
        if intent.purpose in LEAVING and (intent.strategy_id, intent.symbol) == (account.strategy_id, symbol):
            leaving += kept.qty
    return max(0, held - leaving) if held > 0 else min(0, held + leaving)


def view_of(
    state: EngineState, account: Account, intent: IntentCreated | Intended, reserved: Sequence[Approved]
) -> GuardView:
    """The state as a guard may see it. An order of unknown outcome counts as if it will fill.

    A flip opens against what is still held: its order first takes from that, so that is no part of what it can reach.
    """
    symbol, ts = intent.symbol, state.ts
    market, risk, day, breaker = state.markets[symbol], account.risk, account.day, state.breaker
    held = free = account.positions[symbol].qty
    position = 0 if held and (held > 0) != (intent.side == "buy") else held
    opening, entries, order_times = NOTHING, day.entries, risk.order_times
    if reserved or account.open_orders:
        risky = _risky(account, reserved)
        opening = _opening(state, account, risky)
        if risky:
            entries += len(risky)
            order_times = [*order_times, *[ts] * len(risky)]
        free = _free(state, account, symbol, reserved)
    equity, exposure = _worth(state, account, symbol, position, opening)
    lead = account.legs[0].symbol
    watch, differs = risk.volatility.get(symbol), state.drift.get(symbol)
    return GuardView(  # by place: 24 names cost as much as the rest of this function
        ts,
        state.instruments[symbol],
        0 if market.broken_ts == market.ts else market.last,
        market.ts,
        position,
        opening.get(symbol, 0) if opening else 0,
        equity,
        day.equity_start,
        exposure,
        entries,
        account.loss_ts,
        state.mode,
        state.mode_reason,
        free,
        breaker.state,
        breaker.is_probing,
        _Aux(state.aux, lead, market if lead == symbol else state.markets[lead]),
        market.previous,
        "none" if differs is None else differs.severity,
        risk.slip_worst,
        order_times,
        risk.peak,
        market.squares,
        watch is not None and watch.paused,
    )


class _Aux(msgspec.Struct, frozen=True, gc=False):
    """When the newest value of each series of the leading leg was observed; looked up where a rule asks."""

    values: Mapping[str, AuxValue]
    lead: str
    market: Market  # of the leading leg

    def get(self, series: str, /) -> int | None:
        """None where no value was ever received, and while the regime is unknown."""
        if series == REGIME:
            watch = self.market.regime
            return None if watch is None or watch.label == UNKNOWN else self.market.ts
        known = self.values.get(aux_key(series, self.lead))
        return None if known is None else known.ts


def _risky(account: Account, reserved: Sequence[Approved]) -> list[Approved]:
    """The approvals of the same step that open or increase a position of the account."""
    return [
        kept
        for kept in reserved
        if kept.intent.strategy_id == account.strategy_id and kept.intent.purpose in OPENING
    ]


def _worth(
    state: EngineState, account: Account, symbol: str, counted: int, opening: Mapping[str, int]
) -> tuple[int | None, int | None]:
    """The equity, and the money value of what is held and what opening orders may still add; None where a price that
    it needs is unknown. `counted` is what counts as held of `symbol`."""
    equity, exposure = account.cash, 0
    knows_equity = knows_exposure = True
    for name, position in account.positions.items():
        qty = position.qty
        reach = abs(counted if name == symbol else qty)
        if opening:
            reach += opening.get(name, 0)
        if not qty and not reach:
            continue
        last = state.markets[name].last
        if last is None:
            knows_equity = knows_equity and not qty
            knows_exposure = knows_exposure and not reach
            continue
        unit = last * state.instruments[name].factor
        equity += qty * unit
        exposure += reach * unit
    return equity if knows_equity else None, exposure if knows_exposure else None


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

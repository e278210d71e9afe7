"""From the compiled loop's log back to the run's events, so that they fold to a state with a hash like any journal.

One field is not made again: why a guard refused, which is text for people and changes no state.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from veracity.domain.events import (
    BorrowCharged,
    CancelRejected,
    CancelRequested,
    CheckpointMarked,
    DayRolled,
    DenialRehearsed,
    Event,
    FeeCharged,
    FeedChanged,
    FundingPaid,
    IntentCreated,
    IntentDenied,
    Liquidity,
    MemoUpdated,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
    PositionLiquidated,
    Purpose,
    RegimeChanged,
    ReportRefused,
    RunFinished,
    Side,
    StrategyStopped,
    TraceId,
    VolatilityChanged,
)
from veracity.domain.ids import event_id
from veracity.domain.machines import Mode, ModeOn, mode_step
from veracity.domain.orders import NoSuchTransition, On, State
from veracity.domain.regimes import LABEL
from veracity.engine import modes, slippage
from veracity.engine.exits import FORCED_CLOSE
from veracity.engine.freshness import FRESH, STALE, Turn, feed_changed
from veracity.engine.margin import LIQUIDATED
from veracity.engine.modes import DETAIL_MAX
from veracity.engine.ruin import RUINED
from veracity.engine.safety import BARS, GAP
from veracity.research.kernel import records
from veracity.research.kernel.encoding import slots_of
from veracity.research.kernel.records import NONE
from veracity.research.kernel.run import CompiledRun
from veracity.runtime.simulation import END_OF_DATA, Plan
from veracity.simulator.exchange import MET, OVERDUE

REFUSABLE: Final = {
    records.ACCEPTED: ("order_acked", On.ACCEPT),
    records.REJECTED: ("order_refused", On.REJECT),
}
"""Reports that come too late for an order that is known to be at the venue: what they are called, and what they mean."""

PURPOSES: Final[tuple[Purpose, ...]] = ("open", "increase", "reduce", "close")


def events_of(plan: Plan, run: CompiledRun) -> Iterator[Event]:
    """The events of a run that was logged, without its opening and without the state hash of its checkpoint."""
    assert run.log is not None, "the run kept no log"
    made = _Maker(plan, run)
    for row in run.log.tolist():
        yield made.make[row[0]](row[1], row[2], row[3:])


SAID_BY_NOBODY: Final = {records.FORCED_CLOSE: FORCED_CLOSE, records.BY_VENUE: LIQUIDATED}
"""Reasons that are no strategy's."""


class Refuser(NamedTuple):
    """Who refuses, as the journal names it."""

    rule: str
    ticket: TraceId


MODE: Final = Refuser(modes.RULE, modes.TICKET)


class _Maker:
    def __init__(self, plan: Plan, run: CompiledRun) -> None:
        bound = plan.bound[0]
        self._run_id: Final = plan.identity.run_id
        self._strategy_id: Final = bound.strategy_id
        self._symbols: Final = [leg.symbol for leg in bound.legs]
        bases = {data.source.symbol: data.source.base for data in plan.dataset.instruments}
        self._assets: Final = [plan.started[0].currency, *(bases[symbol] for symbol in self._symbols)]
        self._guards: Final = plan.guards
        self._instruments: Final = [data.source.symbol for data in plan.dataset.instruments]
        self._reasons: Final = bound.strategy.reasons
        self._limits: Final = bound.limits
        self._memo: Final = len(bound.strategy.memo)
        self._rows: Final = run.rows
        self.make: Final[dict[int, Callable[[int, int, list[int]], Event]]] = {
            records.INTENT: self._intent,
            records.DENIED: self._denied,
            records.SUBMITTED: self._submitted,
            records.ACCEPTED: self._accepted,
            records.FILLED: lambda seq, ts, at: self._filled(seq, ts, at, "taker"),
            records.MADE: lambda seq, ts, at: self._filled(seq, ts, at, "maker"),
            records.REJECTED: lambda seq, ts, at: OrderRejected(seq, ts, *self._ids(at), MET),
            records.EXPIRED: lambda seq, ts, at: OrderExpired(seq, ts, *self._ids(at), OVERDUE),
            records.FEE: self._fee,
            records.CANCEL_REQUESTED: self._cancel_requested,
            records.CANCELLED: lambda seq, ts, at: OrderCancelled(seq, ts, *self._ids(at), "cancelled as asked"),
            records.CANCEL_REJECTED: lambda seq, ts, at: CancelRejected(seq, ts, *self._ids(at), "no such open order"),
            records.REPORT_REFUSED: self._report_refused,
            records.MEMO: lambda seq, ts, at: MemoUpdated(seq, ts, self._strategy_id, tuple(at[: self._memo])),
            records.DAY: lambda seq, ts, at: DayRolled(seq, ts, at[0]),
            records.FUNDING: self._funding,
            records.STOPPED: self._stopped,
            records.STOP: _stop,
            records.HALTED: self._halted,
            records.FINISHED: lambda seq, ts, at: RunFinished(seq, ts, END_OF_DATA),
            records.GAP: self._gap,
            records.PAUSED: self._paused,
            records.LABELLED: self._labelled,
            records.TURNED: self._turned,
            records.REHEARSED: self._rehearsed,
            records.BORROWED: self._borrowed,
            records.LIQUIDATED: self._liquidated,
            records.CHECKPOINT: lambda seq, ts, at: CheckpointMarked(seq, ts, ""),
        }  # fmt: skip

    def _id(self, seq: int) -> str:
        return event_id(self._run_id, self._strategy_id, seq)

    def _ids(self, at: list[int]) -> tuple[str, str]:
        """Order and intent, as they stand first in most rows."""
        return self._id(at[0]), self._id(at[1])

    def _reason(self, number: int) -> str:
        if number == NONE:
            return END_OF_DATA
        if number <= records.OF_RULE:
            return self._guards[records.OF_RULE - number].rule
        return SAID_BY_NOBODY.get(number) or self._reasons[number]

    def _intent(self, seq: int, ts: int, at: list[int]) -> Event:
        leg, delta, purpose, target, reason, row, kind, limit = at[:8]
        return IntentCreated(
            seq=seq,
            ts=ts,
            intent_id=self._id(seq),
            strategy_id=self._strategy_id,
            symbol=self._symbols[leg],
            side=_side(delta),
            qty=abs(delta),
            order_kind=records.ORDER_KINDS[kind],
            limit_price=None if limit == NONE else limit,
            purpose=PURPOSES[purpose],
            target=target,
            reason=self._reason(reason),
            features=() if row < 0 else tuple(int(column[row]) for column in self._rows),
        )

    def _denied(self, seq: int, ts: int, at: list[int]) -> Event:
        intent, leg, rule = at[:3]
        by = MODE if rule == records.MODE_RULE else self._guards[rule]
        return IntentDenied(
            seq, ts, self._id(intent), self._strategy_id, self._symbols[leg], by.rule, by.ticket, ""
        )

    def _submitted(self, seq: int, ts: int, at: list[int]) -> Event:
        intent, leg, delta, purpose, rule, kind, limit = at[:7]
        return OrderSubmitted(
            seq=seq,
            ts=ts,
            order_id=self._id(seq),
            intent_id=self._id(intent),
            strategy_id=self._strategy_id,
            symbol=self._symbols[leg],
            side=_side(delta),
            qty=abs(delta),
            order_kind=records.ORDER_KINDS[kind],
            limit_price=None if limit == NONE else limit,
            purpose=PURPOSES[purpose],
            clamped_by=None if rule == NONE else self._guards[rule].rule,
        )

    def _accepted(self, seq: int, ts: int, at: list[int]) -> Event:
        return OrderAccepted(seq, ts, *self._ids(at), f"sim-{at[2]}")

    def _filled(self, seq: int, ts: int, at: list[int], liquidity: Liquidity) -> Event:
        return OrderFilled(
            seq=seq,
            ts=ts,
            order_id=self._id(at[0]),
            intent_id=self._id(at[1]),
            strategy_id=self._strategy_id,
            symbol=self._symbols[at[2]],
            trade_id=str(at[3]),
            side=_side(at[4]),
            price=at[5],
            qty=abs(at[4]),
            liquidity=liquidity,
            latency_cost=at[6],
            spread_cost=at[7],
            impact_cost=at[8],
            rounding_cost=at[9],
        )

    def _fee(self, seq: int, ts: int, at: list[int]) -> Event:
        return FeeCharged(seq, ts, *self._ids(at), self._strategy_id, str(at[2]), at[3], at[4])

    def _cancel_requested(self, seq: int, ts: int, at: list[int]) -> Event:
        return CancelRequested(seq, ts, *self._ids(at), self._reason(at[2]))

    def _report_refused(self, seq: int, ts: int, at: list[int]) -> Event:
        order_id, what = self._id(at[0]), at[2]
        if what == NONE:
            return ReportRefused(seq, ts, order_id, "cancel_refused", "not_known", "no such order")
        report, on = REFUSABLE[what]
        why = NoSuchTransition("order", State.ACCEPTED, on)
        return ReportRefused(seq, ts, order_id, report, State.ACCEPTED, str(why))

    def _funding(self, seq: int, ts: int, at: list[int]) -> Event:
        leg, position, rate, mark, amount = at[:5]
        return FundingPaid(seq, ts, self._strategy_id, self._symbols[leg], position, rate, mark, amount)

    def _rehearsed(self, seq: int, ts: int, at: list[int]) -> Event:
        intent, leg, rule = at[:3]
        guard, symbol = self._guards[rule], self._symbols[leg]
        return DenialRehearsed(
            seq, ts, self._id(intent), self._strategy_id, symbol, guard.rule, guard.ticket, ""
        )

    def _borrowed(self, seq: int, ts: int, at: list[int]) -> Event:
        asset, due, owed, rate, amount = at[:5]
        return BorrowCharged(seq, ts, self._strategy_id, self._assets[asset], due, owed, rate, amount)

    def _liquidated(self, seq: int, ts: int, at: list[int]) -> Event:
        return PositionLiquidated(seq, ts, self._strategy_id, self._symbols[at[0]], *at[1:7])

    def _gap(self, seq: int, ts: int, at: list[int]) -> Event:
        symbol = self._instruments[at[0]]
        return FeedChanged(seq=seq, ts=ts, feed=BARS, symbol=symbol, missing=at[1], reason=GAP, detail="")

    def _paused(self, seq: int, ts: int, at: list[int]) -> Event:
        leg, paused, mean = at[:3]
        return VolatilityChanged(seq, ts, self._strategy_id, self._symbols[leg], bool(paused), mean)

    def _halted(self, seq: int, ts: int, at: list[int]) -> Event:
        order, trade, slip, limit = at[:4]
        detail = slippage.detail_of(str(trade), self._id(order), slip, limit)[:DETAIL_MAX]
        halted = mode_step(Mode.RUNNING, ModeOn.HALT)
        return ModeChanged(seq, ts, Mode.RUNNING, halted, slippage.REASON, detail)

    def _labelled(self, seq: int, ts: int, at: list[int]) -> Event:
        before, after, rank = at[:3]
        known = None if rank == NONE else rank
        return RegimeChanged(seq, ts, self._symbols[0], LABEL[before], LABEL[after], known)

    def _turned(self, seq: int, ts: int, at: list[int]) -> Event:
        slot, fresh, age = at[:3]
        series = slots_of(self._limits)[slot]
        ttl = self._limits.aux_ttl_ns[series]
        turn = Turn(series, self._symbols[0], FRESH if fresh else STALE, age, ttl)
        return feed_changed(seq, ts, turn)

    def _stopped(self, seq: int, ts: int, at: list[int]) -> Event:
        leg, room, least = at[:3]
        detail = (
            f"the account may buy for {room}, the smallest order of {self._symbols[leg]} is worth {least}"
        )
        return StrategyStopped(seq, ts, self._strategy_id, RUINED, detail)


def _side(delta: int) -> Side:
    return "buy" if delta > 0 else "sell"


def _stop(seq: int, ts: int, at: list[Any]) -> Event:
    before = Mode.HALTED if at[0] else Mode.RUNNING
    return ModeChanged(seq, ts, before, mode_step(before, ModeOn.STOP), END_OF_DATA, "")

"""An exchange in a box: orders arrive after their latency, trade bar by bar on the tape, and are reported in time order.

Work waits in a heap by (time, rank, number). `due` is the time of the next piece; `next_report` does pieces until one
has something to say. A market order trades in the bar in which it arrives, what is left of it at the open of the next
ones; the orders of one strategy and symbol share what a bar lets through, first come, first served. An order that
arrives when the tape is over waits for a cancel: nobody knows at which price it would trade. Only what is sent after
the end of the tape, a forced close, trades at the last close.

A limit order that the market does not meet when it arrives rests. It trades in a later bar, whole bars only, and that is
known at the bar's end: nobody knows when inside it was. It is then done before anything else of that time.
"""

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from veracity.domain.amounts import INT64_MAX, fee_ceil
from veracity.domain.errors import OperatorFault
from veracity.domain.events import (
    CancelConfirmed,
    CancelRefused,
    FillReported,
    Liquidity,
    OrderAcked,
    OrderExpiryReported,
    OrderRefused,
    OrderSubmitted,
    VenueReport,
)
from veracity.domain.time import TS_NEVER
from veracity.engine.effects import CancelOrder, Effect, SubmitOrder
from veracity.simulator import fees
from veracity.simulator.chance import draw, stream
from veracity.simulator.costs import CostModel
from veracity.simulator.latency import LatencyModel
from veracity.simulator.partial_fills import fillable
from veracity.simulator.passive_fills import meets, queue_at, turn
from veracity.simulator.slippage import Execution, arrival_price, execute
from veracity.simulator.tape import Tape, TapeBar

Task: TypeAlias = Literal["arrive", "match", "rest", "cancel", "expire", "tell"]
FIRST, NORMAL, LAST = 0, 1, 2
"""Rank of a piece of work among those of the same time: what belongs to the bar that ends comes first, a cancel last."""

MET: Final = "post only, and the market is at its price"
OVERDUE: Final = "its time at the venue is over"


class Resting(msgspec.Struct, gc=False):
    """An order at the venue, or on its way there."""

    order: OrderSubmitted
    tape: Tape
    sign: int  # 1 for a buy, -1 for a sell
    leaves: int
    reference: int | None  # price that the decision could hope for: the market when it was sent
    after_tape: bool  # sent when no more market data will come
    arrival: int  # when it is at the venue
    bar: int = 0  # of a resting order: the bar in which it may trade next
    queue: int = 0  # of a resting order: quantity before it at its price
    told: int = 0  # when the last report about it is known


class SimulatedExchange:
    """Performs effects and answers with reports. Everything it does follows from tapes, costs, seed and effects."""

    def __init__(self, tapes: Mapping[str, Tape], costs: CostModel, seed: int) -> None:
        self._tapes: Final = tapes
        self._costs: Final = costs
        self._latency: Final = LatencyModel.of(costs)
        self._is_random: Final = self._latency.is_random
        self._seed: Final = seed
        self._work: list[tuple[int, int, int, Task, str]] = []
        self._orders: dict[str, Resting] = {}
        self._unheard: dict[int, VenueReport] = {}  # by the number of the piece that tells it
        # Sent so far by strategy: the delays of one do not depend on another.
        self._messages: dict[str, int] = {}
        self._streams: dict[str, int] = {}  # seed of each strategy's delays
        # By strategy and symbol: bar, quantity so far.
        self._taken: dict[tuple[str, str], tuple[int, int]] = {}
        self._turnover: dict[str, fees.Turnover] = {}  # by strategy, where tiers ask for it
        self._tiers: Final = {
            tier.kind: fees.tiers_of(costs.fee_tiers, tier.kind) for tier in costs.fee_tiers
        }
        self._pieces = 0
        self._trades = 0
        self._tape_over = False
        self.due: int = TS_NEVER

    def perform(self, effect: Effect, now: int) -> None:
        """Take an effect that the engine asks for at `now`."""
        if isinstance(effect, SubmitOrder):
            self._submit(effect.order, now)
        else:
            self._withdraw(effect, now)

    def _submit(self, order: OrderSubmitted, now: int) -> None:
        tape = self._tapes[order.symbol]
        bar = tape.bar_at(now)
        reference = None if bar is None else bar.open
        sign = 1 if order.side == "buy" else -1
        arrival = self._latency.arrival_ns(now, "submit", self._draw(order.strategy_id))
        self._orders[order.order_id] = Resting(
            order, tape, sign, order.qty, reference, self._tape_over, arrival
        )
        self._plan(arrival, "arrive", order.order_id)

    def _withdraw(self, cancel: CancelOrder, now: int) -> None:
        if cancel.by_venue:
            self._plan(now, "cancel", cancel.order_id, FIRST)
            return
        resting = self._orders.get(cancel.order_id)
        sender = "" if resting is None else resting.order.strategy_id  # too late: any delay will do
        arrival = self._latency.arrival_ns(now, "cancel", self._draw(sender))
        if resting is not None:
            arrival = max(arrival, resting.arrival)  # a cancel never overtakes its own submit
        self._plan(arrival, "cancel", cancel.order_id, LAST)

    def end_tape(self) -> None:
        """No more market data will come: an order sent from now on trades whole at the last close, costs included."""
        self._tape_over = True

    def next_report(self, until: int) -> VenueReport | None:
        """Do the work that is due at or before `until`, up to the next report; None where nothing more is to say.

        Raises OperatorFault (exit code 3) where a fill is worth more than 64 bits hold.
        """
        work = self._work
        while self.due <= until:
            ts, _, number, task, order_id = heappop(work)
            self.due = work[0][0] if work else TS_NEVER
            if task == "tell":
                return self._unheard.pop(number)
            resting = self._orders.get(order_id)
            report = self._do(task, ts, order_id, resting)
            if report is None:
                continue
            if not self._latency.ack_ns:
                return report
            self._delay(report, resting)
        return None

    def _do(self, task: Task, ts: int, order_id: str, resting: Resting | None) -> VenueReport | None:
        """One piece of work; None where it has nothing to say."""
        if task == "cancel":
            return self._cancel(ts, order_id, resting)
        if resting is None:
            return None  # cancelled in the meantime
        match task:
            case "arrive":
                return self._arrive(ts, resting)
            case "match":
                return self._match(ts, resting)
            case "rest":
                return self._match_resting(ts, resting)
            case _:
                del self._orders[order_id]
                return OrderExpiryReported(ts, order_id, OVERDUE)

    def _draw(self, sender: str) -> int:
        """Random bits for the next message of a strategy, or about it."""
        if not self._is_random:
            return 0
        number = self._messages.get(sender, 0)
        self._messages[sender] = number + 1
        if sender not in self._streams:
            self._streams[sender] = stream(self._seed, sender)
        return draw(self._streams[sender], number)

    def _plan(self, ts: int, task: Task, order_id: str, rank: int = NORMAL) -> int:
        self._pieces += 1
        heappush(self._work, (ts, rank, self._pieces, task, order_id))
        self.due = self._work[0][0]
        return self._pieces

    def _delay(self, report: VenueReport, resting: Resting | None) -> None:
        """Tell the report when it is known; reports about one order keep their order."""
        sender = "" if resting is None else resting.order.strategy_id
        known = self._latency.arrival_ns(report.ts, "ack", self._draw(f"{sender} hears"))
        if resting is not None:
            known = resting.told = max(known, resting.told)
        number = self._plan(known, "tell", report.order_id, FIRST)
        self._unheard[number] = replace(report, ts=known)

    def _arrive(self, ts: int, resting: Resting) -> VenueReport:
        order = resting.order
        if order.order_kind == "market":
            bars = 0 if resting.after_tape else self._costs.fills_late_bars
            self._plan(ts + bars * resting.tape.instrument.interval_ns, "match", order.order_id)
        elif self._meets(ts, resting):
            if order.order_kind == "post_only":
                del self._orders[order.order_id]
                return OrderRefused(ts, order.order_id, MET)
            self._plan(ts, "match", order.order_id)
        else:
            self._rest(ts, resting)
        if order.order_kind != "market" and self._costs.limit_ttl_ns:
            self._plan(ts + self._costs.limit_ttl_ns, "expire", order.order_id)
        return OrderAcked(ts, order.order_id, f"sim-{self._pieces}")

    def _meets(self, ts: int, resting: Resting) -> bool:
        """Whether the market, with half its spread, is at the limit or better when the order arrives at `ts`."""
        bar = resting.tape.bar_at(ts)
        if bar is None or ts < bar.ts:
            return False
        base = arrival_price(bar, ts, resting.sign)
        return meets(base, _limit(resting), resting.sign, self._costs)

    def _rest(self, ts: int, resting: Resting) -> None:
        """Put the order into the book at `ts`; the bar in which that is, unless it begins then, does nothing for it."""
        tape = resting.tape
        index = tape.index_at(ts)
        if index is None:
            return  # waits for a cancel
        bar = tape.bar(index)
        resting.queue = queue_at(bar, self._costs)
        self._await(resting, index if ts <= bar.ts else index + 1)

    def _await(self, resting: Resting, index: int) -> None:
        """Plan the first bar from `index` on in which the resting order may trade."""
        tape = resting.tape
        touch = self._costs.touch_share > 0
        at = tape.first_reaching(index, _limit(resting), resting.sign, touch=touch)
        if at is not None:
            resting.bar = at
            self._plan(tape.bar(at).end_ts, "rest", resting.order.order_id, FIRST)

    def _cancel(self, ts: int, order_id: str, resting: Resting | None) -> VenueReport:
        if resting is None:
            return CancelRefused(ts, order_id, "no such open order")
        del self._orders[order_id]
        return CancelConfirmed(ts, order_id, "cancelled as asked")

    def _match(self, ts: int, resting: Resting) -> VenueReport | None:
        """Trade what the bar of `ts` lets through as a taker; plan what becomes of the rest."""
        order, tape = resting.order, resting.tape
        if resting.after_tape:
            last = tape.last()
            taken = self._taken_from(last, order)
            executed = self._executed(last.close, resting, taken + resting.leaves, last)
            return self._fill(ts, resting, resting.leaves, executed, "taker", last, taken)
        bar = tape.bar_at(ts)
        if bar is None:
            return None  # waits for a cancel
        if ts < bar.ts:  # the order came in a gap of the data: it trades when the market is back
            self._plan(bar.ts, "match", order.order_id)
            return None
        taken = self._taken_from(bar, order)
        qty = self._fillable(resting, bar, taken)
        base = arrival_price(bar, ts, resting.sign)
        executed = self._executed(base, resting, taken + qty, bar)
        if order.order_kind != "market":
            if resting.sign * (executed.price - _limit(resting)) > 0:
                qty = 0  # with its own impact it would trade beyond its limit
            if qty < resting.leaves:
                self._rest(ts + 1, resting)
        elif qty < resting.leaves:
            self._plan(bar.end_ts, "match", order.order_id)
        if qty == 0:
            return None
        return self._fill(ts, resting, qty, executed, "taker", bar, taken)

    def _match_resting(self, ts: int, resting: Resting) -> VenueReport | None:
        """Trade what the bar that ends at `ts` lets a resting order have, at its limit and never better."""
        order, limit, tape = resting.order, _limit(resting), resting.tape
        bar = tape.bar(resting.bar)
        found = turn(bar, limit, resting.sign, resting.queue, tape.instrument.lot, self._costs)
        resting.queue = found.queue
        taken = self._taken_from(bar, order)
        qty = min(found.qty, self._fillable(resting, bar, taken))
        if qty < resting.leaves:
            self._await(resting, resting.bar + 1)
        if qty == 0:
            return None
        executed = Execution(limit, limit, 0, 0, 0)
        return self._fill(ts, resting, qty, executed, "maker", bar, taken)

    def _fillable(self, resting: Resting, bar: TapeBar, taken: int) -> int:
        lot = resting.tape.instrument.lot
        return fillable(resting.leaves, bar.volume, taken, self._costs.participation_max, lot)

    def _executed(self, base: int, resting: Resting, traded: int, bar: TapeBar) -> Execution:
        return execute(base, resting.sign, traded, bar, resting.tape.instrument.tick, self._costs)

    def _taken_from(self, bar: TapeBar, order: OrderSubmitted) -> int:
        """What orders of the same strategy and symbol have traded in `bar` so far."""
        last = self._taken.get((order.strategy_id, order.symbol))
        return 0 if last is None or last[0] != bar.ts else last[1]

    def _fill(
        self,
        ts: int,
        resting: Resting,
        qty: int,
        executed: Execution,
        liquidity: Liquidity,
        bar: TapeBar,
        taken: int,
    ) -> FillReported:
        order, sign = resting.order, resting.sign
        self._taken[order.strategy_id, order.symbol] = (bar.ts, taken + qty)
        price, base, spread, impact, rounding = executed
        reference = base if resting.reference is None else resting.reference
        unit = qty * resting.tape.instrument.factor
        notional = price * unit
        fee, rate = self._fee(ts, order, liquidity, notional)
        self._trades += 1
        resting.leaves -= qty
        if resting.leaves == 0:
            del self._orders[order.order_id]
        moved = (base - reference) * unit
        report = FillReported(  # by place: every fill passes here, and by name costs twice as much
            ts,
            order.order_id,
            order.symbol,
            str(self._trades),
            order.side,
            price,
            qty,
            liquidity,
            fee,
            rate,
            sign * moved,
            spread * unit,
            impact * unit,
            rounding * unit,
        )
        if notional > INT64_MAX or abs(moved) > INT64_MAX or (spread + impact) * unit > INT64_MAX:
            raise _too_large(report)
        return report

    def _fee(self, ts: int, order: OrderSubmitted, liquidity: Liquidity, notional: int) -> tuple[int, int]:
        """Fee and rate of a fill of `notional`, which counts for the tiers of the days to come."""
        costs = self._costs
        if not costs.fee_tiers:
            return fees.commission(notional, liquidity, costs), fees.rate_of(liquidity, costs)
        turnover = self._turnover.setdefault(order.strategy_id, fees.Turnover())
        tiers = self._tiers[self._tapes[order.symbol].instrument.kind]
        before = fees.traded_before(turnover, ts)
        fees.note_traded(turnover, ts, notional)
        tier = tiers[fees.tier_at([tier.volume_min for tier in tiers], before)]
        rate = fees.tiered_rate(liquidity, tier)
        return fee_ceil(notional, rate), rate


def _limit(resting: Resting) -> int:
    assert resting.order.limit_price is not None, resting.order.order_id
    return resting.order.limit_price


def _too_large(report: FillReported) -> OperatorFault:
    """No record can hold it, so nobody could read the journal again."""
    return OperatorFault(
        f"a fill of {report.symbol} is worth more than 64 bits hold",
        why=f"{report.qty} at {report.price}, in the instrument's units, with its costs",
        hint="trade smaller quantities, or check the prices of the data",
    )

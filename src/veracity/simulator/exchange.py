"""An exchange in a box: orders arrive after their latency, trade bar by bar on the tape, and are reported in time order.

Work waits in a heap by (time, number). `due` is the time of the next piece; `next_report` does pieces until one has
something to say. A market order trades in the bar in which it arrives, what is left of it at the open of the next
ones; the orders of one strategy and symbol share what a bar lets through, first come, first served. An order that
arrives when the tape is over waits for a cancel: nobody knows at which price it would trade. Only what is sent after
the end of the tape, a forced close, trades at the last close.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final, Literal, TypeAlias

from veracity.domain.amounts import INT64_MAX
from veracity.domain.errors import OperatorFault
from veracity.domain.events import (
    CancelConfirmed,
    CancelRefused,
    FillReported,
    OrderAcked,
    OrderRefused,
    OrderSubmitted,
    VenueReport,
)
from veracity.domain.time import TS_NEVER
from veracity.engine.effects import CancelOrder, Effect, SubmitOrder
from veracity.simulator import fees
from veracity.simulator.chance import draw, stream
from veracity.simulator.costs import CostModel
from veracity.simulator.latency import cancel_arrival, submit_arrival
from veracity.simulator.partial_fills import fillable
from veracity.simulator.slippage import arrival_price, execute
from veracity.simulator.tape import Tape, TapeBar

Task: TypeAlias = Literal["arrive", "match", "cancel"]


@dataclass(slots=True)
class Resting:
    """An order at the venue."""

    order: OrderSubmitted
    leaves: int
    reference: int | None  # price that the decision could hope for: the market when it was sent
    after_tape: bool  # sent when no more market data will come


class SimulatedExchange:
    """Performs effects and answers with reports. Everything it does follows from tapes, costs, seed and effects."""

    def __init__(self, tapes: Mapping[str, Tape], costs: CostModel, seed: int) -> None:
        self._tapes: Final = tapes
        self._costs: Final = costs
        self._seed: Final = seed
        self._work: list[tuple[int, int, Task, str]] = []
        self._orders: dict[str, Resting] = {}
        self._messages: dict[
            str, int
        ] = {}  # sent so far by strategy: the delays of one do not depend on another
        self._streams: dict[str, int] = {}  # seed of each strategy's delays
        self._taken: dict[
            tuple[str, str], tuple[int, int]
        ] = {}  # by strategy and symbol: bar, quantity so far
        self._pieces = 0
        self._trades = 0
        self._tape_over = False
        self.due: int = TS_NEVER

    def perform(self, effect: Effect, now: int) -> None:
        """Take an effect that the engine asks for at `now`."""
        match effect:
            case SubmitOrder(order=order):
                tape = self._tapes[order.symbol]
                bar = tape.bar_at(now)
                reference = None if bar is None else bar.open
                self._orders[order.order_id] = Resting(order, order.qty, reference, self._tape_over)
                arrival = submit_arrival(now, self._costs, self._draw(order.strategy_id))
                self._plan(arrival, "arrive", order.order_id)
            case CancelOrder(order_id=order_id):
                resting = self._orders.get(order_id)
                sender = "" if resting is None else resting.order.strategy_id  # too late: any delay will do
                arrival = cancel_arrival(now, self._costs, self._draw(sender))
                self._plan(arrival, "cancel", order_id)

    def end_tape(self) -> None:
        """No more market data will come: an order sent from now on trades whole at the last close, costs included."""
        self._tape_over = True

    def next_report(self, until: int) -> VenueReport | None:
        """Do the work that is due at or before `until`, up to the next report; None where nothing more is to say.

        Raises OperatorFault (exit code 3) where a fill is worth more than 64 bits hold.
        """
        work = self._work
        while self.due <= until:
            ts, _, task, order_id = heappop(work)
            self.due = work[0][0] if work else TS_NEVER
            resting = self._orders.get(order_id)
            if task == "cancel":
                return self._cancel(ts, order_id, resting)
            if resting is None:
                continue  # cancelled in the meantime
            report = self._arrive(ts, resting) if task == "arrive" else self._match(ts, resting)
            if report is not None:
                return report
        return None

    def _draw(self, sender: str) -> int:
        """Random bits for the next message of a strategy."""
        if self._costs.latency_jitter_ns == 0:
            return 0
        number = self._messages.get(sender, 0)
        self._messages[sender] = number + 1
        if sender not in self._streams:
            self._streams[sender] = stream(self._seed, sender)
        return draw(self._streams[sender], number)

    def _plan(self, ts: int, task: Task, order_id: str) -> None:
        self._pieces += 1
        heappush(self._work, (ts, self._pieces, task, order_id))
        self.due = self._work[0][0]

    def _arrive(self, ts: int, resting: Resting) -> VenueReport:
        order = resting.order
        if order.order_kind != "market":
            del self._orders[order.order_id]
            return OrderRefused(ts, order.order_id, f"the simulator does not trade {order.order_kind} orders")
        self._plan(ts, "match", order.order_id)
        return OrderAcked(ts, order.order_id, f"sim-{self._pieces}")

    def _cancel(self, ts: int, order_id: str, resting: Resting | None) -> VenueReport:
        if resting is None:
            return CancelRefused(ts, order_id, "no such open order")
        del self._orders[order_id]
        return CancelConfirmed(ts, order_id, "cancelled as asked")

    def _match(self, ts: int, resting: Resting) -> VenueReport | None:
        """Trade what the bar of `ts` lets through; plan the next bar for what is left."""
        order = resting.order
        tape = self._tapes[order.symbol]
        if resting.after_tape:
            last = tape.last()
            return self._fill(ts, resting, resting.leaves, last.close, last, self._taken_from(last, order))
        bar = tape.bar_at(ts)
        if bar is None:
            return None  # waits for a cancel
        if ts < bar.ts:  # the order came in a gap of the data: it trades when the market is back
            self._plan(bar.ts, "match", order.order_id)
            return None
        taken = self._taken_from(bar, order)
        lot, share = tape.instrument.lot, self._costs.participation_max
        qty = fillable(resting.leaves, bar.volume, taken, share, lot)
        if qty < resting.leaves:
            self._plan(bar.end_ts, "match", order.order_id)
        if qty == 0:
            return None
        base = arrival_price(bar, ts, 1 if order.side == "buy" else -1)
        return self._fill(ts, resting, qty, base, bar, taken)

    def _taken_from(self, bar: TapeBar, order: OrderSubmitted) -> int:
        """What orders of the same strategy and symbol have traded in `bar` so far."""
        bar_ts, taken = self._taken.get((order.strategy_id, order.symbol), (bar.ts, 0))
        return taken if bar_ts == bar.ts else 0

    def _fill(self, ts: int, resting: Resting, qty: int, base: int, bar: TapeBar, taken: int) -> FillReported:
        order, tape = resting.order, self._tapes[resting.order.symbol]
        sign = 1 if order.side == "buy" else -1
        traded = taken + qty
        self._taken[order.strategy_id, order.symbol] = (bar.ts, traded)
        executed = execute(base, sign, traded, bar, tape.instrument.tick, self._costs)
        reference = base if resting.reference is None else resting.reference
        unit = qty * tape.instrument.factor
        notional = executed.price * unit
        self._trades += 1
        resting.leaves -= qty
        if resting.leaves == 0:
            del self._orders[order.order_id]
        report = FillReported(
            ts=ts,
            order_id=order.order_id,
            symbol=order.symbol,
            trade_id=str(self._trades),
            side=order.side,
            price=executed.price,
            qty=qty,
            liquidity="taker",
            fee=fees.commission(notional, "taker", self._costs),
            fee_rate=fees.rate_of("taker", self._costs),
            latency_cost=sign * (base - reference) * unit,
            spread_cost=executed.spread * unit,
            impact_cost=executed.impact * unit,
            rounding_cost=executed.rounding * unit,
        )
        if (
            max(notional, abs(base - reference) * unit, (executed.spread + executed.impact) * unit)
            > INT64_MAX
        ):
            raise _too_large(report)
        return report


def _too_large(report: FillReported) -> OperatorFault:
    """No record can hold it, so nobody could read the journal again."""
    return OperatorFault(
        f"a fill of {report.symbol} is worth more than 64 bits hold",
        why=f"{report.qty} at {report.price}, in the instrument's units, with its costs",
        hint="trade smaller quantities, or check the prices of the data",
    )

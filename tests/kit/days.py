"""Trading days drawn from a seed: a market, two strategies, an operator, and a venue that misbehaves.

The venue acknowledges late or never, fills in parts, repeats, reorders, holds back fills until their order is done,
rejects, loses orders, and invents fills of nobody. Everything follows from the seed: a day can be lived again.
"""

from tests.kit import says
from tests.kit.market import BTC, MINUTE, PERP
from tests.kit.players import DIARIST, player
from tests.kit.script import Script

from veracity.domain.events import OrderSubmitted, VenueReport
from veracity.domain.orders import State
from veracity.guards.view import RiskLimits
from veracity.simulator.chance import draw, stream

BARS = 12
LIMITS = RiskLimits(max_exposure=2_000 * 10**8, trades_per_day=20, cooldown_ns=2 * MINUTE)


class Dice:
    """Whole numbers from a seed."""

    def __init__(self, seed: int) -> None:
        self._bits, self._number = stream(seed, "day"), 0

    def below(self, sides: int) -> int:
        self._number += 1
        return draw(self._bits, self._number) % sides


class Day:
    """One day; `live` lets it happen."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed)
        self.script = Script(
            player("a", PERP, BTC, limits=LIMITS), player("b", strategy=DIARIST, limits=LIMITS)
        )
        self._trades = 0
        self._late: list[VenueReport] = []
        self._said: list[VenueReport] = []

    def live(self) -> Script:
        """Bars, wishes, and between them whatever the venue does."""
        for _ in range(BARS):
            for symbol in (BTC, PERP):
                self.script.ticks(
                    95_00 + self.dice.below(1_000), symbol, after=MINUTE if symbol == BTC else 0
                )
            if self.dice.below(4) == 0:
                self.script.settles(self.dice.below(400_000) - 200_000, 100_00, PERP)
            for strategy_id in "ab":
                if self.dice.below(2):
                    self.script.wants(strategy_id, (self.dice.below(7) - 3) * 1_000)
            self._venue()
            if self.dice.below(9) == 0:
                self._operator()
        return self.script

    def _operator(self) -> None:
        commands = (
            says.halt,
            says.resume,
            says.safe_mode,
            says.close_only,
            says.resume,
            says.close_all,
            says.resume,
        )
        self.script.hears(commands[self.dice.below(len(commands))]())

    def _venue(self) -> None:
        """Each open order gets an answer of some kind; late ones and repeats are mixed in, out of order."""
        for order_id in list(self.script.state.orders):
            self._answer(order_id)
        if self._late and self.dice.below(3) == 0:
            self._say(self._late.pop(self.dice.below(len(self._late))))
        if self._said and self.dice.below(3) == 0:
            self.script.hears(self._said[self.dice.below(len(self._said))])  # once more
        if self.dice.below(15) == 0:
            self._trades += 1
            self._say(says.filled("feedbeef-a-1", 500, 100_00, trade=f"n{self._trades}", fee=7))

    def _answer(self, order_id: str) -> None:
        order = self.script.state.orders.get(order_id)
        if order is None:
            return
        match self.dice.below(10):
            case 0:
                return  # silence
            case 1:
                self._say(says.refused(order_id))
            case 2:
                self._say(says.lost(order_id))
            case 3:
                self._say(says.expired(order_id))
            case 4:
                self._say(says.acked(order_id))
            case 5 if order.state is State.CANCEL_PENDING:
                self._say(says.cancelled(order_id))
            case 6 if order.state is State.CANCEL_PENDING:
                self._say(says.cancel_refused(order_id))
            case 7:
                self._late.append(self._fill(order_id, order.leaves))  # told when the order may be done
            case 8:
                self._say(self._fill(order_id, 1 + self.dice.below(order.leaves)))
            case _:
                self._say(self._fill(order_id, order.leaves))

    def _fill(self, order_id: str, qty: int) -> VenueReport:
        order = self.script.state.orders[order_id]
        self._trades += 1
        price = 95_00 + self.dice.below(1_000)
        trade = str(self._trades)
        return says.filled(
            order_id,
            qty,
            price,
            trade=trade,
            side=order.side,
            symbol=order.symbol,
            fee=1 + self.dice.below(10**6),
        )

    def _say(self, report: VenueReport) -> None:
        self._said.append(report)
        self.script.hears(report)


def submitted_ids(script: Script) -> list[str]:
    """Client order ids of everything that was sent."""
    return [event.order_id for event in script.all(OrderSubmitted)]

"""One scenario's engine: limits are given first, then it opens and its conversation begins."""

from dataclasses import replace
from typing import Any

from tests.kit.market import MINUTE, START, usd
from tests.kit.players import PUPPET, Player, player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import IntentDenied, OrderSubmitted
from veracity.domain.regimes import REGIME
from veracity.guards.view import RiskLimits


def units(text: str, decimals: int) -> int:
    """Whole units of a decimal text: units("3.333", 3) is 3,333."""
    whole, _, part = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) * 10**decimals + int(part.ljust(decimals, "0") or "0"))


def price(text: str) -> int:
    return units(text, 2)


def qty(text: str) -> int:
    return units(text, 3)


def clock(text: str) -> int:
    """Nanoseconds since midnight of HH:MM."""
    hours, minutes = text.split(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE


class Story:
    """Strategies, their limits and the engine that serves them."""

    def __init__(self) -> None:
        self._cash: dict[str, int] = {}
        self._limits: dict[str, dict[str, Any]] = {}
        self._by_regime: set[str] = set()
        self._start = START
        self._script: Script | None = None
        self._last = 100_00
        self._trades = 0

    def enter(self, name: str, cash: str) -> None:
        self._cash[name] = usd(cash)
        self._limits[name] = {}

    def limit(self, name: str, **limits: Any) -> None:
        assert self._script is None, "limits are given before the engine opens"
        self._limits[name].update(limits)

    def by_regime(self, name: str) -> None:
        """The strategy decides by the regime of BTC, which lives for one bar."""
        self.limit(name, critical_aux=(REGIME,), aux_ttl_ns={REGIME: MINUTE})
        self._by_regime.add(name)

    def players(self) -> list[Player]:
        aware = replace(PUPPET, aux=(REGIME,))
        return [
            player(
                name,
                cash=cash,
                limits=RiskLimits(**self._limits[name]),
                strategy=aware if name in self._by_regime else PUPPET,
            )
            for name, cash in self._cash.items()
        ]

    @property
    def script(self) -> Script:
        """The conversation; the engine opens with the first word."""
        if self._script is None:
            self._script = Script(*self.players(), start=self._start)
        return self._script

    def time(self, ns_of_day: int) -> None:
        """It becomes a time of day: before the engine opens that is its start, after it a bar is known then."""
        if self._script is None:
            self._start = START + ns_of_day - MINUTE
            return
        self.script.ticks(self._last, after=START + ns_of_day - self.script.now)

    def trades_at(self, at: int) -> None:
        self._last = at
        self.script.ticks(at)

    def tick(self) -> None:
        """A minute passes at the same price."""
        self.script.ticks(self._last)

    def fill(self, at: int, order: OrderSubmitted | None = None) -> None:
        """The newest order trades whole."""
        order = order or self.script.last(OrderSubmitted)
        self._trades += 1
        self.script.hears(filled(order.order_id, order.qty, at, side=order.side, trade=str(self._trades)))

    def holds(self, name: str, quantity: int, at: int) -> None:
        """The strategy comes to hold `quantity`."""
        self.script.wants(name, quantity)
        self.fill(at)

    @property
    def sent(self) -> list[OrderSubmitted]:
        """Orders that the last word led to."""
        return [event for event in self.script.said if isinstance(event, OrderSubmitted)]

    @property
    def refusals(self) -> list[IntentDenied]:
        """Refusals that the last word led to."""
        return [event for event in self.script.said if isinstance(event, IntentDenied)]

"""A test that reads as a conversation: the engine `hears` an input and `says` events.

    script = Script(player("a")).ticks(100_00)
    script.wants("a", 2_000).says(IntentCreated, OrderSubmitted)
    script.hears(acked(script.order)).says(OrderAccepted)

The real loop runs behind it, with a journal and a venue that remember. Every event is journaled, market facts too.
"""

from collections.abc import Sequence
from typing import Self, TypeVar

from msgspec.structs import replace
from tests.kit.doubles import RecordingJournal, RecordingVenue
from tests.kit.market import MINUTE, START, VOLUME, listed
from tests.kit.players import Player, player
from tests.kit.says import NOW

from veracity.domain.events import (
    AuxUpdated,
    BarClosed,
    Event,
    FundingRatePublished,
    InstrumentListed,
    OrderSubmitted,
    decode_event,
)
from veracity.engine.commands import Given
from veracity.engine.core import Engine, Input
from veracity.engine.opening import Cast, RunIdentity, labelled, opening, watches
from veracity.guards.rulebook import GUARDS, Guard
from veracity.runtime.feed import Arrival
from veracity.runtime.loop import Loop
from veracity.state.hash import state_hash
from veracity.state.model import Account, EngineState, Order, Position

IDENTITY = RunIdentity("0123456789abcdef", "1" * 64, "2" * 64, "3" * 64, seed=1)

Kind = TypeVar("Kind")


class Script:
    """One engine, opened and running, and the conversation with it."""

    def __init__(
        self,
        *players: Player,
        instruments: Sequence[InstrumentListed] = (),
        guards: Sequence[Guard] = GUARDS,
        dry_run: Sequence[str] = (),
        start: int = START,
        journal: RecordingJournal | None = None,
        venue: RecordingVenue | None = None,
        barrier_before_effects: bool = True,
    ) -> None:
        cast = players or (player("a"),)
        rules = {rule.symbol: rule for rule in instruments}
        symbols = [leg.symbol for one in cast for leg in one.started.legs]
        self.instruments = tuple(
            rules.get(symbol, listed(symbol)) for symbol in dict.fromkeys((*rules, *symbols))
        )
        self.now = start
        self.state = EngineState()
        self.journal = RecordingJournal() if journal is None else journal
        self.venue = RecordingVenue() if venue is None else venue
        self.engine = Engine([one.bound for one in cast], guards=guards, dry_run=dry_run)
        self.loop = Loop(
            self.engine,
            self.state,
            self.journal,
            self.venue,
            barrier_before_effects=barrier_before_effects,
            journal_facts=True,
        )
        self._heard_at = 0
        bound = [one.bound for one in cast]
        began = Cast(
            self.instruments,
            [one.started for one in cast],
            [*watches(bound), *labelled(bound, self.instruments)],
        )
        self.loop.commit(opening(IDENTITY, began, start))

    # ------------------------------------------------------------ the engine hears

    def hears(self, received: Input) -> Self:
        """Take an input that is no market fact, at the script's time where it says NOW."""
        self._heard_at = len(self.journal.records)
        if isinstance(received, Given):
            received = received._replace(command=replace(received.command, ts=self.now))
        elif received.ts == NOW:
            received = replace(received, ts=self.now)
        self.loop.hear(received)
        return self

    def ticks(
        self, price: int, symbol: str = "BTCUSDT", *, after: int = MINUTE, volume: int = VOLUME
    ) -> Self:
        """One bar, flat at `price`, becomes known `after` the time of the one before."""
        self.now += after
        interval = self.state.instruments[symbol].interval_ns
        values = (self.now, symbol, self.now - interval, price, price, price, price, volume)
        return self._fact(Arrival(BarClosed, values, ()))

    def settles(self, rate: int, mark: int, symbol: str) -> Self:
        """A funding rate is published at the script's time."""
        return self._fact(Arrival(FundingRatePublished, (self.now, symbol, rate, mark), ()))

    def learns(self, series: str, value: int, symbol: str = "BTCUSDT", *, age: int = 0) -> Self:
        """A value of a series beside the bars becomes known that was observed `age` ago."""
        return self._fact(Arrival(AuxUpdated, (self.now, series, symbol, self.now - age, value), ()))

    def wants(self, strategy_id: str, target: int, *row: int) -> Self:
        """A turn of a strategy whose row begins with `target`; a puppet wants just that."""
        self._heard_at = len(self.journal.records)
        self.loop.commit(self.engine.turn(self.state, strategy_id, (target, *row)))
        return self

    def _fact(self, arrival: Arrival) -> Self:
        self._heard_at = len(self.journal.records) + 1  # what it says is what the fact led to
        self.loop.take([arrival])
        return self

    # ------------------------------------------------------------ the engine says

    @property
    def said(self) -> list[Event]:
        """What the last input led to."""
        return [decode_event(record.payload) for record in self.journal.records[self._heard_at :]]

    def says(self, *kinds: type[Event]) -> Self:
        """Check that the last input led to events of just these kinds, in this order."""
        kinds_said = [type(event).__name__ for event in self.said]
        assert kinds_said == [kind.__name__ for kind in kinds]
        return self

    def last(self, kind: type[Kind]) -> Kind:
        """The newest event of a kind."""
        return next(event for event in reversed(self.journal.events) if isinstance(event, kind))

    def all(self, kind: type[Kind]) -> list[Kind]:
        """All events of a kind, oldest first."""
        return [event for event in self.journal.events if isinstance(event, kind)]

    # ------------------------------------------------------------ what it knows

    @property
    def order(self) -> str:
        """Id of the newest order."""
        return self.last(OrderSubmitted).order_id

    @property
    def hash(self) -> str:
        """The state's hash."""
        return state_hash(self.state)

    def order_of(self, order_id: str) -> Order:
        """An order, open or done."""
        return self.state.orders.get(order_id) or self.state.closed[order_id]

    def account(self, strategy_id: str = "a") -> Account:
        """A strategy's account."""
        return self.state.accounts[strategy_id]

    def position(self, strategy_id: str = "a", symbol: str = "BTCUSDT") -> Position:
        """A strategy's position."""
        return self.account(strategy_id).positions[symbol]

"""A scripted day that may be killed at any moment and started again: engine, loop and a real journal, and a venue that
remembers what it was sent.

Three files lie beside the journal, each written with one unbuffered call a line, so that a kill loses none of them:
`venue` has an order id for each order that reached the venue, `told` what the journal acknowledged (seq, and the hash of
the state then). The process never reads `told`: it is what an outsider knew.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import structs

from veracity.domain.events import (
    BarClosed,
    FillReported,
    InstrumentListed,
    Leg,
    OrderAcked,
    OrderExpiryReported,
    OrderSubmitted,
    Side,
    StrategyStarted,
    VenueReport,
    decode_event,
)
from veracity.domain.market import Column
from veracity.domain.time import NS_PER_MINUTE, NS_PER_MS, TS_NEVER
from veracity.engine.core import BoundStrategy, Engine
from veracity.engine.effects import Effect, SubmitOrder
from veracity.engine.opening import Cast, RunIdentity, opening
from veracity.guards.view import RiskLimits
from veracity.journal.files import SYSTEM_FILES, Files
from veracity.journal.recover import recover, truncate_tail
from veracity.journal.space import LIVE
from veracity.journal.writer import JournalWriter
from veracity.runtime.feed import Arrival
from veracity.runtime.loop import Loop
from veracity.runtime.replay import follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.state.schema import SCHEMA_VERSION
from veracity.strategies.interface import Decision, Memo, Row, Strategy, Window

BARS: Final = 48
IDENTITY: Final = RunIdentity("00112233445566ff", "1" * 64, "2" * 64, "3" * 64, seed=1)
PROFILE: Final = LIVE._replace(
    segment_bytes=8_000, preallocate_bytes=4_096, reserve_bytes=4_096, low_water_bytes=0, witness_records=8
)
START: Final = 19_389 * 86_400 * 10**9
SYMBOL: Final = "BTCUSDT"
QTY: Final = 1_000
PRICE: Final = 100_00
WAL, VENUE, TOLD = "wal", "venue", "told"


def _column(window: Window, _: tuple[int, ...]) -> tuple[Column, ...]:
    return (np.zeros(len(window.known_ts), dtype=np.int64),)


def _obey(_: tuple[int, ...], row: Row, __: int, memo: Memo) -> Decision:
    return row[0], 0, memo


PUPPET: Final = Strategy("puppet", 1, ("as_told",), (), 1, lambda *_: (), lambda _: 1, _column, _obey)
LEGS: Final = (Leg(SYMBOL, 1),)
LISTED: Final = InstrumentListed(1, 0, SYMBOL, "spot", "BTC", "USDT", 2, 3, 1, 1, 0, NS_PER_MINUTE)
STARTED: Final = StrategyStarted(1, 0, "a", "puppet", 1, "c" * 64, LEGS, "USDT", 10**15)


class Lines:
    """A file of lines that a kill cannot take back."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, line: str) -> None:
        """One call for one line."""
        os.write(self._file, f"{line}\n".encode())


class RememberingVenue:
    """Takes every order, says so a millisecond later, and fills it another one later. Its memory is the file."""

    def __init__(self, path: Path) -> None:
        self._orders = set(path.read_text(encoding="ascii").split()) if path.is_file() else set()
        self._lines = Lines(path)
        self._reports: list[VenueReport] = []
        self.due: int = TS_NEVER  # time of the next report

    def perform(self, effect: Effect, now: int) -> None:
        """The order reaches the venue: from here on it is there, whatever becomes of us."""
        assert isinstance(effect, SubmitOrder)
        order = effect.order
        self._lines.add(order.order_id)
        self._orders.add(order.order_id)
        self._answer(now, order.order_id, order.side, order.qty, is_known=False)
        self._tell()

    def ask(self, state: EngineState) -> None:
        """After a restart: what became of each order that is open in the books. None is ever sent again."""
        for order_id, order in sorted(state.orders.items()):
            if order_id in self._orders:
                known = order.venue_order_id is not None
                self._answer(state.ts, order_id, order.side, order.leaves, is_known=known)
            else:
                self._reports.append(OrderExpiryReported(state.ts, order_id, "the venue does not know it"))
        self._tell()

    def _answer(self, now: int, order_id: str, side: Side, qty: int, *, is_known: bool) -> None:
        if not is_known:
            self._reports.append(OrderAcked(now + NS_PER_MS, order_id, f"v-{order_id}"))
        trade = order_id.rpartition("-")[2]
        self._reports.append(
            FillReported(
                now + 2 * NS_PER_MS,
                order_id,
                SYMBOL,
                trade,
                side,
                PRICE,
                qty,
                "taker",
                0,
                0,
                None,
                None,
                None,
                None,
            )
        )

    def _tell(self) -> None:
        self.due = self._reports[0].ts if self._reports else TS_NEVER

    def next_report(self, until: int) -> VenueReport | None:
        """The next report at or before `until`."""
        report = self._reports.pop(0) if self.due <= until else None
        self._tell()
        return report

    def end_tape(self) -> None:
        """Nothing more comes."""


class TellingJournal:
    """The journal, which tells the outside what it acknowledged."""

    def __init__(self, writer: JournalWriter, state: EngineState, told: Lines) -> None:
        self._writer = writer
        self._state = state
        self._told = told
        self.append = writer.append

    def barrier(self) -> None:
        """Durable when this returns; then it is told."""
        self._writer.barrier()
        assert self._state.seq == self._writer.seq_durable
        self._told.add(f"{self._state.seq} {state_hash(self._state)}")


def folded(wal: Path) -> tuple[EngineState, int]:
    """The state that the journal folds to, and how many bars are in it."""
    state = EngineState()
    bars = sum(isinstance(event, BarClosed) for event in follow(state, recover(wal).records))
    return state, bars


def live(place: Path, files: Files = SYSTEM_FILES) -> None:
    """Begin the day, or go on with it where the journal says, and bring it to its end."""
    state, bars = EngineState(), 0
    if (place / WAL).exists():
        truncate_tail(place / WAL, files=files)
        state, bars = folded(place / WAL)
    writer = JournalWriter.resume(
        place / WAL,
        IDENTITY.run_id,
        code_version="0.1.0",
        schema_version=SCHEMA_VERSION,
        profile=PROFILE,
        files=files,
    )
    assert writer.since.seq == state.seq, "the journal is what was folded"
    journal = TellingJournal(writer, state, Lines(place / TOLD))
    venue = RememberingVenue(place / VENUE)
    engine = Engine([BoundStrategy("a", PUPPET, (), LEGS, RiskLimits())])
    loop = Loop(engine, state, journal, venue, barrier_before_effects=True, journal_facts=True)
    begun = opening(IDENTITY, Cast((LISTED,), (STARTED,)), START)
    loop.commit(structs.replace(begun, events=begun.events[state.seq :]))  # a kill may have left a part of it
    venue.ask(state)
    loop.drain(state.ts + NS_PER_MINUTE)
    if state.mode.value != "stopped":
        loop.take(arrivals(bars, BARS))
        loop.finish("end_of_data")
    writer.close()


def arrivals(first: int, count: int) -> Iterator[Arrival]:
    """The bars from number `first` up to `count`; each third one turns the position."""
    for bar in range(first, count):
        opened = START + bar * NS_PER_MINUTE
        values = (opened + NS_PER_MINUTE, SYMBOL, opened, PRICE, PRICE, PRICE, PRICE, 10**6)
        target = QTY * (bar // 3 % 2)
        yield Arrival(BarClosed, values, (("a", (target,)),))


def orders_of(wal: Path) -> set[str]:
    """Ids of the orders that the journal says were sent."""
    events = (decode_event(record.payload) for record in recover(wal).records)
    return {event.order_id for event in events if isinstance(event, OrderSubmitted)}

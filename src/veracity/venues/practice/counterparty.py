"""What the practice venue knows of one run: the orders that came, what became of them, and every report that it told.

It is the fold of what it was asked to do, in order. So it keeps the requests, not the book: made again from them it says
the same, report for report.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple, Protocol, TypeAlias

import msgspec

from veracity.domain.events import VenueReport
from veracity.domain.time import TS_NEVER
from veracity.engine.effects import CancelOrder, Effect, SubmitOrder
from veracity.venues.practice.wire import (
    ORDERS_MAX,
    Answer,
    Ask,
    Cancel,
    Done,
    EndTape,
    List,
    Listen,
    Orders,
    Place,
    Refused,
    Request,
    Standing,
)

Deed: TypeAlias = Place | Cancel | Listen | EndTape
"""A request that moves the exchange."""

decode_request: Final = msgspec.json.Decoder(Request).decode
_decode_deed: Final = msgspec.json.Decoder(Deed).decode


class Told(NamedTuple):
    """A report that was told, and how many messages had come before."""

    report: VenueReport
    sent: int


class Exchange(Protocol):
    """The book and the matching: a SimulatedExchange."""

    due: int

    def perform(self, effect: Effect, now: int) -> None:
        """Take an order, or the wish to cancel one."""

    def next_report(self, until: int) -> VenueReport | None:
        """The next report at or before `until`."""

    def end_tape(self) -> None:
        """No more market data will come."""


class Memory(Protocol):
    """Where the deeds are kept."""

    def deeds(self) -> Iterable[bytes]:
        """Those of the processes before, oldest first."""

    def keep(self, deed: bytes, *, durable: bool) -> None:
        """Add one; a durable one, and all before it, survive whatever comes when this returns."""


class Counterparty:
    """Answers requests. Made on a memory with deeds in it, it goes on where they ended."""

    def __init__(self, exchange: Exchange, memory: Memory) -> None:
        self._exchange: Final = exchange
        self._memory: Final = memory
        self._orders: dict[str, None] = {}
        self._cancels: Counter[str] = Counter()
        self._messages = 0  # orders and cancels
        self._told: list[Told] = []
        for deed in memory.deeds():
            self._do(_decode_deed(deed))

    def answer(self, request: Request) -> Answer:
        """Do what is asked, kept before it is done, and answer."""
        if isinstance(request, Ask):
            return Standing(request.order_id in self._orders, self._cancels[request.order_id])
        if isinstance(request, List):
            return Orders(tuple(islice(self._orders, request.after, request.after + ORDERS_MAX)))
        if isinstance(request, Listen) and self._is_behind(request):
            return self._told_before(request)
        self._memory.keep(msgspec.json.encode(request), durable=not isinstance(request, Listen))
        return self._do(request)

    def _is_behind(self, request: Request) -> bool:
        """Whether the sender takes up again what an engine before it lived through already."""
        return request.heard < len(self._told) or request.sent < self._messages

    def _told_before(self, request: Listen) -> Done:
        """What was told to an engine that did not live to write it down."""
        due = self._due(request.heard, request.sent)
        if due > request.until:
            return Done(due)
        return Done(self._due(request.heard + 1, request.sent), self._told[request.heard].report)

    def _do(self, deed: Deed) -> Answer:
        # What was told behind the last durable deed is forgotten with a venue that was killed, and comes out the same.
        while len(self._told) < deed.heard and self._next(TS_NEVER - 1) is not None:
            pass
        if deed.heard > len(self._told):
            return Refused(f"{deed.heard} reports were heard, and no more than {len(self._told)} told")
        if isinstance(deed, Listen):
            report = self._next(deed.until)
            return Done(self._due(deed.heard + (report is not None), deed.sent), report)
        if isinstance(deed, EndTape):
            self._exchange.end_tape()
            return Done(self._due(deed.heard, deed.sent))
        if isinstance(deed, Place) and deed.order.order_id in self._orders:
            return Refused(f"there is an order {deed.order.order_id} already")
        if deed.sent != self._messages:
            return Refused(f"the sender knows of {deed.sent} messages, and {self._messages} came")
        self._messages += 1
        if isinstance(deed, Place):
            self._orders[deed.order.order_id] = None
            self._exchange.perform(SubmitOrder(deed.order), self._time(deed.now))
        else:
            self._cancels[deed.order_id] += 1
            self._exchange.perform(CancelOrder(deed.order_id, deed.by_venue), self._time(deed.now))
        return Done(self._due(deed.heard, deed.sent + 1))

    def _next(self, until: int) -> VenueReport | None:
        report = self._exchange.next_report(until)
        if report is not None:
            self._told.append(Told(report, self._messages))
        return report

    def _time(self, now: int) -> int:
        """When a message comes: never before a report that was told, though its sender forgot it and is back there."""
        return max(now, self._told[-1].report.ts) if self._told else now

    def _due(self, heard: int, sent: int) -> int:
        """When the next report can be told to who knows so much. One that a later message led to has to wait for that."""
        if heard < len(self._told):
            told = self._told[heard]
            return told.report.ts if told.sent <= sent else TS_NEVER
        return self._exchange.due if sent >= self._messages else TS_NEVER

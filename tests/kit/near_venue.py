"""The practice venue without its socket: every message is encoded and decoded, and answered by an counterparty in this process."""

from collections.abc import Iterable

import msgspec

from veracity.runtime.simulation import Plan, exchange
from veracity.venues.practice.client import PracticeVenue
from veracity.venues.practice.counterparty import Counterparty, decode_request
from veracity.venues.practice.wire import Answer, Request


class Kept:
    """A memory that a killed venue leaves behind: what is durable, and what else it had."""

    def __init__(self, deeds: Iterable[bytes] = ()) -> None:
        self.all = list(deeds)
        self.durable = len(self.all)

    def deeds(self) -> Iterable[bytes]:
        return tuple(self.all)

    def keep(self, deed: bytes, *, durable: bool) -> None:
        self.all.append(deed)
        if durable:
            self.durable = len(self.all)


class NearVenue(PracticeVenue):
    """A connection to `counterparty`."""

    def __init__(self, counterparty: Counterparty) -> None:
        self._counterparty = counterparty
        self._heard = self._sent = 0
        self.asked: list[Request] = []

    def _asked(self, request: Request) -> Answer:
        self.asked.append(request)
        answer = self._counterparty.answer(decode_request(msgspec.json.encode(request)))
        said: Answer = msgspec.json.decode(msgspec.json.encode(answer), type=Answer)
        return said

    def close(self) -> None:
        pass


def counterparty_of(plan: Plan, memory: Kept) -> Counterparty:
    return Counterparty(exchange(plan), memory)

"""The engine's end of the practice venue. No call is ever repeated: where an answer does not come, what was asked may have
been done, and only the venue can say."""

import os
import socket
from pathlib import Path
from typing import Final

import msgspec

from veracity.domain.errors import VenueFault
from veracity.domain.events import VenueReport
from veracity.engine.effects import Effect, SubmitOrder
from veracity.venues.practice.wire import (
    VERSION,
    Answer,
    Ask,
    Cancel,
    Done,
    EndTape,
    Greeting,
    Line,
    List,
    Listen,
    Orders,
    Place,
    Refused,
    Request,
    Standing,
    address,
)

PATIENCE_S: Final = 10.0
"""How long an answer may take."""

_decode_answer: Final = msgspec.json.Decoder(Answer).decode
_decode_greeting: Final = msgspec.json.Decoder(Greeting).decode


class PracticeVenue:
    """A connection. Each method raises VenueFault where the venue is gone, is silent, refuses or talks nonsense."""

    due: int
    """Time of the next report, or TS_NEVER; known once `hear_from` was called."""

    def __init__(self, directory: Path, run_id: str) -> None:
        """Connect to the venue in `directory`."""
        self._heard = self._sent = 0
        self._line: Final = Line(_connected(directory))
        try:
            self._meet(run_id)
        except BaseException:
            self.close()
            raise

    def _meet(self, run_id: str) -> None:
        said = self._line.receive()
        try:
            greeting = _decode_greeting(said)
        except msgspec.MsgspecError as error:
            raise VenueFault(f"the venue's greeting is not understood: {error}") from error
        if greeting != Greeting(VERSION, run_id):
            raise VenueFault(
                f"the venue speaks version {greeting.version} and trades run {greeting.run_id}; "
                f"this is version {VERSION} and run {run_id}"
            )

    def hear_from(self, heard: int, sent: int) -> None:
        """Go on behind the first `heard` reports that it told and the first `sent` messages that it took."""
        self._heard, self._sent = heard, sent
        self.due = self._done(Listen(heard, sent, 0)).due

    def has_message(self) -> None:
        """Know of one message more that it took from a process before."""
        self.hear_from(self._heard, self._sent + 1)

    def perform(self, effect: Effect, now: int) -> None:
        """Send an order, or the wish to cancel one; the venue has it when this returns."""
        if isinstance(effect, SubmitOrder):
            self.due = self._done(Place(self._heard, self._sent, effect.order, now)).due
        else:
            self.due = self._done(Cancel(self._heard, self._sent, effect.order_id, effect.by_venue, now)).due
        self._sent += 1

    def next_report(self, until: int) -> VenueReport | None:
        """The next report at or before `until`."""
        if until < self.due:
            return None
        done = self._done(Listen(self._heard, self._sent, until))
        self.due = done.due
        self._heard += done.report is not None
        return done.report

    def end_tape(self) -> None:
        """No more market data will come."""
        self.due = self._done(EndTape(self._heard, self._sent)).due

    def order_ids(self) -> tuple[str, ...]:
        """Client order ids of all that ever came."""
        named: list[str] = []
        while more := self._orders_behind(len(named)):
            named.extend(more)
        return tuple(named)

    def _orders_behind(self, after: int) -> tuple[str, ...]:
        answer = self._asked(List(self._heard, self._sent, after))
        if not isinstance(answer, Orders):
            raise VenueFault(f"the venue does not name its orders: {answer}")
        return answer.order_ids

    def standing(self, order_id: str) -> tuple[bool, int]:
        """Whether the order ever came, and how often its cancel did."""
        answer = self._asked(Ask(self._heard, self._sent, order_id))
        if not isinstance(answer, Standing):
            raise VenueFault(f"the venue does not say where order {order_id} is: {answer}")
        return answer.is_known, answer.cancels

    def close(self) -> None:
        """Go away; the orders stay."""
        self._line.close()

    def _done(self, request: Request) -> Done:
        answer = self._asked(request)
        if not isinstance(answer, Done):
            why = answer.why if isinstance(answer, Refused) else str(answer)
            raise VenueFault(f"the venue refuses {type(request).__name__}: {why}")
        return answer

    def _asked(self, request: Request) -> Answer:
        self._line.send(request)
        said = self._line.receive()
        if not said:
            raise VenueFault(f"the venue went away without an answer to {type(request).__name__}")
        try:
            answer: Answer = _decode_answer(said)
        except msgspec.MsgspecError as error:
            raise VenueFault(f"the venue's answer is not understood: {error}") from error
        return answer


def _connected(directory: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    connection.settimeout(PATIENCE_S)
    try:
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            connection.connect(address(opened))
        finally:
            os.close(opened)
    except OSError as error:
        connection.close()
        raise VenueFault(f"no venue answers in {directory}: {error.strerror or error}") from error
    return connection

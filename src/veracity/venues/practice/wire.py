"""What an engine and the practice venue say to each other: one line of JSON each way, one answer to each request.

The venue greets whoever comes. From then on every request says how many reports were heard before it (`heard`) and how many
messages of the sender's account, orders and cancels, it knows of (`sent`). So no report is lost with an engine that was
killed, none is told as new to one that has it in its journal, and none before the message that led to it was sent again in
mind.
"""

import socket
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from veracity.domain.errors import VenueFault
from veracity.domain.events import OrderSubmitted, VenueReport

VERSION: Final = 1
SOCKET: Final = "socket"
"""Name of the socket in the venue's directory."""
LINE_BYTES_MAX: Final = 1 << 20
ORDERS_MAX: Final = 4_096
"""Orders that one answer names: so many of the longest ids fit in a line."""


class Greeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The venue's first word."""

    version: int
    run_id: str  # whose orders it takes


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="place"):
    """Take this order. A client order id that the venue has is refused."""

    heard: int
    sent: int
    order: OrderSubmitted
    now: int  # the sender's clock, nanoseconds


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="cancel"):
    """Cancel this order; `by_venue`: by its own decision, so that no message travels."""

    heard: int
    sent: int
    order_id: str
    by_venue: bool
    now: int


class Listen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="listen"):
    """Tell the next report that is known at or before `until`."""

    heard: int
    sent: int
    until: int


class EndTape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="end_tape"):
    """No more market data will come."""

    heard: int
    sent: int


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="ask"):
    """Say whether this order, by its client order id, ever came."""

    heard: int
    sent: int
    order_id: str


class List(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="list"):
    """Name the orders that ever came, ORDERS_MAX of them, behind the first `after`."""

    heard: int
    sent: int
    after: int


Request: TypeAlias = Place | Cancel | Listen | EndTape | Ask | List


class Done(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="said", tag="done"):
    """It is done, and kept: from here on it survives the venue's own end."""

    due: int  # time of the next report behind the one told here, or TS_NEVER
    report: VenueReport | None = None  # what a Listen asked for


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="said", tag="standing"):
    """What ever came about one order."""

    is_known: bool
    cancels: int


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="said", tag="orders"):
    """Client order ids, in the order in which they came; none where no more did."""

    order_ids: tuple[str, ...]


class Refused(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="said", tag="refused"):
    """Nothing was done."""

    why: str


Answer: TypeAlias = Done | Standing | Orders | Refused


class Line:
    """One end of a connection. Methods raise VenueFault where the other end is gone, is silent or talks nonsense."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection: Final = connection
        self._incoming: Final = connection.makefile("rb")

    def send(self, message: object) -> None:
        """Say one thing."""
        try:
            self._connection.sendall(msgspec.json.encode(message) + b"\n")
        except OSError as error:
            raise VenueFault(f"the other end cannot be reached: {error}") from error

    def receive(self) -> bytes:
        """The next line, whole; empty where the other end has gone."""
        try:
            line = self._incoming.readline(LINE_BYTES_MAX)
        except OSError as error:
            raise VenueFault(f"no answer: {error}") from error
        if line and not line.endswith(b"\n"):
            raise VenueFault(f"{len(line)} bytes of a line without an end")
        return line

    def close(self) -> None:
        """Go away."""
        self._incoming.close()
        self._connection.close()


def address(directory: int) -> str:
    """Address of the socket in an open directory: a path of any length fits, and is the directory that was checked."""
    return str(Path("/proc/self/fd", str(directory), SOCKET))

"""The practice venue's socket. One engine at a time: what a killed one had sent is read to its end before the next is heard,
so an order that is not there then was never sent."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import msgspec

from veracity.domain.errors import VenueFault
from veracity.venues.practice.counterparty import Counterparty, decode_request
from veracity.venues.practice.wire import SOCKET, VERSION, Greeting, Line, Refused, address

WAITING_MAX: Final = 8  # engines that may wait for their turn


@contextmanager
def listening(directory: int) -> Iterator[socket.socket]:
    """The socket in an open directory, which nobody else may listen in: one that a killed venue left is taken away."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as listener:
        _forget(directory)
        listener.bind(address(directory))
        os.chmod(SOCKET, 0o600, dir_fd=directory)
        listener.listen(WAITING_MAX)
        try:
            yield listener
        finally:
            _forget(directory)


def serve(
    listener: socket.socket, run_id: str, counterparty: Counterparty, tell: Callable[[str], None]
) -> None:
    """Answer engines, one after the other, until the process is ended. `tell` hears of a connection that was of no use."""
    while True:
        connection, _ = listener.accept()
        line = Line(connection)
        try:
            line.send(Greeting(VERSION, run_id))
            _talk(line, counterparty)
        except VenueFault as fault:
            tell(str(fault))
        finally:
            line.close()


def _talk(line: Line, counterparty: Counterparty) -> None:
    while asked := line.receive():
        try:
            request = decode_request(asked)
        except msgspec.MsgspecError as error:
            line.send(Refused(f"not understood: {error}"))
            continue
        line.send(counterparty.answer(request))


def _forget(directory: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(SOCKET, dir_fd=directory)

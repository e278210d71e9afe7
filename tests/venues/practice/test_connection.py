"""Engine and practice venue over a real socket: what is not said is not known, and nothing is asked twice."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.kit.near_venue import Kept
from tests.kit.process import PATIENCE_S
from tests.venues.practice.test_counterparty import all_of, market, minute, order

from veracity.domain.errors import VenueFault
from veracity.domain.events import FillReported
from veracity.venues.practice import client
from veracity.venues.practice.client import PracticeVenue
from veracity.venues.practice.counterparty import Counterparty
from veracity.venues.practice.server import listening, serve
from veracity.venues.practice.wire import LINE_BYTES_MAX, ORDERS_MAX, Place

RUN = "0011223344556677"
GREETING = b'{"version":1,"run_id":"0011223344556677"}\n'


@contextmanager
def opened(directory: Path) -> Iterator[int]:
    file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield file
    finally:
        os.close(file)


@contextmanager
def served(directory: Path, talk: Callable[[socket.socket], None]) -> Iterator[None]:
    """A thread that does `talk` with the socket that listens in `directory`."""
    with opened(directory) as file, listening(file) as listener:
        thread = threading.Thread(target=talk, args=(listener,), daemon=True)
        thread.start()
        yield


@contextmanager
def venue(directory: Path, memory: Kept, told: list[str]) -> Iterator[None]:
    counterparty = Counterparty(market(), memory)

    def talk(listener: socket.socket) -> None:
        with suppress(OSError):  # the test is over
            serve(listener, RUN, counterparty, told.append)

    with served(directory, talk):
        yield


def test_orders_go_out_and_reports_come_in_and_the_next_engine_finds_them(tmp_path: Path) -> None:
    memory, told = Kept(), list[str]()
    with venue(tmp_path, memory, told):
        first = PracticeVenue(tmp_path, RUN)
        first.hear_from(0, 0)
        first.perform(order("o-1"), minute(1))
        first.close()
        second = PracticeVenue(tmp_path, RUN)
        assert second.order_ids() == ("o-1",)
        second.hear_from(0, 1)
        assert sum(isinstance(one, FillReported) for one in all_of(second)) == 2
        second.close()
    assert told == []


def test_more_orders_than_one_answer_may_name_are_all_named(tmp_path: Path) -> None:
    ids = [f"o-{number:034}" for number in range(2 * ORDERS_MAX + 1)]
    counterparty = Counterparty(market(), Kept())
    for number, order_id in enumerate(ids):
        counterparty.answer(Place(0, number, order(order_id).order, minute(1)))

    def talk(listener: socket.socket) -> None:
        with suppress(OSError):  # the test is over
            serve(listener, RUN, counterparty, print)

    with served(tmp_path, talk):
        engine = PracticeVenue(tmp_path, RUN)
        assert engine.order_ids() == tuple(ids)
        engine.close()


def test_a_directory_of_any_depth_has_a_socket_that_is_ours_alone(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-name-that-is-long-enough-to-be-in-the-way"] * 4)
    deep.mkdir(parents=True)
    with venue(deep, Kept(), []):
        PracticeVenue(deep, RUN).close()
        assert (deep / "socket").stat().st_mode & 0o777 == 0o600
    assert list(deep.iterdir()) == []


def test_where_nobody_listens_there_is_no_venue(tmp_path: Path) -> None:
    with pytest.raises(VenueFault, match=f"no venue answers in {tmp_path}: No such file"):
        PracticeVenue(tmp_path, RUN)


def test_a_venue_of_another_run_is_not_traded_at(tmp_path: Path) -> None:
    with venue(tmp_path, Kept(), []), pytest.raises(VenueFault, match=f"trades run {RUN}; .* run f{RUN[1:]}"):
        PracticeVenue(tmp_path, f"f{RUN[1:]}")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "the venue went away without an answer to Place"),
        (b'{"said":"done","due":1', "22 bytes of a line without an end"),
        (b"<html>502</html>\n", "the venue's answer is not understood"),
        (b'{"said":"done","due":"soon"}\n', "the venue's answer is not understood"),
        (b'{"said":"standing","is_known":true,"cancels":0}\n', "the venue refuses Place: Standing"),
        (b"x" * (LINE_BYTES_MAX + 1), f"{LINE_BYTES_MAX} bytes of a line without an end"),
    ],
)
def test_an_answer_that_cannot_be_believed_is_no_answer_and_nothing_is_asked_again(
    tmp_path: Path, said: bytes, why: str
) -> None:
    asked = []

    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as incoming:
            connection.sendall(GREETING)
            asked.append(incoming.readline())
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):  # it goes away with a part unread
                asked.extend(incoming)

    with served(tmp_path, talk):
        engine = PracticeVenue(tmp_path, RUN)
        with pytest.raises(VenueFault, match=why):
            engine.perform(order("o-1"), minute(1))
        engine.close()
    assert len(asked) == 1


def test_a_silent_venue_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE_S", 0.05)
    with opened(tmp_path) as file, listening(file), pytest.raises(VenueFault, match="no answer: timed out"):
        PracticeVenue(tmp_path, RUN)


def test_a_request_that_nobody_understands_is_refused_and_the_next_one_is_answered(tmp_path: Path) -> None:
    with venue(tmp_path, Kept(), []), opened(tmp_path) as file, socket.socket(socket.AF_UNIX) as raw:
        raw.settimeout(PATIENCE_S)
        raw.connect(f"/proc/self/fd/{file}/socket")
        incoming = raw.makefile("rb")
        assert incoming.readline() == GREETING
        raw.sendall(b'{"do":"buy"}\n{"do":"list","heard":0,"sent":0,"after":0}\n')
        assert incoming.readline().startswith(b'{"said":"refused","why":"not understood: ')
        assert incoming.readline() == b'{"said":"orders","order_ids":[]}\n'


def test_an_engine_that_is_killed_in_the_middle_of_a_request_is_told_of_and_has_sent_nothing(
    tmp_path: Path,
) -> None:
    told = list[str]()
    with venue(tmp_path, Kept(), told), opened(tmp_path) as file:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(f"/proc/self/fd/{file}/socket")
            assert raw.recv(len(GREETING)) == GREETING
            raw.sendall(b'{"do":"place","heard":0,')
        after = PracticeVenue(tmp_path, RUN)
        assert after.order_ids() == ()
        after.close()
    assert told == ["24 bytes of a line without an end"]

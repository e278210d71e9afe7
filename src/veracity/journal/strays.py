"""Lines behind a journal's damage that look like records: to be counted, and listed by a salvage. Nothing proves them."""

from collections.abc import Iterator
from typing import NamedTuple

from veracity.journal import frame, plain


class Stray(NamedTuple):
    """A line behind the damage that looks like a record. Nothing proves it."""

    segment: str
    seq: int
    payload: bytes


def stray_records(names: list[str], bad: int, directory: int, where: str) -> Iterator[Stray]:
    """The lines of `names` that look like records, but the one that begins at byte `bad` of the first."""
    for name in names:
        with plain.opened(name, directory, where) as file:
            for line in _lines_behind(file, bad if name == names[0] else -1):
                if frame.looks_like_record(line):
                    seq = frame.stated_seq(line)
                    assert seq is not None
                    yield Stray(name, seq, line[frame.HEADER_BYTES :])


def _lines_behind(file: plain.Plain, bad: int) -> Iterator[bytes]:
    """The lines of a file; where `bad` is not negative only those behind the line that begins at that byte."""
    at, rest = 0, b""
    behind_bad = bad < 0
    try:
        while chunk := file.read(plain.WINDOW_BYTES):
            at += len(chunk)
            if at <= bad:
                continue
            rest += chunk if at - len(chunk) >= bad else chunk[bad - at :]
            lines = rest.split(b"\n")
            rest = lines.pop()[-frame.FRAME_BYTES_MAX :]
            if lines and not behind_bad:
                behind_bad = True
                del lines[0]
            yield from lines
    except plain.Undecodable:
        return  # what can be read was read

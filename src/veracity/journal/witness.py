"""The witness: a second small file that says how far the journal was acknowledged.

A last record that rotted, or was lost whole, looks like one that was never finished. The witness tells them apart: what it
has seen acknowledged must be there. A line is written after a sync of the journal has returned, once in many records, when a
timer asks, and at the end; so it may lag behind, and never runs ahead. Behind the lines stand zeros, so that a line changes
no size and its sync writes no more than it. One line is 35 bytes:

    ssssssssssssssss cccccccc wwwwwwww\n

seq and chain value of the last acknowledged record, and the CRC-32C of the 26 bytes before it. The last good line counts:
a torn or rotten one makes the witness older, never wrong.
"""

import os
from typing import Final, NamedTuple

from veracity.journal.files import Files, write_all, write_new
from veracity.journal.frame import chain_crc
from veracity.journal.segments import WITNESS_NAME, open_file

LINE_BYTES: Final = 35
PAGE_BYTES: Final = 4096  # of zeros, as soon as there is no room for a line
_COVERED: Final = 26


class Acknowledged(NamedTuple):
    """The last record that the witness saw acknowledged."""

    seq: int
    chain: int


def read_witness(directory: int, where: str) -> Acknowledged | None:
    """What the witness of the journal saw; None where there is none. Raises JournalUnsafe where it is no file of ours alone."""
    if WITNESS_NAME not in os.listdir(directory):
        return None
    with os.fdopen(open_file(WITNESS_NAME, directory, os.O_RDONLY, where), "rb") as file:
        data = file.read()
    for at in range(len(data) // LINE_BYTES * LINE_BYTES - LINE_BYTES, -1, -LINE_BYTES):
        line = data[at : at + LINE_BYTES]
        if line[_COVERED:] == b"%08x\n" % chain_crc(0, line[:_COVERED]):
            return Acknowledged(int(line[:16], 16), int(line[17:25], 16))
    return None


def line_of(acknowledged: Acknowledged) -> bytes:
    """One line of the witness."""
    covered = b"%016x %08x " % acknowledged
    return covered + b"%08x\n" % chain_crc(0, covered)


class Witness:
    """The writer's side: one open file, appended to. Every method raises OSError."""

    def __init__(self, files: Files, directory: int, seen: Acknowledged) -> None:
        """A file that holds `seen` alone, in the place of an older one: a restart does not let it grow."""
        self._files = files
        self.seq = seen.seq
        write_new(files, WITNESS_NAME, directory, [line_of(seen).ljust(PAGE_BYTES, b"\0")])
        self._file = files.open(WITNESS_NAME, directory)
        self._size = LINE_BYTES

    def note(self, seen: Acknowledged) -> None:
        """Write one more line, durable when this returns."""
        if seen.seq == self.seq:
            return
        line = line_of(seen)
        if self._size % PAGE_BYTES + LINE_BYTES > PAGE_BYTES:
            line += bytes(PAGE_BYTES)
        write_all(self._files, self._file, line, self._size)
        self._files.sync_data(self._file)
        self._size += LINE_BYTES
        self.seq = seen.seq

    def close(self) -> None:
        """Close the file."""
        self._files.close(self._file)

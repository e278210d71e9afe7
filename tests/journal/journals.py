"""Small journals, disks that fail, and a reader that shares no code with the product."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.kit.process import SEARCHED

from veracity.domain.errors import EngineFault, OperatorFault
from veracity.journal.errors import JournalDamaged, JournalTorn
from veracity.journal.files import SYSTEM_FILES, Bytes
from veracity.journal.frame import encode
from veracity.journal.reader import End, read, scan
from veracity.journal.space import BATCH, LIVE, Profile
from veracity.journal.writer import JournalWriter

Answer = TypeVar("Answer")
RUN_ID = "00112233445566ff"


def profile(segment_bytes: int = BATCH.segment_bytes, *, live: bool = False, **options: Any) -> Profile:
    """How a test's journal is written; a live one in small, as a test has no 64 MiB."""
    if live:
        small = {"preallocate_bytes": 4096, "reserve_bytes": 8192, "low_water_bytes": 1, "witness_records": 4}
        return LIVE._replace(segment_bytes=segment_bytes, **{**small, **options})
    return BATCH._replace(segment_bytes=segment_bytes, **options)


def new_journal(
    directory: Path, run_id: str = RUN_ID, *, segment_bytes: int = BATCH.segment_bytes, **options: Any
) -> JournalWriter:
    options = {"profile": profile(segment_bytes), "schema_version": 1, **options}
    return JournalWriter.create(directory, run_id, code_version="0.1.0", **options)


def resumed(
    directory: Path, run_id: str = RUN_ID, *, code_version: str = "0.1.0", **options: Any
) -> JournalWriter:
    options = {"profile": profile(live=True), "schema_version": 1, **options}
    return JournalWriter.resume(directory, run_id, code_version=code_version, **options)


def write_journal(directory: Path, records: Iterable[tuple[int, bytes]], **options: Any) -> Path:
    journal = new_journal(directory, **options)
    for seq, payload in records:
        journal.append(seq, payload)
    journal.close()
    return directory


def numbered(count: int) -> list[tuple[int, bytes]]:
    """Records 1 to `count` with payloads of different lengths."""
    return [(seq, b'{"seq":%d}' % seq) for seq in range(1, count + 1)]


def write_segment(path: Path, lines: Iterable[tuple[int, bytes]]) -> Path:
    """A file of well-chained lines, the first with a checksum of its own, whatever they say."""
    data, crc = b"", 0
    for seq, payload in lines:
        line, crc = encode(seq, payload, crc)
        data += line
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def line_ends(data: bytes) -> list[int]:
    """Where each line of `data` ends, its newline included."""
    return [at + 1 for at, byte in enumerate(data) if byte == 0x0A]


def everything(directory: Path) -> dict[str, bytes]:
    """Every file of a directory with its bytes."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


CRC32C_REVERSED = 0x82F63B78  # RFC 3720, appendix B.4


def _crc_row(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (CRC32C_REVERSED if value & 1 else 0)
    return value


CRC_TABLE = [_crc_row(byte) for byte in range(256)]


def crc32c(data: bytes, previous: int = 0) -> int:
    """CRC-32C by the table method, seeded with the value of what came before."""
    crc = previous ^ 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def parse(directory: Path) -> list[tuple[int, bytes]]:
    """The records of a good journal, by specs/journal/format.md alone."""
    records = []
    for path in sorted(directory.glob("*.wal")):
        data, at, previous = path.read_bytes(), 0, 0
        while at < len(data) and data[at]:  # zeros: what a live writer has not got to
            length, seq = int(data[at : at + 8], 16), int(data[at + 9 : at + 25], 16)
            payload = data[at + 35 : at + 35 + length]
            previous = crc32c(data[at : at + 26] + payload, previous)
            mark = data[at + 8 : at + 9].decode()
            assert mark in " |"
            assert data[at : at + 35] == f"{length:08x}{mark}{seq:016x} {previous:08x} ".encode()
            assert data[at + 35 + length : at + 36 + length] == b"\n"
            if seq:
                records.append((seq, payload))
            at += 36 + length
    return records


def records_of(directory: Path) -> list[tuple[int, bytes]]:
    return [(record.seq, record.payload) for record in read(directory)]


def told(ask: Callable[[], Answer]) -> Answer | str:
    """The answer, or the error in words: so that a test compares values whatever goes wrong."""
    try:
        return ask()
    except (OperatorFault, EngineFault, ValueError, LookupError, AssertionError, OSError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


def damage_of(directory: Path) -> JournalDamaged:
    """Why the journal is refused; `scan` says the same."""
    with pytest.raises(JournalDamaged) as refusal:
        records_of(directory)
    tail = scan(directory)
    assert tail.end is (End.TORN if isinstance(refusal.value, JournalTorn) else End.DAMAGED)
    assert str(tail.fault) == str(refusal.value)
    return refusal.value


def change(path: Path, at: int, new: bytes, old: int = 1) -> None:
    """Put `new` in the place of `old` bytes."""
    data = path.read_bytes()
    path.write_bytes(data[:at] + new + data[at + old :])


@contextmanager
def running(script: str, directory: Path) -> Iterator[subprocess.Popen[str]]:
    """`script` in a process of its own, with `directory` as its argument, killed if it is still there in the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(directory)],
        env={"PYTHONPATH": SEARCHED},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


class Killed(BaseException):
    """The process ended in the middle of a file call."""


class FailingFiles:
    """The system's files, until the call number `at` (from 1; of those named `only`): that one raises `error`, after half of a write.

    `calls` are the names of all calls so far. After a kill no call does anything any more.
    """

    def __init__(self, at: int = 0, error: BaseException | None = None, only: str = "") -> None:
        self.calls: list[str] = []
        self._left = at or sys.maxsize  # 0: none fails
        self._error = error or Killed()
        self._only = only

    def create(self, name: str, directory: int) -> int:
        self._call("create")
        return SYSTEM_FILES.create(name, directory)

    def open(self, name: str, directory: int) -> int:
        self._call("open")
        return SYSTEM_FILES.open(name, directory)

    def write(self, file: int, data: Bytes, at: int) -> int:
        self._call("write", file, data[: len(data) // 2], at)
        return SYSTEM_FILES.write(file, data, at)

    def sync_data(self, file: int) -> None:
        self._call("sync_data")
        SYSTEM_FILES.sync_data(file)

    def sync(self, file: int) -> None:
        self._call("sync")
        SYSTEM_FILES.sync(file)

    def truncate(self, file: int, size: int) -> None:
        self._call("truncate")
        SYSTEM_FILES.truncate(file, size)

    def replace(self, old: str, new: str, directory: int) -> None:
        self._call("replace")
        SYSTEM_FILES.replace(old, new, directory)

    def unlink(self, name: str, directory: int) -> None:
        self._call("unlink")
        SYSTEM_FILES.unlink(name, directory)

    def free(self, directory: int) -> int:
        return SYSTEM_FILES.free(directory)

    def close(self, file: int) -> None:
        self._call("close")
        SYSTEM_FILES.close(file)

    def _call(self, name: str, file: int = -1, part: Bytes | None = None, at: int = 0) -> None:
        self.calls.append(name)
        self._left -= self._only in ("", name)
        if self._left == 0 and self._only in ("", name):
            if part:
                SYSTEM_FILES.write(file, part, at)
            raise self._error
        if self._left <= 0 and isinstance(self._error, Killed):
            raise self._error

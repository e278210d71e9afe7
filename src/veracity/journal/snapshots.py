"""Snapshot files: restore points beside the journal, each proving itself (specs/journal/snapshots.md).

A file is two lines. The first is the SHA-256 of the second, so that every byte is covered; the second is the header, a space, and the
content, which this room does not read. The name holds the seq.

    <64 hex digits>\\n
    {"run_id":...,"seq":...,"record_seq":...,"chain":...,"state_hash":...} <content>\\n
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from veracity.domain.canonical import canonical_json
from veracity.domain.errors import OperatorFault
from veracity.journal.errors import JournalDead, JournalUnsafe
from veracity.journal.files import SYSTEM_FILES, Files, write_new
from veracity.journal.reader import Since
from veracity.journal.segments import make_directory, open_file, opened_directory

FORMAT_VERSION: Final = 1
_NAME: Final = re.compile(r"[0-9]{19}\.snapshot")
_UNFINISHED: Final = ".tmp"
_DIGEST_BYTES: Final = 65  # of the first line


class SnapshotHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a snapshot is of."""

    format_version: int
    run_id: str
    schema_version: int
    seq: int  # of the state
    record_seq: int  # of the last journal record in it; lower than `seq` where facts were not journaled
    chain: str  # value of that record, 8 hex digits
    state_hash: str

    @property
    def since(self) -> Since:
        """Where a reader of the journal goes on."""
        return Since(self.record_seq, int(self.chain, 16))


class Snapshot(NamedTuple):
    """A file that proved itself: its name, its SHA-256 as written, header and content."""

    name: str
    sha256: str
    header: SnapshotHeader
    content: bytes


class PassedOver(NamedTuple):
    """A file that cannot be used, and why."""

    name: str
    why: str


class Choice(NamedTuple):
    """The newest snapshot that can be used, or none, and the newer ones that cannot."""

    snapshot: Snapshot | None
    passed_over: list[PassedOver]


_decoder: Final = msgspec.json.Decoder(SnapshotHeader)


def snapshot_name(seq: int) -> str:
    """File name of the snapshot of the state at `seq`."""
    return f"{seq:019d}.snapshot"


def encode_snapshot(header: SnapshotHeader, content: bytes) -> bytes:
    """The file's bytes."""
    line = canonical_json(header) + b" " + content + b"\n"
    return hashlib.sha256(line).hexdigest().encode() + b"\n" + line


def write_snapshot(
    directory: Path, header: SnapshotHeader, content: bytes, *, files: Files = SYSTEM_FILES
) -> Snapshot:
    """Write one snapshot: aside at 0600, synced, renamed, the directory synced. A crash leaves all of it or none.

    The journal must be durable up to `header.record_seq` before. `directory` is made 0700 where it is not there. Raises
    JournalUnsafe where it is not ours alone, JournalDead where the disk fails.
    """
    make_directory(directory)
    data = encode_snapshot(header, content)
    name = snapshot_name(header.seq)
    with opened_directory(directory) as opened:
        try:
            write_new(files, name, opened, [data])
        except OSError as error:
            raise JournalDead(f"{directory}/{name}: cannot write the snapshot: {error.strerror}") from error
    return Snapshot(name, hashlib.sha256(data).hexdigest(), header, content)


def newest_valid(
    directory: Path, *, run_id: str, schema_version: int, seq_last: int, below: int | None = None
) -> Choice:
    """The newest snapshot whose checksum, run id and schema version hold and that is not beyond the journal's last record.

    `below` leaves out those at that seq and above. No directory is no snapshot. Raises JournalUnsafe where the files are not
    ours alone.
    """
    passed_over: list[PassedOver] = []
    for found in walk(directory):
        if below is not None and int(found.name[:19]) >= below:
            continue
        if isinstance(found, PassedOver):
            passed_over.append(found)
            continue
        header = found.header
        why = ""
        if header.run_id != run_id:
            why = f"it is of run {header.run_id}"
        elif header.schema_version != schema_version:
            why = f"its schema is {header.schema_version}, this version reads {schema_version}"
        elif header.record_seq > seq_last:
            why = f"it is beyond the journal, whose last record has seq {seq_last}"
        if not why:
            return Choice(found, passed_over)
        passed_over.append(PassedOver(found.name, why))
    return Choice(None, passed_over)


def walk(directory: Path) -> Iterator[Snapshot | PassedOver]:
    """Every snapshot, newest first, each with its proof or why it has none. Raises JournalUnsafe."""
    if not directory.exists():
        return
    with opened_directory(directory) as opened:
        for name in _names(opened, str(directory)):
            yield _judged(name, opened, str(directory))


def roll(directory: Path, keep: int, *, files: Files = SYSTEM_FILES) -> list[str]:
    """Remove what is older than the newest `keep` snapshots that prove themselves; names of the removed.

    A damaged snapshot is no restore point, so it does not count. Raises JournalUnsafe, JournalDead.
    """
    assert keep > 0, keep
    verified, old = 0, []
    for found in walk(directory):
        if verified >= keep:
            old.append(found.name)
        verified += isinstance(found, Snapshot)
    if not old:
        return old
    with opened_directory(directory) as opened:
        try:
            for name in reversed(old):  # the oldest first: a kill leaves no gap
                files.unlink(name, opened)
            files.sync(opened)
        except OSError as error:
            raise JournalDead(f"{directory}: cannot remove old snapshots: {error.strerror}") from error
    return old


def _names(directory: int, where: str) -> list[str]:
    names = []
    for name in sorted(os.listdir(directory), reverse=True):
        if _NAME.fullmatch(name):
            names.append(name)
        elif not _NAME.fullmatch(name.removesuffix(_UNFINISHED)):
            raise JournalUnsafe("not a snapshot", where=f"{where}/{name}", hint="move it elsewhere")
    return names


def _judged(name: str, directory: int, where: str) -> Snapshot | PassedOver:
    try:
        with os.fdopen(open_file(name, directory, os.O_RDONLY, where), "rb") as file:
            data = file.read()
    except JournalUnsafe:
        raise
    except OperatorFault as fault:
        return PassedOver(name, fault.why)
    digest, line = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if digest != hashlib.sha256(line).hexdigest().encode() + b"\n":
        return PassedOver(name, "its SHA-256 does not match")
    head, space, content = line.partition(b"} ")
    try:
        header = _decoder.decode(head + space.rstrip())
    except msgspec.MsgspecError as error:
        return PassedOver(name, f"its header cannot be read: {error}")
    if header.format_version != FORMAT_VERSION:
        return PassedOver(name, f"its format is {header.format_version}, this version reads {FORMAT_VERSION}")
    if snapshot_name(header.seq) != name:
        return PassedOver(name, f"it holds seq {header.seq}")
    return Snapshot(name, hashlib.sha256(data).hexdigest(), header, content[:-1])

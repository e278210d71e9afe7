"""The digest chain: one line for its beginning, each closed segment, each snapshot and each act of an operator
(specs/journal/security.md, S-048).

A reader sees damage. It cannot see that a closed segment was removed with everything that led to it, or that both a journal
and its checksums were made anew. The chain shows that: each line holds the SHA-256 of one file, and the SHA-256 over the line
before and itself. It outlives the files: compaction removes segments and leaves their lines.
"""

import fcntl
import hashlib
import os
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from veracity.domain.canonical import canonical_json
from veracity.journal import plain
from veracity.journal.errors import Damage, JournalDamaged
from veracity.journal.files import Files, write_all
from veracity.journal.heads import read_head
from veracity.journal.segments import (
    DIGESTS_NAME,
    WITNESS_NAME,
    list_segments,
    open_file,
    opened_directory,
    plain_name,
)

DIGEST_OF_NOTHING: Final = "0" * 64
BEGUN: Final = "begun"


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: what was closed, written or done."""

    kind: str  # begun, segment, snapshot, or the act: repair, compaction, upgrade
    name: str  # of the file; of a beginning: the run; of an act: who did it
    seq_first: int
    seq_last: int
    sha256: str  # of the file; empty for an act
    ts: int = 0  # of an act, nanoseconds UTC as its caller says; 0 where nobody asked a clock
    digest: str = ""  # SHA-256 over the digest of the line before and this line without it


class Chain(StrEnum):
    """Whether a journal has its digests."""

    KEPT = "kept"
    GONE = "gone"  # its writer made them, and they are not there
    NONE = "none"  # its writer makes none
    UNKNOWN = "unknown"  # there are none, and nothing says whether there ever were any


class AuditFinding(NamedTuple):
    """One disagreement between the chain and the files."""

    name: str
    what: str


class Audited(NamedTuple):
    """What an audit read, and what it found."""

    chain: Chain
    lines: list[Digest]
    findings: list[AuditFinding]

    @property
    def acts(self) -> list[Digest]:
        """What operators did."""
        return [line for line in self.lines if line.kind not in (BEGUN, "segment", "snapshot")]


_decoder: Final = msgspec.json.Decoder(Digest)


def sha256_of(name: str, directory: int, where: str) -> str:
    """SHA-256 of a file of the journal as it was written. Raises plain.Undecodable."""
    sha = hashlib.sha256()
    with plain.opened(name, directory, where) as file:
        for chunk in plain.chunks(file):
            sha.update(chunk)
    return sha.hexdigest()


def on_segment_closed(files: Files, directory: int, where: str, entry: Digest) -> None:
    """Append one line, durable when this returns. Raises OSError, and that is as fatal as any error of the journal."""
    is_new = DIGESTS_NAME not in os.listdir(directory)
    file = (files.create if is_new else files.open)(DIGESTS_NAME, directory)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)  # a keeper may be at work beside the writer
        lines, size = _read(directory, where)
        before = lines[-1].digest if lines else DIGEST_OF_NOTHING
        line = canonical_json(_chained(entry, before)) + b"\n"
        if os.fstat(file).st_size > size:  # a line that was never finished
            files.truncate(file, size)
        write_all(files, file, line, size)
        files.sync(file)
    finally:
        os.close(file)
    if is_new:
        files.sync(directory)


def begin_chain(files: Files, directory: int, where: str, run_id: str, seq_next: int) -> None:
    """The chain's first line, unless it has one: a live journal has a chain before it has a segment. Raises OSError.

    `seq_next` is the seq from which on its writer has one: 1, or more where the chain that there was is gone.
    """
    if not read_digests(directory, where):
        on_segment_closed(files, directory, where, Digest(BEGUN, run_id, seq_next, seq_next, ""))


def close_segment(files: Files, directory: int, where: str, name: str, seq_first: int, seq_last: int) -> None:
    """Append the line of the closed segment `name`. Raises OSError."""
    sha = sha256_of(name, directory, where)
    on_segment_closed(files, directory, where, Digest("segment", plain_name(name), seq_first, seq_last, sha))


def note_closed(files: Files, directory: int, where: str) -> None:
    """Append the lines of closed segments that have none: of a killed rotation, or of a journal that had no chain. Raises OSError."""
    noted = {line.name for line in read_digests(directory, where) if line.kind == "segment"}
    for name, following in pairwise(list_segments(directory, where)):
        if plain_name(name) in noted:
            continue
        head, after = (read_head(one, directory, where) for one in (name, following))
        if head is not None and after is not None:
            close_segment(files, directory, where, name, head.seq_first, after.seq_first - 1)


def note_act(files: Files, directory: int, where: str, act: Digest) -> None:
    """Append the line of an operator's act to a chain that there is; once, though the act is done again after a kill. Raises OSError."""
    if DIGESTS_NAME not in os.listdir(directory):
        return
    lines = read_digests(directory, where)
    if not lines or msgspec.structs.replace(lines[-1], digest="", ts=act.ts) != act:
        on_segment_closed(files, directory, where, act)


def read_digests(directory: int, where: str) -> list[Digest]:
    """The lines of the chain, oldest first. Raises JournalDamaged where a whole line does not follow the one before."""
    return _read(directory, where)[0]


def audit(wal: Path, *, keeps: bool | None = None) -> Audited:
    """Compare the chain with the closed segments that are there: changed, removed without a compaction, or never noted.

    `keeps` says whether the run's writer makes a chain; None where nobody knows. A witness is left by one that does. Raises
    JournalDamaged where a line does not follow the one before, JournalVersionMismatch where the journal is of a format that
    has none.
    """
    with opened_directory(wal) as directory:
        where = str(wal)
        lines = read_digests(directory, where)
        names = list_segments(directory, where)
        is_live = bool(keeps) or WITNESS_NAME in os.listdir(directory)
        if lines:
            findings = _begun_late(lines[0], is_live) + _differences(directory, where, names, lines)
            return Audited(Chain.KEPT, lines, findings)
        if names and is_live:
            read_head(names[0], directory, where)  # an older format had no chain
            gone = AuditFinding(
                DIGESTS_NAME, "is gone: this journal's writer began it before the first record"
            )
            return Audited(Chain.GONE, [], [gone])
        return Audited(Chain.UNKNOWN if names and keeps is None else Chain.NONE, [], [])


def _begun_late(first: Digest, is_live: bool) -> list[AuditFinding]:
    """A live writer that found no chain began one: what came before has no digest of its own time."""
    if first.kind != BEGUN or first.seq_first <= 1 or not is_live:
        return []
    return [
        AuditFinding(
            DIGESTS_NAME, f"was begun anew at seq {first.seq_first}: the digests of what came before are gone"
        )
    ]


def _differences(directory: int, where: str, names: list[str], lines: list[Digest]) -> list[AuditFinding]:
    present = {plain_name(name): name for name in names}
    noted = {line.name: line for line in lines if line.kind == "segment"}
    compacted = max((line.seq_last for line in lines if line.kind == "compaction"), default=0)
    findings = []
    for name, line in noted.items():
        if name not in present:
            if line.seq_last > compacted:
                findings.append(AuditFinding(name, f"removed, with seq {line.seq_first} to {line.seq_last}"))
        elif _changed(present[name], directory, where, line):
            findings.append(AuditFinding(name, "is not the file that was closed: its SHA-256 differs"))
    closed = sorted(present)[:-1]
    findings += [AuditFinding(name, "is closed and was never noted") for name in closed if name not in noted]
    return findings


def _changed(name: str, directory: int, where: str, line: Digest) -> bool:
    try:
        return sha256_of(name, directory, where) != line.sha256
    except plain.Undecodable:
        return True


def _chained(entry: Digest, before: str) -> Digest:
    content = canonical_json(msgspec.structs.replace(entry, digest=""))
    digest = hashlib.sha256(before.encode() + content).hexdigest()
    return msgspec.structs.replace(entry, digest=digest)


def _read(directory: int, where: str) -> tuple[list[Digest], int]:
    """The whole lines, and the bytes that they fill."""
    if DIGESTS_NAME not in os.listdir(directory):
        return [], 0
    with os.fdopen(open_file(DIGESTS_NAME, directory, os.O_RDONLY, where), "rb") as file:
        data = file.read()
    lines: list[Digest] = []
    at, before = 0, DIGEST_OF_NOTHING
    for raw in data.splitlines(keepends=True):
        # Each line was synced before the next was written, so only the last can be unfinished: a prefix, or, where the power went
        # and a disk kept its end alone, zeros and that end.
        if not raw.endswith(b"\n") or (b"\0" in raw and at + len(raw) == len(data)):
            break
        try:
            line = _decoder.decode(raw)
        except msgspec.MsgspecError as error:
            raise _broken(where, at, len(lines), str(error)) from error
        if _chained(line, before) != line:
            raise _broken(where, at, len(lines), "it does not follow the line before")
        lines.append(line)
        before = line.digest
        at += len(raw)
    return lines, at


def _broken(where: str, offset: int, lines: int, why: str) -> JournalDamaged:
    return JournalDamaged(
        f"the digest chain is broken: {why}",
        where=where,
        segment=DIGESTS_NAME,
        offset=offset,
        record=lines + 1,
        seq_after=0,
        damage=Damage.ROT,
    )

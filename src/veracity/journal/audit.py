"""The digest chain: one line for each closed segment, each snapshot and each act of an operator (specs/journal/security.md, S-048).

A reader sees damage. It cannot see that a closed segment was removed with everything that led to it, or that both a journal
and its checksums were made anew. The chain shows that: each line holds the SHA-256 of one file, and the SHA-256 over the line
before and itself. It outlives the files: compaction removes segments and leaves their lines.
"""

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from veracity.domain.canonical import canonical_json
from veracity.journal import plain
from veracity.journal.errors import Damage, JournalDamaged
from veracity.journal.files import Files, write_all
from veracity.journal.segments import (
    DIGESTS_NAME,
    list_segments,
    open_file,
    opened_directory,
    plain_name,
)

DIGEST_OF_NOTHING: Final = "0" * 64


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: what was closed, written or done."""

    kind: str  # segment, snapshot, or the act: resume, repair, compaction, upgrade
    name: str  # of the file; of an act: who did it
    seq_first: int
    seq_last: int
    sha256: str  # of the file; empty for an act
    ts: int = 0  # of an act, nanoseconds UTC as its caller says; 0 where nobody asked a clock
    digest: str = ""  # SHA-256 over the digest of the line before and this line without it


class AuditFinding(NamedTuple):
    """One disagreement between the chain and the files."""

    name: str
    what: str


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


def close_segment(files: Files, directory: int, where: str, name: str, seq_first: int, seq_last: int) -> None:
    """Append the line of the closed segment `name`. Raises OSError."""
    sha = sha256_of(name, directory, where)
    on_segment_closed(files, directory, where, Digest("segment", plain_name(name), seq_first, seq_last, sha))


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


def audit(wal: Path) -> list[AuditFinding]:
    """Compare the chain with the closed segments that are there: changed, removed without a compaction, or never noted."""
    with opened_directory(wal) as directory:
        where = str(wal)
        lines = read_digests(directory, where)
        present = {plain_name(name): name for name in list_segments(directory, where)}
        noted = {line.name: line for line in lines if line.kind == "segment"}
        compacted = max((line.seq_last for line in lines if line.kind == "compaction"), default=0)
        findings = []
        for name, line in noted.items():
            if name not in present:
                if line.seq_last > compacted:
                    findings.append(
                        AuditFinding(name, f"removed, with seq {line.seq_first} to {line.seq_last}")
                    )
            elif _changed(present[name], directory, where, line):
                findings.append(AuditFinding(name, "is not the file that was closed: its SHA-256 differs"))
        closed = sorted(present)[:-1]
        findings += [
            AuditFinding(name, "is closed and was never noted") for name in closed if name not in noted
        ]
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
        if not raw.endswith(b"\n"):
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

"""`run check`: a run that ended against its end marker, its audit trail, and what the journal's own tools did to it since."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from veracity.forensics.audit import verify_chain
from veracity.forensics.run_directory import RunDirectory
from veracity.forensics.seal_check import SealFinding, check_seal
from veracity.journal.audit import audit
from veracity.journal.segments import (
    COMPRESSED_SUFFIX,
    DIGESTS_NAME,
    KEEPER_LOCK_NAME,
    SEGMENT_SUFFIX,
    plain_name,
)
from veracity.journal.upgrade import VERSIONS, backup_of, same_records


class Checked(NamedTuple):
    """What was compared, and what is not as it was."""

    marker: str
    files: int  # that the marker names
    audit_lines: int  # whose chain holds; 0 where there is no trail
    findings: list[SealFinding]


def check_run(run: RunDirectory) -> Checked:
    """Compare `run` with what it was when it ended. Only reads.

    Compaction and compression may change a journal afterwards: its closed segments, never the last. What they left is judged
    by the chain of digests, which must begin with what was sealed. An upgrade sets the journal aside: that one is compared, and
    those that were rewritten from it must hold its records. Raises OperatorFault (exit code 5) where there is no end marker, the
    marker was changed, or a line of the audit trail does not follow the one before.
    """
    journals = [run.wal, *(kept for version in VERSIONS if (kept := backup_of(run.wal, version)).is_dir())]
    found = min((_look(run, sealed, journals) for sealed in journals), key=lambda look: len(look.findings))
    return found._replace(audit_lines=verify_chain(run.audit) if run.audit.exists() else 0)


def _look(run: RunDirectory, sealed: Path, journals: list[Path]) -> Checked:
    """The comparison where the journal that was sealed is now in `sealed`, and the others were rewritten from it."""
    if sealed == run.wal:
        seal, rewritten = check_seal(run), []
    else:
        suffix = sealed.name.removeprefix(run.wal.name)
        moved = {one.name: f"{one.name}{suffix}" for one in (run.wal, run.snapshots)}
        rewritten = [one for one in journals if one != sealed]
        seal = check_seal(run, moved, {one.name for one in rewritten})
    findings = seal.findings
    if _only_grew(sealed, seal.sums.get(f"{run.wal.name}/{DIGESTS_NAME}")):
        noted = {f"{run.wal.name}/{name}" for name in _noted(run, sealed, seal.sums)}
        findings = [one for one in findings if one.name not in noted]
        findings += [SealFinding(f"{run.wal.name}/{name}", what) for name, what in audit(sealed).findings]
    findings += [
        SealFinding(one.name, f"does not hold the records of {sealed.name}")
        for one in rewritten
        if not same_records(one, sealed)
    ]
    return Checked(seal.marker, len(seal.sums), 0, findings)


def _only_grew(wal: Path, sealed: str | None) -> bool:
    """Whether the chain of digests begins with the lines that were sealed."""
    path = wal / DIGESTS_NAME
    if sealed is None or not path.is_file():
        return False
    sha = hashlib.sha256()
    for line in path.read_bytes().splitlines(keepends=True):
        sha.update(line)
        if sha.hexdigest() == sealed:
            return True
    return False


def _noted(run: RunDirectory, wal: Path, sums: Mapping[str, str]) -> set[str]:
    """Files of the journal in `wal` that its keepers may change: the chain, what it has a line of, and their own empty lock."""
    inside = f"{run.wal.name}/"
    segments = {plain_name(name.removeprefix(inside)) for name in sums if name.startswith(inside)}
    names = {DIGESTS_NAME}
    for name in sorted(one for one in segments if one.endswith(SEGMENT_SUFFIX))[:-1]:
        names |= {name, f"{name}{COMPRESSED_SUFFIX}"}
    lock = wal / KEEPER_LOCK_NAME
    if lock.is_file() and lock.stat().st_size == 0:
        names.add(KEEPER_LOCK_NAME)
    return names

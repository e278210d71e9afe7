"""`run check`: a run that ended against its end marker, its audit trail, and, where it was compacted since, its digests."""

import hashlib
from typing import NamedTuple

from veracity.forensics.audit import verify_chain
from veracity.forensics.run_directory import RunDirectory
from veracity.forensics.seal_check import SealFinding, check_seal
from veracity.journal.audit import audit
from veracity.journal.segments import COMPRESSED_SUFFIX, DIGESTS_NAME, KEEPER_LOCK_NAME

_SEGMENT = ".wal"


class Checked(NamedTuple):
    """What was compared, and what is not as it was."""

    marker: str
    files: int  # that the marker names
    audit_lines: int  # whose chain holds; 0 where there is no trail
    findings: list[SealFinding]


def check_run(run: RunDirectory) -> Checked:
    """Compare `run` with what it was when it ended. Only reads.

    Compaction and compression may change a journal afterwards. What they left is judged by the chain of digests, which must
    begin with what was sealed. Raises OperatorFault (exit code 5) where there is no end marker, the marker was changed, or
    a line of the audit trail does not follow the one before.
    """
    seal = check_seal(run)
    findings = seal.findings
    if _only_grew(run, seal.sums.get(f"{run.wal.name}/{DIGESTS_NAME}")):
        findings = [one for one in findings if not _is_kept(run, one.name)]
        findings += [SealFinding(f"{run.wal.name}/{name}", what) for name, what in audit(run.wal).findings]
    lines = verify_chain(run.audit) if run.audit.exists() else 0
    return Checked(seal.marker, len(seal.sums), lines, findings)


def _only_grew(run: RunDirectory, sealed: str | None) -> bool:
    """Whether the chain of digests begins with the lines that were sealed."""
    path = run.wal / DIGESTS_NAME
    if sealed is None or not path.is_file():
        return False
    sha = hashlib.sha256()
    for line in path.read_bytes().splitlines(keepends=True):
        sha.update(line)
        if sha.hexdigest() == sealed:
            return True
    return False


def _is_kept(run: RunDirectory, name: str) -> bool:
    """Whether the chain of digests, or the keeper's own lock, accounts for a file of the journal."""
    folder, _, file = name.rpartition("/")
    return folder == run.wal.name and (
        file in {DIGESTS_NAME, KEEPER_LOCK_NAME} or file.removesuffix(COMPRESSED_SUFFIX).endswith(_SEGMENT)
    )

"""Which journal a command means."""

from pathlib import Path
from typing import Final, NamedTuple

from veracity.app.run_dirs import find
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.manifest import read_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.heads import first_head, first_seq
from veracity.journal.reader import Since
from veracity.journal.snapshots import Snapshot, walk

WAL: Final = "wal"
SNAPSHOTS: Final = "snapshots"
PAPER: Final = "paper"
BACKTEST: Final = "backtest"


class Target(NamedTuple):
    """A journal's directory, and the run that it belongs to where it is in one."""

    wal: Path
    run: RunDirectory | None

    @property
    def snapshots(self) -> Path:
        """Directory of the snapshots; there may be none."""
        return self.wal.parent / SNAPSHOTS

    def base(self) -> Snapshot | None:
        """Where reading begins: None at the first record, else the oldest snapshot that covers what was compacted.

        A journal that begins later and that nothing covers is read from its first record on, and so refused.
        """
        first = first_seq(self.wal)
        covering = None
        if first > 1:
            for found in walk(self.snapshots):
                if isinstance(found, Snapshot) and found.header.record_seq + 1 >= first:
                    covering = found
        return covering

    def needs_all_records(self) -> bool:
        """Whether the run goes on from its first record, and could not without it: a paper run that has not ended.

        Its venue is in its own process, and is made again from every order that it was sent
        (docs/decisions/0019-going-on-from-a-journal.md).
        """
        run = self.run
        return run is not None and run.end_state() == "open" and read_manifest(run.manifest).mode == PAPER

    def keeps_digests(self) -> bool | None:
        """Whether the journal's writer keeps a chain of digests, as every run but a backtest's does; None where no manifest says it."""
        run = self.run
        if run is None or not run.manifest.exists():
            return None
        return read_manifest(run.manifest).mode != BACKTEST

    def since(self) -> Since | None:
        """The last record that `base` covers."""
        base = self.base()
        return None if base is None else base.header.since

    def there(self) -> Since | None:
        """What the first record that is there follows; None in front of a run's first.

        A snapshot may cover some of the first segment: looked at, they are records like any other. Where no snapshot covers
        what is missing, it is None, too, and the reader refuses.
        """
        head = first_head(self.wal)
        if head is None or self.base() is None:
            return None
        return Since(head.seq_first - 1, int(head.chain, 16))

    def require_all_records(self, hint: str) -> None:
        """Raise OperatorFault (2) where what came first was compacted, so that nothing can be told of the whole."""
        if self.base() is not None:
            raise OperatorFault(
                "the journal was compacted",
                where=str(self.wal),
                why=f"it begins with seq {first_seq(self.wal)}, and what led there is in a snapshot",
                hint=hint,
                exit_code=ExitCode.USAGE,
            )


def target_of(runs_dir: Path, name: str) -> Target:
    """The journal that `name` means: a journal's directory, or a run by path, name, id, or `latest`.

    Raises OperatorFault (2) where there is none.
    """
    path = Path(name)
    if path.is_dir() and (path.name == WAL or any(path.glob("*.wal*"))):
        inside = RunDirectory(path.resolve().parent)
        return Target(path, inside if inside.wal == path.resolve() and inside.manifest.exists() else None)
    run = RunDirectory(find(runs_dir, name).path)
    if not run.wal.is_dir():
        raise OperatorFault("the run has no journal", where=str(run.wal), exit_code=ExitCode.USAGE)
    return Target(run.wal, run)

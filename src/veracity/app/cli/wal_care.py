"""`veracity wal scrub`, `compact`, `repair` and `upgrade`: the care that a journal needs."""

import getpass
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, emit, say, table
from veracity.app.cli.progress import progress
from veracity.app.cli.run_argument import RUN
from veracity.domain.errors import ExitCode, OperatorFault

if TYPE_CHECKING:
    from veracity.app.wal.target import Target
    from veracity.journal.compact import Compacted

MODES: Final = ("truncate-tail", "salvage")


@click.command()
@RUN
@click.option("--fast", is_flag=True, help="Read at full speed, not at the rate of specs/policies.")
@common_options
def scrub(run: str, fast: bool) -> None:
    """Read every closed segment and every snapshot of RUN again, compressed ones too, so that rot is found while a copy exists.

    It takes no lock, writes nothing, and reads at a bounded rate, so it may run beside the engine, from a timer.

    Exit code 0: all good. 5: bad files, each with its offset. 7: files that others may read or write.
    """
    from veracity.app.wal.target import target_of
    from veracity.journal.scrub import scrub as scrub_journal

    target = target_of(settings().run_dir, run)
    total = sum(path.stat().st_size for path in sorted(target.wal.glob("*.wal*"))[:-1])
    with progress("scrub") as heard:
        found = scrub_journal(
            target.wal, target.snapshots, sleep=None if fast else time.sleep, progress=_counted(heard, total)
        )
    if settings().json:
        content = {
            "wal": str(target.wal),
            "segments": found.segments,
            "snapshots": found.snapshots,
            "records": found.records,
            "bytes": found.bytes_read,
            "findings": [one._asdict() for one in found.findings],
        }
        emit("veracity.wal_scrub/1", content)
    else:
        say(
            f"read        {found.segments} closed segments, {found.records:,} records, {found.bytes_read:,} bytes"
        )
        say(f"snapshots   {found.snapshots}")
        if found.findings:
            columns = [Column("file"), Column("byte", is_number=True), Column("what")]
            table(columns, [(one.name, str(one.offset), one.what) for one in found.findings])
        else:
            say("all good")
    if found.findings:
        click.get_current_context().exit(ExitCode.FINDING)


@click.command()
@RUN
@common_options
def compact(run: str) -> None:
    """Remove the closed segments of RUN that its oldest snapshot covers, and compress those that stay.

    Each snapshot stays a place to go on from. First it is proved that the snapshot and the rest fold to the same state as
    everything; a journal of which this cannot be shown is left as it is. The digests of what was removed stay. Of a paper
    run that has not ended nothing is removed: it goes on from all its records. It may run beside the engine.

    Exit code 0: done, or nothing to remove. 5: the proof fails, or a record is damaged. 2: there is no snapshot.
    """
    from veracity.app.wal.target import target_of
    from veracity.journal.compress import compress_closed

    target = target_of(settings().run_dir, run)
    snapshot, done = _compacted(target)
    compressed = compress_closed(target.wal)
    if settings().json:
        content = {
            "wal": str(target.wal),
            "snapshot": snapshot,
            "removed": done.removed,
            "kept": done.kept,
            "compressed": compressed,
        }
        emit("veracity.wal_compact/1", content)
        return
    if snapshot is not None:
        proved = (
            ": its state and the rest are the whole" if done.removed else ", and there is nothing to prove"
        )
        say(f"snapshot    {snapshot}{proved}")
    say(f"removed     {', '.join(done.removed) or 'nothing'}")
    for name, why in done.kept.items():
        say(f"kept        {name}: {why}")
    say(f"compressed  {', '.join(compressed) or 'nothing'}")


def _compacted(target: "Target") -> "tuple[str | None, Compacted]":
    """The snapshot under which records were removed, None where none may be, and what was."""
    from veracity.app.wall_clock import now_ns
    from veracity.journal.compact import Compacted
    from veracity.journal.compact import compact as compact_journal
    from veracity.journal.segments import list_segments, opened_directory
    from veracity.journal.snapshots import Snapshot, walk
    from veracity.journal.versions import require_schema
    from veracity.runtime.recovery import fold_hash
    from veracity.state.schema import SCHEMA_VERSION

    require_schema(target.wal, SCHEMA_VERSION)
    if target.needs_all_records():
        with opened_directory(target.wal) as directory:
            names = list_segments(directory, str(target.wal))
        return None, Compacted([], dict.fromkeys(names, "the run has not ended, and goes on from all of it"))
    good = [found for found in walk(target.snapshots) if isinstance(found, Snapshot)]
    if not good:
        raise OperatorFault(
            "there is no snapshot that proves itself, so nothing may be removed",
            where=str(target.snapshots),
            exit_code=ExitCode.USAGE,
        )
    base = target.base()
    provable = [one for one in good if base is None or one.header.record_seq > base.header.record_seq]
    snapshot = (provable or good)[-1]
    done = compact_journal(target.wal, snapshot, fold_hash, base=base, who=getpass.getuser(), ts=now_ns())
    return snapshot.name, done


@click.command()
@RUN
@click.option(
    "--mode", type=click.Choice(MODES), default=MODES[0], show_default=True, help="salvage only reads."
)
@common_options
def repair(run: str, mode: str) -> None:
    """Cut off the last record of the journal of RUN where it was provably never finished.

    Its bytes are first kept in a file aside. Nothing else is ever repaired: a journal that is damaged anywhere else is
    refused with its place and left as it is. Done again, or after it was killed, it ends the same.

    With --mode salvage nothing is changed: it says what is still good, and prints what stands behind the damage and looks
    like records, for a person to read. An engine is never fed with it.

    Exit code 0: repaired, or nothing to repair. 5: damaged. 7: the engine holds the journal. 6: the disk failed.
    """
    if mode == "salvage":
        _salvage(run)
        return
    from veracity.app.wal.target import target_of
    from veracity.app.wal.verify import damage
    from veracity.app.wall_clock import now_ns
    from veracity.journal.reader import End
    from veracity.journal.recover import truncate_tail
    from veracity.journal.segments import torn_name

    target = target_of(settings().run_dir, run)
    found = truncate_tail(target.wal, target.since(), who=getpass.getuser(), ts=now_ns())
    is_torn = found.end is End.TORN
    kept = target.wal / torn_name(found.segment, found.offset) if is_torn else None
    if settings().json:
        content = {
            "wal": str(target.wal),
            "repaired": is_torn,
            "records": found.records,
            "seq_last": found.seq_last,
            "kept": None if kept is None else str(kept),
            "damage": None if found.fault is None else damage(found.fault),
        }
        emit("veracity.wal_repair/1", content)
        return
    if kept is None:
        say("nothing to repair")
    else:
        say(str(found.fault))
        say(f"repaired    {kept.stat().st_size} bytes of it are in {kept}")
    say(f"records     {found.records:,}, the last with seq {found.seq_last}")


def _salvage(run: str) -> None:
    from veracity.app.wal.target import target_of
    from veracity.app.wal.verify import damage
    from veracity.journal.recover import salvage

    target = target_of(settings().run_dir, run)
    found = salvage(target.wal, target.since())
    strays = list(found.strays)
    if settings().json:
        content = {
            "wal": str(target.wal),
            "records": found.tail.records,
            "seq_last": found.tail.seq_last,
            "damage": None if found.tail.fault is None else damage(found.tail.fault),
            "strays": [
                {
                    "segment": one.segment,
                    "seq": one.seq,
                    "payload": one.payload.decode(errors="replace"),
                }
                for one in strays
            ],
        }
        emit("veracity.wal_salvage/1", content)
    else:
        say(f"good        {found.tail.records:,} records, the last with seq {found.tail.seq_last}")
        say(f"then        {found.tail.fault or 'nothing: the journal is whole'}")
        for one in strays:
            say(f"{one.segment} seq {one.seq}: {one.payload.decode(errors='replace')}")
    if found.tail.fault is not None:
        click.get_current_context().exit(ExitCode.FINDING)


@click.command()
@RUN
@click.option("--to", type=int, metavar="VERSION", help="The format to write.  [default: the newest]")
@common_options
def upgrade(run: str, to: int | None) -> None:
    """Rewrite the journal of RUN in another format version: forward, or with --to back.

    It is written beside the old one, record for record, read back and compared; then the two change places, and the old
    one stays byte for byte as `wal.v<version>`. Killed at any point, it leaves the old one whole and goes on when called
    again. Snapshots name places in the old journal and stay with it, so a compacted one, which needs them, is not rewritten.

    Exit code 0: done, or nothing to do. 5: the journal is damaged. 7: a version that is not known, a compacted journal, or the engine runs.
    """
    from veracity.app.wal.target import target_of
    from veracity.app.wall_clock import now_ns
    from veracity.journal.frame import FORMAT_VERSION
    from veracity.journal.upgrade import upgrade as upgrade_journal

    target = target_of(settings().run_dir, run)
    done = upgrade_journal(
        target.wal,
        target.snapshots,
        to=FORMAT_VERSION if to is None else to,
        who=getpass.getuser(),
        ts=now_ns(),
    )
    if settings().json:
        content = {
            "wal": str(target.wal),
            "version_before": done.version_before,
            "version_after": done.version_after,
            "records": done.records,
            "backup": None if done.backup is None else str(done.backup),
        }
        emit("veracity.wal_upgrade/1", content)
    elif done.backup is None:
        say(f"nothing to do: the journal has format {done.version_after}")
    else:
        say(
            f"rewritten   {done.records:,} records, from format {done.version_before} to {done.version_after}"
        )
        say(f"backup      {done.backup}")


def _counted(heard: Callable[[int, int], None] | None, total: int) -> Callable[[int], None] | None:
    """`heard` for a caller that tells each piece and not how far it is."""
    if heard is None:
        return None
    done = 0

    def add(size: int) -> None:
        nonlocal done
        done += size
        heard(min(done, total), max(total, 1))

    return add

"""`veracity wal`: look at a run's journal, judge it, and care for it."""

from typing import TYPE_CHECKING

import click

from veracity.app.cli.lazy import Lazy, LazyGroup
from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, command_line, emit, say, table
from veracity.app.cli.progress import progress
from veracity.app.cli.run_argument import RUN
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.app.wal.verify import Verified

VERBS = {
    "verify": Lazy("veracity.app.cli.wal", "verify", "Check every byte of a journal."),
    "show": Lazy("veracity.app.cli.wal_show", "show", "Show records, in words."),
    "tail": Lazy("veracity.app.cli.wal_show", "tail", "Show the last records, and those to come."),
    "audit": Lazy(
        "veracity.app.cli.wal_audit", "audit", "Explain one order by its records, or check the digests."
    ),
    "replay": Lazy("veracity.app.cli.wal", "replay", "Fold a journal to its state hash."),
    "scrub": Lazy("veracity.app.cli.wal_care", "scrub", "Read what nobody reads, slowly, to find rot early."),
    "compact": Lazy("veracity.app.cli.wal_care", "compact", "Remove what a snapshot covers, after a proof."),
    "repair": Lazy("veracity.app.cli.wal_care", "repair", "Cut off a last record that was never finished."),
    "upgrade": Lazy("veracity.app.cli.wal_care", "upgrade", "Rewrite a journal of another format version."),
}

ENDS = {
    "clean": "",
    "torn": ", where the last record was never finished",
    "until": ", where --until stopped",
}


@click.group(cls=LazyGroup, commands_by_name=VERBS)
@common_options
def wal() -> None:
    """Look at a run's journal, judge it, and care for it.

    RUN is an id, a path, or `latest`; or the directory of a journal. All but compact, repair and upgrade only read; all but
    repair and upgrade may run while the engine runs. The format is in docs/journal-format.md, what is done about damage in specs/journal/corruption.md.

    \b
    veracity wal verify latest                        is it whole?
    veracity wal show latest --kind order_filled      what was traded?
    veracity wal audit latest 1484                    why the order of seq 1484?
    veracity wal replay latest --until 5000           what was the state then?
    """


@wal.command()
@RUN
@common_options
def verify(run: str) -> None:
    """Check every byte of the journal of RUN: checksums, chain, order, segments, and that each record is a known event.

    It takes no lock and may run while the engine runs; a record that is being written then is no finding.

    Exit code 0: whole. 5: damaged or torn, with segment, byte offset and seq. 7: another version, or files that others
    may read or write.
    """
    from veracity.app.wal.target import target_of
    from veracity.app.wal.verify import described
    from veracity.app.wal.verify import verify as verify_journal

    target = target_of(settings().run_dir, run)
    with progress("verify") as heard:
        found = verify_journal(target, heard)
    if settings().json:
        emit("veracity.wal_verify/1", {"wal": str(target.wal), **described(found)})
    else:
        _print_verified(run, str(target.wal), found)
    if not found.is_good:
        click.get_current_context().exit(ExitCode.FINDING)


@wal.command()
@RUN
@click.option(
    "--until", type=click.IntRange(min=1), metavar="SEQ", help="Stop behind this seq.  [default: the end]"
)
@common_options
def replay(run: str, until: int | None) -> None:
    """Fold the journal of RUN and print the hash of the state that comes out.

    No strategy, guard or simulator runs and nothing is written. Every checkpoint on the way is compared. A backtest's
    journal leaves the market facts out; they are read from the dataset, which must be the run's.

    Exit code 0: it folds. 5: damaged, or the first checkpoint that differs is named. 4: the dataset is another one.
    7: the journal is of another version.
    """
    from veracity.app.wal.fold import fold_journal
    from veracity.app.wal.target import target_of

    target = target_of(settings().run_dir, run)
    with progress("replay") as heard:
        folded = fold_journal(target, until, heard)
    state, last = folded.state, folded.last_checkpoint
    if settings().json:
        content = {
            "wal": str(target.wal),
            "run_id": state.run_id,
            "until": until,
            "ends": folded.ends,
            "seq": state.seq,
            "state_hash": folded.state_hash,
            "mode": state.mode.value,
            "mode_reason": state.mode_reason,
            "kinds": folded.kinds,
            "facts": folded.facts,
            "checkpoints": folded.checkpoints,
            "last_checkpoint": None if last is None else {"seq": last.seq, "state_hash": last.state_hash},
            "open_orders": sorted(state.orders),
        }
        emit("veracity.wal_replay/1", content)
        return
    table(
        [Column("records of kind"), Column("count", is_number=True)],
        [(kind, f"{count:,}") for kind, count in folded.kinds.items()],
    )
    say(f"facts       {folded.facts:,} from the dataset")
    say(f"mode        {state.mode.value}{f' ({state.mode_reason})' if state.mode_reason else ''}")
    say(f"open        {len(state.orders)} orders")
    if last is not None:
        say(f"checkpoint  {last.state_hash} before seq {last.seq}: equal ({folded.checkpoints} compared)")
    say(f"seq         {state.seq}{ENDS[folded.ends]}")
    say(f"state hash  {folded.state_hash}")


def _print_verified(run: str, where: str, found: "Verified") -> None:
    tail = found.tail
    say(f"journal     {where}")
    if tail.head is not None:
        say(f"run id      {tail.head.run_id}, format {tail.head.format_version}")
        say(f"segments    {found.segments}")
    say(f"records     {tail.records:,} in {found.bytes:,} bytes, the last with seq {tail.seq_last}")
    say(f"chain       {tail.chain:08x}")
    say(f"snapshots   {found.snapshots} good")
    if found.writer is not None:
        say(f"writer      process {found.writer} is writing it")
    if found.is_good:
        say("whole")
        return
    beside = "nothing in the records, but beside them"
    say(f"DAMAGED     {beside if found.class_of_damage == 'none' else found.class_of_damage.value}")
    if tail.fault is not None:
        say(str(tail.fault))
    if tail.acknowledged > tail.seq_last:
        say(f"the witness saw seq {tail.acknowledged} acknowledged; seq {tail.seq_last + 1} on are not there")
    for name, why in (*found.bad_snapshots, *found.disagreements):
        say(f"{name}: {why}")
    if found.unknown:
        say(found.unknown)
    if found.class_of_damage == "torn_tail":
        say(
            f"  the last record was never finished; `{command_line('wal', 'repair', run)}` sets its bytes aside"
        )
    else:
        say("  nothing was changed; keep these files, and restore the journal from a copy")

"""`veracity wal repair`: the verbs that may change a journal. None of them runs while the engine does."""

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import emit, say
from veracity.app.cli.runs import RUN


@click.command()
@RUN
@common_options
def repair(run: str) -> None:
    """Cut off the last record of the journal of RUN where it was provably never finished.

    Its bytes are first kept in a file aside. Nothing else is ever repaired: a journal that is damaged anywhere else is
    refused with its place and left as it is. Done again, or after it was killed, it ends the same.

    Exit code 0: repaired, or nothing to repair. 5: damaged. 7: the engine holds the journal. 6: the disk failed.
    """
    from veracity.app.wal.target import target_of
    from veracity.app.wal.verify import damage
    from veracity.journal.reader import End
    from veracity.journal.recover import truncate_tail
    from veracity.journal.segments import torn_name

    target = target_of(settings().run_dir, run)
    found = truncate_tail(target.wal)
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

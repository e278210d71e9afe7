"""`veracity wal show` and `tail`: records in words for people, or as they are for programs."""

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

import click

from veracity.app.cli.boundary import envelope
from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import note, say
from veracity.app.cli.run_argument import RUN
from veracity.domain.errors import OperatorFault, OperatorFaults

if TYPE_CHECKING:
    from veracity.app.wal.select import Selection, Shown
    from veracity.app.wal.words import Words

SCHEMA: Final = "veracity.wal_records/1"
TAIL_DEFAULT: Final = 10
POLL_S: Final = 0.2
KIND_WIDTH: Final = 22
TIME_WIDTH: Final = 20


def filters(command: Callable[..., None]) -> Callable[..., None]:
    """The options that select records; all of them must hold."""
    for option in (
        click.option("--corr", metavar="ID", help="Only what belongs to this intent or order."),
        click.option("--strategy", metavar="ID", help="Only records of this strategy."),
        click.option("--seq", "seqs", metavar="RANGE", help="Only these: 100..200, 100.., ..200 or 100."),
        click.option(
            "--kind", "kinds", metavar="KIND", multiple=True, help="Only this kind; may be repeated."
        ),
    ):
        command = option(command)
    return command


@click.command()
@RUN
@filters
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Stop after N records.  [default: all]"
)
@common_options
def show(
    run: str,
    kinds: tuple[str, ...],
    seqs: str | None,
    strategy: str | None,
    corr: str | None,
    limit: int | None,
) -> None:
    """Show the records of the journal of RUN, one line each: seq, time in UTC, kind, and what it says.

    Every record is checked before it is shown; where one is damaged, those before it are shown and the exit code is 5.
    With --json the events are as they were recorded, in whole units, and `error` says why they end before their time.
    """
    from veracity.app.wal.select import selected
    from veracity.app.wal.shown import heard
    from veracity.app.wal.target import target_of
    from veracity.app.wal.words import Words
    from veracity.journal.heads import first_seq

    target = target_of(settings().run_dir, run)
    selection = _selection(kinds, seqs, strategy, corr)
    words = Words()
    shown = selected(heard(target, words), selection)
    printer = _Printer(words, str(target.wal))
    with printer:
        for number, one in enumerate(shown, 1):
            printer.print(one)
            if number == limit:
                printer.more = next(shown, None) is not None
                break
    if printer.more:
        note(f"there are more; --limit {limit} stopped here")
    begins = first_seq(target.wal)
    if selection.seq_first < begins:
        note(f"the journal begins with seq {begins}: what came before was compacted")


@click.command()
@RUN
@filters
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=TAIL_DEFAULT,
    show_default=True,
    help="How many of the last.",
)
@click.option("-f", "--follow", is_flag=True, help="Wait for more, until Ctrl-C.")
@common_options
def tail(
    run: str,
    kinds: tuple[str, ...],
    seqs: str | None,
    strategy: str | None,
    corr: str | None,
    lines: int,
    follow: bool,
) -> None:
    """Show the last records of the journal of RUN; with --follow also those that come, as they are written.

    A record is shown when it is whole on the disk. With --json --follow each record is one line.
    """
    from veracity.app.wal.follow import Follower
    from veracity.app.wal.select import Shown
    from veracity.app.wal.shown import heard
    from veracity.app.wal.target import target_of
    from veracity.app.wal.words import Words
    from veracity.domain.events import decode_event
    from veracity.journal.reader import Since

    target = target_of(settings().run_dir, run)
    selection = _selection(kinds, seqs, strategy, corr)
    words = Words()
    last: deque[Shown] = deque(maxlen=lines)
    since = target.there()
    for one in heard(target, words, is_growing=True):
        since = Since(one.record.seq, one.record.crc)
        if selection.takes(one.event):
            last.append(one)
    with _Printer(words, str(target.wal), is_stream=follow) as printer:
        for one in last:
            printer.print(one)
        follower = Follower(target.wal, since)
        while follow:
            sys.stdout.flush()
            time.sleep(POLL_S)
            for record in follower.more():
                event = decode_event(record.payload)
                words.hear(event)
                if selection.takes(event):
                    printer.print(Shown(record, event))


def _selection(
    kinds: tuple[str, ...], seqs: str | None, strategy: str | None, corr: str | None
) -> "Selection":
    from veracity.app.wal.select import KINDS, Selection, seq_range

    for kind in kinds:
        if kind not in KINDS:
            close = get_close_matches(kind, KINDS, n=1)
            meant = f"did you mean {close[0]}?" if close else f"known: {', '.join(KINDS)}"
            raise click.BadParameter(f"there is no kind {kind!r}; {meant}", param_hint="--kind")
    try:
        first, last = (1, Selection().seq_last) if seqs is None else seq_range(seqs)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--seq") from None
    return Selection(frozenset(kinds), first, last, strategy, corr)


def _told(fault: OperatorFault) -> dict[str, Any]:
    faults = fault.faults if isinstance(fault, OperatorFaults) else (fault,)
    return {key: value for key, value in envelope(fault.exit_code, fault, faults).items() if key != "schema"}


class _Printer:
    """Lines for people, or one JSON document, written as the records come; memory does not grow with them."""

    def __init__(self, words: "Words", wal: str, *, is_stream: bool = False) -> None:
        self._words = words
        self._is_json = settings().json
        self._is_stream = is_stream
        self._wal = wal
        self._count = 0
        self.more = False

    def __enter__(self) -> "_Printer":
        if self._is_json and not self._is_stream:
            click.echo(
                f'{{\n  "schema": "{SCHEMA}",\n  "wal": {json.dumps(self._wal)},\n  "records": [', nl=False
            )
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if not self._is_json or self._is_stream:
            return
        told = _told(error) if isinstance(error, OperatorFault) else None
        click.echo(f'\n  ],\n  "more": {json.dumps(self.more)},\n  "error": {json.dumps(told)}\n}}')
        if isinstance(error, OperatorFault):  # it is told, and stdout is one document
            raise click.exceptions.Exit(error.exit_code) from error

    def print(self, one: "Shown") -> None:
        """One record."""
        from veracity.app.wal.verify import kind_of
        from veracity.app.wal.words import time as time_of

        if self._is_json:
            line = one.record.payload.decode()
            separator = "" if self._is_stream else ("\n    " if self._count == 0 else ",\n    ")
            click.echo(f"{separator}{line}", nl=self._is_stream)
        else:
            seq, kind = f"{one.event.seq:>9}", kind_of(one.event)
            say(
                f"{seq}  {time_of(one.event):<{TIME_WIDTH}}  {kind:<{KIND_WIDTH}}  {self._words.say(one.event)}"
            )
        self._count += 1

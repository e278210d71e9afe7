"""How far a long command is: a bar with the time left on a terminal, otherwise a line every ten seconds. On stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final, TypeAlias

import click

from veracity.app.cli.options import settings
from veracity.app.cli.output import console

Progress: TypeAlias = Callable[[int, int], None]

HEARTBEAT_S: Final = 10.0


@contextmanager
def progress(what: str) -> Iterator[Progress | None]:
    """A function that takes (done, total) while the block runs; None with --quiet."""
    if settings().quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar(what) as bar:
            yield bar
    else:
        yield Heartbeat(what, monotonic)


class Heartbeat:
    """Says how far it is once in HEARTBEAT_S seconds; says nothing about what is done sooner."""

    def __init__(self, what: str, clock: Callable[[], float]) -> None:
        self._what = what
        self._clock = clock
        self._start = self._last = clock()

    def __call__(self, done: int, total: int) -> None:
        """Hear that `done` of `total` is done."""
        now = self._clock()
        if now - self._last < HEARTBEAT_S or not done:
            return
        self._last = now
        left = (now - self._start) * (total - done) / done
        click.echo(
            f"{self._what}: {100 * done // total} % ({done} of {total}), about {left:.0f} s left", err=True
        )


@contextmanager
def _bar(what: str) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn())
    with RichProgress(*columns, console=console(stderr=True), transient=True) as drawn:
        task = drawn.add_task(what, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=total)

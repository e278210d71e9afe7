"""`veracity doctor`: can this machine do the job?"""

import os
from typing import Final

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import console, emit, note, say
from veracity.domain.errors import ExitCode

MARKS: Final = {"ok": "[#0072B2]ok  [/]", "warn": "[#E69F00]warn[/]", "fail": "[#D55E00]fail[/]"}


@click.command()
@common_options
def doctor() -> None:
    """Tell whether this machine can do the job: Python and packages, clock, limits, user; whether the run directory can be
    written, is on a disk that keeps what it was told to keep, and has room; which runs there have no end.

    Each line is ok, warn or fail, with what to do. Files are only made to try the disk, and taken away again.

    Exit code 0: nothing failed. 5: something did.
    """
    from rich.markup import escape

    from veracity.app.doctor import examine

    checks = examine(settings().run_dir, os.environ)  # noqa: TID251 - the wiring is where the environment is read
    failed = [one for one in checks if one.state == "fail"]
    warned = [one for one in checks if one.state == "warn"]
    if settings().json:
        emit(
            "veracity.doctor/1",
            {"healthy": not failed, "checks": [one._asdict() for one in checks]},
        )
    else:
        width = max(len(one.name) for one in checks)
        shown = console()
        for one in checks:
            shown.print(f"{MARKS[one.state]}  {one.name:<{width}}  {escape(one.what)}", soft_wrap=True)
            if one.hint and one.state != "ok":
                shown.print(f"{'':<{width + 8}}{escape(one.hint)}", soft_wrap=True)
        say("this machine can do the job" if not failed else f"{len(failed)} of {len(checks)} checks failed")
        if warned:
            note(f"{len(warned)} warnings")
    if failed:
        click.get_current_context().exit(ExitCode.FINDING)

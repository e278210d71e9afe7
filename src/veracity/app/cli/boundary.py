"""Where errors end: every one becomes an exit code, lines for people, and with --json an envelope for scripts.

The codes are documented in docs/exit-codes.md and frozen by a test.
"""

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn

import click

from veracity.app.cli.lazy import LazyGroup
from veracity.domain.errors import EngineFault, ExitCode, OperatorFault, OperatorFaults, VenueFault

ERROR_SCHEMA: Final = "veracity.error/1"
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells have it
BROKEN_PIPE: Final = 141  # 128 + SIGPIPE
TERMINATED: Final = 143  # 128 + SIGTERM
TRACE_VERBOSITY: Final = 2
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


class Terminated(BaseException):
    """SIGTERM: everything on the way out has its turn, such as the mark on a run that did not end."""


def terminate(*_: object) -> NoReturn:
    """Handler of SIGTERM."""
    raise Terminated


class ReaderGone(Exception):
    """Whoever read our output has read enough, as `head` does."""


class Cli(LazyGroup):
    """The outermost group: runs a command and ends the process with its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """As click does, but a reader that went away is told from a bug (click ends with 1 for it)."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            if _let_go_of_the_unread():
                raise ReaderGone from None
            raise EngineFault(f"a pipe of our own broke: {error}") from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "veracity",
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run `args`. Always ends in SystemExit."""
        words = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(words, "veracity", complete_var, standalone_mode=False, **extra)
        except click.exceptions.Exit as ended:
            code = ended.exit_code
        except (click.Abort, KeyboardInterrupt):
            code = report(INTERRUPTED, OperatorFault("interrupted"), words)
        except Terminated:
            code = report(TERMINATED, OperatorFault("terminated"), words)
        except click.exceptions.NoArgsIsHelpError as error:
            code = _help(error, words)
        except click.ClickException as error:
            code = report(ExitCode.USAGE, _usage(error), words)
        except OperatorFault as error:
            code = report(error.exit_code, error, words)
        except VenueFault as error:
            code = report(
                ExitCode.VENUE,
                OperatorFault(str(error), hint="see the venue's status, then try again"),
                words,
            )
        except EngineFault as error:
            code = report(
                error.exit_code, OperatorFault(str(error), hint=error.hint), words, error.envelope()
            )
        except ReaderGone:
            code = BROKEN_PIPE
        except OSError as error:
            fault = _of_the_system(error)
            code = report(fault.exit_code, fault, words)
        except Exception as error:  # noqa: BLE001  # the last place before the process ends: nothing may pass untold
            code = report(
                ExitCode.INTERNAL,
                OperatorFault(f"{type(error).__name__}: {error}", hint=EngineFault.hint),
                words,
            )
        sys.exit(code if isinstance(code, int) else 0)


def report(
    code: int, fault: OperatorFault, words: Sequence[str], engine: Mapping[str, Any] | None = None
) -> int:
    """Tell a fault, each of its parts, to whoever asked: people on stderr, scripts on stdout. Returns `code`.

    `engine` is what there is to say of a fault of ours.
    """
    with suppress(OSError):  # there is nowhere left to tell it: the exit code has to
        _tell(code, fault, words, engine)
    return int(code)


def _tell(code: int, fault: OperatorFault, words: Sequence[str], engine: Mapping[str, Any] | None) -> None:
    faults = fault.faults if isinstance(fault, OperatorFaults) else (fault,)
    if verbosity(words) >= TRACE_VERBOSITY:
        import traceback  # here, and json too: a start pays only for what it uses

        traceback.print_exc()
    if "--json" in words:
        import json

        told = envelope(code, fault, faults) | ({} if engine is None else {"engine": engine})
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for one in faults:
        head = f"{one.where}: {one.what}" if one.where else one.what
        click.echo(f"error: {head}{f': {one.why}' if one.why else ''}", err=True)
        if one.hint:
            click.echo(f"  {one.hint}", err=True)
    if len(faults) > 1:
        click.echo(f"{len(faults)} errors", err=True)


def envelope(code: int, fault: OperatorFault, faults: Sequence[OperatorFault]) -> dict[str, Any]:
    """The JSON form of an error."""
    return {
        "schema": ERROR_SCHEMA,
        "code": int(code),
        "message": str(fault.what),
        "errors": [
            {"where": one.where, "what": one.what, "why": one.why, "hint": one.hint} for one in faults
        ],
    }


def verbosity(words: Sequence[str]) -> int:
    """How often -v was given; read from the words, as an error may come before they are parsed."""
    short = sum(word.count("v") for word in words if word.startswith("-") and set(word[1:]) == {"v"})
    return short + words.count("--verbose")


def _let_go_of_the_unread() -> bool:
    """Whether nobody reads stdout or stderr any more; what is left in the buffer of such a one goes nowhere."""
    gone = [stream for stream in (sys.stdout, sys.stderr) if stream and _is_unread(stream.fileno())]
    for stream in gone:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    return bool(gone)


def _is_unread(file: int) -> bool:
    import select

    poll = select.poll()
    poll.register(file, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def _of_the_system(error: OSError) -> OperatorFault:
    """What the operating system refused, where nothing nearer to it knew better: a full disk, a right that is missing."""
    where = str(error.filename) if error.filename is not None else ""
    why = error.strerror or str(error)
    if error.errno in NO_ROOM:
        what = "cannot be written" if where else "the output, or a file of it, cannot be written"
        hint = "free the disk, or name another place; what was begun there is not complete"
        return OperatorFault(what, where=where, why=why, hint=hint, exit_code=ExitCode.HALTED)
    hint = "see whether the file or the directory exists and who may read and write it"
    return OperatorFault("cannot be used", where=where, why=why, hint=hint, exit_code=ExitCode.USAGE)


def _help(error: click.UsageError, words: Sequence[str]) -> int:
    """Somebody typed a group and nothing behind it: its help is the answer, but no success."""
    if "--json" in words:
        return report(
            ExitCode.USAGE, OperatorFault("no command was given", hint="see `veracity --help`"), words
        )
    click.echo(error.format_message(), err=True)
    return int(ExitCode.USAGE)


def _usage(error: click.ClickException) -> OperatorFault:
    context = getattr(error, "ctx", None)
    hint = f"see `{context.command_path} --help`" if context is not None else "see `veracity --help`"
    return OperatorFault(error.format_message().rstrip("."), hint=hint, exit_code=ExitCode.USAGE)

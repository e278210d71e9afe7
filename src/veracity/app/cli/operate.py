"""`veracity status`, `halt`, `resume` and their like: what an operator says to a run whose process is running."""

from collections.abc import Callable
from typing import Any, Final

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, amount, command_line, emit, note, say, table
from veracity.app.cli.run_argument import RUN

SCHEMA: Final = "veracity.command/1"
ALL: Final = 100  # percent
TIMEOUT: Final = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Wait as long for the answer; then the request is withdrawn.",
)


_REASON: Final = click.option(
    "--reason", "why", required=True, metavar="TEXT", help="Why; it is journaled with your name."
)
_MAY_REASON: Final = click.option(
    "--reason",
    "why",
    default="by hand",
    show_default=True,
    metavar="TEXT",
    help="Why; it is journaled with your name.",
)


def _command(kind: str, *, needs_reason: bool = False) -> Callable[[Callable[[], None]], click.Command]:
    """The command that sends a command of `kind`; the function decorated gives its name and help."""

    def made(described: Callable[[], None]) -> click.Command:
        def run_it(run: str, why: str, timeout: float) -> None:
            _send(run, timeout, command=kind, why=why)

        run_it.__doc__ = described.__doc__
        reason = _REASON if needs_reason else _MAY_REASON
        name = described.__name__.replace("_", "-")
        return click.command(name)(RUN(reason(TIMEOUT(common_options(run_it)))))

    return made


@_command("halt_requested")
def halt() -> None:
    """Halt RUN: nothing new is opened until you resume it. What is held may be closed."""


@_command("resume_requested", needs_reason=True)
def resume() -> None:
    """Let RUN go on; refused (exit code 7) while a cause of the stop is open, such as a kill file.

    \b
    veracity resume latest --reason "feed checked, book agrees"
    """


@_command("close_only_requested")
def close_only() -> None:
    """Let RUN only reduce or close positions from now on."""


@_command("safe_mode_requested")
def safe() -> None:
    """Put RUN into safe mode: opening orders are cancelled, only whole closes pass."""


@_command("cancel_all_requested")
def cancel_all() -> None:
    """Cancel every open order of RUN."""


@_command("close_all_requested")
def close_all() -> None:
    """Halt RUN and close everything that it holds."""


@_command("stop_requested")
def stop() -> None:
    """End RUN in order: cancel what works, keep what is held."""


@click.command()
@RUN
@click.option("--symbol", required=True, metavar="SYMBOL", help="Of the fill.")
@click.option("--trade-id", required=True, metavar="ID", help="Of the fill, as `veracity status` shows it.")
@click.option("--strategy", "strategy_id", required=True, metavar="ID", help="Whose fill it is.")
@_REASON
@TIMEOUT
@common_options
def adopt_fill(run: str, symbol: str, trade_id: str, strategy_id: str, why: str, timeout: float) -> None:
    """Book a fill that waits in RUN's quarantine to a strategy."""
    _send(
        run,
        timeout,
        command="adopt_fill_requested",
        why=why,
        symbol=symbol,
        trade_id=trade_id,
        strategy_id=strategy_id,
    )


@click.command()
@RUN
@click.option("--symbol", required=True, metavar="SYMBOL", help="Of the fill.")
@click.option("--trade-id", required=True, metavar="ID", help="Of the fill, as `veracity status` shows it.")
@_REASON
@TIMEOUT
@common_options
def discard_fill(run: str, symbol: str, trade_id: str, why: str, timeout: float) -> None:
    """Let go of a fill that waits in RUN's quarantine and is not ours."""
    _send(run, timeout, command="discard_fill_requested", why=why, symbol=symbol, trade_id=trade_id)


@click.command()
@RUN
@common_options
def kill(run: str) -> None:
    """Make RUN's kill file: its process halts, running now or later, and stays halted when the file is gone."""
    from veracity.app import ask
    from veracity.app.run_dirs import find
    from veracity.forensics.run_directory import RunDirectory

    directory = RunDirectory(find(settings().run_dir, run).path)
    path = ask.kill(directory)
    is_alive = ask.is_alive(directory)
    if settings().json:
        emit(
            "veracity.kill/1",
            {"run_dir": str(directory.root), "kill_file": str(path), "is_running": is_alive},
        )
        return
    say(f"kill file   {path}")
    note(
        "the process halts within a second of its time"
        if is_alive
        else "no process runs this; one that goes on halts first"
    )


@click.command()
@RUN
@TIMEOUT
@click.option(
    "--watch",
    type=click.FloatRange(min=0, min_open=True),
    is_flag=False,
    flag_value=1.0,
    metavar="[SECONDS]",
    help="Ask again every so many seconds, until the run ends; every second without a number.",
)
@common_options
def status(run: str, timeout: float, watch: float | None) -> None:
    """Ask RUN's process where it is: mode, equity, drawdown, what it holds, the age of the last bar, how much of each
    limit is used, what stands against trading.

    \b
    veracity status latest
    veracity status latest --watch
    """
    if watch is not None and settings().json:
        raise click.UsageError("--watch is for people; a script asks with --json as often as it likes")
    answer = _ask(run, timeout, command="status")
    if settings().json:
        _emit(answer)
        return
    _show(answer)
    if watch is not None:
        _keep_asking(run, timeout, watch)


def _keep_asking(run: str, timeout: float, seconds: float) -> None:
    """Show each answer in place of the one before, until there is no process that could answer."""
    import time

    from veracity.app.ask import is_alive
    from veracity.app.run_dirs import find
    from veracity.domain.errors import OperatorFault
    from veracity.forensics.run_directory import RunDirectory

    path = find(settings().run_dir, run).path  # `latest` may be another one soon
    while True:
        time.sleep(seconds)
        try:
            answer = _ask(str(path), timeout, command="status")
        except OperatorFault:
            if is_alive(RunDirectory(path)):
                raise
            say(f"ended       how: {command_line('run', 'show', str(path))}")
            return
        click.clear()  # on a terminal; elsewhere it does nothing
        _show(answer)


def _show(answer: Any) -> None:
    assert answer.status is not None
    told = answer.status
    say(f"mode        {answer.mode}" + (f"  ({answer.mode_reason})" if answer.mode_reason else ""))
    say(f"seq         {answer.seq}, engine time {told.ts}")
    say(f"orders      {told.orders_open} open")
    if told.slowest_sync_ms is not None:
        say(f"journal     the slowest sync took {told.slowest_sync_ms:.1f} ms")
    for one in told.prices:
        last = "no bar yet" if one.last is None else f"{one.last}, the bar is {one.age_s:g} s old"
        say(f"price       {one.symbol} {last}")
    for stands in told.stands:
        say(f"against     {stands}")
    for limit in told.limits:
        word = "used up" if limit.used_percent == ALL else "near" if limit.near else "limit"
        used = "how much is used is not known" if limit.left is None else f"{limit.used_percent} % used"
        left = "" if limit.left is None else f", {limit.left} of {limit.limit} left"
        say(f"{word:<10}  {limit.strategy_id} {limit.rule}: {used}{left}")
    for one in told.refusals:
        say(f"denied      {one.strategy_id} {one.rule}: {one.denied}")
    if told.accounts:
        heads = ("equity", "day", "since start", "drawdown", "drawdown\n%", "exposure")
        columns = [Column("strategy"), *(Column(head, is_number=True) for head in heads)]
        table(columns, [_account(one) for one in told.accounts])
    if told.holdings:
        table(
            [Column("strategy"), Column("symbol"), Column("held", is_number=True)],
            [(one.strategy_id, one.symbol, one.qty) for one in told.holdings],
        )
    if told.quarantined:
        table(
            [
                Column("quarantined"),
                Column("trade id"),
                Column("side"),
                Column("qty", is_number=True),
                Column("why"),
            ],
            [(one.symbol, one.trade_id, one.side, one.qty, one.reason) for one in told.quarantined],
        )


def _account(worth: Any) -> tuple[str, ...]:
    return (
        worth.strategy_id,
        amount(worth.equity),
        amount(worth.day, is_signed=True),
        amount(worth.total, is_signed=True),
        amount(worth.drawdown),
        "-" if worth.drawdown_percent is None else f"{worth.drawdown_percent:.2f}",
        amount(worth.exposure),
    )


def _send(run: str, timeout: float, **request: str) -> None:
    from veracity.domain.errors import ExitCode, OperatorFault

    answer = _ask(run, timeout, **request)
    if answer.outcome == "refused":
        raise OperatorFault(
            f"refused: {answer.detail}",
            where=run,
            why=f"{answer.reason}, in mode {answer.mode or 'unknown'}; nothing changed",
            exit_code=ExitCode.UNSAFE,
        )
    if settings().json:
        _emit(answer)
        return
    say(f"mode        {answer.mode}" + (f"  ({answer.mode_reason})" if answer.mode_reason else ""))
    say(f"seq         {answer.seq}, command {answer.command_id}")
    if not answer.events:
        note("it led to nothing: it was so already")


def _ask(run: str, timeout: float, **request: str) -> Any:
    from veracity.app.ask import ask
    from veracity.app.control import Request
    from veracity.app.run_dirs import find
    from veracity.forensics.run_directory import RunDirectory

    return ask(RunDirectory(find(settings().run_dir, run).path), Request(**request), timeout)


def _emit(answer: Any) -> None:
    import msgspec

    emit(SCHEMA, msgspec.to_builtins(answer))

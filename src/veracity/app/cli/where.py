"""`veracity where TICKET`: from a ticket to what proves it, in one hop. Needs the checkout."""

from importlib import import_module
from pathlib import Path
from typing import Final

import click

import veracity
from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import emit, say
from veracity.domain.errors import ExitCode, OperatorFault

TOOL: Final = "veracity_trace.where"


@click.command()
@click.argument("ticket")
@common_options
def where(ticket: str) -> None:
    """Say what proves TICKET: its acceptance, specification, code, tests and last evidence."""
    checkout = Path(veracity.__file__).resolve().parents[2]
    if not (checkout / "tickets").is_dir():
        raise _absent("this is an installed package, not a checkout")
    try:
        tool = import_module(TOOL)
    except ModuleNotFoundError as error:
        raise _absent(str(error)) from None
    try:
        found = tool.where(checkout, ticket)
    except tool.UnknownTicket as error:
        hint = "an id is T, S or I, a hyphen and three digits"
        raise OperatorFault(str(error), hint=hint, exit_code=ExitCode.USAGE) from None
    if settings().json:
        emit("veracity.where/1", {key: value for key, value in found.items() if key != "format"})
    else:
        say(tool.render_where(found))


def _absent(why: str) -> OperatorFault:
    return OperatorFault(
        "what proves a ticket cannot be told here",
        why=why,
        hint="run it in a checkout of the sources, in its development environment (make setup-dev)",
        exit_code=ExitCode.USAGE,
    )

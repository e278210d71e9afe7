"""`veracity wal audit`: why an order is there, and what became of it."""

from typing import TYPE_CHECKING, Any

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, emit, say, table
from veracity.app.cli.runs import RUN
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.app.wal.explain import Explained
    from veracity.app.wal.select import Shown
    from veracity.app.wal.words import Words


@click.command()
@RUN
@click.argument("ident", metavar="ID")
@common_options
def audit(run: str, ident: str) -> None:
    """Explain one order of RUN by the chain of records that caused it and followed from it.

    ID is that of an intent, an order or a venue's order, trade:ID, or a seq; any record of the chain leads to all of it.
    What it was decided in comes first: the run, the strategy and its version, the mode, the newest bar.

    Exit code 5 where the chain lacks a link, such as a fill without an order. 2 where there is no such id.
    """
    from veracity.app.wal.explain import explain
    from veracity.app.wal.shown import heard
    from veracity.app.wal.target import target_of
    from veracity.app.wal.words import Words

    target = target_of(settings().run_dir, run)
    words = Words()
    found = explain(lambda: heard(target.wal, words), ident)
    if settings().json:
        emit("veracity.wal_audit/1", {"wal": str(target.wal), **_described(found)})
    else:
        _print(found, words)
    if found.broken:
        click.get_current_context().exit(ExitCode.FINDING)


def _described(found: "Explained") -> dict[str, Any]:
    import json

    def events(shown: "list[Shown]") -> list[Any]:
        return [json.loads(one.record.payload) for one in shown]

    return {
        "corr_id": found.corr,
        "fate": found.fate,
        "qty": found.qty,
        "filled": found.filled,
        "fees": found.fees,
        "broken": found.broken,
        "before": events(found.before),
        "chain": events(found.chain),
    }


def _print(found: "Explained", words: "Words") -> None:
    from veracity.app.wal.verify import kind_of
    from veracity.app.wal.words import money, time

    def rows(shown: "list[Shown]") -> list[tuple[str, ...]]:
        return [
            (str(one.event.seq), time(one.event), kind_of(one.event), words.say(one.event)) for one in shown
        ]

    columns = [Column("seq", is_number=True), Column("time (UTC)"), Column("kind"), Column("what")]
    say("decided in")
    table(columns, rows(found.before))
    say("\ncaused and followed by")
    table(columns, rows(found.chain))
    say(f"\nintent      {found.corr}")
    say(f"fate        {found.fate}")
    symbol = getattr(found.chain[0].event, "symbol", "")
    if found.qty:
        say(f"filled      {words.qty(symbol, found.filled)} of {words.qty(symbol, found.qty)} {symbol}")
    if found.filled:
        say(f"average     {words.price(symbol, found.notional // found.filled)}, rounded down")
        say(f"fees        {money(found.fees)}")
    for link in found.broken:
        say(f"BROKEN      {link}")

"""`veracity wal audit`: why an order is there, and what became of it."""

from typing import TYPE_CHECKING, Any, Final

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, emit, say, table
from veracity.app.cli.run_argument import RUN
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.app.wal.explain import Explained
    from veracity.app.wal.select import Shown
    from veracity.app.wal.words import Words

SAID: Final = {
    "kept": "every file is what its digest says",
    "none": "this journal's writer keeps no digests; the sums of its files are in the run's end marker: `veracity run check`",
    "unknown": "there are no digests, and nothing says whether there ever were any: name the run, whose manifest does",
}


@click.command()
@RUN
@click.argument("ident", metavar="[ID]", required=False)
@common_options
def audit(run: str, ident: str | None) -> None:
    """Explain one order of RUN by the chain of records that caused it and followed from it; without ID, check the digests.

    ID is that of an intent, an order or a venue's order, trade:ID, or a seq; any record of the chain leads to all of it.
    What it was decided in comes first: the run, the strategy and its version, the mode, the newest bar.

    Without ID the chain of SHA-256 digests is compared with the closed segments that are there, so that one that was removed
    or changed is noticed, and the operators' acts are listed: who did what, when, and to which seqs. What trades keeps such a
    chain from before its first record on, so that one that is not there is a finding too; a backtest keeps none.

    Exit code 5 where the chain lacks a link, such as a fill without an order, a file is not what its digest says, or the
    digests are gone, or nobody can say whether there were any. 2 where there is no such id.
    """
    if ident is None:
        _digests(run)
        return
    from veracity.app.wal.explain import explain
    from veracity.app.wal.shown import heard
    from veracity.app.wal.target import target_of
    from veracity.app.wal.words import Words
    from veracity.journal.heads import first_seq

    target = target_of(settings().run_dir, run)
    words = Words()
    found = explain(lambda: heard(target, words), ident, first_seq(target.wal))
    if settings().json:
        emit("veracity.wal_audit/1", {"wal": str(target.wal), **_described(found)})
    else:
        _print(found, words)
    if found.broken:
        click.get_current_context().exit(ExitCode.FINDING)


def _digests(run: str) -> None:
    from veracity.app.wal.target import target_of
    from veracity.app.wal.verify import audit_digests
    from veracity.domain.time import ts_text
    from veracity.journal.audit import Chain

    target = target_of(settings().run_dir, run)
    found = audit_digests(target)
    if settings().json:
        content = {
            "wal": str(target.wal),
            "chain": found.chain.value,
            "digests": len(found.lines),
            "acts": [
                {
                    "act": one.kind,
                    "who": one.name,
                    "ts": one.ts,
                    "seq_first": one.seq_first,
                    "seq_last": one.seq_last,
                }
                for one in found.acts
            ],
            "findings": [one._asdict() for one in found.findings],
        }
        emit("veracity.wal_digests/1", content)
    else:
        say(f"digests     {len(found.lines) or found.chain.value}")
        if found.acts:
            columns = [Column("act"), Column("who"), Column("when (UTC)"), Column("seq")]
            rows = [
                (one.kind, one.name, ts_text(one.ts) if one.ts else "-", f"{one.seq_first}..{one.seq_last}")
                for one in found.acts
            ]
            table(columns, rows)
        for one in found.findings:
            say(f"BROKEN      {one.name}: {one.what}")
        if not found.findings:
            say(SAID[found.chain])
    if found.findings or found.chain is Chain.UNKNOWN:
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

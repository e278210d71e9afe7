"""The table that a run ends with: its strategies beside the baselines."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from veracity.app.cli.output import Column, amount, note, percent, table

Block = Mapping[str, Any]


class Line(NamedTuple):
    """One account's results, as texts and ratios of the summary."""

    name: str
    net: str | None
    total_return: float | None
    max_drawdown: float | None
    trades: int | None
    fees: str | None
    funding: str | None


def print_summary(summary: Block) -> None:
    """Print the table of a summary (schemas/summary.schema.json) and its warnings."""
    period = summary["period"]
    if period["bars"]:
        beside = "; in brackets: baselines" if summary["baselines"] else ""
        note(f"{period['bars']} bars, {period['first']} to {period['last']} (UTC, bar open){beside}")
    currencies = {strategy["currency"] for strategy in summary["strategies"]}
    currency = currencies.pop() if len(currencies) == 1 else "quote"
    heads = (
        f"PnL\n{currency}",
        "return\n%",
        "max draw-\ndown %",
        "trades",
        f"fees\n{currency}",
        f"funding\n{currency}",
    )
    columns = [Column(""), *(Column(head, is_number=True) for head in heads)]
    table(columns, [_cells(line) for line in lines(summary)])
    for warning in summary["warnings"]:
        note(f"warning: {warning}")


def lines(summary: Block) -> Iterable[Line]:
    """The strategies, their total where there are several, and the baselines that could run."""
    for strategy in summary["strategies"]:
        trades = strategy["trades"]
        yield _line(strategy["strategy_id"], strategy, trades["closed"] + trades["open"])
    if summary["total"] is not None and len(summary["strategies"]) > 1:
        yield _line("TOTAL", summary["total"], None)
    for baseline in summary["baselines"] or ():
        if baseline["equity_end"] is not None:
            yield Line(
                f"({baseline['name']})",
                _text(baseline["net"]),
                _ratio(baseline["total_return"]),
                _ratio(baseline["max_drawdown"]),
                baseline["trades"],
                _text(baseline["fees"]),
                _text(baseline["funding"]),
            )


def _line(name: str, block: Block, trades: int | None) -> Line:
    pnl = block["pnl"]
    return Line(
        name,
        _text(pnl["net"]),
        _ratio(block["ratios"]["total_return"]),
        _ratio(block["drawdown"]["max_drawdown"]),
        trades,
        _text(pnl["fees"]),
        _text(pnl["funding"]),
    )


def _text(found: Block | None) -> str | None:
    return None if found is None else str(found["text"])


def _ratio(found: Block | None) -> float | None:
    return None if found is None else found["value"]


def _cells(line: Line) -> tuple[str, ...]:
    return (
        line.name,
        amount(line.net, is_signed=True),
        percent(line.total_return, is_signed=True),
        percent(line.max_drawdown),
        "-" if line.trades is None else str(line.trades),
        amount(line.fees),
        amount(line.funding),
    )

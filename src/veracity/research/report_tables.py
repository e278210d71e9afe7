"""The report's tables: what every figure says, again in words and numbers, for eyes that do not read charts."""

from collections.abc import Iterable, Sequence
from math import prod
from typing import Final

import numpy as np

from veracity.data.dataset import Dataset
from veracity.domain.amounts import money_text, units_text
from veracity.domain.instruments import Instrument
from veracity.domain.summary_models import Amount, Baseline, Fall, Month, Ratio, StrategySummary, Summary
from veracity.domain.time import ts_text
from veracity.research.drawdown import depths
from veracity.research.markup import Child, Markup, el
from veracity.research.results import Results
from veracity.research.trades import FillRow
from veracity.research.wording import count, money, number, percent, when

ROWS_MAX: Final = 60
TINT_MAX: Final = 45  # percent; with more, text in the dark theme has less than 4.5 to 1 against it
MINUS: Final = "\u2212"
LINES: Final = ("latency", "spread", "impact", "rounding", "fees", "funding", "borrow", "liquidation")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def headline(summary: Summary) -> Markup:
    """Strategies, then baselines: what each came to."""
    head = (
        "Strategy",
        "Equity at end",
        "Net",
        "Return",
        "Max drawdown",
        "Sharpe",
        "Trades",
        "Fees",
        "Funding",
    )
    rows = [_own_row(strategy) for strategy in summary.strategies]
    rows += [_baseline_row(baseline) for baseline in summary.baselines or ()]
    note = "Sharpe: daily returns, 365 days a year, risk-free rate 0."
    return table("After all costs; the baselines had the same data, cash, costs and guards", head, rows, note)


def falls(strategy: StrategySummary) -> Markup:
    """The deepest falls."""
    head = ("Depth", "Amount", "Peak", "Lowest", "Recovered", "Bars under water")
    rows = [el("tr", [el("td", cell) for cell in _fall(fall)]) for fall in strategy.drawdown.top]
    return table(f"Deepest drawdowns of {strategy.strategy_id}", head, rows, "UTC, bar open.", lead=False)


def months(strategy: StrategySummary) -> Markup:
    """Returns by calendar month, one row a year; the tint says how far from zero."""
    found = {month.month: month for month in strategy.months}
    years = list(dict.fromkeys(name[:4] for name in found))
    largest = max((abs(month.total_return.value or 0.0) for month in strategy.months), default=0.0)
    rows = [
        el(
            "tr",
            el("th", year, scope="row"),
            [_month(found.get(f"{year}-{n:02d}"), largest) for n in range(1, 13)],
            _year([month for name, month in found.items() if name[:4] == year]),
        )
        for year in years
    ]
    head = ("Year", *MONTHS, "All")
    return table(f"Monthly returns of {strategy.strategy_id}, %", head, rows, class_="heat")


def attribution(summary: Summary) -> Markup:
    """Signed contributions of every strategy and instrument; the columns of a row add up to its net."""
    parts = [(one, part) for one in summary.strategies for part in one.attribution]
    drawn = [name for name in LINES if any(_is_something(getattr(part, name)) for _, part in parts)]
    rows = [
        el(
            "tr",
            el("th", f"{strategy.strategy_id} {part.symbol}, {strategy.currency}", scope="row"),
            [signed(getattr(part, name)) for name in ("gross", *drawn, "net")],
        )
        for strategy, part in parts
    ]
    none = [name for name in LINES if name not in drawn]
    note = "Paid is negative. Gross is at reference prices, before every cost; each row adds up to its net."
    if none:
        note += f" Nothing was paid or received for {', '.join(none)}."
    head = ("Strategy and instrument", "Gross", *(name.capitalize() for name in drawn), "Net")
    return table("Where the money came from", head, rows, note)


def _is_something(amount: Amount | None) -> bool:
    return amount is None or amount.units != 0


def statistics(summary: Summary) -> Markup:
    """Trades and exposure of every strategy."""
    head = (
        "Strategy",
        "Round trips",
        "Open",
        "Win rate",
        "Profit factor",
        "Bars held, mean",
        "Best",
        "Worst",
        "In the market",
        "Turnover",
        "Fills",
        "Intents",
    )
    rows = []
    for strategy in summary.strategies:
        trades = strategy.trades
        cells = (
            count(trades.closed),
            count(trades.open),
            percent(trades.win_rate),
            number(trades.profit_factor),
            number(trades.bars_mean),
            minus(money(trades.best, signed=True)) if trades.best else "none",
            minus(money(trades.worst, signed=True)) if trades.worst else "none",
            percent(strategy.ratios.exposure),
            number(strategy.costs.turnover),
            count(trades.fills),
            count(trades.intents),
        )
        rows.append(el("tr", el("th", strategy.strategy_id, scope="row"), [el("td", cell) for cell in cells]))
    return table("Trades", head, rows)


def denials(summary: Summary) -> Markup:
    """Refused intents by strategy and rule, or the sentence that there were none."""
    head = ("Strategy", "Rule", "Ticket", "Intents")
    rows = [
        el("tr", [el("td", cell) for cell in (strategy.strategy_id, one.rule, one.ticket, count(one.count))])
        for strategy in summary.strategies
        for one in strategy.denials
    ]
    if not rows:
        return el("p", "No intent was refused.")
    return table("Refused intents by rule", head, rows, lead=False, text_columns=3)


def reasons(results: Results) -> Markup:
    """Why the trades were entered and left."""
    tally: dict[tuple[str, str, str], int] = {}
    for book in results.books.values():
        for trade in book.trades:
            key = (book.strategy_id, trade.entry_reason, trade.exit_reason or "still open")
            tally[key] = tally.get(key, 0) + 1
    if not tally:
        return el("p", "There was no trade.")
    ordered = sorted(tally.items(), key=lambda item: (-item[1], item[0]))[:ROWS_MAX]
    rows = [el("tr", [el("td", cell) for cell in (*key, count(number_of))]) for key, number_of in ordered]
    return table(
        "Trades by reason", ("Strategy", "Entered", "Left", "Trades"), rows, lead=False, text_columns=3
    )


def equity_points(results: Results) -> Markup:
    """Equity and drawdown of every strategy at evenly spaced bars."""
    books = list(results.books.values())
    opens = results.timeline.open_ts
    at = np.unique(np.linspace(0, len(opens) - 1, min(len(opens), ROWS_MAX)).astype(np.int64)).tolist()
    head = ["UTC, bar open"]
    for book in books:
        head += [f"{book.strategy_id}, {book.started.currency}", "drawdown, %"]
    fallen = [depths(book.equity_start, book.equity) for book in books]
    rows = []
    for row in at:
        cells: list[Child] = [el("th", when(ts_text(int(opens[row]))), scope="row")]
        for book, depth in zip(books, fallen, strict=True):
            cells += [el("td", money_text(int(book.equity[row]))), el("td", f"{float(depth[row]) * 100:.2f}")]
        rows.append(el("tr", cells))
    return table(
        "Equity and drawdown at evenly spaced bars", head, rows, "Every bar is in results/equity.parquet."
    )


def fills(symbol: str, found: Sequence[FillRow], instrument: Instrument) -> Markup:
    """The first and the last fills of one instrument."""
    half = ROWS_MAX // 2
    shown = list(found) if len(found) <= ROWS_MAX else [*found[:half], *found[-half:]]
    rows = [
        el(
            "tr",
            el("th", when(ts_text(fill.ts)), scope="row"),
            [
                el("td", cell)
                for cell in (
                    fill.strategy_id,
                    fill.side,
                    fill.reason,
                    units_text(fill.price, instrument.price_scale),
                    units_text(fill.qty, instrument.qty_scale),
                    money_text(fill.fee),
                )
            ],
        )
        for fill in shown
    ]
    note = f"{len(shown)} of {len(found)} fills; all are in results/fills.parquet."
    head = ("UTC", "Strategy", "Side", "Reason", "Price", "Quantity", "Fee")
    return table(f"Fills of {symbol}", head, rows, note, text_columns=4)


def instruments(dataset: Dataset) -> Markup:
    """What the run read."""
    rows = []
    for data in dataset.instruments:
        source, stamps = data.source, data.bars.ts
        settlements = "none" if data.funding is None else count(len(data.funding.ts))
        cells = (source.kind, source.bars.name, when(ts_text(int(stamps[0]))), when(ts_text(int(stamps[-1]))))
        numbers = (count(len(stamps)), count(len(data.gaps)), settlements)
        rows.append(
            el("tr", el("th", source.symbol, scope="row"), [el("td", cell) for cell in (*cells, *numbers)])
        )
    head = ("Instrument", "Kind", "File", "First bar", "Last bar", "Bars", "Gaps", "Settlements")
    return table("Market data", head, rows, text_columns=5)


def pairs(caption: str, rows: Iterable[tuple[str, str]]) -> Markup:
    """Names and values."""
    found = [el("tr", el("th", name, scope="row"), el("td", el("code", value))) for name, value in rows]
    return table(caption, (), found, class_="pairs")


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Markup],
    note: str | None = None,
    *,
    class_: str | None = None,
    lead: bool = True,
    text_columns: int = 0,
) -> Markup:
    """A table that scrolls by itself. `lead`: the first column names its row; the first `text_columns` are text."""
    names = [
        el("th", name, scope="col", class_="text" if index < text_columns else None)
        for index, name in enumerate(head)
    ]
    classes = " ".join(
        filter(None, (class_, f"text{text_columns}" if text_columns else None, "lead" if lead else None))
    )
    inner = el(
        "table",
        el("caption", caption),
        el("thead", el("tr", names)) if head else None,
        el("tbody", rows),
        class_=classes or None,
    )
    wrapped = el("div", inner, class_="scroll", tabindex="0", role="region", aria_label=caption)
    return el("div", wrapped, el("p", note, class_="note") if note else None)


def signed(amount: Amount | None) -> Markup:
    """An amount as a cell: sign, arrow and colour say the same."""
    return el("td", minus(money(amount, signed=True)), class_=_tone(None if amount is None else amount.units))


def signed_percent(ratio: Ratio | None) -> Markup:
    """A ratio as a cell, likewise."""
    value = None if ratio is None else ratio.value
    return el("td", minus(percent(ratio, signed=True)), class_=_tone(value))


def _number(ratio: Ratio | None) -> Markup:
    """A ratio as a cell; why there is none stands in its place."""
    if ratio is not None and ratio.value is None:
        return el("td", ratio.reason, class_="none")
    return el("td", minus(number(ratio)))


def _tone(value: float | None) -> str | None:
    return "gain" if value is not None and value > 0 else "loss" if value is not None and value < 0 else None


def minus(text: str) -> str:
    """The text with real minus signs."""
    return text.replace("-", MINUS)


def _own_row(strategy: StrategySummary) -> Markup:
    label = (el("strong", strategy.strategy_id), " ", el("span", strategy.strategy, class_="tag"))
    return el(
        "tr",
        el("th", label, scope="row"),
        el("td", money(strategy.equity_end), " ", strategy.currency),
        signed(strategy.pnl.net),
        signed_percent(strategy.ratios.total_return),
        el("td", percent(strategy.drawdown.max_drawdown)),
        _number(strategy.ratios.sharpe_annual),
        el("td", count(strategy.trades.closed + strategy.trades.open)),
        el("td", money(strategy.pnl.fees)),
        signed(strategy.pnl.funding),
        class_="own",
    )


def _baseline_row(baseline: Baseline) -> Markup:
    label = el("th", baseline.name, " ", el("span", "baseline", class_="tag"), scope="row")
    if baseline.status == "not_applicable":
        return el("tr", label, el("td", f"not applicable: {baseline.reason}", colspan="8", class_="words"))
    return el(
        "tr",
        label,
        el("td", money(baseline.equity_end)),
        signed(baseline.net),
        signed_percent(baseline.total_return),
        el("td", percent(baseline.max_drawdown)),
        _number(baseline.sharpe_annual),
        el("td", count(baseline.trades)),
        el("td", money(baseline.fees)),
        signed(baseline.funding),
    )


def _fall(fall: Fall) -> tuple[str, ...]:
    return (
        percent(fall.depth),
        money(fall.amount),
        "the start" if fall.peak_ts is None else when(ts_text(fall.peak_ts)),
        "" if fall.trough_ts is None else when(ts_text(fall.trough_ts)),
        "not yet" if fall.recovery_ts is None else when(ts_text(fall.recovery_ts)),
        count(fall.bars_under_water),
    )


def _year(found: Sequence[Month]) -> Markup:
    """The months of one year multiplied out."""
    values = [month.total_return.value for month in found]
    if None in values:
        return el("td", "none", class_="none")
    grown = prod(1 + value for value in values if value is not None) - 1
    return el("td", el("strong", _hundredths(grown)))


def _hundredths(value: float) -> str:
    return minus(f"{round(value * 100, 2) + 0.0:+.2f}")


def _month(month: Month | None, largest: float) -> Markup:
    if month is None:
        return el("td", "\u2013", class_="none")
    value = month.total_return.value
    if value is None:
        return el("td", "none", title=month.total_return.reason)
    depth = round(TINT_MAX * abs(value) / largest) if largest else 0
    return el(
        "td", _hundredths(value), class_=_tone(value), style=f"--depth:{depth}%", title=f"{month.change.text}"
    )

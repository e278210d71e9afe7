"""A run cut into parts that add up: by regime, hour, weekday, or any other label of its bars (S-091).

Every bar has exactly one label of a kind. The equity change of a row of the curve belongs to the label of its bar, a
trade to the label of the bar in which it was entered; so bars, money and trades of all strata are those of the run.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from veracity.data.dataset import Dataset
from veracity.domain.market import Column
from veracity.domain.summary_models import Ratio, Stratum
from veracity.domain.time import NS_PER_DAY
from veracity.research import measures, metrics, regimes
from veracity.research.drawdown import falls
from veracity.research.results import Book, Results
from veracity.research.timeline import Timeline, marks

THIN_BARS: Final = 30
NS_PER_HOUR: Final = NS_PER_DAY // 24
THURSDAY: Final = 3  # 1970-01-01
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def cut(book: Book, labels: Column, names: Sequence[str]) -> tuple[Stratum, ...]:
    """One stratum for each of `names`, in their order; `labels` has an index into them for each row of the curve."""
    changes = np.diff(book.equity, prepend=np.int64(book.equity_start))
    before = book.equity - changes
    fees = np.zeros(len(labels), dtype=np.int64)
    np.add.at(fees, [fill.row for fill in book.fills], [fill.fee for fill in book.fills])
    entered = [(int(labels[row]), net) for row, net in _entries(book)]
    found = []
    for number, name in enumerate(names):
        rows = np.flatnonzero(labels == number)
        nets = [net for label, net in entered if label == number]
        thin = len(rows) < THIN_BARS
        found.append(
            Stratum(
                name=name,
                bars=len(rows),
                trades=sum(label == number for label, _ in entered),
                pnl=measures.amount(int(changes[rows].sum())),
                fees=measures.amount(int(fees[rows].sum())),
                hit_rate=_thin(thin) or measures.ratio(_hit_rate([net for net in nets if net is not None])),
                drawdown=measures.amount(_fallen(changes[rows])),
                sharpe_bar=_thin(thin) or measures.ratio(_sharpe(changes[rows], before[rows])),
                thin=thin,
            )
        )
    return tuple(found)


def hours(opens: Column) -> Column:
    """UTC hour of each stamp: a day has 24 of them, whatever clocks on walls do."""
    return opens // NS_PER_HOUR % 24


def weekdays(opens: Column) -> Column:
    """UTC weekday of each stamp, Monday 0."""
    return (opens // NS_PER_DAY + THURSDAY) % 7


def by_regime(results: Results, dataset: Dataset) -> dict[str, tuple[Stratum, ...]]:
    """Strata of every strategy by the volatility regime of its lead instrument that was in force at the decision."""
    labelled: dict[str, Column] = {}
    names = [regimes.NAMES[label] for label in regimes.SHOWN]
    place = np.argsort(np.array(regimes.SHOWN))
    found = {}
    for name, book in results.books.items():
        lead = book.started.legs[0].symbol
        if lead not in labelled:
            labelled[lead] = row_labels(dataset, lead, results.timeline)
        found[name] = cut(book, place[labelled[lead]], names)
    return found


def row_labels(dataset: Dataset, symbol: str, lived: Timeline) -> Column:
    """For each row of the curve the regime of the instrument that was known when the row's bar opened."""
    data = next(one for one in dataset.instruments if one.source.symbol == symbol)
    interval = data.source.interval_ns
    labels = regimes.label_bars(data.bars.ts, data.bars.close, interval)
    before = marks(lived.known - lived.interval_ns, data.bars.ts + interval)
    return np.where(before >= 0, labels[np.maximum(before, 0)], regimes.UNKNOWN)


def by_stamp(
    results: Results, label: Callable[[Column], Column], names: Sequence[str]
) -> dict[str, tuple[Stratum, ...]]:
    """Strata of every strategy by a label of the bars' opens."""
    labels = label(results.timeline.open_ts)
    return {name: cut(book, labels, names) for name, book in results.books.items()}


def entries_of(book: Book) -> list[tuple[int, int]]:
    """Of each closed round trip the row of its entry, and its net."""
    return [(row, net) for row, net in _entries(book) if net is not None]


def _entries(book: Book) -> list[tuple[int, int | None]]:
    """Row of each trade's entry, and its net where it is closed."""
    rows = {(fill.ts, fill.symbol): fill.row for fill in reversed(book.fills)}
    return [
        (rows[trade.entry_ts, trade.symbol], None if trade.exit_ts is None else trade.net)
        for trade in book.trades
    ]


def _hit_rate(nets: Sequence[int]) -> metrics.Ratio:
    return metrics.quotient(sum(net > 0 for net in nets), len(nets), "no closed trade")


def _sharpe(changes: Column, before: Column) -> metrics.Ratio:
    if len(before) and int(before.min()) <= 0:
        return metrics.unknown(metrics.NOT_POSITIVE)
    return metrics.sharpe(changes / before)


def _fallen(changes: Column) -> int:
    """Deepest fall, in money, of a curve that only has these changes."""
    return int(falls(0, np.cumsum(changes)).amount.max(initial=0))


def _thin(thin: bool) -> Ratio | None:
    return measures.ratio(metrics.unknown(f"fewer than {THIN_BARS} bars")) if thin else None

"""Where the money came from: every change of equity as a sum of named lines, exact to the last unit.

equity change = gross - latency - spread - impact - rounding - fees - borrow - liquidation + funding

Gross is what the same quantities would have won at their reference prices: the price of each fill without its known
costs, and the last close for what is still held. A cost that the venue does not state is unknown (None), and then
gross is unknown too: never zero. So is funding where a settlement is missing, and with it the net. No line is what the others leave over; their sum is compared to the equity curve.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from veracity.domain.errors import EngineFault
from veracity.domain.instruments import Instrument
from veracity.research.results import Book, Holding, Results
from veracity.research.trades import LIQUIDATION, FillRow


class Lines(NamedTuple):
    """Signed contributions to an equity change, money in 10^-8: what was paid is negative. None: not known."""

    gross: int | None
    latency: int | None
    spread: int | None
    impact: int | None
    rounding: int | None
    fees: int
    funding: int | None
    borrow: int  # interest
    liquidation: int  # the venue's fees for closing what fell short of margin
    net: int | None  # the equity change

    @property
    def slippage(self) -> int | None:
        """Latency, spread, impact and rounding together."""
        return _total((self.latency, self.spread, self.impact, self.rounding))


class Attribution(NamedTuple):
    """The lines of each strategy by instrument, of each strategy, and of the run (None where currencies differ)."""

    by_symbol: Mapping[str, Mapping[str, Lines]]  # by strategy id, then by symbol
    by_strategy: Mapping[str, Lines]
    total: Lines | None


def attribute(results: Results) -> Attribution:
    """The attribution of a run. Raises EngineFault where the lines do not add up to the change of the equity."""
    by_symbol = {name: _by_symbol(book, results.instruments) for name, book in results.books.items()}
    for name, book in results.books.items():
        change, found = book.equity_end - book.equity_start, added(by_symbol[name].values()).net
        if found != change:
            raise EngineFault(f"the lines of {name} add up to {found}, its equity changed by {change}")
        for symbol in book.funding_unknown:  # the equity leaves out what nobody knows: it is not what was won
            by_symbol[name][symbol] = by_symbol[name][symbol]._replace(funding=None, net=None)
    by_strategy = {name: added(lines.values()) for name, lines in by_symbol.items()}
    currencies = {book.started.currency for book in results.books.values()}
    total = added(by_strategy.values()) if len(currencies) == 1 else None
    return Attribution(by_symbol, by_strategy, total)


def added(parts: Iterable[Lines]) -> Lines:
    """Line by line sums; unknown where one part is."""
    rows = list(parts)
    columns = zip(*rows, strict=True) if rows else [(0,)] * len(Lines._fields)
    gross, latency, spread, impact, rounding, *known = (_total(column) for column in columns)
    fees, funding, borrow, liquidation, net = known
    fees, borrow, liquidation = _known(fees), _known(borrow), _known(liquidation)
    return Lines(gross, latency, spread, impact, rounding, fees, funding, borrow, liquidation, net)


def _by_symbol(book: Book, instruments: Mapping[str, Instrument]) -> dict[str, Lines]:
    return {
        symbol: _lines(
            [fill for fill in book.fills if fill.symbol == symbol],
            sum(payment.amount for payment in book.funding if payment.symbol == symbol),
            -sum(hour.amount for hour in book.interest if hour.symbol == symbol),
            holding,
            instruments[symbol].factor,
        )
        for symbol, holding in book.holdings.items()
    }


def _lines(fills: Sequence[FillRow], funding: int, borrow: int, holding: Holding, factor: int) -> Lines:
    latency = _total(_paid(fill.latency_cost) for fill in fills)
    spread = _total(_paid(fill.spread_cost) for fill in fills)
    impact = _total(_paid(fill.impact_cost) for fill in fills)
    rounding = _total(_paid(fill.rounding_cost) for fill in fills)
    fees = -sum(fill.fee for fill in fills if fill.reason != LIQUIDATION)
    liquidation = -sum(fill.fee for fill in fills if fill.reason == LIQUIDATION)
    worth = holding.qty * _known(holding.mark) * factor if holding.qty else 0
    gross = _total([*(_reference(fill, factor) for fill in fills), worth])
    traded = sum(-fill.delta * fill.price * factor for fill in fills) + worth
    net = traded + fees + funding + borrow + liquidation
    lines = Lines(gross, latency, spread, impact, rounding, fees, funding, borrow, liquidation, net)
    if gross is not None and lines.slippage is not None and gross + lines.slippage != traded:
        raise EngineFault(f"reference prices say {gross}, costs {lines.slippage}, fills {traded}")
    return lines


def _reference(fill: FillRow, factor: int) -> int | None:
    """Money of a fill at its reference price, signed as cash: a buyer would have paid less by the costs."""
    costs = _total((fill.latency_cost, fill.spread_cost, fill.impact_cost, fill.rounding_cost))
    return None if costs is None else -fill.delta * fill.price * factor + costs


def _paid(cost: int | None) -> int | None:
    return None if cost is None else -cost


def _total(values: Iterable[int | None]) -> int | None:
    """The sum; unknown where one value is."""
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _known(value: int | None) -> int:
    assert value is not None
    return value

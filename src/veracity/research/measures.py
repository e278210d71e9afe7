"""The blocks of a summary, each from one account: models of schemas/summary.schema.json, filled and nothing else."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from veracity.domain.amounts import money_text
from veracity.domain.instruments import Instrument
from veracity.domain.market import Column
from veracity.domain.summary_models import (
    Amount,
    AttributionLine,
    Costs,
    Denial,
    Drawdown,
    Fall,
    Month,
    Pnl,
    Ratio,
    Ratios,
    Trades,
)
from veracity.research import drawdown, metrics
from veracity.research.attribution import Lines
from veracity.research.ledger import Denials
from veracity.research.months import months
from veracity.research.results import Book
from veracity.research.timeline import Timeline

TOP_FALLS: Final = 5
NO_BAR: Final = "no bar"


def amount(units: int) -> Amount:
    """Money (10^-8) for machines and for people."""
    return Amount(units=units, text=money_text(units))


def amount_or_none(units: int | None) -> Amount | None:
    """The same for money that may not be known."""
    return None if units is None else amount(units)


def paid_or_none(contribution: int | None) -> Amount | None:
    """A signed contribution to the equity as a cost: positive is paid."""
    return None if contribution is None else amount(-contribution)


def ratio(found: metrics.Ratio) -> Ratio:
    """A ratio or its reason."""
    return Ratio(value=found.value, reason=found.reason)


def pnl(lines: Lines) -> Pnl:
    """What was won or lost."""
    return Pnl(
        gross=amount_or_none(lines.gross),
        costs=paid_or_none(lines.slippage),
        fees=amount(-lines.fees),
        funding=amount_or_none(lines.funding),
        borrow=amount(-lines.borrow),
        liquidation=amount(-lines.liquidation),
        net=amount_or_none(lines.net),
    )


def costs(book: Book, lines: Lines, instruments: Mapping[str, Instrument]) -> Costs:
    """What trading cost."""
    traded = sum(int(instruments[fill.symbol].notional(fill.price, fill.qty)) for fill in book.fills)
    return Costs(
        latency=paid_or_none(lines.latency),
        spread=paid_or_none(lines.spread),
        impact=paid_or_none(lines.impact),
        rounding=paid_or_none(lines.rounding),
        fees=amount(-lines.fees),
        borrow=amount(-lines.borrow),
        liquidation=amount(-lines.liquidation),
        traded=amount(traded),
        turnover=ratio(metrics.turnover(traded, book.equity)),
    )


def attribution_line(symbol: str, lines: Lines) -> AttributionLine:
    """The signed contributions of one instrument."""
    return AttributionLine(
        symbol=symbol,
        gross=amount_or_none(lines.gross),
        latency=amount_or_none(lines.latency),
        spread=amount_or_none(lines.spread),
        impact=amount_or_none(lines.impact),
        rounding=amount_or_none(lines.rounding),
        fees=amount(lines.fees),
        funding=amount_or_none(lines.funding),
        borrow=amount(lines.borrow),
        liquidation=amount(lines.liquidation),
        net=amount_or_none(lines.net),
    )


def drawdown_block(lived: Timeline, start: int, equity: Column) -> Drawdown:
    """The deepest fall of a curve, and the next ones."""
    found = drawdown.falls(start, equity)
    top = found.deepest(TOP_FALLS)
    opens = lived.open_ts
    if not top:
        return Drawdown(
            max_drawdown=ratio(metrics.ratio(0.0) if len(equity) else metrics.unknown(NO_BAR)),
            amount=amount(0),
            peak_ts=None,
            trough_ts=None,
            recovery_ts=None,
            bars_under_water=0,
            longest_bars_under_water=0,
            top=(),
        )
    shown = [_fall(one, opens) for one in top]
    return Drawdown(
        max_drawdown=shown[0].depth,
        amount=shown[0].amount,
        peak_ts=shown[0].peak_ts,
        trough_ts=shown[0].trough_ts,
        recovery_ts=shown[0].recovery_ts,
        bars_under_water=shown[0].bars_under_water,
        longest_bars_under_water=found.longest(),
        top=tuple(shown),
    )


def _fall(fall: drawdown.Fall, opens: Column) -> Fall:
    known = fall.depth is not None
    return Fall(
        depth=ratio(
            metrics.ratio(fall.depth or 0.0) if known else metrics.unknown("the peak is not above zero")
        ),
        amount=amount(fall.amount),
        peak_ts=int(opens[fall.peak]) if fall.peak >= 0 else None,
        trough_ts=int(opens[fall.trough]),
        recovery_ts=None if fall.recovery is None else int(opens[fall.recovery]),
        bars_under_water=fall.bars,
    )


def ratios(lived: Timeline, start: int, equity: Column, exposed: NDArray[np.bool_]) -> Ratios:
    """Ratios of a curve; `exposed` says at which rows a position was held."""
    end = int(equity[-1]) if len(equity) else start
    by_bar = metrics.returns(start, equity)
    by_day = metrics.returns(start, metrics.daily(lived.known, equity))
    year = metrics.DAYS_PER_YEAR
    return Ratios(
        total_return=ratio(metrics.total_return(start, end)),
        sharpe_bar=ratio(metrics.sharpe(by_bar)),
        sharpe_annual=ratio(metrics.sharpe(by_day, year)),
        volatility_annual=ratio(metrics.volatility(by_day, year)),
        exposure=ratio(metrics.quotient(int(np.count_nonzero(exposed)), len(equity), NO_BAR)),
    )


def trades(book: Book) -> Trades:
    """Round trips, and what led to them."""
    count = metrics.count_trades(book.trades)
    return Trades(
        closed=count.closed,
        open=count.open,
        wins=count.wins,
        losses=count.losses,
        win_rate=ratio(count.win_rate),
        profit_factor=ratio(count.profit_factor),
        bars_mean=ratio(count.bars_mean),
        best=amount_or_none(count.best),
        worst=amount_or_none(count.worst),
        fills=len(book.fills),
        orders=book.orders,
        intents=book.intents,
    )


def month_rows(lived: Timeline, start: int, equity: Column) -> tuple[Month, ...]:
    """Every month that has a bar."""
    return tuple(
        Month(month=one.month, change=amount(one.change), total_return=ratio(one.total_return))
        for one in months(lived.known, start, equity)
    )


def denial_rows(denials: Mapping[str, Denials]) -> tuple[Denial, ...]:
    """Refusals by rule, by name."""
    return tuple(
        Denial(rule=rule, ticket=one.ticket, count=one.count) for rule, one in sorted(denials.items())
    )

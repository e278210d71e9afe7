"""What a config charges beside what the data and the models of others say: is the backtest cheaper than the market?"""

import math
from typing import Final, NamedTuple

import numpy as np

from veracity.data.dataset import Dataset, InstrumentData
from veracity.domain.amounts import RATE_ONE
from veracity.domain.market import Bars, Column
from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR
from veracity.research import cost_estimates, volatility
from veracity.research.metrics import DAYS_PER_YEAR, Ratio, ratio, unknown
from veracity.simulator.costs import CostModel
from veracity.simulator.slippage import execute
from veracity.simulator.tape import TapeBar

SHARES: Final = (0.001, 0.01, 0.1)
"""Orders that are looked at, as shares of the volume of a usual bar."""
BP: Final = 10_000
NOT_PRICED: Final = "a price is not above zero"
ESTIMATORS: Final = {
    "close_to_close": volatility.close_to_close,
    "ewma": volatility.ewma,
    "parkinson": volatility.parkinson,
    "garman_klass": volatility.garman_klass,
    "rogers_satchell": volatility.rogers_satchell,
    "yang_zhang": volatility.yang_zhang,
}
"""Deviation of a bar: by closes, by newer closes more, by ranges, by ranges and bodies, under a drift, with jumps between bars."""


class SizeCost(NamedTuple):
    """What a market order of one size pays in a usual bar beside its fee and the spread, in basis points of the price."""

    share: float
    config: float
    square_root: Ratio
    volume_share: float
    almgren: Ratio


class CarryCost(NamedTuple):
    """What a long position paid a year, as a fraction, and what it would pay at no premium."""

    paid: Ratio
    at_no_premium: Ratio


class Charged(NamedTuple):
    """One instrument: the whole spread of the config and of the data in basis points, and orders of three sizes."""

    symbol: str
    bars: int
    spread_config: float
    spread_data: Ratio
    volatility: dict[str, Ratio]  # a day, a fraction, by estimator
    orders: tuple[SizeCost, ...]
    funding: CarryCost | None


def check_costs(dataset: Dataset, costs: CostModel) -> tuple[Charged, ...]:
    """Every instrument of the dataset, in its order. A usual bar has the medians of closes, ranges and volumes."""
    return tuple(_charged(data, costs) for data in dataset.instruments)


def _charged(data: InstrumentData, costs: CostModel) -> Charged:
    bars = data.bars
    spread = cost_estimates.corwin_schultz(bars) if _is_priced(bars) else unknown(NOT_PRICED)
    return Charged(
        symbol=data.source.symbol,
        bars=len(bars.ts),
        spread_config=2 * costs.half_spread * BP / RATE_ONE,
        spread_data=_in_bp(spread),
        volatility=_volatility(bars, data.source.interval_ns),
        orders=tuple(_order(data, costs, share) for share in SHARES),
        funding=None if data.funding is None else _funding(data.funding.ts, data.funding.rate),
    )


def _volatility(bars: Bars, interval_ns: int) -> dict[str, Ratio]:
    """The deviation of a day by each estimator: they differ where there are jumps between bars, drift, or few trades."""
    root = math.sqrt(NS_PER_DAY / interval_ns)
    found = {}
    for name, estimate in ESTIMATORS.items():
        per_bar = estimate(bars) if len(bars.ts) and _is_priced(bars) else unknown(NOT_PRICED)
        found[name] = per_bar if per_bar.value is None else ratio(per_bar.value * root)
    return found


def _is_priced(bars: Bars) -> bool:
    """Whether every price is above zero: the logarithm of nothing is no number."""
    return all(int(column.min(initial=1)) > 0 for column in (bars.open, bars.high, bars.low, bars.close))


def _order(data: InstrumentData, costs: CostModel, share: float) -> SizeCost:
    bars, interval = data.bars, data.source.interval_ns
    base, volume = _median(bars.close), max(1, _median(bars.volume))
    reach = _median(bars.high - bars.low)
    usual = TapeBar(0, interval, base, base + reach, base, base, volume)
    found = execute(base, 1, max(1, round(share * volume)), usual, 1, costs)
    moved = volatility.close_to_close(bars) if _is_priced(bars) else unknown(NOT_PRICED)
    per_day = NS_PER_DAY / interval
    daily = moved if moved.value is None else ratio(moved.value * math.sqrt(per_day))
    others = (unknown(daily.reason or ""),) * 2
    if daily.value is not None and moved.value is not None:
        others = (
            ratio(cost_estimates.square_root(moved.value, share) * BP),
            ratio(cost_estimates.almgren(daily.value, share / per_day, 1 / per_day).cost * BP),
        )
    paid = cost_estimates.volume_share(1.0, 1, share, 1.0, limit=1.0)
    return SizeCost(share, found.impact * BP / base, others[0], (paid.price - 1.0) * BP, others[1])


def _funding(stamps: Column, rates: Column) -> CarryCost:
    """By the interval that most settlements have; both a year of 365 days."""
    if len(stamps) < 2:
        few = unknown("fewer than 2 settlements")
        return CarryCost(few, few)
    hours = max(1, round(float(np.median(np.diff(stamps))) / NS_PER_HOUR))
    a_year = DAYS_PER_YEAR * 24 / hours
    paid = float(rates.mean()) / RATE_ONE
    return CarryCost(ratio(paid * a_year), ratio(cost_estimates.funding_rate(0.0, hours=hours) * a_year))


def _median(column: Column) -> int:
    return int(np.median(column))


def _in_bp(found: Ratio) -> Ratio:
    return found if found.value is None else ratio(found.value * BP)

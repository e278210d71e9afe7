"""Funding carry by hand and on the venue's own settlements."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, PERP, bars_of, dataset_of, funding_of, instrument, listed, usd
from tests.simulator.desk import minute
from tests.strategies.desk import library

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import FundingPaid, OrderFilled
from veracity.domain.market import FundingSeries
from veracity.domain.time import NS_PER_HOUR
from veracity.research.attribution import attribute
from veracity.research.results import collect
from veracity.strategies import funding_carry
from veracity.strategies.interface import Settings

BP = RATE_ONE // 10_000
SAMPLE = Path(__file__).parents[2] / "data/sample/binance_usdm_BTCUSDT_funding_2023-12_2025-11.parquet"
CLIMB = [50_000_00, 50_000_00, 50_000_00, 50_500_00, 51_000_00, 51_000_00]


def carried(closes: list[int], funding: FundingSeries, **settings: object) -> SmallRun:
    market = dataset_of({BTC: bars_of(closes), PERP: bars_of(closes)}, {PERP: funding})
    return run_small_backtest(
        market, [library("funding_carry", PERP, BTC, settings=settings, cash=usd(200_000))]
    )


@pytest.mark.ticket("T-205")
def test_long_spot_and_short_perpetual_earn_the_funding_and_nothing_else() -> None:
    """Three settlements of 0.01 % at 50,000, 50,500 and 51,000 while both legs go from 50,000 to 51,000."""
    settled = [(minute(1), 50_000_00), (minute(3), 50_000_00), (minute(4), 50_500_00), (minute(5), 51_000_00)]
    run = carried(CLIMB, funding_of([(ts, BP, mark) for ts, mark in settled]))
    fills = [(fill.symbol, fill.side, fill.qty, fill.price) for fill in run.all(OrderFilled)]
    assert sorted(fills[:2]) == [(BTC, "buy", 1_000, 50_000_00), (PERP, "sell", 1_000, 50_000_00)]
    assert [event.amount for event in run.all(FundingPaid)] == [usd("5"), usd("5.05"), usd("5.1")]
    account = run.state.accounts["funding_carr"]
    assert account.cash - usd(200_000) == usd("15.15")
    lines = attribute(collect(run.events, run.dataset)).by_strategy["funding_carr"]
    assert (lines.net, lines.funding, lines.gross, lines.fees) == (usd("15.15"), usd("15.15"), 0, 0)


def sampled() -> FundingSeries:
    """The bundled settlements with the mark held at 50,000."""
    table = pq.read_table(SAMPLE, columns=["ts", "rate"])
    stamps = table["ts"].cast("int64").to_numpy()
    rates = [int(Decimal(rate.as_py()) * RATE_ONE) for rate in table["rate"]]
    return FundingSeries(
        stamps, np.asarray(rates, dtype=np.int64), np.full(len(rates), 50_000_00, dtype=np.int64)
    )


@pytest.mark.ticket("T-218")
def test_two_years_of_settlements_are_paid_to_the_unit() -> None:
    """2,151 paid rates that add up to 0.18194098 of 50,000; 577 of their stamps are some milliseconds late."""
    settled = sampled()
    first = int(settled.ts[0]) - 16 * NS_PER_HOUR
    bars = bars_of([50_000_00] * 2_160, start=first, interval=8 * NS_PER_HOUR)
    rules = {BTC: listed(BTC, interval_ns=8 * NS_PER_HOUR), PERP: listed(PERP, interval_ns=8 * NS_PER_HOUR)}

    def run(series: FundingSeries) -> SmallRun:
        opening = funding_of(
            [(first + 4 * NS_PER_HOUR, 1, 50_000_00)]
        )  # makes the position, before it can pay
        joined = FundingSeries(*(np.concatenate(pair) for pair in zip(opening, series, strict=True)))
        held = {"entry": "0.000000001", "exit": "-1"}
        market = dataset_of({BTC: bars, PERP: bars}, {PERP: joined}, rules)
        return run_small_backtest(
            market, [library("funding_carry", PERP, BTC, settings=held, cash=usd(200_000))]
        )

    assert (len(settled.ts), int((settled.ts % NS_PER_HOUR != 0).sum())) == (2_151, 577)
    paying, free = run(settled), run(settled._replace(rate=settled.rate * 0))
    assert [event.ts for event in paying.all(FundingPaid)] == settled.ts.tolist()
    received = paying.state.accounts["funding_carr"].funding
    assert received == usd("9097.049")
    assert paying.state.accounts["funding_carr"].cash - free.state.accounts["funding_carr"].cash == received


def test_before_enough_settlements_are_known_nothing_is_wanted() -> None:
    """Three are needed; the third is known 5 ms after the close of bar 3, so bar 4 is the first to decide."""
    stamps = [minute(1), minute(2), minute(4, 5_000_000)]
    run = carried([50_000_00] * 7, funding_of([(ts, 9 * BP, 50_000_00) for ts in stamps]), settlements=3)
    assert {fill.ts for fill in run.all(OrderFilled)[:2]} == {minute(5)}


def test_without_a_settlement_nothing_is_known() -> None:
    run = carried([50_000_00] * 4, funding_of([]))
    assert run.all(OrderFilled) == []


@pytest.mark.parametrize("position", [-1_000, 0])
def test_an_unknown_rate_is_not_a_rate_of_zero(position: int) -> None:
    """Zero would enter where the limit is -0.0001, and leave where it is 0.00002."""
    hold = (position, funding_carry.HOLD, ())
    for params in (
        funding_carry.Params(3, -300_000, -600_000, 1_000),
        funding_carry.Params(3, 300_000, 60_000, 1_000),
    ):
        assert funding_carry.decide(params, (0, 0), position, ()) == hold


def test_a_low_rate_closes_the_smallest_short_and_is_no_reason_without_one() -> None:
    params = funding_carry.Params(3, 300_000, 60_000, 1_000)
    assert funding_carry.decide(params, (1, 60_000), -1, ()) == (0, funding_carry.RATE_LOW, ())
    assert funding_carry.decide(params, (1, 60_000), 0, ()) == (0, funding_carry.HOLD, ())


@pytest.mark.parametrize(
    ("settings", "symbol", "why"),
    [
        ({}, BTC, "the lead leg must be a perpetual; BTCUSDT is spot"),
        ({"settlements": 0}, PERP, "settlements must be at least 1"),
        ({"entry": "0.00002"}, PERP, "exit must be below entry"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Settings, symbol: str, why: str) -> None:
    good: Settings = {"settlements": 3, "entry": "0.0001", "exit": "0.00002", "qty": 1}
    assert funding_carry.bind(good, instrument(PERP)) == funding_carry.Params(3, 300_000, 60_000, 1_000)
    with pytest.raises(ValueError, match=why):
        funding_carry.bind({**good, **settings}, instrument(symbol))

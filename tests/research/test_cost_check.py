"""A config's costs beside those of the data and of other models, on bars that can be reckoned by hand."""

import numpy as np
import pytest
from tests.kit.market import BTC, PERP, START, dataset_of, funding_of
from tests.research.runs import walk

from veracity.domain.amounts import RATE_ONE
from veracity.domain.market import Bars
from veracity.research.cost_check import ESTIMATORS, SHARES, check_costs
from veracity.simulator.costs import CostModel

HOUR = 3_600 * 10**9
BP = RATE_ONE // 10_000
COSTS = CostModel(half_spread=3 * BP, volatility_share=RATE_ONE // 10, impact=RATE_ONE)


def level(count: int) -> Bars:
    """Closes of 100.00, ranges of 1.00, volumes of 10.000."""
    ts = START + 60 * 10**9 * np.arange(count, dtype=np.int64)
    flat, one = np.full(count, 100_00, dtype=np.int64), np.ones(count, dtype=np.int64)
    return Bars(ts, flat, 100_50 * one, 99_50 * one, flat, 10_000 * one)


def test_the_configs_line_is_what_its_own_slippage_takes() -> None:
    """A tenth of the range of 1.00 is 10 bp; the root of the share of the volume takes 3.17, 10 and 31.63 bp of 100.00 more."""
    (found,) = check_costs(dataset_of({BTC: level(10)}), COSTS)
    assert [order.share for order in found.orders] == list(SHARES) == [0.001, 0.01, 0.1]
    assert [order.config for order in found.orders] == pytest.approx([14, 20, 42])
    assert found.spread_config == pytest.approx(6)


def test_a_market_that_never_moves_costs_its_range_by_the_data_and_nothing_by_its_volatility() -> None:
    """N-23: equal bars have their range as spread, 1 %."""
    (found,) = check_costs(dataset_of({BTC: level(10)}), COSTS)
    assert found.spread_data.value == pytest.approx(100)
    assert [order.square_root.value for order in found.orders] == [0, 0, 0]
    assert [order.almgren.value for order in found.orders] == [0, 0, 0]
    assert [order.volume_share for order in found.orders] == pytest.approx([0.001, 0.1, 10])
    assert found.funding is None


def test_a_market_that_moves_costs_by_its_volatility() -> None:
    """The root law by hand: the deviation of the log returns times the root of the share; ten times less at a hundredth."""
    bars = walk(3, 500)
    (found,) = check_costs(dataset_of({BTC: bars}), COSTS)
    deviation = float(np.diff(np.log(bars.close)).std(ddof=1))
    assert found.orders[2].square_root.value == pytest.approx(deviation * 0.1**0.5 * 10_000)
    assert found.orders[0].square_root.value == pytest.approx(found.orders[2].square_root.value / 10)


def test_volatility_is_that_of_a_day_by_each_estimator() -> None:
    """Bars of one minute that never move from their middle: no closes differ, and the range of 1 % is ln(1.005 / 0.995) a minute."""
    (found,) = check_costs(dataset_of({BTC: level(10)}), COSTS)
    assert list(found.volatility) == list(ESTIMATORS)
    assert [found.volatility[name].value for name in ("close_to_close", "ewma")] == [0, 0]
    minute = np.log(100_50 / 99_50) / (4 * np.log(2)) ** 0.5
    assert found.volatility["parkinson"].value == pytest.approx(minute * 1_440**0.5)


def test_a_price_of_nothing_has_no_logarithm_and_that_is_said() -> None:
    bars = level(10)
    bars.low[3] = 0
    (found,) = check_costs(dataset_of({BTC: bars}), COSTS)
    assert found.spread_data.reason == "a price is not above zero"
    assert {one.reason for one in found.volatility.values()} == {"a price is not above zero"}
    assert found.orders[0].square_root.reason == "a price is not above zero"


def test_funding_is_told_a_year_beside_what_no_premium_would_cost() -> None:
    """0.02 % every four hours are 43.8 % a year; at no premium 0.005 % are 10.95 %."""
    stamps = [START + number * 4 * HOUR for number in range(4)]
    data = dataset_of({PERP: level(1_000)}, {PERP: funding_of([(stamp, 2 * BP, 100_00) for stamp in stamps])})
    (found,) = check_costs(data, COSTS)
    assert found.funding is not None
    assert found.funding.paid.value == pytest.approx(0.438)
    assert found.funding.at_no_premium.value == pytest.approx(0.1095)


def test_what_cannot_be_estimated_says_why() -> None:
    data = dataset_of({PERP: level(1)}, {PERP: funding_of([])})
    (found,) = check_costs(data, COSTS)
    assert found.spread_data.reason == "fewer than 2 bars"
    assert found.orders[0].almgren.reason == "fewer than 3 bars"
    assert found.funding is not None
    assert found.funding.paid.reason == "fewer than 2 settlements"

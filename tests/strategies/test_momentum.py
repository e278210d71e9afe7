"""Momentum on markets that can be followed by hand."""

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, bars_of, instrument
from tests.simulator.desk import minute, steady
from tests.strategies.desk import library

from veracity.domain.events import IntentCreated, OrderFilled
from veracity.strategies import momentum
from veracity.strategies.interface import Settings


@pytest.mark.ticket("T-203")
def test_a_tie_does_nothing_and_a_cross_trades_at_the_next_open() -> None:
    """SMA(2) and SMA(3) are equal on bar 2; 11.5 > 11 on bar 3; 11.5 < 12 on bar 5."""
    run = run_small_backtest(
        {BTC: steady([10_00, 10_00, 10_00, 13_00, 13_00, 10_00, 7_00])}, [library("momentum")]
    )
    assert [(fill.ts, fill.side, fill.price) for fill in run.all(OrderFilled)] == [
        (minute(4), "buy", 13_00),
        (minute(6), "sell", 7_00),
    ]
    assert [intent.reason for intent in run.all(IntentCreated)] == ["sma_cross_up", "sma_cross_down"]


@pytest.mark.ticket("T-203")
def test_a_tie_that_floats_get_wrong_is_a_tie() -> None:
    """0.1 + 0.2 against 3 * 0.1 of the mean: (10 + 20) / 2 = (10 + 15 + 20) / 3 = 15, also in cents that floats round."""
    prices = [15_01, 15_00, 15_02, 15_01, 14_99, 15_03, 15_01]
    run = run_small_backtest({BTC: bars_of(prices)}, [library("momentum", settings={"fast": 1, "slow": 3})])
    # Last against the mean of three: 15.02 > 15.01 buys; 15.01 = 15.01 holds; 14.99 < 15.00.. sells; 15.03 > 15.01 buys.
    assert [(intent.ts, intent.side) for intent in run.all(IntentCreated)][:3] == [
        (minute(3), "buy"),
        (minute(5), "sell"),
        (minute(6), "buy"),
    ]


def test_while_holding_a_tie_holds() -> None:
    params = momentum.Params(2, 3, 1_000)
    assert momentum.decide(params, (66_00, 66_00), 1_000, ()) == (1_000, momentum.HOLD, ())
    for held in (1, 1_000):
        assert momentum.decide(params, (66_00, 66_01), held, ()) == (0, momentum.CROSS_DOWN, ())
    assert momentum.decide(params, (66_01, 66_00), 0, ()) == (1_000, momentum.CROSS_UP, ())
    assert momentum.decide(params, (66_01, 66_00), 1_000, ()) == (1_000, momentum.HOLD, ())
    assert momentum.decide(params, (66_00, 66_01), 0, ()) == (0, momentum.HOLD, ())


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"fast": 3, "slow": 3, "qty": 1}, "fast must be above zero and below slow"),
        ({"fast": 0, "slow": 3, "qty": 1}, "fast must be above zero and below slow"),
        ({"fast": 1, "slow": 3, "qty": 0}, "qty must be above zero"),
        ({"fast": 1, "slow": 3, "qty": "0.003"}, "qty must be a multiple of the lot of BTCUSDT"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Settings, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        momentum.bind(settings, instrument(lot=2))
    assert momentum.bind({"fast": 2, "slow": 3, "qty": "0.004"}, instrument(lot=2)) == momentum.Params(
        2, 3, 4
    )

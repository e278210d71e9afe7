"""Mean reversion on markets that can be followed by hand."""

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, instrument
from tests.simulator.desk import minute, steady
from tests.strategies.desk import library

from veracity.domain.events import IntentCreated, OrderFilled
from veracity.strategies import mean_reversion
from veracity.strategies.interface import Settings


@pytest.mark.ticket("T-204")
def test_two_deviations_below_the_mean_are_bought_and_the_mean_is_sold() -> None:
    """104 four times and 88: mean 100.8, deviation 6.4, z = -2 exactly. Then 102 is above its mean of 100.4."""
    closes = [104_00, 104_00, 104_00, 104_00, 88_00, 102_00, 101_00, 101_00]
    run = run_small_backtest({BTC: steady(closes)}, [library("mean_reversion")])
    assert [(fill.ts, fill.side, fill.price) for fill in run.all(OrderFilled)] == [
        (minute(5), "buy", 102_00),
        (minute(6), "sell", 101_00),
    ]
    bought, sold = run.all(IntentCreated)
    assert (bought.reason, bought.features) == ("far_below_mean", (-2_000,))
    assert (sold.reason, sold.features[0] > 0) == ("back_at_mean", True)


@pytest.mark.ticket("T-204")
def test_equal_closes_give_no_signal() -> None:
    run = run_small_backtest({BTC: steady([104_00] * 12)}, [library("mean_reversion")])
    assert run.all(IntentCreated) == []


def test_the_least_settings_are_two_bars_and_one_unit() -> None:
    least: Settings = {"length": 2, "entry_z": "0.001", "exit_z": 0, "qty": "0.001"}
    assert mean_reversion.bind(least, instrument()) == mean_reversion.Params(2, 1, 0, 1)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"length": 1}, "length must be at least 2"),
        ({"entry_z": 0}, "entry_z must be above zero"),
        ({"entry_z": 1, "exit_z": 1}, "exit_z must be below entry_z"),
        ({"entry_z": "1.0001"}, "more than 3 decimals"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Settings, why: str) -> None:
    good: Settings = {"length": 5, "entry_z": 2, "exit_z": 0, "qty": 1}
    assert mean_reversion.bind(good, instrument()) == mean_reversion.Params(5, 2_000, 0, 1_000)
    with pytest.raises(ValueError, match=why):
        mean_reversion.bind({**good, **settings}, instrument())

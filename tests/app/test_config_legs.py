from pathlib import Path

import pytest
from tests.app.configs import GOOD, INSTRUMENT, PERP, STRATEGY, changed, loaded, only, refused, write

from veracity.app.config import load
from veracity.domain.errors import ExitCode, OperatorFaults


def test_a_minus_makes_a_leg_a_hedge(tmp_path: Path) -> None:
    text = INSTRUMENT + PERP + changed('["BTCUSDT"]', '["BTCUSDT-PERP", "-BTCUSDT"]', STRATEGY)
    (bound,) = loaded(tmp_path, text).bound_strategies()
    assert [(leg.symbol, leg.weight) for leg in bound.legs] == [("BTCUSDT-PERP", 1), ("BTCUSDT", -1)]


@pytest.mark.parametrize(
    ("legs", "fault"),
    [
        ('["ETHUSDT"]', 'strategies[0].legs[0]: is not an instrument of this file: it is "ETHUSDT"'),
        ('["-BTCUSDT"]', "strategies[0].legs[0]: the first leg decides and cannot hedge"),
        ('["BTCUSDT", "-BTCUSDT"]', "strategies[0].legs[1]: used twice"),
        ("[]", "strategies[0].legs: must have at least 1 entry"),
        ('"BTCUSDT"', "strategies[0].legs: must be a list"),
    ],
)
def test_legs_that_cannot_be_traded_are_refused(tmp_path: Path, legs: str, fault: str) -> None:
    assert fault in only(tmp_path, changed('["BTCUSDT"]', legs))


@pytest.mark.parametrize(
    ("old", "new", "shared"),
    [
        ('quote = "USDT"', 'quote = "USDC"', "quote"),
        ("qty_scale = 5\ntick = 0.1", "qty_scale = 4\ntick = 0.1", "qty_scale"),
        ('interval = "1m"', 'interval = "5m"', "interval"),
    ],
)
def test_the_legs_of_a_strategy_share_quote_quantity_scale_and_interval(
    tmp_path: Path, old: str, new: str, shared: str
) -> None:
    both = changed('["BTCUSDT"]', '["BTCUSDT", "-BTCUSDT-PERP"]', STRATEGY)
    text = INSTRUMENT + changed(old, new, PERP) + both
    assert only(tmp_path, text).startswith(
        f"run.toml:27: strategies[0].legs[1]: all legs of a strategy need the same {shared}"
    )


def test_funding_carry_needs_a_perpetual_with_funding_and_a_second_leg(tmp_path: Path) -> None:
    carry = '[[strategies]]\nid = "c"\nstrategy = "funding_carry"\nlegs = ["BTCUSDT"]\ncash = 1\n[strategies.params]\nqty = 1\n'
    assert {fault.what for fault in refused(tmp_path, INSTRUMENT + carry)} == {
        "strategies[0].params: refused by the strategy",
        "strategies[0].legs: too few legs",
        "strategies[0].legs[0]: the first leg needs funding",
    }


def test_limits_become_whole_units(tmp_path: Path) -> None:
    risk = """\
[strategies.risk]
max_exposure = 50000
max_position = { BTCUSDT = 0.00001 }
daily_loss = 0.02
trades_per_day = 20
cooldown_s = 3600
stale_s = 180
"""
    limits = loaded(tmp_path, GOOD + risk).bound_strategies()[0].limits
    assert limits.max_exposure == 50_000 * 10**8
    assert limits.max_position == {"BTCUSDT": 1}
    assert limits.daily_loss == 20_000_000
    assert limits.leverage_max == 10**9
    assert (limits.trades_per_day, limits.cooldown_ns, limits.stale_ns) == (20, 3_600 * 10**9, 180 * 10**9)


def test_leverage_is_a_multiple_of_the_equity(tmp_path: Path) -> None:
    limits = loaded(tmp_path, GOOD + "[strategies.risk]\nleverage_max = 2.5\n").bound_strategies()[0].limits
    assert limits.leverage_max == 2_500_000_000


def test_a_limit_on_something_that_is_no_leg_is_refused(tmp_path: Path) -> None:
    fault = only(tmp_path, GOOD + "[strategies.risk.max_position]\nBTCUSD = 1\n")
    assert (
        fault == "run.toml:22: strategies[0].risk.max_position.BTCUSD: is not a leg (did you mean BTCUSDT?)"
    )


def test_the_account_opens_with_the_configured_cash(tmp_path: Path) -> None:
    (started,) = loaded(tmp_path, changed("cash = 100000", "cash = 0.00000001")).started()
    assert (started.strategy_id, started.strategy, started.currency, started.cash) == (
        "sma",
        "momentum",
        "USDT",
        1,
    )
    assert [leg.symbol for leg in started.legs] == ["BTCUSDT"]


def test_every_refusal_is_raised_as_one(tmp_path: Path) -> None:
    with pytest.raises(OperatorFaults) as caught:
        load(write(tmp_path, changed("cash = 100000", "cash = 0")))
    assert len(caught.value.faults) == 1
    assert caught.value.exit_code is ExitCode.CONFIG

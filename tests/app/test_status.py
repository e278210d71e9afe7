"""What `veracity status` tells of an engine: its own facts, by hand-made numbers."""

import pytest
from tests.guards.test_summary import LIMITS, lost
from tests.kit.market import BTC, MINUTE, START
from tests.kit.players import player
from tests.kit.script import Script

from veracity.app.status import Price, Used, Worth, status_of
from veracity.guards.view import RiskLimits
from veracity.state.model import EngineState


def test_an_account_is_told_by_its_worth_today_and_since_the_start() -> None:
    """10,000 and a loss of 430; 20 are held at 100.00, which is all that may be held."""
    told = status_of(lost().state, (), {"a": LIMITS})
    assert told.accounts == (
        Worth(
            strategy_id="a",
            currency="USDT",
            equity="9570.00000000",
            exposure="2000.00000000",
            day="-430.00000000",
            total="-430.00000000",
            drawdown="430.00000000",
            drawdown_percent=4.3,
        ),
    )
    assert [(one.symbol, one.qty) for one in told.holdings] == [(BTC, "20.000")]


def test_each_limit_says_how_much_of_it_is_used_and_whether_that_is_near() -> None:
    told = status_of(lost().state, (), {"a": LIMITS})
    assert told.limits == (
        Used("a", "max_exposure", "2000.00000000", "0.00000000", 100, True),
        Used("a", "daily_loss", "500.00000000", "70.00000000", 86, True),
        Used("a", "drawdown", "2000.00000000", "1570.00000000", 21, False),
        Used("a", "trades_per_day", "10", "8", 20, False),
        Used("a", "slippage_halt", "0.010000000", "0.010000000", 0, False),
    )


@pytest.mark.parametrize(("loss", "near"), [(79, False), (80, True)])
def test_a_limit_is_near_from_80_percent_on(loss: int, near: bool) -> None:
    limits = RiskLimits(trades_per_day=100)
    state = Script(player("a", limits=limits)).ticks(100_00).state
    state.accounts["a"].day.entries = loss
    (used,) = status_of(state, (), {"a": limits}).limits
    assert (used.used_percent, used.near) == (loss, near)


def test_the_age_of_a_bar_is_that_of_the_engines_time() -> None:
    script = Script(player("a")).ticks(100_00)
    script.state.ts = START + 5 * MINUTE  # four minutes after the bar was known
    assert status_of(script.state, (), {}).prices == (Price(BTC, "100.00", 240.0),)


def test_what_has_no_price_is_unknown_and_not_zero() -> None:
    script = Script(player("a", limits=LIMITS)).ticks(100_00)
    script.state.markets[BTC].last = None
    script.state.accounts["a"].positions[BTC].qty = 1_000
    told = status_of(script.state, (), {"a": LIMITS})
    assert told.prices == (Price(BTC, None, None),)
    assert told.accounts == (Worth("a", "USDT", None, None, None, None, None, None),)
    left = {one.rule: (one.left, one.used_percent, one.near) for one in told.limits}
    assert left["max_exposure"] == left["daily_loss"] == left["drawdown"] == (None, None, False)


def test_an_engine_that_has_not_begun_has_nothing_to_tell() -> None:
    told = status_of(EngineState(), ("kill file",), {})
    assert (told.accounts, told.limits, told.prices, told.stands) == ((), (), (), ("kill file",))


def test_the_journals_slowest_sync_is_told_where_somebody_times_it() -> None:
    assert status_of(EngineState(), (), {}, (), 5_000_250_000).slowest_sync_ms == 5000.25
    assert status_of(EngineState(), (), {}).slowest_sync_ms is None

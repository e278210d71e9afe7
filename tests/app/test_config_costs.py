"""The costs of a config: schedules, samples, execution and margin, refused with their place where they make no sense."""

from pathlib import Path

import pytest
import yaml
from tests.app.configs import GOOD, PERP, STRATEGY, loaded, only

from veracity.engine.decisions import Execution
from veracity.engine.margin import Margin
from veracity.simulator.costs import FeeTier
from veracity.strategies.exits import Terms
from veracity.strategies.registry import REGISTRY

ROOT = Path(__file__).parents[2]


def with_costs(*lines: str) -> str:
    return GOOD + "[costs]\n" + "\n".join(lines) + "\n"


def tiers_of(tmp_path: Path, *lines: str) -> tuple[FeeTier, ...]:
    return loaded(tmp_path, with_costs('fees = "binance"', *lines)).cost_model().fee_tiers


def test_a_named_venue_gives_the_tiers_that_the_declared_balance_admits(tmp_path: Path) -> None:
    """Binance, 2022-05-31: VIP 1 asks for 1,000,000 of volume and 25 BNB, VIP 2 for 5,000,000 and 100."""
    regular = FeeTier("spot", 0, 1_000_000, 1_000_000)
    vip_1 = FeeTier("spot", 1_000_000 * 10**8, 900_000, 1_000_000)
    assert tiers_of(tmp_path) == tiers_of(tmp_path, "fee_balance = 24") == (regular,)
    assert (
        tiers_of(tmp_path, "fee_balance = 25") == tiers_of(tmp_path, "fee_balance = 99") == (regular, vip_1)
    )
    assert tiers_of(tmp_path, "fee_balance = 100")[2:] == (
        FeeTier("spot", 5_000_000 * 10**8, 800_000, 1_000_000),
    )


def test_a_fee_that_is_paid_in_the_venues_coin_has_its_discount(tmp_path: Path) -> None:
    (regular,) = tiers_of(tmp_path, 'fee_currency = "BNB"')
    assert (regular.maker, regular.taker) == (750_000, 750_000)


def test_every_schedule_says_where_its_rates_were_published() -> None:
    policy = yaml.safe_load((ROOT / "specs" / "policies" / "fees.yaml").read_text("utf-8"))
    for schedule in policy["schedules"]:
        assert "https://" in schedule["source"] or "/fapi/" in schedule["source"], schedule["venue"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['fees = "binanse"'], "no fee schedule of this venue"),
        (['fee_currency = "BNB"'], "has no effect"),
        (["fee_balance = 25"], "has no effect"),
        (['fees = "binance"', 'fee_currency = "OKB"'], "fees are not paid in this currency"),
        (["latency_jitter_ms = 1", "latency_samples_ms = [1]"], "cannot stand beside latency_samples_ms"),
    ],
)
def test_costs_that_make_no_sense_are_refused(tmp_path: Path, lines: list[str], told: str) -> None:
    assert told in only(tmp_path, with_costs(*lines))


def test_samples_are_sorted_and_in_nanoseconds(tmp_path: Path) -> None:
    costs = loaded(tmp_path, with_costs("latency_samples_ms = [40, 3, 8]", "latency_ack_ms = 2")).cost_model()
    assert costs.latency_samples_ns == (3_000_000, 8_000_000, 40_000_000)
    assert costs.latency_ack_ns == 2_000_000


def test_a_strategy_says_how_it_trades_and_on_which_terms_it_borrows(tmp_path: Path) -> None:
    text = (
        GOOD
        + '[strategies.execution]\nentry = "post_only"\noffset_ticks = 2\n[strategies.margin]\nmaintenance = 0.005\nborrow_cash = 0.00001\n'
    )
    (bound,) = loaded(tmp_path, text).bound_strategies()
    assert bound.execution == Execution("post_only", "market", 2)
    assert bound.margin == Margin(5_000_000, 12_500_000, 10_000, 0)
    (plain,) = loaded(tmp_path, GOOD).bound_strategies()
    assert (plain.execution, plain.margin) == (Execution(), None)


def test_a_hedge_does_not_wait(tmp_path: Path) -> None:
    hedged = STRATEGY.replace('["BTCUSDT"]', '["BTCUSDT", "-BTCUSDT-PERP"]')
    text = GOOD.replace(STRATEGY, PERP + hedged + '[strategies.execution]\nexit = "limit"\n')
    assert "a hedge takes the market with all its legs" in only(tmp_path, text)


EXITS = "[strategies.exits]\nstop_loss = 0.02\ntake_profit = 0.045\nbars_max = 48\n"


def test_exits_stand_around_the_strategy_and_enter_its_hash(tmp_path: Path) -> None:
    (plain,) = loaded(tmp_path, GOOD).strategies
    (left,) = loaded(tmp_path, GOOD + EXITS).strategies
    assert left.bound.params == (plain.bound.params, Terms(20_000, 45_000, 48))
    assert left.bound.strategy.reasons == (
        *plain.bound.strategy.reasons,
        "stop_loss",
        "take_profit",
        "time_stop",
    )
    assert plain.bound.strategy is REGISTRY["momentum"]
    assert (left.bound.strategy.name, left.bound.strategy.version) == ("momentum", 1)
    assert left.config_hash != plain.config_hash
    (tighter,) = loaded(tmp_path, GOOD + EXITS.replace("0.02", "0.019")).strategies
    assert tighter.config_hash != left.config_hash


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[strategies.exits]\nstop_loss = 0\n", "stop_loss"),
        ("[strategies.exits]\nstop_loss = 0.0000001\n", "stop_loss"),
        (EXITS + '[strategies.execution]\nexit = "limit"\n', "an exit that protects takes the market"),
    ],
)
def test_exits_that_protect_nothing_are_refused(tmp_path: Path, text: str, told: str) -> None:
    assert told in only(tmp_path, GOOD + text)


def test_a_hedge_has_no_exits(tmp_path: Path) -> None:
    hedged = STRATEGY.replace('["BTCUSDT"]', '["BTCUSDT", "-BTCUSDT-PERP"]')
    assert "a hedge has no exits" in only(tmp_path, GOOD.replace(STRATEGY, PERP + hedged + EXITS))

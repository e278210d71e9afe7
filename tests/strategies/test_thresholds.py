"""Limits are met exactly: one unit on both sides of each, in every strategy that has one."""

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, PERP, bars_of, dataset_of, funding_of, instrument
from tests.simulator.desk import minute
from tests.strategies.desk import SETTINGS, library

from veracity.domain.events import IntentCreated
from veracity.domain.regimes import CODE, HIGH_VOL
from veracity.strategies.interface import UNKNOWN, Memo, Row
from veracity.strategies.registry import REGISTRY

LIMITS = {"entry", "exit", "entry_z", "exit_z", "change_min"}
"""Names of settings that are limits."""

CARRY = {"settlements": 1, "entry": "0.0001", "exit": "0.00002", "qty": 1}
REVERSION = {"length": 5, "entry_z": 2, "exit_z": "0.5", "qty": 1}
SWITCH = {"fast": 2, "slow": 3, **REVERSION}
JOINED = {"fast": 2, "slow": 3, "hours": 1, "change_min": "0.02", "qty": 1}
HIGH = CODE[HIGH_VOL]
ENTRIES: list[tuple[str, dict[str, object], Row, Row, int]] = [
    ("funding_carry", CARRY, (1, 99_999), (1, 100_000), -1_000),
    ("mean_reversion", REVERSION, (-1_999,), (-2_000,), 1_000),
    ("vol_regime_switch", SWITCH, (2, 1, -1_999, HIGH, 0), (2, 1, -2_000, HIGH, 0), 1_000),
    ("open_interest_trend", JOINED, (2, 1, 19_999_999), (2, 1, 20_000_000), 1_000),
    ("open_interest_trend", JOINED, (2, 2, 10**9), (2, 1, 10**9), 1_000),
]
"""Strategy, settings, the last row that stays out, the first that goes in, the target."""
EXITS: list[tuple[str, dict[str, object], Row, Row, int]] = [
    ("funding_carry", CARRY, (1, 20_001), (1, 20_000), -1_000),
    ("mean_reversion", REVERSION, (-501,), (-500,), 1_000),
    ("mean_reversion", REVERSION, (-501,), (-500,), 1),
    ("vol_regime_switch", SWITCH, (1, 2, -501, HIGH, 0), (1, 2, -500, HIGH, 0), 1_000),
    ("open_interest_trend", JOINED, (2, 2, UNKNOWN), (1, 2, UNKNOWN), 1_000),
]
"""Strategy, settings, the last row that holds, the first that leaves, the position."""


def target(name: str, settings: dict[str, object], row: Row, position: int) -> int:
    strategy = REGISTRY[name]
    symbol = PERP if name == "funding_carry" else BTC
    memo: Memo = ()
    wanted, _, _ = strategy.decide(strategy.bind(settings, instrument(symbol)), row, position, memo)  # type: ignore[arg-type]
    return wanted


def limited() -> set[str]:
    """Strategies of the registry that have a limit among their settings."""
    return {name for name in REGISTRY if LIMITS & SETTINGS[name].keys()}


@pytest.mark.ticket("T-389")
def test_an_entry_is_made_at_its_limit_and_not_one_unit_before() -> None:
    assert {name for name, *_ in ENTRIES} == limited()
    for name, settings, outside, inside, wanted in ENTRIES:
        assert target(name, settings, outside, 0) == 0, name
        assert target(name, settings, inside, 0) == wanted, name


@pytest.mark.ticket("T-390")
def test_an_exit_is_made_at_its_limit_and_not_one_unit_before() -> None:
    assert {name for name, *_ in EXITS} == limited()
    for name, settings, holds, leaves, position in EXITS:
        assert target(name, settings, holds, position) == position, name
        assert target(name, settings, leaves, position) == 0, name


def carry_intents(*rates: int) -> list[tuple[int, str]]:
    """When the perpetual's leg is traded and why, with one settlement before each bar is known."""
    settled = funding_of([(minute(number, 30 * 10**9), rate, 50_000_00) for number, rate in enumerate(rates)])
    bars = bars_of([50_000_00] * (len(rates) + 1))
    run = run_small_backtest(
        dataset_of({BTC: bars, PERP: bars}, {PERP: settled}),
        [library("funding_carry", PERP, BTC, cash=10**14)],
        close_at_end=False,
    )
    return [(intent.ts, intent.reason) for intent in run.all(IntentCreated) if intent.symbol == PERP]


@pytest.mark.ticket("T-389")
def test_carry_enters_with_the_settlement_that_reaches_the_limit() -> None:
    assert carry_intents(99_999, 99_999, 100_000) == [(minute(3), "funding_high")]
    assert carry_intents(99_999, 99_999) == []


@pytest.mark.ticket("T-390")
def test_between_the_limits_nothing_changes_in_or_out() -> None:
    between = [50_000] * 100
    assert carry_intents(*between) == []
    entered = [(minute(1), "funding_high")]
    assert carry_intents(100_000, *between) == entered
    assert carry_intents(100_000, *between, 99_999, 20_001) == entered
    assert carry_intents(100_000, *between, 20_000) == [*entered, (minute(102), "funding_low")]

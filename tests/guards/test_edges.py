"""Every guard at every edge of what can be known: no equity, no price, no bar, no series. None fails, none lets more pass, and
those that rest on what is missing deny with their reason (S-095, S-015)."""

from typing import Any

import pytest
from tests.guards.books import book, intent, judged

from veracity.domain.events import IntentCreated
from veracity.engine.gate import Approved, Refused
from veracity.guards.harness import MONEY, NOW, SYMBOL, GuardCase
from veracity.guards.rulebook import GUARDS, Guard
from veracity.guards.view import Denied, RiskLimits, VolatilityLimits

FULL = RiskLimits(
    max_exposure=5_000 * 10**8,
    leverage_max=10**9,
    max_position={SYMBOL: 100_000},
    daily_loss=50_000_000,
    drawdown=200_000_000,
    trades_per_day=3,
    order_rate=5,
    order_rate_ns=60 * 10**9,
    cooldown_ns=300 * 10**9,
    stale_ns=120 * 10**9,
    critical_aux=("funding_rate",),
    aux_ttl_ns={"funding_rate": 3_600 * 10**9},
    price_jump=100_000_000,
    price_band=100_000_000,
    slippage=5_000_000,
    volatility=VolatilityLimits(4, 20_000_000, 10_000_000, 3),
)
CALM: dict[str, Any] = {"squares": (1, 1, 1, 1), "aux": {"funding_rate": NOW}, "previous": 100_00}
MONEY_RULES = {"daily_loss", "drawdown", "max_exposure"}

EDGES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "all is calm": ({}, set()),
    "equity is zero": ({"equity": 0}, MONEY_RULES),
    "equity is below zero": ({"equity": -MONEY}, MONEY_RULES),
    "equity is unknown": ({"equity": None}, MONEY_RULES),
    "the day began with nothing": ({"equity_day_start": 0}, {"daily_loss"}),
    "the day began with less than nothing": ({"equity_day_start": -1}, {"daily_loss"}),
    "how the day began is unknown": ({"equity_day_start": None}, {"daily_loss"}),
    "there never was any equity": ({"peak": 0}, {"drawdown"}),
    "the peak is unknown": ({"peak": None}, {"drawdown"}),
    "the exposure is unknown": ({"exposure": None}, {"max_exposure"}),
    "there is no bar yet": ({"last": None, "last_ts": 0}, {"stale_data", "max_exposure", "min_notional"}),
    "the price is zero": ({"last": 0}, {"price_sanity"}),
    "the price is below zero": ({"last": -100_00}, {"price_sanity", "min_notional"}),
    "the price before was zero": ({"previous": 0}, {"price_sanity"}),
    "there was no price before": ({"previous": None}, set()),
    "the bid is zero": ({"bid": 0, "ask": 100_01}, {"price_sanity"}),
    "the ask is zero": ({"bid": 99_99, "ask": 0}, {"price_sanity"}),
    "the bar is of the future": ({"last_ts": NOW + 1}, {"stale_data"}),
    "the bar is old": ({"last_ts": NOW - 121 * 10**9}, {"stale_data"}),
    "the series never came": ({"aux": {}}, {"critical_aux"}),
    "the series is old": ({"aux": {"funding_rate": NOW - 3_601 * 10**9}}, {"critical_aux"}),
    "the series is of the future": ({"aux": {"funding_rate": NOW + 1}}, {"critical_aux"}),
    "a bar of the window is missing": ({"squares": (1, 1, 1)}, {"volatility_pause"}),
    "no bar of the window is known": ({"squares": ()}, {"volatility_pause"}),
    "the drift is unknown": ({"drift": "unknown"}, {"drift_halt"}),
    "no fill is on record": ({"slip_worst": None}, set()),
    "the loss is of this instant": ({"loss_ts": NOW}, {"cooldown"}),
    "a probe is out": ({"breaker": "half_open", "probing": True}, {"error_breaker"}),
}
"""What is at its edge, and the rules that have to deny because of it."""


def denies(guard: Guard, fields: dict[str, Any]) -> bool:
    """Whether the guard denies; the case itself checks that it does not fail, remember, meddle or enlarge."""
    verdict = GuardCase.of(guard.check, FULL, **CALM).answer(1_000, **fields)
    assert not isinstance(verdict, Denied) or verdict.detail.strip()
    return isinstance(verdict, Denied)


@pytest.mark.parametrize("edge", EDGES)
def test_the_rules_that_rest_on_it_deny_and_no_other_does(edge: str) -> None:
    fields, wanted = EDGES[edge]
    asked = [guard for guard in GUARDS if guard.is_set(FULL)]
    assert len(asked) == len(GUARDS) == 17
    assert {guard.rule for guard in asked if denies(guard, fields)} == wanted


def test_every_rule_that_measures_is_at_an_edge_somewhere() -> None:
    at_one = set().union(*(rules for _, rules in EDGES.values()))
    counts = {"kill_file", "safe_mode", "slippage_halt", "trades_per_day", "order_rate", "max_position"}
    assert at_one | counts == {guard.rule for guard in GUARDS}


def opened(**changes: Any) -> Approved | Refused:
    """The gate's answer to a buy of one coin beside a state with `changes`, where all limits but the series' are set."""
    symbol = changes.pop("symbol", SYMBOL)
    wanted: IntentCreated = intent("buy", 1_000, symbol)
    limits = RiskLimits(
        max_exposure=5_000 * 10**8, leverage_max=10**9, daily_loss=50_000_000, **changes.pop("limits", {})
    )
    return judged(book({SYMBOL: changes.pop("price", 100_00)}, **changes), wanted, limits)


@pytest.mark.parametrize(
    ("changes", "rule", "detail"),
    [
        ({"cash": 0}, "daily_loss", "the day has lost 1000000000000 of 1000000000000"),
        ({"cash": 0, "equity_start": 0}, "daily_loss", "the day began with an equity of 0"),
        ({"cash": -1, "equity_start": -1}, "daily_loss", "the day began with an equity of -1"),
        ({"price": 0}, "price_sanity", "a price of 0 is no price"),
        ({"symbol": "SOLUSDT"}, "listing", "SOLUSDT is not listed"),
        ({"limits": {"critical_aux": ("funding_rate",)}}, "critical_aux", "funding_rate missing"),
        ({"limits": {"volatility": FULL.volatility}}, "volatility_pause", "volatility unknown"),
    ],
)  # fmt: skip
def test_through_the_gate_the_first_of_them_says_why(changes: dict[str, Any], rule: str, detail: str) -> None:
    assert isinstance(opened(), Approved)
    verdict = opened(**changes)
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.detail[: len(detail)]) == (rule, detail)

"""Warnings say what the numbers do not."""

from collections.abc import Callable

import pytest
from tests.kit.market import BTC, bars_of, dataset_of, listed, usd
from tests.kit.players import NO_LIMITS, player, puppet
from tests.kit.says import acked, close_only, filled, halt, safe_mode
from tests.kit.script import Script
from tests.research.runs import played, run_baselines, summary_of

from veracity.domain.market import Bars
from veracity.engine.commands import Command
from veracity.guards.view import RiskLimits
from veracity.research.baselines import plan, table
from veracity.research.results import collect

DAYS = "The data cover 0 whole days: ratios for a year are extrapolated from them."


def test_a_strategy_that_never_traded() -> None:
    assert summary_of(played({BTC: bars_of([100_00] * 3)}, puppet("a", ()))).warnings == (
        DAYS,
        "a never traded: no wish of it was refused.",
    )


def test_a_strategy_that_was_not_allowed_to_trade_names_the_rule_that_stood_against_it() -> None:
    """Three wishes, on bars 1, 3 and 4, for the last target stays; a day may have no trade."""
    one = puppet("a", (1_000, 0, 1_000), limits=RiskLimits(trades_per_day=0))
    (*_, last) = summary_of(played({BTC: bars_of([100_00] * 4)}, one)).warnings
    assert (
        last
        == "a never traded: 3 x refused by trades_per_day (T-255); events.jsonl has each with its reason."
    )


@pytest.mark.parametrize(
    ("command", "warning"), [(halt, "1 x halt"), (close_only, "1 x close only"), (safe_mode, "1 x safe mode")]
)
def test_a_mode_that_opens_nothing_is_an_incident(command: Callable[[], Command], warning: str) -> None:
    script = Script(player("a")).ticks(100_00).hears(command()).ticks(100_00)
    results = collect(script.journal.events, dataset_of({BTC: bars_of([100_00] * 2)}), script.state)
    assert f"{warning}: read the events before trusting the numbers." in summary_of(results).warnings


def test_few_round_trips() -> None:
    (*_, last) = summary_of(played({BTC: bars_of([100_00] * 4)}, puppet("a", (1_000, 0)))).warnings
    assert last == "a made 1 round trips: fewer than 30 say little about its rates."


def test_a_position_that_is_still_held() -> None:
    results = played({BTC: bars_of([100_00] * 4)}, puppet("a", (1_000,)), close_at_end=False)
    assert (
        "a still holds a position: it is valued at the last close, and no exit was paid."
        in summary_of(results).warnings
    )


def test_a_run_that_did_not_end_costs_that_are_unknown_and_reports_that_matched_nothing() -> None:
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order)).hears(filled(script.order, 1_000)).hears(
        filled("nobodys", 1)
    )
    results = collect(script.journal.events, dataset_of({BTC: bars_of([100_00])}), script.state)
    found = summary_of(results).warnings
    assert found[:2] == (
        "The run did not end in order: the numbers cover what happened until it stopped.",
        "1 x fill dropped: read the events before trusting the numbers.",
    )
    assert "Not all costs of a are known, so its gross result is not known either." in found


def test_baselines_that_did_better_are_named_and_equal_ones_are_not() -> None:
    market = dataset_of({BTC: bars_of([100_00, 100_00, 90_00, 90_00])})
    planned = plan(market, BTC, usd(10_000), 0, NO_LIMITS)
    rows = table(run_baselines(market, planned, usd(10_000))[1], planned)
    losing = summary_of(played(market, puppet("a", (1_000,))), baselines=rows)
    assert losing.warnings[-1] == "a returned less than the baselines no_trade, momentum, mean_reversion."
    even = summary_of(played(market, puppet("a", (0, 0, 1_000, 0))), baselines=rows)
    assert not any("returned less" in text for text in even.warnings)


def test_one_baseline_that_did_better_is_one() -> None:
    market = dataset_of({BTC: bars_of([100_00, 100_00, 110_00, 110_00])})
    planned = plan(market, BTC, usd(10_000), 0, NO_LIMITS)
    rows = table(run_baselines(market, planned, usd(10_000))[1], planned)
    smaller = summary_of(played(market, puppet("a", (1_000,))), baselines=rows)
    assert smaller.warnings[-1] == "a returned less than the baseline buy_and_hold."


def test_a_long_history_needs_no_word_about_extrapolation() -> None:
    daily = bars_of([100_00] * 91, interval=86_400 * 10**9)
    for count, expected in ((91, False), (90, False), (89, True)):
        bars = Bars(*(column[:count] for column in daily))
        market = dataset_of({BTC: bars}, rules={BTC: listed(interval_ns=86_400 * 10**9)})
        found = summary_of(played(market, puppet("a", ()))).warnings
        assert any("extrapolated" in text for text in found) == expected


def test_a_baseline_that_the_guards_held_back_is_named() -> None:
    """Buy-and-hold asks on each of the 4 bars."""
    market = dataset_of({BTC: bars_of([100_00] * 4)})
    planned = plan(market, BTC, usd(10_000), 0, RiskLimits(trades_per_day=0))
    rows = table(run_baselines(market, planned, usd(10_000))[1], planned)
    (*_, last) = summary_of(played(market, puppet("a", ())), baselines=rows).warnings
    assert last.startswith("The guards refused 4 intents of the baseline buy_and_hold:")

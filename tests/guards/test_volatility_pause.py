"""The pause of a market that moves too much (specs/risk/pauses.md, S-100)."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guards.books import buys, view
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, MINUTE, bars_of
from tests.kit.players import player, puppet
from tests.kit.script import Script

from veracity.domain.events import FeedChanged, IntentCreated, IntentDenied, OrderSubmitted, VolatilityChanged
from veracity.domain.market import Bars
from veracity.guards import volatility_pause
from veracity.guards.view import Denied, RiskLimits, VolatilityLimits
from veracity.guards.volatility_pause import holds

FOUR = VolatilityLimits(window=4, pause=20_000_000, resume=10_000_000, dwell=3)
LIMITS = RiskLimits(volatility=FOUR)


def squares(*returns: int) -> list[int]:
    return [value * value for value in returns]


def paused_after(returns: Sequence[int], limits: VolatilityLimits = FOUR) -> list[bool]:
    """Whether the pause holds after each bar."""
    seen: list[int] = []
    paused, found = False, []
    for value in returns:
        seen.append(value * value)
        paused = holds(seen, limits, paused)
        found.append(paused)
    return found


@pytest.mark.ticket("T-257")
@pytest.mark.parametrize(("largest", "denied"), [(20_000_000, False), (20_000_001, True)])
def test_a_mean_square_above_the_squared_threshold_pauses_and_no_root_is_rounded(
    largest: int, denied: bool
) -> None:
    returns = squares(largest, -20_000_000, 20_000_000, -20_000_000)
    paused = holds(returns, FOUR, False)
    assert paused is denied
    verdict = volatility_pause.check(buys(1), view(squares=returns, paused=paused), LIMITS)
    assert isinstance(verdict, Denied) is denied
    if denied:
        assert verdict == Denied(
            "volatility pause: the mean square is 400000010000000 * 10^-18, the limit is 400000000000000"
        )
    assert volatility_pause.check(buys(1), view(squares=returns, paused=paused), RiskLimits()) is None


@pytest.mark.ticket("T-257")
def test_only_the_last_of_three_calm_bars_in_a_row_lifts_the_pause() -> None:
    """With a window of one bar each return is its own root mean square."""
    one = FOUR._replace(window=1)
    calm, between, hot = 10_000_000, 15_000_000, 20_000_001
    assert paused_after([hot, between, between, calm, calm, calm, between], one) == [True] * 5 + [False] * 2
    assert paused_after([hot, calm, calm, between, calm, calm, calm], one) == [True] * 6 + [False]
    assert paused_after([hot, calm, calm, calm + 1, calm, calm], one) == [True] * 6
    assert paused_after([between] * 3, one) == [False] * 3


@pytest.mark.ticket("T-257")
def test_the_engine_pauses_and_resumes_and_the_journal_says_when() -> None:
    """Bars of 3 %, then of nothing: the window of two is hot, then calm for three bars."""
    limits = RiskLimits(volatility=VolatilityLimits(2, 20_000_000, 10_000_000, 3))
    script = Script(player("a", limits=limits), player("b")).ticks(100_00).ticks(103_00)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert script.last(IntentDenied).detail == "volatility unknown: 1 bars in a row are known, 2 are needed"
    script.ticks(100_00).says(VolatilityChanged)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("volatility_pause", "T-257")
    script.wants("b", 1_000).says(IntentCreated, OrderSubmitted)
    for _ in range(3):
        script.ticks(100_00).says()
    script.ticks(100_00).says(VolatilityChanged)
    assert script.last(VolatilityChanged).paused is False
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)


@pytest.mark.ticket("T-270")
def test_a_missing_bar_leaves_the_volatility_unknown_until_the_window_is_full_again() -> None:
    limits = RiskLimits(volatility=VolatilityLimits(2, 20_000_000, 10_000_000, 1))
    script = Script(player("a", limits=limits)).ticks(100_00).ticks(100_00).ticks(100_00)
    script.ticks(100_00, after=2 * MINUTE)
    for known in (0, 1):
        script.wants("a", 1_000).says(IntentCreated, IntentDenied)
        detail = script.last(IntentDenied).detail
        assert detail == f"volatility unknown: {known} bars in a row are known, 2 are needed"
        script.ticks(100_00)
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)


def test_a_gap_does_not_lift_a_pause() -> None:
    limits = RiskLimits(volatility=VolatilityLimits(1, 20_000_000, 10_000_000, 1))
    script = Script(player("a", limits=limits)).ticks(100_00).ticks(103_00).says(VolatilityChanged)
    script.ticks(103_00, after=2 * MINUTE).says(FeedChanged)
    assert script.account().risk.volatility[BTC].paused is True
    script.ticks(103_00).says(VolatilityChanged)


def with_gaps(closes: Sequence[int], gaps: Sequence[int]) -> Bars:
    bars = bars_of(closes)
    for gap in gaps:
        bars.ts[gap:] += MINUTE
    return bars


@given(
    moves=st.lists(st.sampled_from([-400, -150, 0, 0, 0, 150, 400]), min_size=30, max_size=120),
    gaps=st.lists(st.integers(1, 29), max_size=2),
    window=st.integers(1, 6),
    dwell=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_skipping_quiet_bars_pauses_at_the_same_bars_as_taking_each(
    moves: list[int], gaps: list[int], window: int, dwell: int
) -> None:
    """The backtest finds the loud bars of a whole column; the fold of its journal sees bar after bar."""
    closes = [100_00]
    for move in moves:
        closes.append(max(50_00, closes[-1] + move))
    limits = RiskLimits(volatility=VolatilityLimits(window, 20_000_000, 10_000_000, dwell))
    one = puppet("a", (0,) * 7 + (1_000, 0) * 20, limits=limits)
    run = run_small_backtest({BTC: with_gaps(closes, gaps)}, [one])
    script = Script(player("a", limits=limits))
    told = []
    for ts, close in zip(with_gaps(closes, gaps).ts.tolist(), closes, strict=True):
        script.ticks(close, after=ts + MINUTE - script.now)
        told += [
            (event.ts, event.paused, event.mean_square)
            for event in script.said
            if isinstance(event, VolatilityChanged)
        ]
    assert [(event.ts, event.paused, event.mean_square) for event in run.all(VolatilityChanged)] == told
    assert run.folded().markets[BTC] == run.state.markets[BTC]

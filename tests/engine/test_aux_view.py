"""What a strategy sees of the series beside the bars that it can do without (specs/core-engine/failures.md, S-015)."""

from dataclasses import replace

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, bars_of, usd
from tests.kit.players import PUPPET, player
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, OrderSubmitted
from veracity.guards.view import RiskLimits
from veracity.strategies.exits import Terms, guarded
from veracity.strategies.interface import UNKNOWN, Decision, Memo, Row, Strategy

SECOND = 10**9
TTL = 7_200 * SECOND


class Diary:
    """A strategy that keeps what it was shown, and wants what its row says first."""

    def __init__(self, *optional: str) -> None:
        self.rows: list[Row] = []
        self.strategy: Strategy = replace(PUPPET, decide=self.decide, optional=optional)

    def decide(self, params: tuple[int, ...], row: Row, position: int, memo: Memo) -> Decision:
        self.rows.append(row[1:])
        return row[0], 0, memo


def script_of(diary: Diary, *symbols: str) -> Script:
    limits = RiskLimits(aux_ttl_ns={"open_interest": TTL})
    return Script(player("a", *symbols, strategy=diary.strategy, cash=usd(10_000), limits=limits)).ticks(
        100_00
    )


@pytest.mark.ticket("T-013")
def test_a_strategy_goes_on_over_20_bars_without_its_optional_series_and_sees_that_it_is_unknown() -> None:
    diary = Diary("funding_rate")
    targets = tuple(1_000 * (bar % 2) for bar in range(20))
    cast = [player("a", strategy=diary.strategy, params=targets)]
    result = run_small_backtest({BTC: bars_of([100_00] * 20)}, cast)
    assert diary.rows == [(UNKNOWN, UNKNOWN)] * 20
    intents = [event for event in result.events if isinstance(event, IntentCreated) and event.features]
    assert [event.features for event in intents] == [(target, UNKNOWN, UNKNOWN) for target in targets[1:]]
    assert sum(isinstance(event, OrderSubmitted) for event in result.events) >= 19


@pytest.mark.ticket("T-014")
def test_a_value_is_shown_up_to_its_time_to_live_and_one_nanosecond_later_it_is_unknown_with_its_age() -> (
    None
):
    diary = Diary("open_interest")
    script = script_of(diary)
    script.learns("open_interest", 77, age=TTL - MINUTE).wants("a", 0)
    script.ticks(100_00, after=MINUTE).wants("a", 0)
    script.ticks(100_00, after=1).wants("a", 0)
    assert diary.rows == [(77, TTL - MINUTE), (77, TTL), (UNKNOWN, TTL + 1)]
    script.learns("open_interest", 78).wants("a", 0)
    assert diary.rows[-1] == (78, 0)


@pytest.mark.ticket("T-014")
def test_an_older_value_that_comes_late_is_no_news_and_one_that_comes_late_is_as_old_as_it_is() -> None:
    diary = Diary("open_interest")
    script = (
        script_of(diary).learns("open_interest", 77, age=MINUTE).learns("open_interest", 76, age=2 * MINUTE)
    )
    script.wants("a", 0)
    assert diary.rows == [(77, MINUTE)]


def test_each_series_is_told_by_itself_and_only_of_the_leading_leg() -> None:
    diary = Diary("open_interest", "funding_rate")
    script = script_of(diary, BTC, ETH).learns("open_interest", 5, ETH).learns("funding_rate", -3, BTC)
    script.wants("a", 0)
    assert diary.rows == [(UNKNOWN, UNKNOWN, -3, 0)]


def test_a_value_of_the_future_is_unknown_and_one_without_a_time_to_live_never_is() -> None:
    diary = Diary("open_interest", "funding_rate")
    script = script_of(diary).learns("open_interest", 5, age=-1).learns("funding_rate", 0, age=10 * TTL)
    script.wants("a", 0)
    assert diary.rows == [(UNKNOWN, -1, 0, 10 * TTL)]


def test_a_strategy_with_exits_sees_its_optional_series_where_it_would_without_them() -> None:
    diary = Diary("open_interest")
    inside, params = guarded(diary.strategy, (), Terms(stop=20_000))
    script = Script(player("a", strategy=inside, params=params)).ticks(100_00).learns("open_interest", 7)
    script.wants("a", 0, 100_00, 101_00, 99_00)  # its own column, then open, high and low of the bar
    assert diary.rows == [(7, 0)]

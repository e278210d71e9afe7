"""The regime that the engine keeps of an instrument: the label of every report, known bar by bar (S-076, S-015)."""

from dataclasses import replace

import numpy as np
import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, bars_of, dataset_of, listed
from tests.kit.players import PUPPET, player
from tests.kit.script import Script

from veracity.domain.events import RegimeChanged, RegimeWatched
from veracity.domain.regimes import (
    CODE,
    HIGH_VOL,
    LOW_VOL,
    MID_VOL,
    REGIME,
    UNKNOWN,
    label_after,
    rank_of,
    regime_or_unknown,
)
from veracity.engine.draft import Step
from veracity.engine.regimes import regime_of
from veracity.guards.view import RiskLimits
from veracity.research.regimes import label_bars
from veracity.runtime.replay import fold
from veracity.simulator.chance import draw
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.state.snapshot import restore, take
from veracity.strategies.interface import UNKNOWN as NOTHING
from veracity.strategies.interface import Decision, Memo, Row

HOUR = 60 * MINUTE


class Diary:
    """A strategy that keeps the regimes that it was shown, with their age."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int]] = []
        self.strategy = replace(PUPPET, decide=self.decide, optional=(REGIME,))

    def decide(self, params: tuple[int, ...], row: Row, position: int, memo: Memo) -> Decision:
        self.shown.append((row[-2], row[-1]))
        return 0, 0, memo


def restless() -> np.ndarray:
    """1,200 hours of steps that are small, large and small again, by turns of 90."""
    sizes = np.array([(20, 60, 200)[number // 90 % 3] for number in range(1_200)])
    return 50_000_00 + np.cumsum(
        [(draw(76, number) % 21 - 10) * int(size) for number, size in enumerate(sizes)]
    )


def test_bar_by_bar_the_engine_has_the_labels_of_a_report_and_says_each_change_once() -> None:
    bars = bars_of(restless().tolist(), interval=HOUR)
    bars.ts[700:] += 3 * HOUR  # three bars are missing
    dataset = dataset_of({BTC: bars}, rules={BTC: listed(BTC, interval_ns=HOUR)})
    diary = Diary()
    run = run_small_backtest(dataset, [player("a", strategy=diary.strategy)])
    labels = label_bars(bars.ts, bars.close, HOUR)
    shown = [0 if value == NOTHING else value for value, _ in diary.shown]
    assert shown == labels.tolist()
    assert {age for _, age in diary.shown} == {0}
    assert set(shown) == set(CODE.values())
    changed = run.all(RegimeChanged)
    places = np.flatnonzero(np.diff(labels, prepend=0))
    assert [event.ts for event in changed] == (bars.ts[places] + HOUR).tolist()
    assert [CODE[event.regime_to] for event in changed] == labels[places].tolist()
    assert changed[0].regime_from == UNKNOWN
    assert [event.rank for event in changed if event.regime_to == UNKNOWN] == [None]
    assert state_hash(run.folded()) == state_hash(run.state)


def knowing(symbol: str = BTC) -> Script:
    """Two strategies, of which the first asks for the regime of BTC, which is low_vol since a minute after START."""
    diary = Diary()
    limits = RiskLimits(aux_ttl_ns={REGIME: HOUR})
    script = Script(player("a", symbol, strategy=diary.strategy, limits=limits), player("b", ETH))
    script.ticks(100_00, symbol)
    known = RegimeChanged(script.state.seq + 1, script.now, symbol, UNKNOWN, LOW_VOL, 0)
    script.loop.commit(Step((known,), ()))
    script.diary = diary  # type: ignore[attr-defined]
    return script


@pytest.mark.ticket("T-014")
def test_a_regime_is_shown_up_to_its_time_to_live_and_one_nanosecond_later_it_is_unknown_with_its_age() -> (
    None
):
    script = knowing()
    diary: Diary = script.diary  # type: ignore[attr-defined]
    script.wants("a", 0).ticks(50_00, ETH, after=HOUR).wants("a", 0).ticks(50_00, ETH, after=1).wants("a", 0)
    assert diary.shown == [(CODE[LOW_VOL], 0), (CODE[LOW_VOL], HOUR), (NOTHING, HOUR + 1)]
    assert regime_of(script.state, BTC, HOUR) == UNKNOWN
    assert regime_of(script.state, BTC, None) == LOW_VOL
    assert regime_of(script.state, ETH, None) == UNKNOWN  # nobody asked for it: it was never published


@pytest.mark.ticket("T-014")
@pytest.mark.parametrize("label", [LOW_VOL, MID_VOL, HIGH_VOL, UNKNOWN])
def test_a_published_regime_is_itself_up_to_its_limit_and_there_is_no_default(label: str) -> None:
    at_most = [regime_or_unknown(label, age, 10) for age in (-1, 0, 10, 11)]  # type: ignore[arg-type]
    assert at_most == [UNKNOWN, label, label, UNKNOWN]
    assert regime_or_unknown(label, 10**18, None) == label  # type: ignore[arg-type]
    assert regime_or_unknown(None, 0, None) == UNKNOWN


def test_unknown_is_no_number_and_no_other_label() -> None:
    assert UNKNOWN not in (0, None, "", *set(CODE) - {UNKNOWN})
    script = knowing()
    script.ticks(50_00, ETH, after=2 * HOUR).wants("a", 0)
    value, _ = script.diary.shown[-1]  # type: ignore[attr-defined]
    assert value not in CODE.values()


def test_a_restart_goes_on_with_the_label_and_what_it_rests_on() -> None:
    bars = bars_of(restless()[:400].tolist(), interval=HOUR)
    dataset = dataset_of({BTC: bars}, rules={BTC: listed(BTC, interval_ns=HOUR)})
    state: EngineState = run_small_backtest(dataset, [player("a", strategy=Diary().strategy)]).state
    again = restore(take(state))
    assert again.markets[BTC].regime == state.markets[BTC].regime
    watch = again.markets[BTC].regime
    assert watch is not None
    assert (len(watch.squares), len(watch.sums), watch.label != UNKNOWN) == (24, 241, True)


def test_where_nobody_asks_no_instrument_is_labelled() -> None:
    script = Script().ticks(100_00)
    assert script.all(RegimeWatched) == []
    assert script.state.markets[BTC].regime is None
    assert fold(script.journal.records, ()).markets[BTC].regime is None


def test_ranks_count_equals_half_and_each_label_is_left_later_than_it_is_entered() -> None:
    assert [rank_of(own, (1, 2, 2, 3)) for own in (0, 1, 2, 3, 4)] == [0, 25, 100, 175, 200]
    assert [label_after(MID_VOL, rank) for rank in (40, 41, 159, 160)] == [
        LOW_VOL,
        MID_VOL,
        MID_VOL,
        HIGH_VOL,
    ]
    assert [label_after(LOW_VOL, rank) for rank in (80, 81)] == [LOW_VOL, MID_VOL]
    assert [label_after(HIGH_VOL, rank) for rank in (119, 120)] == [MID_VOL, HIGH_VOL]
    assert [label_after(UNKNOWN, rank) for rank in (0, 100, 200)] == [LOW_VOL, MID_VOL, HIGH_VOL]

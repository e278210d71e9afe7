"""The strategy that asks for the regime: it waits for one, obeys it, and keeps what it has when it is lost (S-076, S-137)."""

from itertools import pairwise

import numpy as np
import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, MINUTE, START, bars_of, dataset_of, listed
from tests.kit.players import PUPPET, player
from tests.kit.script import Script
from tests.kit.trades import trade
from tests.strategies.desk import library

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted, RegimeChanged
from veracity.domain.regimes import CODE, HIGH_VOL, LOW_VOL, MID_VOL, REGIME
from veracity.guards.view import RiskLimits
from veracity.strategies import mean_reversion, momentum, vol_regime_switch
from veracity.strategies.interface import UNKNOWN
from veracity.strategies.vol_regime_switch import Params, decide

HOUR = 60 * MINUTE
LIMITS = RiskLimits(critical_aux=(REGIME,), aux_ttl_ns={REGIME: HOUR})
WARMUP = 24 + 240  # returns of an hourly market that a label needs
GAP_AT = 290
PARAMS = Params(2, 5, 20, 2_000, 500, 3_000)
LOW, MID, HIGH = CODE[LOW_VOL], CODE[MID_VOL], CODE[HIGH_VOL]


def waves(bars: int) -> np.ndarray:
    """Up for ten bars and down for ten, by steps that become smaller and smaller: the calmest bar is always the newest."""
    steps = np.repeat(np.tile([1, -1], bars // 20 + 1), 10)[:bars] * (10_000 - 20 * np.arange(bars))
    return 10_000_00 + np.cumsum(steps)


def hourly(bars: int = 340, *, gap_at: int | None = None) -> SmallRun:
    """momentum and the switch beside each other; before bar `gap_at` one hour is missing."""
    market = bars_of(waves(bars).tolist(), interval=HOUR)
    if gap_at is not None:
        market.ts[gap_at:] += HOUR
    dataset = dataset_of({BTC: market}, rules={BTC: listed(BTC, interval_ns=HOUR)})
    settings = {"fast": 2, "slow": 3, "qty": 1}
    players = [
        library("momentum", settings=settings, cash=10**15),
        library("vol_regime_switch", limits=LIMITS, cash=10**15),
    ]
    return run_small_backtest(dataset, players, close_at_end=False)


def opened(run: SmallRun, strategy_id: str) -> list[int]:
    """Numbers of the bars on whose close the strategy wanted to open."""
    return [
        (intent.ts - START) // HOUR - 1
        for intent in run.all(IntentCreated)
        if (intent.strategy_id, intent.purpose) == (strategy_id, "open")
    ]


@pytest.mark.ticket("T-371")
def test_in_warm_up_it_opens_nothing_and_with_the_first_regime_it_may() -> None:
    run = hourly()
    signals = opened(run, "momentum")
    assert len([bar for bar in signals if bar < 240]) == 12
    (known,) = run.all(RegimeChanged)
    assert ((known.ts - START) // HOUR - 1, known.regime_from, known.regime_to) == (
        WARMUP,
        "UNKNOWN",
        "low_vol",
    )
    later = [bar for bar in signals if bar > WARMUP]
    assert opened(run, "vol_regime_s") == [
        WARMUP,
        *later,
    ]  # the trend is up there already, which is a signal that lasts
    assert len(later) == 3
    assert run.all(IntentDenied) == []


@pytest.mark.ticket("T-371")
def test_when_the_regime_is_lost_while_long_the_position_is_kept() -> None:
    """The gap comes while both are long; momentum leaves when the wave turns, the switch does not know and keeps."""
    run = hourly(gap_at=GAP_AT)
    known, lost = run.all(RegimeChanged)
    assert (known.regime_to, lost.regime_to, lost.rank) == ("low_vol", "UNKNOWN", None)
    assert lost.ts == START + (GAP_AT + 2) * HOUR
    after = [intent for intent in run.all(IntentCreated) if intent.ts >= lost.ts]
    assert {intent.strategy_id for intent in after} == {"momentum"}
    assert run.state.accounts["vol_regime_s"].positions[BTC].qty == 1_000


def knowing_nothing(*, held: int = 0) -> Script:
    """A strategy that says to need the regime and pays no attention to it."""
    heedless = PUPPET.__class__(
        "heedless", 1, PUPPET.reasons, (REGIME,), 1, PUPPET.bind, PUPPET.warmup, PUPPET.features, PUPPET.decide
    )  # fmt: skip
    script = Script(player("a", strategy=heedless, limits=LIMITS)).ticks(100_00)
    if held:
        trade(script, "buy", held, 100_00)
    return script


@pytest.mark.ticket("T-371")
def test_a_strategy_that_pays_no_attention_is_refused_all_the_same_and_may_get_smaller() -> None:
    script = knowing_nothing().wants("a", 1_000).says(IntentCreated, IntentDenied)
    denied = script.last(IntentDenied)
    assert (denied.rule, denied.detail) == ("critical_aux", "regime missing")
    script = knowing_nothing(held=3_000).wants("a", 4_000).says(IntentCreated, IntentDenied)
    for target in (2_000, 0):
        knowing_nothing(held=3_000).wants("a", target).says(IntentCreated, OrderSubmitted)


@pytest.mark.ticket("T-371")
@pytest.mark.parametrize("held", [0, 3_000])
def test_unknown_is_the_branch_of_no_regime(held: int) -> None:
    """On a row on which every rule would open, and on one on which every rule would leave."""
    for fast, slow, score in ((2, 1, -9_000), (1, 2, 9_000)):
        target, reason, _ = decide(PARAMS, (fast, slow, score, UNKNOWN, UNKNOWN), held, ())
        assert (target, reason) == (held, vol_regime_switch.HOLD)


def test_each_regime_asks_its_own_rule_by_its_own_function() -> None:
    rows = [(fast, slow, score) for fast, slow in ((2, 1), (1, 2), (1, 1)) for score in (-9_000, -600, 9_000)]
    for fast, slow, score in rows:
        for held in (0, 3_000):
            trend = momentum.decide(PARAMS.trend(), (fast, slow), held, ())
            back = mean_reversion.decide(PARAMS.reversion(), (score,), held, ())
            assert decide(PARAMS, (fast, slow, score, LOW, 0), held, ()) == trend
            assert decide(PARAMS, (fast, slow, score, HIGH, 0), held, ())[0] == back[0]
            assert decide(PARAMS, (fast, slow, score, MID, 0), held, ())[0] == 0


def test_every_change_of_regime_goes_through_flat() -> None:
    for before, after in pairwise((LOW, HIGH, MID, LOW, MID, HIGH, LOW)):
        for row in ((2, 1, -9_000), (1, 2, 9_000), (2, 1, 9_000), (1, 2, -9_000)):
            held = decide(PARAMS, (*row, before, 0), 0, ())[0]
            assert decide(PARAMS, (*row, after, 0), held, ())[0] * held >= 0


def test_its_reasons_name_the_rule_that_spoke() -> None:
    reasons = vol_regime_switch.STRATEGY.reasons
    spoken = {
        "sma_cross_up": ((2, 1, 0, LOW, 0), 0),
        "sma_cross_down": ((1, 2, 0, LOW, 0), 3_000),
        "far_below_mean": ((1, 2, -2_000, HIGH, 0), 0),
        "back_at_mean": ((2, 1, 0, HIGH, 0), 3_000),
        "mid_regime": ((2, 1, 0, MID, 0), 3_000),
        "hold": ((1, 1, 0, HIGH, 0), 0),
    }
    assert {reasons[decide(PARAMS, row, held, ())[1]]: (row, held) for row, held in spoken.values()} == spoken

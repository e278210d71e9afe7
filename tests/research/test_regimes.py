"""Labels that only know the past, change rarely, and say when they do not know."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.domain.regimes import CODE, LABEL, Regimes, label_after, rank_of, settings_for
from veracity.domain.time import NS_PER_DAY
from veracity.research import regimes
from veracity.research.regimes import HIGH, LOW, MID, UNKNOWN, classify

HOUR = NS_PER_DAY // 24
SMALL = Regimes(window=20, history=200, dwell=10)


def alternating(calm: int, wild: int) -> np.ndarray:
    """500 bars of calm returns and 500 of wild ones, up and down in turn, in 10^-7."""
    sizes = np.repeat([calm, wild], 500)
    return sizes * np.where(np.arange(1000) % 2, -1, 1)


def known(returns: np.ndarray) -> np.ndarray:
    found = np.ones(len(returns), dtype=bool)
    found[0] = False
    return found


def stretches(labels: np.ndarray) -> list[tuple[int, int]]:
    """Label and length of each stretch."""
    return [(label, len(list(same))) for label, same in groupby(labels.tolist())]


@pytest.mark.ticket("T-206")
def test_every_bar_has_a_label_and_the_warm_up_is_unknown() -> None:
    returns = np.random.default_rng(1).integers(-9_999, 9_999, 5_000)
    labels = classify(returns, known(returns), Regimes(window=40, history=200, dwell=10))
    assert len(labels) == 5_000
    assert set(labels[:240].tolist()) == {UNKNOWN}
    assert UNKNOWN not in labels[240:]


@pytest.mark.ticket("T-206")
def test_a_bar_whose_window_holds_an_unknown_return_is_unknown_and_the_next_one_is_not() -> None:
    returns = np.random.default_rng(2).integers(-9_999, 9_999, 1_000)
    seen = known(returns)
    seen[600] = False
    labels = classify(returns, seen, SMALL)
    assert set(labels[600 : 600 + SMALL.warmup].tolist()) == {UNKNOWN}
    assert labels[599] != UNKNOWN
    assert labels[600 + SMALL.warmup] != UNKNOWN


@pytest.mark.ticket("T-206")
def test_cutting_the_future_off_changes_no_label() -> None:
    returns = np.random.default_rng(3).integers(-9_999, 9_999, 1_200) * np.repeat([1, 5, 1], 400)
    whole = classify(returns, known(returns), SMALL)
    for end in range(12, 1_200, 12):
        assert classify(returns[:end], known(returns)[:end], SMALL).tolist() == whole[:end].tolist()


@pytest.mark.ticket("T-239")
def test_a_market_that_becomes_four_times_as_wild_is_found_in_thirty_bars() -> None:
    returns = alternating(10_000, 40_000)
    labels = regimes.in_force(classify(returns, known(returns), SMALL))
    assert HIGH not in labels[:501]
    (first,) = np.flatnonzero((labels[1:] == HIGH) & (labels[:-1] != HIGH)) + 1
    assert 501 <= first <= 530
    assert set(labels[first : first + 50].tolist()) == {HIGH}


@pytest.mark.ticket("T-239")
def test_a_market_of_one_volatility_is_neither_high_nor_low() -> None:
    returns = alternating(10_000, 10_000)
    assert set(classify(returns, known(returns), SMALL)[SMALL.warmup :].tolist()) == {MID}


@pytest.mark.ticket("T-239")
def test_one_wild_bar_makes_no_label_that_flickers() -> None:
    returns = alternating(10_000, 40_000)
    returns[300] = 200_000
    found = stretches(classify(returns, known(returns), SMALL))
    assert min(length for _, length in found[:-1]) >= SMALL.dwell
    assert [label for label, _ in found[:3]] == [UNKNOWN, MID, HIGH]


def test_dwell_holds_a_label_and_a_shorter_one_lets_it_go() -> None:
    rng = np.random.default_rng(4)
    returns = rng.integers(-9_999, 9_999, 3_000)
    for dwell in (5, 40):
        found = stretches(classify(returns, known(returns), SMALL._replace(dwell=dwell)))
        assert min(length for _, length in found[1:-1]) >= dwell


def test_hysteresis_keeps_a_label_inside_its_band() -> None:
    """80 percent of the earlier values lower: high; 70: high if it was, middle if not; 59: middle."""
    wanted = regimes._wanted(SMALL)
    assert wanted[MID, 160] == HIGH
    assert wanted[MID, 159] == MID
    assert wanted[HIGH, 120] == HIGH
    assert wanted[HIGH, 119] == MID
    assert wanted[MID, 40] == LOW
    assert wanted[LOW, 80] == LOW
    assert wanted[LOW, 81] == MID


def bar_after_bar(returns: list[int], seen: list[bool], chosen: Regimes) -> list[int]:
    """The rule as it is told, one bar at a time, with nothing remembered but label and time since."""
    squares = [one * one if known else 0 for one, known in zip(returns, seen, strict=True)]
    sums = [
        sum(squares[bar + 1 - chosen.window : bar + 1]) if bar + 1 >= chosen.window else 0
        for bar in range(len(squares))
    ]
    labels, label, since = [], UNKNOWN, 0
    for bar, own in enumerate(sums):
        if bar + 1 < chosen.warmup or not all(seen[bar + 1 - chosen.warmup : bar + 1]):
            label = UNKNOWN
        elif label == UNKNOWN or bar - since >= chosen.dwell:
            rank = rank_of(own, sums[bar - chosen.history : bar])
            wanted = CODE[label_after(LABEL[label], rank, chosen)]
            label, since = (label, since) if wanted == label else (wanted, bar)
        labels.append(label)
    return labels


@given(
    returns=st.lists(st.integers(-4, 4) | st.integers(-50, 50), max_size=120),
    unseen=st.sets(st.integers(0, 119), max_size=3),
    window=st.integers(1, 8),
    history=st.integers(1, 20),
    dwell=st.integers(0, 9),
)
def test_labels_found_for_all_bars_at_once_are_those_of_one_bar_after_the_other(
    returns: list[int], unseen: set[int], window: int, history: int, dwell: int
) -> None:
    """Small steps, so that what is ranked at once and what is counted at once ends many times."""
    chosen, seen = Regimes(window, history, dwell), [bar not in unseen for bar in range(len(returns))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regimes, "RANKED_AT_ONCE", 16)
        patch.setattr(regimes, "COUNTED_AT_ONCE", 7)
        labels = classify(np.array(returns, dtype=np.int64), np.array(seen, dtype=bool), chosen)
    assert labels.tolist() == bar_after_bar(returns, seen, chosen)


@pytest.mark.parametrize("broken", ["first bar", "gap", "no price"])
def test_a_return_is_not_known_on_the_first_bar_behind_a_gap_or_at_a_price_of_zero(broken: str) -> None:
    """A day of bars has 24 of one hour, so a label needs 264 returns without a break behind it."""
    warmup = settings_for(HOUR).warmup
    at = {"first bar": 0, "gap": 300, "no price": 301}[broken]
    bars = 2 * warmup + 100
    ts = np.arange(bars, dtype=np.int64) * HOUR
    close = 100_00 + np.random.default_rng(5).integers(-99, 99, bars)
    if broken == "gap":
        ts[at:] += HOUR
    elif broken == "no price":
        close[at - 1] = 0  # neither the return to it nor the one from it is known
    labels = regimes.label_bars(ts, close, HOUR)
    assert set(labels[at : at + warmup].tolist()) == {UNKNOWN}
    assert UNKNOWN not in labels[at + warmup :]


def test_the_label_in_force_is_that_of_the_bar_before() -> None:
    assert regimes.in_force(np.array([LOW, HIGH, MID])).tolist() == [UNKNOWN, LOW, HIGH]


def test_a_short_tape_is_unknown_throughout_and_settings_follow_the_bar() -> None:
    short = np.zeros(30, dtype=np.int64)
    assert set(classify(short, known(short), SMALL).tolist()) == {UNKNOWN}
    assert settings_for(NS_PER_DAY // 24) == Regimes(24, 240, 12)
    assert settings_for(NS_PER_DAY // 1440) == Regimes(240, 1000, 120)
    assert settings_for(NS_PER_DAY // 3) == Regimes(20, 200, 10)

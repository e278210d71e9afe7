"""The cost models of others, by their own published numbers (N-17 to N-26), each with its source."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.domain.market import Bars
from veracity.research import cost_estimates as costs

BP = 1e-4


def bars(*ranges: tuple[int, int], close: int | None = None) -> Bars:
    """Bars of these highs and lows, in cents; each closes in its middle, or at `close`."""
    high, low = (np.array([one[place] for one in ranges], dtype=np.int64) for place in (0, 1))
    middle = (high + low) // 2 if close is None else np.full(len(ranges), close, dtype=np.int64)
    return Bars(
        np.arange(len(ranges), dtype=np.int64),
        middle,
        high,
        low,
        middle,
        np.ones(len(ranges), dtype=np.int64),
    )


def pair(*sides: float) -> float:
    """The spread of two bars: high and low of the first, high and low of the second."""
    return float(costs.pair_spread(*(np.array([side]) for side in sides))[0])


def test_n17_what_a_tenth_of_a_day_of_ibm_costs() -> None:
    """Almgren et al. 2005, table 3: sigma 1.57 % a day, 10 % of the volume, inverse turnover 263."""
    found = [costs.almgren(0.0157, 0.1, days, 263) for days in (0.1, 0.2, 0.5)]
    assert found[0].permanent / 0.0157 == pytest.approx(0.126, abs=5e-4)
    assert [round(one.temporary / 0.0157, 3) for one in found] == [0.142, 0.094, 0.054]
    assert [round(one.permanent / BP) for one in found] == [20, 20, 20]
    assert [round(one.temporary / BP) for one in found] == [22, 15, 8]
    assert [round(one.cost / BP) for one in found] == [32, 25, 18]


def test_n19_a_share_of_the_volume_and_its_square() -> None:
    """zipline tests/finance/test_slippage.py: 2.5 % of a bar of 200 at 3.0; at 3.5 in both directions."""
    assert costs.volume_share(3.0, 1, 100, 200) == (5, pytest.approx(3.0001875, abs=1e-12))
    prices = [costs.volume_share(3.5, sign, 5, 200).price for sign in (1, -1)]
    assert prices == pytest.approx([3.50021875, 3.49978125], abs=1e-12)


def test_n20_a_tenth_of_the_volume_at_another_factor() -> None:
    """The same file: all of the 10 in a bar of 100, factor 0.3."""
    assert costs.volume_share(5.0, 1, 10, 100, limit=1.0, factor=0.3) == (10, pytest.approx(5.015, abs=1e-12))


def test_a_bar_without_volume_fills_nothing_of_a_share() -> None:
    assert costs.volume_share(5.0, 1, 10, 0) == (0, 5.0)


def test_n22_the_root_of_a_hundredth() -> None:
    assert costs.square_root(0.02, 0.01) == pytest.approx(20 * BP, abs=1e-15)


def test_n23_two_equal_bars_have_their_whole_range_as_spread() -> None:
    """Derived: alpha = ln(H / L), so S = 2 (H - L) / (H + L); mid 100 and a spread of 1 %."""
    assert pair(100.5, 99.5, 100.5, 99.5) == pytest.approx(0.01, abs=1e-15)
    found = costs.corwin_schultz(bars((100_50, 99_50), (100_50, 99_50), (100_50, 99_50)))
    assert found.value == pytest.approx(0.01, abs=1e-15)


def test_n24_a_negative_spread_counts_as_none() -> None:
    assert pair(102, 100, 103, 101) == pytest.approx(-0.0040814854, abs=1e-10)
    assert costs.corwin_schultz(bars((102_00, 100_00), (103_00, 101_00))).value == 0.0


def test_a_jump_between_two_bars_is_no_range() -> None:
    """The second bar is the first one, 5.00 higher: moved back to the close before, its low is there."""
    jumped = costs.corwin_schultz(bars((100_50, 99_50), (105_50, 104_50), close=100_00))
    moved = pair(100.5, 99.5, 101.0, 100.0)
    assert jumped.value == pytest.approx(max(moved, 0.0), abs=1e-12)


def test_one_bar_has_no_spread_and_says_why() -> None:
    assert costs.corwin_schultz(bars((2, 1))).reason == "fewer than 2 bars"


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 300)), min_size=2, max_size=12))
def test_the_mean_of_all_pairs_is_that_of_the_pairs_one_by_one(drawn: list[tuple[int, int]]) -> None:
    """Closes inside both bars, so that nothing jumps."""
    ranges = [(100_00 + above, 100_00 - below - 1) for above, below in drawn]
    pairs = [pair(*one, *two) for one, two in pairwise(ranges)]
    expected = sum(max(one, 0.0) for one in pairs) / len(pairs)
    assert costs.corwin_schultz(bars(*ranges, close=100_00)).value == pytest.approx(expected, abs=1e-12)


def test_n26_interest_pulls_the_premium_and_no_further_than_its_clamp() -> None:
    """Binance's formula at I = 0.01 %, eight hours; a contract of four hours pays half of each."""
    premiums = [0.0, 0.0003, 0.0006, 0.0007, -0.0003, -0.0005, -0.001]
    rates = [0.0001, 0.0001, 0.0001, 0.0002, 0.0001, 0.0, -0.0005]
    assert [costs.funding_rate(one) for one in premiums] == pytest.approx(rates, abs=1e-15)
    assert [costs.funding_rate(one, hours=4) for one in premiums] == pytest.approx(
        [one / 2 for one in rates], abs=1e-15
    )

"""Volatility from a bar (N-35), and from a random walk whose volatility is known."""

import numpy as np
import pytest

from veracity.domain.market import Bars
from veracity.research import volatility
from veracity.research.metrics import Ratio


def bars(*rows: tuple[int, int, int, int]) -> Bars:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4)
    ts = np.arange(len(columns), dtype=np.int64)
    return Bars(ts, *columns.T, ts)


ONE = bars((100, 102, 99, 101))


def test_n35_one_bar_by_three_estimators() -> None:
    assert volatility.parkinson(ONE).value == pytest.approx(0.01792853, abs=5e-9)
    assert volatility.garman_klass(ONE).value == pytest.approx(0.02018299, abs=5e-9)
    assert volatility.rogers_satchell(ONE).value == pytest.approx(0.01990263, abs=5e-9)


def test_one_bar_has_no_overnight_and_no_return() -> None:
    assert volatility.yang_zhang(ONE) == Ratio(None, "fewer than 3 bars")
    assert volatility.close_to_close(ONE).value is None
    assert volatility.ewma(ONE) == Ratio(None, "fewer than 2 bars")
    assert volatility.parkinson(bars()) == Ratio(None, "no bar")


def test_all_estimators_find_the_volatility_of_a_random_walk() -> None:
    """400 bars of 400 steps each, 1 % a bar; ranges of a walk in steps are a little too small."""
    steps = np.random.default_rng(7).normal(0, 0.01 / 20, (400, 400))
    path = 10**9 * np.exp(np.cumsum(steps).reshape(400, 400))
    opened = np.concatenate([[10**9], path[:-1, -1]])
    wide = np.column_stack([opened, path])
    rows = np.column_stack([opened, wide.max(axis=1), wide.min(axis=1), path[:, -1]]).astype(np.int64)
    walk = bars(*map(tuple, rows.tolist()))
    for estimate in (
        volatility.parkinson,
        volatility.garman_klass,
        volatility.rogers_satchell,
        volatility.yang_zhang,
        volatility.close_to_close,
        lambda tape: volatility.ewma(tape, 0.999),
    ):
        assert estimate(walk).value == pytest.approx(0.01, rel=0.1)


def test_ewma_weighs_the_last_return_most() -> None:
    """Returns ln 2 and 0 with decay 0.94: variance 0.94 / 1.94 ln(2)^2."""
    found = volatility.ewma(bars((1, 1, 1, 1), (1, 2, 1, 2), (2, 2, 2, 2)))
    assert found.value == pytest.approx(np.log(2) * np.sqrt(0.94 / 1.94))


def test_a_year_has_365_days() -> None:
    assert volatility.annual(Ratio(0.01), 3).value == pytest.approx(0.01 * np.sqrt(3 * 365))
    assert volatility.annual(Ratio(None, "why"), 3) == Ratio(None, "why")

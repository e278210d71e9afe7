"""Corrected p-values: the example of Harvey & Liu (N-10), and statsmodels as oracle."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from veracity.research.statistics import corrections

N_10 = np.array([0.005, 0.009, 0.0128, 0.0135, 0.045, 0.06])


@pytest.mark.ticket("T-194")
def test_n10_holm_steps_down_and_stays_monotone() -> None:
    """The fourth would be .0405 if it did not take the largest before it."""
    assert corrections.holm(N_10) == pytest.approx([0.03, 0.045, 0.0512, 0.0512, 0.09, 0.09], abs=1e-12)


@pytest.mark.ticket("T-194")
def test_n10_bhy_divides_by_the_harmonic_sum() -> None:
    """c(6) = 2.45."""
    found = corrections.benjamini_hochberg(N_10, dependent=True)
    assert found == pytest.approx([*[0.0496125] * 4, 0.1323, 0.147], abs=1e-12)


@pytest.mark.ticket("T-194")
def test_n10_bonferroni_multiplies() -> None:
    found = corrections.bonferroni(N_10)
    assert found == pytest.approx([0.03, 0.054, 0.0768, 0.081, 0.27, 0.36], abs=1e-12)


def test_n10_bh() -> None:
    assert corrections.benjamini_hochberg(N_10) == pytest.approx([*[0.02025] * 4, 0.054, 0.06], abs=1e-12)


def test_n13_twenty_tests_at_five_percent_fool_two_of_three() -> None:
    assert corrections.family_wise_error(0.05, 20) == pytest.approx(0.6415, abs=5e-5)


@pytest.mark.parametrize("seed", range(8))
def test_every_correction_agrees_with_statsmodels_in_any_order(seed: int) -> None:
    """Samples of 1 to 36 p-values, with ties."""
    given_p = np.random.default_rng(seed).integers(0, 40, 1 + 5 * seed) / 200
    ours = {
        "bonferroni": corrections.bonferroni(given_p),
        "holm": corrections.holm(given_p),
        "fdr_bh": corrections.benjamini_hochberg(given_p),
        "fdr_by": corrections.benjamini_hochberg(given_p, dependent=True),
    }
    for method, found in ours.items():
        assert found == pytest.approx(multipletests(given_p, method=method)[1], abs=1e-12), method

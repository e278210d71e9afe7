"""The equity of a trial is sampled at UTC midnights, where the kernel samples it too."""

import numpy as np

from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR
from veracity.research.kernel.tapes import _crossed
from veracity.research.sweep_results import _samples

BEGIN = 19_000 * NS_PER_DAY + 20 * NS_PER_HOUR


def test_samples_are_of_the_first_bar_known_at_or_after_each_midnight() -> None:
    """Bars of an hour from 20:00 on, with a gap over the second midnight: known at 24:00, and 03:00 two days on."""
    hours = [*range(1, 20), *range(31, 60)]
    known = BEGIN + np.array(hours, dtype=np.int64) * NS_PER_HOUR
    equity = np.array(hours, dtype=np.int64)
    assert _samples(known, BEGIN, equity).tolist() == [4, 31, 52]
    at = np.flatnonzero(_crossed(known, np.ones(len(known), dtype=np.bool_), NS_PER_DAY, BEGIN))
    assert equity[at].tolist() == [4, 31, 52]

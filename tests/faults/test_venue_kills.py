"""F10 beside a venue in a process of its own: the engine is killed at writes and syncs of a paper day; the script kills it at each."""

from pathlib import Path

import pytest
from bench.journal import venue_kills
from bench.journal.disk import memory

EVERY = 23


@pytest.mark.parametrize("moment", venue_kills.MOMENTS)
def test_f10_a_kill_beside_a_venue_that_lives_on_costs_nothing_and_sends_nothing_twice(moment: str) -> None:
    with memory() as place:
        kills, _, faults = venue_kills.kill_everywhere(moment, Path(place), EVERY, first=5)
    assert kills >= 2
    assert faults.total() == 0


def test_f10_kills_at_random_moments_beside_a_venue_that_lives_on_cost_nothing() -> None:
    with memory() as place:
        days, _, faults = venue_kills.kill_at_random(3, 3, Path(place))
    assert days >= 1
    assert faults.total() == 0

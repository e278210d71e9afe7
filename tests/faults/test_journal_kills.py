"""F10 in small: a real process is killed at file calls of a scripted day, and at random; the script kills it hundreds of times."""

from pathlib import Path

import pytest
from bench.journal import day, kills
from bench.journal.disk import memory

EVERY = 7


@pytest.mark.parametrize("moment", kills.MOMENTS)
def test_f10_a_kill_at_a_file_call_costs_nothing_that_was_told(moment: str) -> None:
    """No acknowledged record, no order twice, no order that the journal does not know, and the hash that was told."""
    with memory() as place:
        count, faults = kills.kill_everywhere(moment, Path(place), EVERY)
    assert count > 10
    assert faults.total() == 0


def test_f10_kills_at_random_moments_cost_nothing_that_was_told() -> None:
    with memory() as place:
        days, faults = kills.kill_at_random(6, 3, Path(place))
    assert days >= 1
    assert faults.total() == 0


def test_the_look_counts_what_is_wrong(tmp_path: Path) -> None:
    """A proof that cannot find fault proves nothing."""
    day.live(tmp_path)
    assert kills.look(tmp_path).faults.total() == 0
    assert kills.look(tmp_path).is_done
    sent, told = (tmp_path / day.VENUE).read_text(), (tmp_path / day.TOLD).read_text()
    (tmp_path / day.VENUE).write_text(sent + sent.splitlines()[0] + "\n00112233-a-9999\n")
    (tmp_path / day.TOLD).write_text(told + f"9999 {'0' * 64}\n10 {'0' * 64}\n")
    assert kills.look(tmp_path).faults == {
        "acknowledged lost": 1,
        "hash differs": 1,
        "sent, not journaled": 1,
        "sent twice": 1,
    }

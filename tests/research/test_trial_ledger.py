"""Trials are counted by dataset, across sweeps, whatever became of them."""

from pathlib import Path

from veracity.research import trial_ledger

DATA, OTHER = "d" * 64, "e" * 64


def test_a_second_sweep_on_the_same_data_counts_the_first(tmp_path: Path) -> None:
    assert trial_ledger.trials_of(tmp_path, DATA) == 0
    trial_ledger.record(tmp_path, DATA, "first", 35)
    trial_ledger.record(tmp_path, DATA, "second", 10)
    assert trial_ledger.trials_of(tmp_path, DATA) == 45
    assert trial_ledger.trials_of(tmp_path, OTHER) == 0


def test_a_sweep_that_goes_on_is_not_counted_twice(tmp_path: Path) -> None:
    trial_ledger.record(tmp_path, DATA, "first", 35)
    trial_ledger.record(tmp_path, DATA, "first", 35)
    assert trial_ledger.trials_of(tmp_path, DATA) == 35

"""Trials are counted by dataset, across all that asked it, whatever became of them and whoever asks at the same time."""

import multiprocessing
from pathlib import Path

import pytest

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research import trial_ledger

DATA, OTHER = "d" * 64, "e" * 64


@pytest.mark.ticket("T-215")
def test_a_second_sweep_on_the_same_data_counts_the_first(tmp_path: Path) -> None:
    assert trial_ledger.trials_of(tmp_path, DATA) == 0
    assert trial_ledger.record(tmp_path, DATA, "first", 35) == 35
    assert trial_ledger.record(tmp_path, DATA, "second", 10) == 45
    assert trial_ledger.trials_of(tmp_path, DATA) == 45
    assert trial_ledger.trials_of(tmp_path, OTHER) == 0


@pytest.mark.ticket("T-215")
def test_who_asks_the_same_again_is_not_counted_twice(tmp_path: Path) -> None:
    assert [trial_ledger.record(tmp_path, DATA, "first", trials) for trials in (35, 35, 12, 36)] == [
        35,
        35,
        35,
        36,
    ]
    assert len(trial_ledger.ledger_of(tmp_path, DATA).read_text().splitlines()) == 2


def test_one_who_is_not_in_the_file_can_be_counted_without_being_written(tmp_path: Path) -> None:
    assert trial_ledger.trials_of(tmp_path, DATA, "run", 2) == 2
    assert not trial_ledger.ledger_of(tmp_path, DATA).exists()
    trial_ledger.record(tmp_path, DATA, "sweep", 35)
    trial_ledger.record(tmp_path, DATA, "run", 2)
    assert trial_ledger.trials_of(tmp_path, DATA, "run", 2) == 37


def test_a_line_that_a_kill_has_torn_counts_nothing_and_is_written_over(tmp_path: Path) -> None:
    trial_ledger.record(tmp_path, DATA, "first", 35)
    path = trial_ledger.ledger_of(tmp_path, DATA)
    with path.open("a") as file:
        file.write('{"asked_by": "second", "tri')
    assert trial_ledger.trials_of(tmp_path, DATA) == 35
    assert trial_ledger.record(tmp_path, DATA, "second", 10) == 45
    assert path.read_text().splitlines()[1] == '{"asked_by": "second", "trials": 10}'


@pytest.mark.parametrize("line", ['{"asked_by": "x"}', "no json", '{"asked_by": "x", "trials": null}', "[]"])
def test_a_damaged_ledger_is_refused_and_never_counted_as_nothing(tmp_path: Path, line: str) -> None:
    trial_ledger.record(tmp_path, DATA, "first", 35)
    with trial_ledger.ledger_of(tmp_path, DATA).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(OperatorFault, match="ledger of trials is damaged") as refused:
        trial_ledger.trials_of(tmp_path, DATA)
    assert refused.value.exit_code == ExitCode.FINDING
    assert refused.value.where.endswith(f"{DATA}.jsonl:2")
    with pytest.raises(OperatorFault):
        trial_ledger.record(tmp_path, DATA, "second", 10)


def _ask(runs_dir: Path, asker: int) -> list[int]:
    return [trial_ledger.record(runs_dir, DATA, f"{asker}-{number}", 1) for number in range(20)]


def test_processes_that_ask_at_the_same_time_lose_no_trial_and_each_counts_those_before_it(
    tmp_path: Path,
) -> None:
    with multiprocessing.get_context("fork").Pool(3) as pool:
        told = pool.starmap(_ask, [(tmp_path, asker) for asker in range(3)])
    assert trial_ledger.trials_of(tmp_path, DATA) == 60
    assert sorted(count for one in told for count in one) == list(range(1, 61))

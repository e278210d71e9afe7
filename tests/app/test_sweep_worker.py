"""A worker answers only for the code, the packages and the data of whoever asks it."""

from pathlib import Path

import pytest
from tests.app.small_run import write_bars, write_config

from veracity.app.config_text import read_file
from veracity.app.sweep_worker import Asked, fingerprint, foreign
from veracity.app.trial_run import Trials
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.sweep import Trial

TRIAL = Trial(0, 1, (("strategies.sma.params.fast", "30"), ("strategies.sma.params.slow", "20")))


def asked(folder: Path, **changes: str) -> Asked:
    document = read_file(write_config(folder))
    hash_ = Trials(document, "").dataset().dataset_hash
    return Asked(str(folder), document, hash_, dict(fingerprint()) | changes, folder / "kernel", False)


def test_equal_fingerprints_do_not_differ_and_every_part_of_them_counts() -> None:
    mine = dict(fingerprint())
    assert foreign(mine, fingerprint()) == ""
    assert {"code", "environment", "python", "numpy", "numba", "llvmlite"} <= mine.keys()
    for name in mine:
        assert foreign(mine | {name: "other"}, fingerprint()) == f"{name} {mine[name][:16]} is not other"
    assert foreign(mine, {}).startswith(f"backports.zstd nothing is not {mine['backports.zstd']}, ")


@pytest.mark.parametrize("part", ["code", "numpy"])
def test_a_worker_that_joins_later_with_other_code_answers_nothing(tmp_path: Path, part: str) -> None:
    with pytest.raises(OperatorFault, match="not like the process that asks it") as refused:
        asked(tmp_path, **{part: "other"})([TRIAL])
    assert refused.value.exit_code == ExitCode.UNSAFE
    assert part in refused.value.why


def test_a_worker_with_other_files_of_the_same_names_answers_nothing(tmp_path: Path) -> None:
    question = asked(tmp_path)
    write_bars(tmp_path / "BTCUSDT_1m.parquet", [2_000_000 + bar for bar in range(240)])
    with pytest.raises(OperatorFault, match="a worker has other data") as refused:
        question([TRIAL])
    assert refused.value.exit_code == ExitCode.DATA


def test_a_config_that_is_refused_is_a_row_and_no_error(tmp_path: Path) -> None:
    (row,) = asked(tmp_path)([TRIAL]).rows
    assert (row["trial"], row["seed"], row["status"], row["metrics"]) == (0, 1, "refused", None)
    assert "fast" in row["error"]

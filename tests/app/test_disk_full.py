"""A disk that takes no more ends the run with its own exit code, and the directory says that it failed."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "btc_momentum.toml"


@pytest.mark.parametrize(
    ("bytes_max", "said"),
    [
        (10_000, "00000001.wal: OSError(27, 'File too large')"),  # the journal of this run has about 40 kB
        (200_000, "the run cannot be written: File too large"),  # the report has 5 MB
    ],
)
def test_no_room_for_the_journal_or_for_the_report(tmp_path: Path, bytes_max: int, said: str) -> None:
    done = subprocess.run(  # -B: the limit would also cut byte code that is written on the way
        [
            sys.executable,
            "-B",
            "-m",
            "veracity.app.cli",
            "backtest",
            "-c",
            EXAMPLE,
            "--run-dir",
            tmp_path,
            "-q",
        ],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6
    assert said in done.stderr
    (run,) = tmp_path.glob("backtest-*")
    assert (run / "FAILED").exists()
    assert not (run / "SEALED").exists()
    assert not (run / "summary.json").exists() or bytes_max > 10_000

"""The real calls, made to fail by the kernel's side: what the simulated disk says is what happens (F07, F08)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bench.journal import day, kills
from tests.kit.process import PATIENCE_S, SEARCHED

TRADER = "import sys; from pathlib import Path; from bench.journal import day; day.live(Path(sys.argv[1]))"
STRACE = shutil.which("strace")


def traced(place: Path, inject: str) -> subprocess.CompletedProcess[str]:
    """A day under strace, which makes one call fail."""
    assert STRACE is not None
    words = [STRACE, "-f", "-qq", "-o", str(place / "calls"), "-e", "trace=fsync,fdatasync,pwrite64"]
    words += ["-e", f"inject={inject}"]
    return subprocess.run(
        [*words, sys.executable, "-c", TRADER, str(place)],
        env={"PYTHONPATH": SEARCHED},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


@pytest.fixture(scope="module")
def tracer() -> None:
    """Skips with a reason where no process may be traced."""
    if STRACE is None:
        pytest.skip("strace is not installed: make setup-system")
    tried = subprocess.run(
        [STRACE, "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False, timeout=PATIENCE_S
    )
    if tried.returncode != 0:
        pytest.skip("this machine lets no process be traced")


@pytest.mark.usefixtures("tracer")
@pytest.mark.parametrize(
    ("inject", "words"),
    [
        ("fdatasync:error=EIO:when=2", "Input/output error"),
        ("pwrite64:error=ENOSPC:when=12", "No space left on device"),
        ("fsync:error=EIO:when=9", "Input/output error"),
    ],
)
def test_f07_f08_an_error_of_a_real_call_ends_the_day_and_costs_nothing_acknowledged(
    tmp_path: Path, inject: str, words: str
) -> None:
    done = traced(tmp_path, inject)
    assert done.returncode == 1
    assert "JournalDead" in done.stderr
    assert words in done.stderr
    lines = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    failed = next(number for number, line in enumerate(lines) if "(INJECTED)" in line)
    assert [line for line in lines[failed + 1 :] if "sync(" in line or "pwrite64(" in line] == []
    assert kills.look(tmp_path).faults.total() == 0
    day.live(tmp_path)
    assert kills.look(tmp_path).is_done

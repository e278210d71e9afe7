"""A process that crashed is started again, later each time and not for ever; one that ended by itself stays ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.kit.process import PATIENCE_S, SEARCHED

from veracity.app.supervisor import Again, Ended, GivenUp, Row, supervise
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.policies import SUPERVISION, Supervision

QUICK = Supervision(
    ("SIGKILL", "SIGSEGV"), (8, 9), base_ms=10, factor=2, cap_ms=50, settled_ms=1_000, restarts_max=4
)
LIVED = 5  # ms

# A life a line of the file `lives`: each process takes the first one, notes it, and ends as it says.
LIFE = """
read -r words < lives; sed -i 1d lives; echo "$words" >> lived
eval "$words"
"""


class Lives:
    """Processes that end one after the other as they are told."""

    def __init__(self, directory: Path, *lives: str) -> None:
        self.directory = directory
        self.again: list[Again] = []
        self.against: list[str] = []
        (directory / "lives").write_text("".join(f"{life}\n" for life in lives))

    def run(self, policy: Supervision = QUICK) -> Ended:
        return supervise(
            ["sh", "-c", f"cd {self.directory}\n{LIFE}"],
            row=Row(policy),
            stands_against=lambda: self.against.pop() if self.against else "",
            on_again=self._on_again,
        )

    def _on_again(self, again: Again) -> None:
        self.again.append(again)
        (self.directory / "again").touch()

    @property
    def lived(self) -> list[str]:
        return (self.directory / "lived").read_text().splitlines()


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 6, 7, 130, 141, 143])
def test_what_ended_by_itself_stays_ended(tmp_path: Path, code: int) -> None:
    lives = Lives(tmp_path, f"exit {code}", "exit 0")
    assert lives.run().code == code
    assert (lives.lived, lives.again) == ([f"exit {code}"], [])


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "QUIT"])
def test_a_signal_that_asks_a_process_to_end_is_no_crash(tmp_path: Path, name: str) -> None:
    lives = Lives(tmp_path, f"kill -{name} $$", "exit 0")
    ended = lives.run()
    assert (ended.how, ended.exit_code) == (f"SIG{name}", 128 + signal.Signals[f"SIG{name}"])
    assert lives.again == []


@pytest.mark.parametrize(
    ("life", "how"),
    [
        ("kill -KILL $$", "SIGKILL"),
        ("kill -SEGV $$", "SIGSEGV"),
        ("exit 8", "exit code 8"),
        ("exit 9", "exit code 9"),
    ],
)
def test_a_crash_and_a_venue_that_is_away_are_started_again(tmp_path: Path, life: str, how: str) -> None:
    lives = Lives(tmp_path, life, life, "exit 0")
    assert lives.run().code == 0
    assert lives.lived == [life, life, "exit 0"]
    assert [(one.ended.how, one.wait_ms, one.number) for one in lives.again] == [(how, 10, 1), (how, 20, 2)]


def test_each_wait_in_a_row_is_longer_up_to_the_longest_and_the_last_crash_is_told() -> None:
    row = Row(QUICK)
    waits = [row.after(Ended(-9, LIVED)) for _ in range(4)]
    assert [one.wait_ms for one in waits if one] == [10, 20, 40, 50]
    with pytest.raises(
        GivenUp, match="started again 4 times in a row, and ended once more: SIGKILL"
    ) as refusal:
        row.after(Ended(-9, LIVED))
    assert refusal.value.exit_code is ExitCode.HALTED


@pytest.mark.parametrize(("lived_ms", "number"), [(999, 3), (1_000, 1), (1_001, 1)])
def test_a_process_that_lived_long_begins_a_new_row(lived_ms: int, number: int) -> None:
    row = Row(QUICK)
    row.after(Ended(-9, LIVED))
    row.after(Ended(-9, LIVED))
    again = row.after(Ended(-9, lived_ms))
    assert again is not None
    assert (again.number, again.wait_ms) == (number, 10 * 2 ** (number - 1))


def test_what_crashes_for_ever_is_given_up(tmp_path: Path) -> None:
    lives = Lives(tmp_path, *["kill -KILL $$"] * 9)
    with pytest.raises(GivenUp):
        lives.run()
    assert len(lives.lived) == 5
    assert [one.wait_ms for one in lives.again] == [10, 20, 40, 50]


def test_a_kill_file_stands_against_a_start_and_is_told(tmp_path: Path) -> None:
    lives = Lives(tmp_path, "kill -KILL $$", "exit 0")
    lives.against = ["KILL exists"]
    with pytest.raises(
        OperatorFault, match="ended by SIGKILL, and is not started again: KILL exists"
    ) as refusal:
        lives.run()
    assert refusal.value.exit_code is ExitCode.HALTED
    assert (len(lives.lived), lives.again) == (1, [])


SUPERVISED = """
import sys
from pathlib import Path
from tests.app.test_supervisor import Lives, QUICK
lives = Lives(Path(sys.argv[1]), *sys.argv[3:])
sys.exit(lives.run(QUICK._replace(base_ms=int(sys.argv[2]), cap_ms=int(sys.argv[2]))).exit_code)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_ends_the_supervisor_ends_the_process_in_order_and_for_good(
    tmp_path: Path, number: signal.Signals
) -> None:
    trap = f"trap 'echo asked >> lived; exit 143' {number.name[3:]}; touch up; while :; do sleep 0.02; done"
    with supervisor(tmp_path, 10, trap, "exit 0") as process:
        seen(tmp_path / "up")
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE_S) == 143
    assert (tmp_path / "lived").read_text().splitlines() == [trap, "asked"]


def test_who_ends_the_supervisor_while_it_waits_gets_no_other_start(tmp_path: Path) -> None:
    with supervisor(tmp_path, 3_600_000, "kill -KILL $$", "exit 0") as process:
        seen(tmp_path / "again")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE_S) == 143
    assert (tmp_path / "lived").read_text() == "kill -KILL $$\n"


def supervisor(directory: Path, base_ms: int, *lives: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", SUPERVISED, str(directory), str(base_ms), *lives]
    return subprocess.Popen(words, env={"PYTHONPATH": SEARCHED, "PATH": os.defpath}, text=True)


def seen(path: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not path.exists():
        assert time.monotonic() < until, path
        time.sleep(0.02)


def test_the_policy_starts_nothing_again_that_was_refused_or_asked_to_end() -> None:
    assert set(SUPERVISION.exit_codes) == {ExitCode.VENUE, ExitCode.TIMEOUT}
    assert not {"SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"} & set(SUPERVISION.signals)
    assert "SIGKILL" in SUPERVISION.signals

"""A paper process that is spoken to, killed and started again obeys as one."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner
from tests.app.real_runs import FREE, TREND, environment, events_of, waves, write_config
from tests.kit.process import PATIENCE_S

from veracity.app.ask import is_alive
from veracity.app.cli.main import cli
from veracity.domain.events import ModeChanged, RunFinished
from veracity.forensics.run_directory import RunDirectory


def test_a_process_that_is_killed_while_halted_goes_on_halted_and_obeys(tmp_path: Path) -> None:
    text = TREND + "[strategies.risk]\ntrades_per_day = 7\n"
    config = write_config(tmp_path, text, FREE, closes=waves(20_000))
    runs = tmp_path / "runs"

    def veracity(*words: str) -> list[str]:
        return [sys.executable, "-m", "veracity.app.cli", "--json", "--run-dir", str(runs), *words]

    def begin() -> subprocess.Popen[str]:
        words = veracity("paper", "-c", str(config), "--pace", "200")
        child = subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True)
        until = time.monotonic() + PATIENCE_S
        while not any(is_alive(RunDirectory(root)) for root in runs.glob("paper-*")):
            assert time.monotonic() < until
            time.sleep(0.02)
        return child

    def says(*words: str) -> int:
        asked = ["--run-dir", str(runs), words[0], "latest", *words[1:], "--timeout", str(PATIENCE_S)]
        return CliRunner().invoke(cli, asked).exit_code

    first = begin()
    assert says("halt", "--reason", "lunch") == 0
    told = CliRunner().invoke(
        cli, ["--json", "--run-dir", str(runs), "status", "latest", "--timeout", str(PATIENCE_S)]
    )
    (limit,) = json.loads(told.stdout)["status"]["limits"]
    assert (limit["rule"], limit["limit"]) == ("trades_per_day", "7")
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=PATIENCE_S)
    second = begin()
    assert says("halt") == 7  # it is halted already
    assert says("resume", "--reason", "back") == 0
    assert says("stop") == 0
    out, _ = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 0, out
    (root,) = runs.glob("paper-*")
    events = events_of(root)
    assert [(one.mode_to.value, one.reason) for one in events if isinstance(one, ModeChanged)][1:] == [
        ("halted", "operator"),
        ("running", "operator"),
        ("stopped", "operator"),
    ]
    assert [event.reason for event in events if isinstance(event, RunFinished)] == ["operator"]
    assert RunDirectory(root).end_state() == "sealed"
    assert "control/" not in (root / "SEALED").read_text(encoding="utf-8")

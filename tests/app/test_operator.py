"""An operator speaks to a running process by the command line; the process hears, journals and answers."""

import os
import pwd
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from tests.app.real_runs import HOLD, run, write_config
from tests.kit.backtest import plan_for
from tests.kit.doubles import RecordingJournal
from tests.kit.market import BTC, bars_of
from tests.kit.players import puppet
from tests.kit.process import PATIENCE_S
from tests.kit.says import halt
from tests.kit.schemas import refuse_undescribed
from tests.kit.script import Script

from veracity.app.ask import is_alive
from veracity.app.cli.main import cli
from veracity.app.control import ANSWER, REQUEST, TAKEN, Answer, Control
from veracity.app.world import World
from veracity.domain.events import (
    BarClosed,
    CommandReceived,
    CommandRefused,
    Event,
    ModeChanged,
    OrderSubmitted,
)
from veracity.domain.machines import Mode
from veracity.engine.commands import Given
from veracity.forensics.run_directory import RunDirectory
from veracity.runtime.kill_watch import KillWatch
from veracity.runtime.simulation import Beside, play
from veracity.state.model import EngineState

RESTLESS = tuple(1_000 * (bar % 2) for bar in range(40_000))
"""In and out, bar by bar: whether it may open shows at once. So many bars that no operator is too slow for them."""
ASKING = ("status", "halt", "resume", "close-only", "safe", "cancel-all", "close-all", "stop")


class Desk:
    """A run that trades in this thread, and an operator in another one who uses the command line."""

    def __init__(self, folder: Path) -> None:
        self.run = RunDirectory(folder / "paper-1")
        self.run.wal.mkdir(parents=True)
        self.journal = RecordingJournal()
        self.dead = False

    def play(self, operator: Callable[["Desk"], Any], pace: float = 2_000) -> Any:
        """Trade until the operator stops it or the data ends; answers what the operator brings back."""
        plan = plan_for({BTC: bars_of([100_00] * len(RESTLESS))}, [puppet("a", RESTLESS, BTC)])
        with closing(Control(self.run, self.run.kill_file)) as control, ThreadPoolExecutor(1) as threads:
            future = threads.submit(operator, self)
            world = World(control, KillWatch(self.run.kill_file), pace)
            loop = play(plan, self.journal, list(self.journal.records), Beside(self._mortal(world)))
            found = future.result(PATIENCE_S)
        assert self.dead or loop.state.mode is Mode.STOPPED, "its data ended before the operator did"
        self.dead = False
        return found

    def _mortal(self, world: World) -> World:
        """The world, in which the run's process can die."""
        world.is_over = lambda: self.dead  # type: ignore[method-assign]
        return world

    def says(self, *words: str) -> Result:
        """`veracity WORDS` on the run: a document that is what its schema says, whatever became of it."""
        verb, *rest = words
        if verb in ASKING and "--timeout" not in rest:
            rest += ["--timeout", str(PATIENCE_S)]
        said = ["--json", "--run-dir", str(self.run.root.parent), verb, self.run.root.name, *rest]
        done = CliRunner().invoke(cli, said)
        refuse_undescribed(msgspec.json.decode(done.stdout))
        return done

    def stops(self) -> None:
        """End the run."""
        assert self.says("stop", "--reason", "enough").exit_code == 0

    def dies(self) -> None:
        """As SIGKILL does it to a process: nothing more is journaled."""
        self.dead = True

    def status(self) -> dict[str, Any]:
        """What `veracity status` says."""
        said = self.says("status")
        assert said.exit_code == 0, said.output
        return dict(msgspec.json.decode(said.stdout))

    def waits(self, mode: str) -> dict[str, Any]:
        """The first status in `mode`."""
        until = time.monotonic() + PATIENCE_S
        while (status := self.status())["mode"] != mode:
            assert time.monotonic() < until, status
        return status

    def waits_for_bars(self, count: int) -> None:
        """Until so many bars more are known."""
        wanted, until = bars(self.journal.events) + count, time.monotonic() + PATIENCE_S
        while bars(self.journal.events) < wanted:
            assert time.monotonic() < until
            time.sleep(0.005)


def bars(events: list[Event]) -> int:
    return sum(isinstance(event, BarClosed) for event in events)


def changes(events: list[Event]) -> list[ModeChanged]:
    return [event for event in events if isinstance(event, ModeChanged)]


def opened(events: list[Event]) -> int:
    return sum(isinstance(event, OrderSubmitted) and event.purpose == "open" for event in events)


@pytest.mark.ticket("T-278")
def test_a_kill_file_that_is_gone_resumes_nothing_and_a_resume_with_a_reason_does(tmp_path: Path) -> None:
    def operator(desk: Desk) -> tuple[int, int, int]:
        desk.says("kill")
        desk.waits("halted")
        early = desk.says("resume", "--reason", "too early").exit_code
        desk.run.kill_file.unlink()
        desk.waits_for_bars(101)
        assert desk.status()["mode"] == "halted"
        silent = desk.says("resume").exit_code  # without a reason
        late = desk.says("resume", "--reason", "disk replaced").exit_code
        desk.waits_for_bars(4)
        desk.stops()
        return early, silent, late

    desk = Desk(tmp_path)
    assert desk.play(operator) == (7, 2, 0)
    events = desk.journal.events
    _, halted, resumed, stopped = changes(events)
    assert (halted.mode_to, halted.reason) == ("halted", "kill_file")
    assert (resumed.mode_to, resumed.reason) == ("running", "operator")
    assert (stopped.mode_to, stopped.reason) == ("stopped", "operator")
    assert resumed.detail == f"{pwd.getpwuid(os.geteuid()).pw_name}: disk replaced"
    between = [event for event in events if halted.seq < event.seq < resumed.seq]
    assert (bars(between) > 100, opened(between)) == (True, 0)
    (refused,) = [event for event in between if isinstance(event, CommandRefused)]
    assert (refused.command, refused.reason) == ("resume_requested", "cause_open")
    assert opened([event for event in events if event.seq > resumed.seq]) > 0


@pytest.mark.ticket("T-278")
def test_a_restart_forgets_neither_the_halt_nor_that_the_file_is_there(tmp_path: Path) -> None:
    def first(desk: Desk) -> None:
        desk.waits_for_bars(10)
        desk.says("kill")
        desk.waits("halted")
        desk.dies()

    def second(desk: Desk) -> tuple[int, int]:
        early = desk.says("resume", "--reason", "too early").exit_code
        assert desk.status()["mode"] == "halted"
        desk.run.kill_file.unlink()
        late = desk.says("resume", "--reason", "checked").exit_code
        desk.waits_for_bars(4)
        desk.stops()
        return early, late

    desk = Desk(tmp_path)
    desk.play(first)
    assert [one.reason for one in changes(desk.journal.events)] == ["run_started", "kill_file"]
    before = len(desk.journal.events)
    assert desk.play(second) == (7, 0)
    after = desk.journal.events[before:]
    assert [one.mode_to for one in changes(after)] == ["running", "stopped"]
    assert opened([event for event in after if event.seq < changes(after)[0].seq]) == 0


def test_every_command_is_journaled_with_its_words_before_what_it_leads_to(tmp_path: Path) -> None:
    def operator(desk: Desk) -> list[int]:
        verbs = ["close-only", "safe", "halt", "cancel-all", "close-all"]
        codes = [desk.says(verb, "--reason", f"try {verb}").exit_code for verb in verbs]
        about = ["--symbol", BTC, "--trade-id", "7", "--reason", "not ours"]
        codes.append(desk.says("discard-fill", *about).exit_code)
        codes.append(desk.says("adopt-fill", *about, "--strategy", "a").exit_code)
        desk.stops()
        return codes

    desk = Desk(tmp_path)
    assert desk.play(operator) == [0, 0, 0, 0, 0, 7, 7]
    events = desk.journal.events
    came = [(at, event) for at, event in enumerate(events) if isinstance(event, CommandReceived)]
    assert [event.command.removesuffix("_requested") for _, event in came] == [
        "close_only", "safe_mode", "halt", "cancel_all", "close_all", "discard_fill", "adopt_fill", "stop",
    ]  # fmt: skip
    assert [event.detail.partition(": ")[2] for _, event in came][:2] == ["try close-only", "try safe"]
    assert [one.mode_to.value for one in changes(events)[1:]] == ["close_only", "safe", "halted", "stopped"]
    assert all(isinstance(events[at + 1], CommandRefused) for at, event in came if "fill" in event.command)
    assert len({event.command_id for _, event in came}) == len(came)
    assert not [path.name for path in desk.run.control.iterdir() if path.suffix in (REQUEST, TAKEN, ANSWER)]


def test_status_can_be_watched_until_nobody_answers(tmp_path: Path) -> None:
    """In a process of its own, as it is used: it says what changes, and ends when the run does."""
    desk = Desk(tmp_path)
    words = ["--run-dir", str(tmp_path), "status", desk.run.root.name, "--watch", "0.02"]

    def operator(desk: Desk) -> "subprocess.Popen[str]":
        watcher = subprocess.Popen(
            [sys.executable, "-m", "veracity.app.cli", *words], stdout=subprocess.PIPE, text=True
        )
        assert watcher.stdout is not None
        assert watcher.stdout.readline().startswith("mode        running")
        desk.says("halt")
        while not (line := watcher.stdout.readline()).startswith("mode        halted"):
            assert line
        desk.stops()
        return watcher

    with desk.play(operator, pace=200) as watcher:
        said, _ = watcher.communicate(timeout=PATIENCE_S)
    assert watcher.returncode == 0
    assert said.splitlines()[-1].startswith("ended       how: ")


def test_a_script_does_not_watch(tmp_path: Path) -> None:
    assert Desk(tmp_path).says("status", "--watch", "1").exit_code == 2


# ---------------------------------------------------------------- what may go wrong


def test_to_a_run_without_a_process_nothing_is_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    said = desk.says("halt")
    assert said.exit_code == 2
    assert "no process runs this" in said.output
    assert not desk.run.control.exists()


def test_a_run_that_has_ended_is_not_spoken_to(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (desk.run.root / "SEALED").touch()
    said = desk.says("status")
    assert said.exit_code == 2
    assert "the run has ended: it is sealed" in said.output
    assert "veracity run show" in said.output


def test_a_run_that_has_ended_gets_no_kill_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run.seal(success=True)
    assert desk.says("kill").exit_code == 2
    assert not desk.run.kill_file.exists()


def test_a_backtest_is_not_spoken_to_and_gets_no_kill_file(tmp_path: Path) -> None:
    """One that crashed: everything is there but the end marker."""
    run_dir = run(write_config(tmp_path, HOLD), tmp_path / "runs").run_dir
    (run_dir / "SEALED").unlink()
    for verb in (("status",), ("halt",), ("kill",)):
        said = CliRunner().invoke(cli, ["--run-dir", str(tmp_path / "runs"), *verb, run_dir.name])
        assert said.exit_code == 2
        assert "a backtest is not spoken to" in said.output
    assert not RunDirectory(run_dir).kill_file.exists()


def test_a_request_that_nobody_takes_is_withdrawn(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with closing(Control(desk.run, desk.run.kill_file)) as control:
        said = desk.says("halt", "--timeout", "0.1")
        assert said.exit_code == 9
        assert "it was withdrawn: nothing was done" in said.output
        assert list(control.taken()) == []


def test_a_process_that_dies_while_somebody_waits_leaves_the_request_withdrawn(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    control = Control(desk.run, desk.run.kill_file)
    with ThreadPoolExecutor(1) as threads:
        said = threads.submit(desk.says, "halt", "--timeout", "20")
        while not list(desk.run.control.glob(f"*{REQUEST}")):
            time.sleep(0.005)
        control.close()
        assert said.result(PATIENCE_S).exit_code == 9
    with closing(Control(desk.run, desk.run.kill_file)) as control:
        assert list(control.taken()) == []


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"{", "Input data was truncated"),
        (b'{"command": "status", "uid": 0}', "Object contains unknown field `uid`"),
        (b'{"command": "status", "why": "' + b"x" * 5_000 + b'"}', "Input data was truncated"),
        (b'{"command": "fly"}', "no such command: fly"),
        (b'{"command": "adopt_fill_requested"}', "no such command: adopt_fill_requested needs"),
    ],
)
def test_what_nobody_understands_is_answered_and_leads_to_nothing(
    tmp_path: Path, content: bytes, detail: str
) -> None:
    desk = Desk(tmp_path)
    with closing(Control(desk.run, desk.run.kill_file)) as control:
        world = World(control, KillWatch(desk.run.kill_file))
        (desk.run.control / f"odd{REQUEST}").write_bytes(content)
        assert list(world.inputs(EngineState())) == []
    answer = msgspec.json.decode((desk.run.control / f"odd{ANSWER}").read_bytes(), type=Answer)
    assert (answer.outcome, answer.reason) == ("refused", "not_understood")
    assert answer.detail.startswith(detail)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write in the name of somebody else")
def test_what_was_left_for_the_process_before_is_gone_when_somebody_is_seen_to_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sees a listener and asks must not have asked the dead one."""
    desk = Desk(tmp_path)
    Control(desk.run, desk.run.kill_file).close()
    (desk.run.control / f"old{REQUEST}").touch()
    seen, unlink = [], Path.unlink

    def watched(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == REQUEST:
            seen.append(is_alive(desk.run))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    with closing(Control(desk.run, desk.run.kill_file)) as control:
        assert is_alive(desk.run)
        assert list(control.taken()) == []
    assert seen == [False]


def test_a_stranger_commands_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with closing(Control(desk.run, desk.run.kill_file)) as control:
        path = desk.run.control / f"odd{REQUEST}"
        path.write_bytes(b'{"command": "halt_requested"}')
        os.chown(path, 12_345, -1)
        assert list(control.taken()) == []
    assert b"written by uid 12345, who may not command here" in path.with_suffix(ANSWER).read_bytes()
    assert desk.run.control.stat().st_mode & 0o777 == 0o700


def test_what_a_dead_process_had_taken_is_answered_by_its_journal_or_was_not_obeyed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with closing(Control(desk.run, desk.run.kill_file)) as control:
        for name in ("heard", "lost"):
            (desk.run.control / f"{name}{TAKEN}").write_bytes(b"{}")
        script = Script().hears(Given("heard", halt("in time"))).hears(Given("other", halt()))
        World(control, KillWatch(desk.run.kill_file)).settle(script.state, iter(script.journal.events))
        assert control.left() == []
    heard, lost = (
        msgspec.json.decode((desk.run.control / f"{name}{ANSWER}").read_bytes(), type=Answer)
        for name in ("heard", "lost")
    )
    assert (heard.outcome, heard.command, heard.events) == ("obeyed", "halt_requested", ("mode_changed",))
    assert (lost.outcome, lost.reason) == ("refused", "lost")

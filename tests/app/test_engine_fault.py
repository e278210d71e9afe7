"""A bug that is met in mid-run ends the run there: what came before is durable, nothing after it is written."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.app.real_runs import FREE, TREND, events_of, run, waves, write_config
from tests.forensics.log_schema import faults

from veracity.app.cli.main import cli
from veracity.domain.errors import EngineFault
from veracity.domain.events import FillReported, OrderSubmitted
from veracity.engine.core import Engine, Input
from veracity.engine.draft import Step
from veracity.forensics.run_directory import RunDirectory
from veracity.state.model import EngineState

STILL_FOR_A_WHILE = [*waves(60)[:10], *[waves(60)[10]] * 9, *waves(60)[10:]]
"""At its first top the price stands still for so long that the second decision is that of seq 31."""


@pytest.mark.ticket("T-119")
def test_a_fault_in_step_leaves_what_came_before_durable_and_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = Engine.act

    def broken(engine: Engine, state: EngineState, *asked: object) -> Step:
        if state.seq == 30:
            raise EngineFault("broken at seq 31")
        return healthy(engine, state, *asked)  # type: ignore[arg-type]

    config = write_config(tmp_path, TREND, closes=STILL_FOR_A_WHILE)
    with monkeypatch.context() as patched:
        patched.setattr(Engine, "act", broken)
        runs = str(tmp_path / "runs")
        done = CliRunner().invoke(cli, ["backtest", "-c", str(config), "--run-dir", runs, "-q"])
    assert done.exit_code == 1
    assert "error: broken at seq 31" in done.stderr
    (run_dir,) = (tmp_path / "runs").glob("backtest-*")
    assert (run_dir / "FAILED").exists()
    whole = events_of(run(config, tmp_path / "healthy").run_dir)
    assert any(event.seq == 31 for event in whole)
    assert events_of(run_dir) == [event for event in whole if event.seq <= 30]


FILLED_AT = 500  # seq from which on the report of a fill meets the fault
PASSING_500 = waves(400)


class TornBook(EngineFault):
    """A fault of its own class."""


def break_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the engine meets a fault in the first fill that it hears of from seq 500 on."""
    healthy = Engine.step

    def broken(engine: Engine, state: EngineState, received: Input) -> Step:
        if isinstance(received, FillReported) and state.seq >= FILLED_AT:
            raise TornBook(f"broken at seq {state.seq + 1} by {received.order_id}")
        return healthy(engine, state, received)

    monkeypatch.setattr(Engine, "step", broken)


def failed(mode: str, config: Path, runs: Path) -> tuple[Path, str]:
    """A run that ends with exit code 1: its directory, and what was said."""
    done = CliRunner().invoke(cli, [mode, "-c", str(config), "--run-dir", str(runs), "-q"])
    assert done.exit_code == 1
    (root,) = runs.glob(f"{mode}-*")
    return root, done.stderr


def lines_of(root: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (root / "events.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.ticket("T-087")
@pytest.mark.parametrize("mode", ["backtest", "paper"])
def test_a_fault_leaves_the_log_up_to_it_one_fatal_line_the_stack_trace_and_failed(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(tmp_path, TREND, FREE, closes=PASSING_500)
    whole = lines_of(run(config, tmp_path / "healthy").run_dir)
    break_fills(monkeypatch)
    root, said = failed(mode, config, tmp_path / "runs")
    *before, fatal = lines_of(root)
    events = events_of(root)
    assert events[-1].seq >= FILLED_AT
    assert before == [line for line in whole if line["seq"] <= events[-1].seq]  # type: ignore[operator]
    order_id = said.partition(" by ")[2].split()[0]
    (decision,) = [
        event.intent_id
        for event in events
        if isinstance(event, OrderSubmitted) and event.order_id == order_id
    ]
    assert {name: fatal[name] for name in ("kind", "level", "fault", "message", "corr_id", "seq", "sub")} == {
        "kind": "run_failed",
        "level": "FATAL",
        "fault": "TornBook",
        "message": f"broken at seq {events[-1].seq + 1} by {order_id}",
        "corr_id": decision,
        "seq": events[-1].seq,
        "sub": 1,
    }
    assert faults(fatal) == []
    trace = (root / "traceback.txt").read_text(encoding="utf-8")
    assert trace.startswith("Traceback (most recent call last):\n")
    assert "in broken" in trace
    assert f"TornBook: broken at seq {events[-1].seq + 1}" in trace
    assert RunDirectory(root).end_state() == "failed"
    marked = (root / "FAILED").read_text(encoding="utf-8")
    for name in ("events.jsonl", "traceback.txt"):
        assert f"{hashlib.sha256((root / name).read_bytes()).hexdigest()}  {name}\n" in marked


@pytest.mark.ticket("T-087")
@pytest.mark.parametrize(
    ("place", "note"),
    [
        (
            "veracity.forensics.event_log.EventLog.emit",
            "and the event log has no FATAL line: the disk is full",
        ),
        (
            "veracity.app.failure.write_new",
            "and there is no stack trace in the run directory: the disk is full",
        ),
        (
            "veracity.forensics.run_directory.write_new",
            "and the directory has no end marker: the disk is full",
        ),
    ],
)
def test_an_error_while_the_fault_is_written_down_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, note: str
) -> None:
    def full(*_: object) -> None:
        raise OSError("the disk is full")

    config = write_config(tmp_path, TREND, FREE, closes=PASSING_500)
    break_fills(monkeypatch)
    monkeypatch.setattr(place, full)
    with pytest.raises(TornBook) as met:
        run(config, tmp_path / "runs")
    assert met.value.__notes__ == [note]
    (root,) = (tmp_path / "runs").glob("backtest-*")
    written = {path.name for path in root.iterdir()} & {"events.jsonl", "traceback.txt", "FAILED"}
    assert len(written) == 2  # the other two are there, and no half of the third


def test_a_fault_of_no_decision_makes_no_correlation_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Step:
        raise EngineFault("broken")

    config = write_config(tmp_path, TREND)
    monkeypatch.setattr(Engine, "act", broken)
    root, _ = failed("backtest", config, tmp_path / "runs")
    fatal = lines_of(root)[-1]
    assert (fatal["fault"], "corr_id" in fatal, faults(fatal)) == ("EngineFault", False, [])

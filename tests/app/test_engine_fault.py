"""A bug that is met in mid-run ends the run there: what came before is durable, nothing after it is written."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.app.real_runs import TREND, events_of, run, write_config

from veracity.app.cli.main import cli
from veracity.domain.errors import EngineFault
from veracity.engine.core import Engine
from veracity.engine.draft import Step
from veracity.state.model import EngineState


@pytest.mark.ticket("T-119")
def test_a_fault_in_step_leaves_what_came_before_durable_and_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = Engine.act

    def broken(engine: Engine, state: EngineState, *asked: object) -> Step:
        if state.seq >= 31:
            raise EngineFault(f"broken at seq {state.seq + 1}")
        return healthy(engine, state, *asked)  # type: ignore[arg-type]

    config = write_config(tmp_path, TREND)
    with monkeypatch.context() as patched:
        patched.setattr(Engine, "act", broken)
        runs = str(tmp_path / "runs")
        done = CliRunner().invoke(cli, ["backtest", "-c", str(config), "--run-dir", runs, "-q"])
    assert done.exit_code == 1
    assert "error: broken at seq " in done.stderr
    (run_dir,) = (tmp_path / "runs").glob("backtest-*")
    assert (run_dir / "FAILED").exists()
    broken_at = int(done.stderr.partition("broken at seq ")[2].split()[0])
    assert broken_at > 31
    whole = events_of(run(config, tmp_path / "healthy").run_dir)
    assert events_of(run_dir) == [event for event in whole if event.seq < broken_at]

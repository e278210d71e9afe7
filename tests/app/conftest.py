"""Runs that many tests look at. Every shipped example is run once a session, the first time that a test asks for it."""

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.app.real_runs import CHECKOUT, HOLD, TREND, run, write_config

from veracity.app.backtest import RunOutcome


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], RunOutcome]:
    """The run of examples/<name>.toml as it is shipped."""
    runs_dir = tmp_path_factory.mktemp("examples")

    @functools.cache
    def ran(name: str) -> RunOutcome:
        return run(CHECKOUT / "examples" / f"{name}.toml", runs_dir)

    return ran


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> RunOutcome:
    """A run of two strategies that trade on 120 bars."""
    folder = tmp_path_factory.mktemp("small")
    return run(write_config(folder, TREND, HOLD), folder / "runs")


@pytest.fixture
def copy(small: RunOutcome, tmp_path: Path) -> Path:
    """A copy of the small run to be damaged, with its own copy of the data: bars.parquet beside it."""
    run_dir, data = tmp_path / "run", small.run_dir.parent.parent / "bars.parquet"
    shutil.copytree(small.run_dir, run_dir)
    shutil.copy(data, tmp_path / "bars.parquet")
    config = run_dir / "config.resolved.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace(str(data), str(tmp_path / "bars.parquet")), encoding="utf-8")
    return run_dir

"""`veracity report RUN` on a small run (docs/cli.md)."""

import json
from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config

from veracity.app.config_overrides import apply_overrides
from veracity.app.config_text import read_file
from veracity.app.sweep_run import start
from veracity.forensics.run_directory import RunDirectory
from veracity.research.sweep import SweepPlan
from veracity.research.sweep_axes import Axis

GRID = ("--grid", "fast=5,10", "--train", 60, "--test", 30, "-q")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A config with a run, a walk-forward and a stress evaluation."""
    folder = tmp_path_factory.mktemp("report")
    config, runs = write_config(folder), folder / "runs"
    assert veracity("backtest", "-c", config, "--run-dir", runs, "-q").code == 0
    return config, runs


def score(runs: Path) -> dict[str, int | None]:
    said = veracity("report", "latest", "--cuts", 5, "--run-dir", runs, "--json")
    assert said.code == 0, said.err
    return {one["name"]: one["value"] for one in said.document["reality"]["components"]}


def test_evaluations_of_the_config_are_found_and_the_sealed_run_stays_as_it_is(
    runs: tuple[Path, Path],
) -> None:
    config, folder = runs
    run = (folder / "latest").resolve()
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert score(folder)["out_of_sample"] is None
    veracity("walkforward", "-c", config, *GRID, "--run-dir", folder)
    veracity("stress", "-c", config, "-q", "--run-dir", folder)
    found = score(folder)
    assert found["out_of_sample"] is not None
    assert found["stress_survival"] is not None
    assert found["no_lookahead"] == 10**9
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    page = (folder / "reports" / run.name / "index.html").read_text(encoding="utf-8")
    assert 'id="folds"' in page


def test_the_youngest_finished_sweep_of_the_config_is_drawn_and_no_other(
    runs: tuple[Path, Path],
) -> None:
    config, folder = runs
    run = (folder / "latest").resolve()

    def page() -> str:
        assert veracity("report", "latest", "--cuts", 0, "--run-dir", folder, "-q").code == 0
        return (folder / "reports" / run.name / "index.html").read_text(encoding="utf-8")

    other = swept(config, folder, 1, ["run.seed=2"])
    swept(config, folder, 2, [], finished=False)
    assert other.exists()
    assert 'id="sweep"' not in page()
    older, newer = (swept(config, folder, clock, []) for clock in (3, 4))
    assert older.name != newer.name
    assert newer.name in page()
    assert "trial 0, the best of the sweep: " in page()
    assert older.name not in page()


def swept(config: Path, folder: Path, clock: int, overrides: list[str], *, finished: bool = True) -> Path:
    """A sweep of one trial, as `veracity sweep run` leaves it; who runs its trials is not the question here."""
    document = read_file(config)
    apply_overrides(document, overrides)
    (axis,) = (Axis("strategies.sma.params.fast", ("5",)),)
    plan = SweepPlan("grid", (axis,), 0, 1)
    made = start(document, plan, runs_dir=folder, clock=lambda: clock * 10**18)
    row = {"trial": 0, "seed": 1, "params": {axis.key: "5"}, "status": "ok", "error": None}
    metrics = {"final_equity": 103, "net": 3, "fees": 0, "fills": 2, "trades": 1}
    row |= {"metrics": metrics, "equity": [101, 99, 104, 103]}
    made.trials.write_text(json.dumps(row) + "\n")
    if finished:
        RunDirectory(made.root).seal(success=True)
    return made.root


def test_the_runs_own_page_shows_what_the_run_alone_proves(runs: tuple[Path, Path]) -> None:
    run = (runs[1] / "latest").resolve()
    reality = json.loads((run / "results" / "reality.json").read_bytes())
    unknown = [one["name"] for one in reality["components"] if one["value"] is None]
    assert unknown == ["no_lookahead", "out_of_sample", "stress_survival"]
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert all(f'id="{part}"' in page for part in ("regimes", "hours", "statistics", "reality"))


def test_the_summary_is_printed_as_it_is(runs: tuple[Path, Path]) -> None:
    run = (runs[1] / "latest").resolve()
    said = veracity("report", "latest", "--format", "md", "--run-dir", runs[1])
    assert said.out == (run / "summary.md").read_text(encoding="utf-8")

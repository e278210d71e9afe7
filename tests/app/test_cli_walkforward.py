"""`veracity walkforward` on a small market (docs/cli.md)."""

from pathlib import Path

import numpy as np
import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config

from veracity.app.config_text import read_file
from veracity.app.trial_run import Pool, Trials
from veracity.domain.errors import OperatorFault
from veracity.domain.summary_models import StrategyReportFile, WalkForwardFile
from veracity.research.walk_forward import Task

WORDS = ("--grid", "fast=5,10,30", "--grid", "slow=20", "--train", 60, "--test", "30m", "--embargo", 2)


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Trials:
    return Trials(read_file(write_config(tmp_path_factory.mktemp("market"))), "0" * 64)


def test_the_command_keeps_what_it_found_and_says_it(tmp_path: Path) -> None:
    said = veracity(
        "walkforward", "-c", write_config(tmp_path), *WORDS, "--run-dir", tmp_path / "runs", "--json"
    )
    assert said.code == 0
    kept = Path(said.document["directory"])
    file = WalkForwardFile.model_validate_json((kept / "walkforward.json").read_bytes())
    assert [(fold.test_begin, fold.test_end) for fold in file.folds] == [
        (62 + 30 * n, 92 + 30 * n) for n in range(5)
    ]
    assert file.grid[0].key == "strategies.sma.params.fast"
    assert file.statistics.trials == 3  # fast=30 is refused, and was tried
    report = StrategyReportFile.model_validate_json((kept / "strategy_report.json").read_bytes())
    assert said.document["strategy_report"] == report.model_dump(mode="json", by_alias=True)
    cells = [cell for cell in report.by_regime if cell.fold is not None]
    assert sum(cell.pnl.units for cell in cells) == file.joined.net.units
    assert sum(cell.trades for cell in cells) == sum(fold.trades for fold in file.folds) > 0
    assert (kept / "SEALED").exists()


def test_a_second_evaluation_on_the_same_data_knows_of_the_trials_of_the_first(tmp_path: Path) -> None:
    """Three trials, one of them refused, and three more: six. Everything but that count is repeated byte by byte."""
    config = write_config(tmp_path)
    found = []
    for _ in range(2):
        said = veracity("walkforward", "-c", config, *WORDS, "--run-dir", tmp_path / "runs", "-q", "--json")
        found.append(said.document["walkforward"])
    assert [one["statistics"]["trials"] for one in found] == [3, 6]
    assert found[0]["folds"] == found[1]["folds"]


@pytest.mark.ticket("T-234")
def test_too_few_bars_exit_4_and_leave_nothing(tmp_path: Path) -> None:
    said = veracity(
        "walkforward",
        "-c",
        write_config(tmp_path),
        "--train",
        200,
        "--test",
        39,
        "--embargo",
        2,
        "--run-dir",
        tmp_path / "runs",
    )
    assert said.code == 4
    assert "240 bars are too few for one fold" in said.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--grid", "fast"), "KEY=VALUE"),
        (("--train", "1x"), "'1x' is no length"),
        (("--test", "30s"), "fewer than 1 bars"),
        (("--cpcv", "2,2"), "below GROUPS"),
    ],
)
def test_what_cannot_be_read_exits_2_with_what_to_write(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    said = veracity("walkforward", "-c", write_config(tmp_path), *words)
    assert said.code == 2
    assert told in said.err


def test_all_that_is_mistyped_in_a_grid_is_told_at_once_before_a_bar_is_read(tmp_path: Path) -> None:
    """The data are not even data: whoever reads them first ends with exit code 4."""
    config = write_config(tmp_path)
    (tmp_path / "BTCUSDT_1m.parquet").write_bytes(b"no bars at all")
    grid = (
        "--grid",
        "fsat=3,5",
        "--grid",
        "slow=20,2O",
        "--grid",
        "cost.latency_submit=0",
        "--grid",
        "slow=30",
    )
    said = veracity("walkforward", "-c", config, *grid, "--run-dir", tmp_path / "runs", "--json")
    assert said.code == 3
    assert [(one["where"], one["what"]) for one in said.document["errors"]] == [
        ("--grid strategies.sma.params.fsat=3,5", "strategies[0].params.fsat: unknown key"),
        ("--grid strategies.sma.params.slow=20,2O", "strategies[0].params.slow: must be a whole number"),
        ("--grid cost.latency_submit=0", "cost: unknown key"),
        ("--grid strategies.sma.params.slow=30", "strategies.sma.params.slow: used twice"),
    ]
    assert not (tmp_path / "runs").exists()


def test_a_grid_of_which_only_the_relation_of_two_keys_is_wrong_is_refused_whole(tmp_path: Path) -> None:
    words = ("--grid", "fast=20,30", "--grid", "slow=10,20", "--run-dir", tmp_path / "runs")
    said = veracity("walkforward", "-c", write_config(tmp_path), *words)
    assert said.code == 3
    assert "params.fast: must be below slow" in said.err
    assert not (tmp_path / "runs").exists()


def test_a_primed_trial_decides_on_its_first_bar_and_a_cold_one_after_its_warm_up(trials: Trials) -> None:
    """Slow is 20: the tape rises from bar 0, so a primed trial holds from the second bar of its window on."""
    primed = trials(Task((), 25, 40, True))
    cold = trials(Task((), 25, 40, False))
    assert len(primed.equity) == len(cold.equity) == 15
    assert primed.trades == 1
    assert int(np.flatnonzero(np.diff(primed.equity))[0]) == 0
    assert cold.trades == 0


def test_a_trial_sees_no_bar_behind_its_window(trials: Trials) -> None:
    """What the first 40 bars of a longer run were worth is what the run that ends there was worth, but for its exit."""
    longer, shorter = trials(Task((), 0, 100, False)), trials(Task((), 0, 40, False))
    assert longer.equity[:39].tolist() == shorter.equity[:39].tolist()


def test_trials_travel_without_their_data(trials: Trials) -> None:
    trials.dataset()
    assert trials.__getstate__()["_dataset"] is None


def test_a_config_with_two_strategies_is_not_evaluated_at_once(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    text = config.read_text(encoding="utf-8")
    second = text[text.index("[[strategies]]") : text.index("[report]")].replace('"sma"', '"two"')
    config.write_text(text.replace("[report]", f"{second}[report]"), encoding="utf-8")
    with pytest.raises(OperatorFault, match="one strategy, this one has 2"):
        Trials(read_file(config), "0" * 64)(Task((), 0, 50, False))


def test_a_pool_tells_how_much_is_done_as_one_process_does() -> None:
    heard: list[int] = []
    with Pool(2, heard.append) as pool:
        assert list(pool.map(abs, [-1, -2, -3])) == [1, 2, 3]
    assert heard == [1, 2, 3]

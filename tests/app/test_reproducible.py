"""What the same config, data, code and seed give again: the same journal, to the byte, wherever and whenever it runs."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import (
    CHECKOUT,
    EXAMPLES,
    MORNING,
    TREND,
    command,
    config_text,
    document,
    environment,
    events_of,
    finished,
    journal_sums,
    run,
    waves,
    write_config,
    write_market,
)

from veracity.app.backtest import RunOutcome
from veracity.app.wal.fold import CODE_CHANGED
from veracity.domain.amounts import RATE_ONE
from veracity.simulator.costs import CostModel

Example = Callable[[str], RunOutcome]
YEAR = 365 * 86_400 * 10**9


# ---------------------------------------------------------------- two processes


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The momentum example, run by two processes in two directories, with two orders of hashed text."""
    started = []
    for seed in ("0", "1"):
        folder = tmp_path_factory.mktemp(f"hash_seed_{seed}")
        shutil.copytree(CHECKOUT / "examples", folder / "examples")
        (folder / "data").symlink_to(CHECKOUT / "data")
        words = command(
            "backtest", "-c", "examples/btc_momentum.toml", "--run-dir", f"runs{seed}", "--json", "-q"
        )
        started.append(
            (
                folder,
                subprocess.Popen(
                    words,
                    cwd=folder,
                    env=environment(PYTHONHASHSEED=seed),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                ),
            )
        )
    return [folder / finished(process)["run_dir"] for folder, process in started]


def test_two_processes_with_other_hash_seeds_end_in_one_state(processes: list[Path]) -> None:
    hashes = [document(run_dir / "summary.json")["state_hash"] for run_dir in processes]
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 64
    assert processes[0].parent != processes[1].parent


def test_two_processes_write_the_same_journal_bytes(processes: list[Path]) -> None:
    sums = [journal_sums(run_dir) for run_dir in processes]
    assert sums[0] == sums[1]
    assert sums[0].keys() == {"00000001.wal"}
    assert len({document(run_dir / "manifest.json")["run_id"] for run_dir in processes}) == 1


@pytest.mark.parametrize("table", ["trades", "fills", "equity"])
def test_two_processes_write_the_same_tables(processes: list[Path], table: str) -> None:
    first, second = (pq.read_table(run_dir / "results" / f"{table}.parquet") for run_dir in processes)
    assert first.equals(second)
    assert first.num_rows > 5


# ---------------------------------------------------------------- two times, two directories


@pytest.mark.ticket("T-246")
def test_a_small_run_elsewhere_and_a_year_later_has_the_same_journal(
    small: RunOutcome, tmp_path: Path
) -> None:
    (config,) = small.run_dir.parents[1].glob("*.toml")
    again = run(config, tmp_path / "deep" / "runs", now=MORNING + YEAR)
    assert journal_sums(again.run_dir) == journal_sums(small.run_dir)
    assert again.run_dir.name != small.run_dir.name


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_directory_and_a_year_later_give_the_same_journal(
    example: Example, tmp_path: Path, name: str
) -> None:
    first = example(name)
    second = run(
        CHECKOUT / "examples" / f"{name}.toml",
        tmp_path / "deep" / "runs",
        now=MORNING + YEAR,
        progress=lambda *_: None,
    )
    assert journal_sums(second.run_dir) == journal_sums(first.run_dir)
    assert (second.run_id, second.state_hash) == (first.run_id, first.state_hash)
    assert second.run_dir.name != first.run_dir.name
    for file in (
        "summary.json",
        "events.jsonl",
        "audit.jsonl",
        "results/trades.parquet",
        "results/equity.parquet",
    ):
        assert (second.run_dir / file).read_bytes() == (first.run_dir / file).read_bytes(), file


def test_the_resolved_config_of_a_run_makes_the_same_run(example: Example, tmp_path: Path) -> None:
    first = example("two_strategies")
    second = run(first.run_dir / "config.resolved.toml", tmp_path)
    assert second.run_id == first.run_id
    assert journal_sums(second.run_dir) == journal_sums(first.run_dir)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("run.seed=2", "seed"),
        ("costs.half_spread=0.0002", "config_hash"),
        ("strategies.trend.params.fast=4", "config_hash"),
    ],
)
def test_another_seed_or_config_is_another_run(tmp_path: Path, change: str, part: str) -> None:
    config = write_config(tmp_path, TREND)
    first, second = run(config, tmp_path / "a"), run(config, tmp_path / "b", change)
    assert first.run_id != second.run_id
    manifests = [document(ran.run_dir / "manifest.json") for ran in (first, second)]
    assert manifests[0][part] != manifests[1][part]
    assert journal_sums(first.run_dir) != journal_sums(second.run_dir)


# ---------------------------------------------------------------- changed code


@pytest.mark.ticket("T-246")
def test_running_again_with_one_cost_changed_in_the_code_names_the_first_record_that_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = run(write_config(tmp_path, TREND), tmp_path / "runs")
    assert veracity("replay", ran.run_dir, "--rerun").code == 0
    fee = next(event for event in events_of(ran.run_dir) if type(event).__name__ == "FeeCharged")

    def dearer(**values: Any) -> CostModel:
        return CostModel(**values | {"fee_taker": values["fee_taker"] + RATE_ONE // 10_000})

    monkeypatch.setattr("veracity.app.config_costs.CostModel", dearer)
    said = veracity("replay", ran.run_dir, "--rerun", "--json")
    assert said.code == 5
    assert said.document["first_difference"].startswith(f"seq {fee.seq} of the journal is ")
    assert (
        said.document["state_hash"] == said.document["state_hash_expected"]
    )  # the fold itself is as good as before
    monkeypatch.setattr("veracity.app.replay.code_hash", lambda folders: "0" * 64)
    told = veracity("replay", ran.run_dir, "--rerun", "--json").document["first_difference"]
    assert told == said.document["first_difference"] + CODE_CHANGED


# ---------------------------------------------------------------- a copy of the code, in git and changed


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product's code in a repository of its own, all of it committed; beside it a config."""
    folder = tmp_path_factory.mktemp("code")
    for package in ("src/veracity", "generated/veracity_generated"):
        shutil.copytree(CHECKOUT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    _git(folder, "init", "-q")
    (folder / ".gitignore").write_text("__pycache__/\nmarket/\n", encoding="utf-8")
    _git(folder, "add", ".")
    _git(folder, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "All of it")
    market = folder / "market"
    market.mkdir()
    write_market(market / "bars.parquet", waves(120))
    (market / "run.toml").write_text(config_text(TREND), encoding="utf-8")
    return folder


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def manifest_of_a_run_by(code: Path) -> tuple[dict[str, Any], Path]:
    """Run the config in a process that has this code only; it is started elsewhere, in a repository of no commits."""
    elsewhere = code / "market" / "elsewhere"
    if not elsewhere.exists():
        elsewhere.mkdir()
        _git(elsewhere, "init", "-q")
    words = command(
        "backtest", "-c", code / "market" / "run.toml", "--run-dir", code / "market" / "runs", "--json", "-q"
    )
    process = subprocess.Popen(
        words,
        cwd=elsewhere,
        env=environment(code, PYTHONDONTWRITEBYTECODE="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    run_dir = Path(finished(process)["run_dir"])
    manifest: dict[str, Any] = document(run_dir / "manifest.json")
    return manifest, run_dir


@pytest.fixture(scope="module")
def committed(code: Path) -> tuple[dict[str, Any], Path]:
    """The run by the code as it was committed."""
    return manifest_of_a_run_by(code)


def test_the_manifest_names_the_commit_of_the_code(
    code: Path, committed: tuple[dict[str, Any], Path]
) -> None:
    manifest, run_dir = committed
    head = _git(code, "rev-parse", "HEAD")
    assert (manifest["git_sha"], manifest["git_dirty"]) == (head, False)
    assert len(head) == 40
    assert "checkout" not in (run_dir / "summary.md").read_text(encoding="utf-8")


def test_an_edited_source_file_makes_the_manifest_dirty(
    code: Path, committed: tuple[dict[str, Any], Path]
) -> None:
    file = code / "src" / "veracity" / "domain" / "time.py"
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\n# edited\n", encoding="utf-8")
    try:
        manifest, _ = manifest_of_a_run_by(code)
    finally:
        file.write_text(before, encoding="utf-8")
    assert (manifest["git_sha"], manifest["git_dirty"]) == (committed[0]["git_sha"], True)
    assert manifest["code_hash"] != committed[0]["code_hash"]


def test_outside_of_a_checkout_the_commit_is_unknown_and_the_report_says_so(code: Path) -> None:
    (code / ".git").rename(code / "git-put-away")
    try:
        manifest, run_dir = manifest_of_a_run_by(code)
    finally:
        (code / "git-put-away").rename(code / ".git")
    assert (manifest["git_sha"], manifest["git_dirty"]) == ("unknown", "unknown")
    page = (run_dir / "report" / "index.html").read_text(encoding="utf-8")
    assert "The code is not from a git checkout" in page


def test_an_edited_feature_and_another_version_are_seen_in_the_manifest(
    code: Path, committed: tuple[dict[str, Any], Path]
) -> None:
    file = code / "src" / "veracity" / "strategies" / "momentum.py"
    before = file.read_text(encoding="utf-8")
    edited = before.replace(
        "moving_sum(close, params.slow, params.fast, window.shared)",
        "moving_sum(close, params.slow, 1 * params.fast, window.shared)",
    )
    assert edited != before
    try:
        file.write_text(edited, encoding="utf-8")
        feature, _ = manifest_of_a_run_by(code)
        file.write_text(
            before.replace('"momentum", 1,', '"momentum", 2,').replace(
                '"momentum",\n    1,', '"momentum",\n    2,'
            ),
            encoding="utf-8",
        )
        version, _ = manifest_of_a_run_by(code)
    finally:
        file.write_text(before, encoding="utf-8")
    first = committed[0]
    assert (feature["feature_hash"], feature["run_id"]) != (first["feature_hash"], first["run_id"])
    assert feature["feature_hash"] != first["feature_hash"]
    assert feature["run_id"] != first["run_id"]
    assert feature["strategy_versions"] == first["strategy_versions"]  # with the strategy's config hash in it
    assert [one["version"] for one in first["strategy_versions"]] == [1]
    assert [one["version"] for one in version["strategy_versions"]] == [2]

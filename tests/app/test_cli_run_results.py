"""`veracity run export|diff|repro` on a small run (docs/cli.md)."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A config and the runs of it."""
    folder = tmp_path_factory.mktemp("results")
    config, runs = write_config(folder), folder / "runs"
    assert veracity("backtest", "-c", config, "--run-dir", runs, "-q").code == 0
    return config, runs


def run_of(market: tuple[Path, Path], *words: object) -> Path:
    config, runs = market
    said = veracity("backtest", "-c", config, *words, "--run-dir", runs, "-q", "--json")
    return Path(said.document["run_dir"])


def test_exported_numbers_are_whole_and_add_up_to_the_net_of_the_run(
    market: tuple[Path, Path], tmp_path: Path
) -> None:
    run = run_of(market)
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    for shape in ("csv", "parquet"):
        said = veracity("run", "export", run, "--to", tmp_path / shape, "--format", shape, "--json")
        names = [Path(name).name for name in said.document["files"]]
        assert names == [
            f"{one}.{shape}" for one in ("trades", "fills", "equity", "attribution", "regimes", "hours")
        ]
    summary = json.loads((run / "summary.json").read_bytes())["strategies"][0]
    stored, text = (
        pq.read_table(tmp_path / "parquet" / "trades.parquet"),
        csv.read_csv(tmp_path / "csv" / "trades.csv"),
    )
    for trades in (stored, text):
        assert str(trades.schema.field("net_1e8").type) == "int64"
        assert str(trades.schema.field("entry_ts_ns").type) == "int64"
        assert sum(trades["net_1e8"].to_pylist()) == summary["pnl"]["net"]["units"]
    hours = pq.read_table(tmp_path / "parquet" / "hours.parquet")
    assert sum(hours["pnl_1e8"].to_pylist()) == summary["pnl"]["net"]["units"]
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_nothing_is_exported_into_a_sealed_run(market: tuple[Path, Path]) -> None:
    run = run_of(market)
    said = veracity("run", "export", run, "--to", run / "csv")
    assert said.code == 7
    assert not (run / "csv").exists()


def test_two_runs_of_one_config_do_not_differ(market: tuple[Path, Path]) -> None:
    said = veracity("run", "diff", run_of(market), run_of(market), "--json")
    assert (said.code, said.document["causes"], said.document["differences"]) == (0, [], [])
    assert said.document["state_hash_equal"]


def test_a_fee_that_differs_is_named_with_every_trade_that_paid_it(market: tuple[Path, Path]) -> None:
    first, second = run_of(market), run_of(market, "--set", "costs.fee_taker=0.002")
    said = veracity("run", "diff", first, second, "--json")
    assert said.code == 5
    assert [(one["kind"], one["what"], one["first"], one["second"]) for one in said.document["causes"]] == [
        ("costs", "costs.fee_taker", "0.001", "0.002")
    ]
    rows = said.document["differences"]
    assert {(row["cause"], row["kind"]) for row in rows} == {("fees", "changed")}
    assert sum(row["change"] for row in rows) == said.document["net_change"] < 0


def test_latency_and_parameters_are_told_apart(market: tuple[Path, Path]) -> None:
    base = run_of(market)
    late = veracity("run", "diff", base, run_of(market, "--set", "costs.latency_submit_ms=90000"), "--json")
    assert [one["kind"] for one in late.document["causes"]] == ["latency"]
    assert {row["cause"] for row in late.document["differences"]} == {"timing"}
    other = veracity("run", "diff", base, run_of(market, "--set", "strategies.sma.params.fast=4"))
    assert other.code == 5
    assert "strategies.sma.params.fast: 5 -> 4" in other.out


def test_a_backtest_counts_whoever_asked_its_data_before_and_is_made_again_with_that_count(
    tmp_path: Path,
) -> None:
    config, runs = write_config(tmp_path), tmp_path / "runs"
    words = ("--grid", "fast=5,10,30", "--grid", "slow=20", "--run-dir", runs, "-q", "--json")
    assert veracity("sweep", "run", "-c", config, *words).code == 0
    found = [run_of((config, runs), "--set", f"strategies.sma.params.fast={fast}") for fast in (4, 6, 4)]

    def trials(run: Path) -> int:
        (judged,) = json.loads((run / "results" / "statistics.json").read_bytes())["strategies"]
        return int(judged["statistics"]["trials"])

    assert [trials(run) for run in found] == [
        4,
        5,
        5,
    ]  # three of the sweep; the third run asks what the first one asked
    said = veracity("run", "repro", found[0], "-q", "--json")
    assert (said.code, said.document["differing"]) == (0, [])


def test_a_run_is_made_again_byte_by_byte_and_a_changed_byte_is_found(market: tuple[Path, Path]) -> None:
    run = run_of(market)
    said = veracity("run", "repro", run, "-q", "--json")
    assert (said.code, said.document["differing"]) == (0, [])
    assert said.document["files"] >= 10
    path = run / "summary.md"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"\n")
    again = veracity("run", "repro", run, "-q", "--json")
    assert (again.code, again.document["differing"]) == (5, ["summary.md"])

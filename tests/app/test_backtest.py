"""One whole backtest: what its directory says agrees with its journal, its data and itself."""

import hashlib
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import (
    EXAMPLES,
    HOLD,
    MORNING,
    events_of,
    run,
    write_config,
)

from veracity.app.backtest import RunOutcome

Example = Callable[[str], RunOutcome]


# ---------------------------------------------------------------- the directory


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_runs_to_its_seal(example: Example, name: str) -> None:
    ran = example(name)
    assert len(events_of(ran.run_dir)) > 100
    marker = (ran.run_dir / "SEALED").read_text(encoding="utf-8")
    sums = dict(reversed(line.split("  ", 1)) for line in marker.splitlines())
    found = {
        path.relative_to(ran.run_dir).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in ran.run_dir.rglob("*")
        if path.is_file() and path.name != "SEALED"
    }
    assert sums == found
    for wanted in (
        "summary.json",
        "events.jsonl",
        "results/trades.parquet",
        "report/index.html",
        "wal/00000001.wal",
    ):
        assert wanted in found


def test_nobody_else_can_read_a_run(example: Example) -> None:
    run_dir = example("btc_momentum").run_dir
    found = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in [run_dir, *run_dir.rglob("*")]}
    assert found == {(True, 0o700), (False, 0o600)}


def test_two_runs_of_one_second_get_two_directories(tmp_path: Path) -> None:
    config = write_config(tmp_path, HOLD)
    names = [run(config, tmp_path / "runs").run_dir.name for _ in range(3)]
    first = names[0]
    assert names == [first, f"{first}-2", f"{first}-3"]
    assert first.startswith("backtest-20231114T221320Z-small-")
    assert (tmp_path / "runs" / "latest").resolve().name == names[2]
    assert [entry["state"] for entry in _listed(tmp_path / "runs")] == ["sealed"] * 3


def _listed(runs: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = veracity("run", "list", "--run-dir", runs, "--json").document["runs"]
    return found


# ---------------------------------------------------------------- isolation, on real data


@pytest.mark.ticket("T-251")
def test_a_strategy_comes_to_the_same_alone_and_beside_another(example: Example, tmp_path: Path) -> None:
    both = example("two_strategies")
    config = (both.run_dir / "config.resolved.toml").read_text(encoding="utf-8")
    head, _, rest = config.partition("[[strategies]]")
    trend, _, _ = rest.partition("[[strategies]]")
    alone_config = tmp_path / "alone.toml"
    alone_config.write_text(f"{head}[[strategies]]{trend}\n[report]\nbaselines = false\n", encoding="utf-8")
    alone = run(alone_config, tmp_path / "runs")
    assert [one["strategy_id"] for one in alone.summary["strategies"]] == ["trend"]
    assert alone.summary["strategies"][0] == both.summary["strategies"][0]
    for table in ("trades", "equity"):
        rows = [
            [
                row
                for row in _text_rows(ran.run_dir / "results" / f"{table}.parquet")
                if row["strategy_id"] == "trend"
            ]
            for ran in (alone, both)
        ]
        assert rows[0] == rows[1]
        assert len(rows[0]) > 5


def _text_rows(path: Path) -> list[dict[str, Any]]:
    table = pq.read_table(path)
    whole = [
        column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column for column in table.columns
    ]
    return pa.table(whole, names=table.column_names).to_pylist()


# ---------------------------------------------------------------- the report


def test_the_report_opens_without_a_network_and_names_its_run(example: Example) -> None:
    ran = example("btc_momentum")
    page = (ran.run_dir / "report" / "index.html").read_text(encoding="utf-8")
    assert ran.run_dir.name in page
    assert 'src="http' not in page
    assert page.count("</html>") == 1


def test_missing_bars_that_a_config_allows_are_told_in_the_summary(tmp_path: Path) -> None:
    config = write_config(tmp_path, HOLD)
    table = pq.read_table(tmp_path / "bars.parquet")
    pq.write_table(
        pa.concat_tables([table.slice(0, 30), table.slice(33, 20), table.slice(60)]),
        tmp_path / "bars.parquet",
    )
    text = config.read_text(encoding="utf-8")
    limits = 'gaps = "allow"\ngap_total_max = 20\ngap_run_max = 10\n'
    config.write_text(
        text.replace('bars = "bars.parquet"\n', f'bars = "bars.parquet"\n{limits}'), encoding="utf-8"
    )
    ran = run(config, tmp_path / "runs")
    assert "10 bars of BTCUSDT are missing, in 2 gaps." in ran.summary["warnings"]
    stamps = [event.ts for event in events_of(ran.run_dir)]
    assert all(before <= after for before, after in pairwise(stamps))


def test_the_clock_is_in_the_name_and_the_manifest_and_nowhere_else(tmp_path: Path) -> None:
    ran = run(write_config(tmp_path, HOLD), tmp_path / "runs", now=MORNING)
    holders = {
        path.relative_to(ran.run_dir).as_posix()
        for path in ran.run_dir.rglob("*")
        if path.is_file() and (b"1700000000" in path.read_bytes() or b"20231114T2213" in path.read_bytes())
    }
    assert holders == {"manifest.json", "report/index.html"}

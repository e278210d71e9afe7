"""One whole backtest: what its directory says agrees with its journal, its data and itself."""

import hashlib
import json
import stat
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import (
    EXAMPLES,
    FREE,
    HOLD,
    MINUTE,
    MORNING,
    START,
    TREND,
    config_text,
    document,
    events_of,
    run,
    waves,
    write_config,
    write_market,
)

from veracity.app.backtest import RunOutcome
from veracity.app.config import load
from veracity.domain.errors import OperatorFault
from veracity.domain.events import FeeCharged, OrderFilled, RunStarted
from veracity.forensics.manifest import write_manifest

Example = Callable[[str], RunOutcome]
UNIT = Decimal(10) ** -8


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
    for wanted in ("summary.json", "events.jsonl", "results/trades.parquet", "report/index.html", "wal/00000001.wal"):
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


# ---------------------------------------------------------------- the manifest


@pytest.mark.ticket("T-059")
def test_the_manifest_is_written_once_and_before_the_first_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def watched(path: Path, manifest: Any) -> None:
        write_manifest(path, manifest)
        calls.append(sorted(inside.name for inside in path.parent.iterdir()))

    monkeypatch.setattr("veracity.app.backtest.write_manifest", watched)
    ran = run(write_config(tmp_path, HOLD), tmp_path / "runs")
    assert calls == [["manifest.json"]]  # so there was no journal yet
    path = ran.run_dir / "manifest.json"
    before = path.read_bytes()
    other = json.loads(before) | {"git_sha": "0" * 40}
    with pytest.raises(OperatorFault, match="there is something already"):
        write_manifest(path, type(_manifest(path)).model_validate_json(json.dumps(other)))
    assert path.read_bytes() == before


def _manifest(path: Path) -> Any:
    from veracity.forensics.manifest import read_manifest

    return read_manifest(path)


@pytest.mark.ticket("T-198")
def test_the_summary_repeats_the_manifest_even_if_the_config_was_edited_meanwhile(tmp_path: Path) -> None:
    config = write_config(tmp_path, TREND)

    def edit(done: int, total: int) -> None:
        config.write_text(config_text(HOLD, label="edited"), encoding="utf-8")

    ran = run(config, tmp_path / "runs", progress=edit)
    assert 'label = "edited"' in config.read_text(encoding="utf-8")
    manifest, block = document(ran.run_dir / "manifest.json"), document(ran.run_dir / "summary.json")["manifest"]
    assert {name: manifest[name] for name in block} == block
    assert {"run_id", "config_hash", "dataset_hash", "feature_hash", "env_hash", "git_sha", "seed", "strategy_versions"} <= set(block)
    (started,) = (event for event in events_of(ran.run_dir) if isinstance(event, RunStarted))
    assert (block["run_id"], block["config_hash"]) == (started.run_id, started.config_hash)
    assert [one["strategy"] for one in block["strategy_versions"]] == ["momentum"]


@pytest.mark.ticket("T-247")
def test_the_config_hash_is_that_of_the_resolved_values(example: Example) -> None:
    """Canonical JSON made with the standard library; for the data files there is the dataset hash."""
    for name in EXAMPLES:
        run_dir = example(name).run_dir
        resolved = load(run_dir / "config.resolved.toml").resolved
        for instrument in resolved["instruments"]:
            instrument["bars"] = instrument["funding"] = None
        text = json.dumps(_canonical(resolved), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        manifest = document(run_dir / "manifest.json")
        assert manifest["config_hash"] == hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


@pytest.mark.ticket("T-247")
def test_only_what_a_config_means_changes_its_hash(tmp_path: Path) -> None:
    config = write_config(tmp_path, HOLD)
    costs = "[costs]\nfee_taker = 0.0006\nhalf_spread = 0.0001\n"
    ran = []
    for text in (
        config_text(costs, HOLD),
        config_text(HOLD, "[costs]  # the same, elsewhere\nhalf_spread = 1e-4\nfee_taker = 0.00060\n"),
        config_text(costs, "latency_submit_ms = 50\n", HOLD),  # a default, written out
        config_text(costs.replace("0.0006", "0.0005"), HOLD),
    ):
        config.write_text(text, encoding="utf-8")
        ran.append(document(run(config, tmp_path / "runs").run_dir / "manifest.json"))
    hashes, ids = ([manifest[name] for manifest in ran] for name in ("config_hash", "run_id"))
    assert hashes[0] == hashes[1] == hashes[2] != hashes[3]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert len(hashes[0]) == 64


@pytest.mark.ticket("T-248")
def test_the_dataset_hash_is_that_of_the_content(tmp_path: Path) -> None:
    config = write_config(tmp_path, HOLD)
    bars = tmp_path / "bars.parquet"
    moved = waves(120)
    moved[-1] += 1
    hashes = []
    for closes, options in (
        (waves(120), {"compression": "zstd"}),
        (waves(120), {"compression": "none", "row_group_size": 7}),
        (moved, {}),
    ):
        write_market(bars, closes, **options)
        hashes.append(document(run(config, tmp_path / "runs").run_dir / "manifest.json")["dataset_hash"])
    assert hashes[0] == hashes[1] != hashes[2]
    bars.rename(tmp_path / "other.parquet")
    config.write_text(config_text(HOLD, data="other.parquet"), encoding="utf-8")
    assert document(run(config, tmp_path / "runs").run_dir / "manifest.json")["dataset_hash"] == hashes[2]


# ---------------------------------------------------------------- money and drawdown, against the files


@pytest.mark.ticket("T-199")
def test_the_summary_has_the_pnl_of_a_trade_that_a_hand_can_compute(tmp_path: Path) -> None:
    """0.1 bought at 30,000 and sold at 31,000, 5 bp a side: 100 gross, 1.50 + 1.55 fees, 96.95 net."""
    costs = FREE.replace("fee_taker = 0", "fee_taker = 0.0005")
    config = write_config(tmp_path, costs, HOLD, closes=[3_000_000, 3_050_000, 3_100_000])
    summary = document(run(config, tmp_path / "runs").run_dir / "summary.json")
    pnl = summary["strategies"][0]["pnl"]
    assert {name: pnl[name]["units"] for name in ("gross", "fees", "net")} == {
        "gross": 10_000_000_000,
        "fees": 305_000_000,
        "net": 9_695_000_000,
    }
    total = summary["total"]
    assert total["equity_end"]["units"] - total["equity_start"]["units"] == 9_695_000_000


@pytest.mark.parametrize("name", EXAMPLES)
def test_net_is_the_change_of_equity_and_what_the_journal_paid(example: Example, name: str) -> None:
    ran = example(name)
    fees = sum(event.amount for event in events_of(ran.run_dir) if isinstance(event, FeeCharged))
    total = ran.summary["total"]
    pnl = {key: line["units"] for key, line in total["pnl"].items()}
    assert total["equity_end"]["units"] - total["equity_start"]["units"] == pnl["net"]
    assert pnl["fees"] == fees > 0
    assert pnl["gross"] - pnl["costs"] - pnl["fees"] + pnl["funding"] - pnl["borrow"] == pnl["net"]


@pytest.mark.ticket("T-200")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_drawdown_is_what_a_plain_loop_over_the_equity_file_gives(example: Example, name: str) -> None:
    ran = example(name)
    table = pq.read_table(ran.run_dir / "results" / "equity.parquet")
    ids = table["strategy_id"].to_pylist()
    stamps = table["ts"].cast(pa.int64()).to_pylist()
    equity = [int(value / UNIT) for value in table["equity"].to_pylist()]
    for strategy in ran.summary["strategies"]:
        rows = [row for row, name in enumerate(ids) if name == strategy["strategy_id"]]
        block = strategy["drawdown"]
        found = _deepest(strategy["equity_start"]["units"], [(stamps[row], equity[row]) for row in rows])
        assert found == {key: block[key]["units"] if key == "amount" else block[key] for key in found}


def _deepest(start: int, curve: Iterable[tuple[int, int]]) -> dict[str, int | None]:
    """The fall that was deepest relative to its peak, in one pass."""
    peak, peak_ts = start, None
    falls: list[dict[str, Any]] = []
    falling: dict[str, Any] | None = None
    for ts, value in curve:
        if value >= peak:
            if falling is not None:
                falling["recovery_ts"] = ts
                falling = None
            peak, peak_ts = value, ts
            continue
        if falling is None:
            falling = {"peak": peak, "peak_ts": peak_ts, "amount": 0, "recovery_ts": None, "bars_under_water": 0}
            falls.append(falling)
        falling["bars_under_water"] += 1
        if peak - value > falling["amount"]:
            falling.update(amount=peak - value, trough_ts=ts)
    deepest = max(falls, key=lambda fall: Decimal(fall["amount"]) / fall["peak"])
    return {key: deepest[key] for key in ("amount", "peak_ts", "trough_ts", "recovery_ts", "bars_under_water")}


@pytest.mark.ticket("T-208")
def test_a_position_is_closed_on_the_last_bar_and_its_trade_says_why(tmp_path: Path) -> None:
    closes = [190_00, 195_00, 200_00]
    hold = HOLD.replace("qty = 0.1", "qty = 0.5")
    ran = run(write_config(tmp_path, FREE, hold, closes=closes), tmp_path / "runs")
    (trade,) = pq.read_table(ran.run_dir / "results" / "trades.parquet").select(
        ["side", "qty", "entry_price", "exit_price", "exit_reason", "net"]
    ).to_pylist()
    assert trade == {
        "side": "long",
        "qty": Decimal("0.5"),
        "entry_price": Decimal(190),
        "exit_price": Decimal(200),
        "exit_reason": "forced_close",
        "net": Decimal(5),
    }
    entry, leave = (event for event in events_of(ran.run_dir) if isinstance(event, OrderFilled))
    assert (entry.ts, leave.ts) == (START + MINUTE, START + 3 * MINUTE)
    assert (leave.side, leave.qty, leave.price) == ("sell", 500, 200_00)
    assert ran.summary["strategies"][0]["trades"]["open"] == 0


def test_what_is_still_held_stays_in_the_summary_where_no_close_is_asked_for(tmp_path: Path) -> None:
    config = write_config(tmp_path, FREE, HOLD)
    ran = run(config, tmp_path / "runs", "run.close_at_end=false")
    assert ran.summary["strategies"][0]["trades"] | {"open": 1, "closed": 0} == ran.summary["strategies"][0]["trades"]
    assert [event.side for event in events_of(ran.run_dir) if isinstance(event, OrderFilled)] == ["buy"]


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
            [row for row in _text_rows(ran.run_dir / "results" / f"{table}.parquet") if row["strategy_id"] == "trend"]
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
    pq.write_table(pa.concat_tables([table.slice(0, 30), table.slice(33, 20), table.slice(60)]), tmp_path / "bars.parquet")
    text = config.read_text(encoding="utf-8")
    limits = 'gaps = "allow"\ngap_total_max = 20\ngap_run_max = 10\n'
    config.write_text(text.replace('bars = "bars.parquet"\n', f'bars = "bars.parquet"\n{limits}'), encoding="utf-8")
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

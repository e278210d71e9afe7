"""What the manifest of a run says it is made of, and that this is so."""

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.app.real_runs import (
    EXAMPLES,
    HOLD,
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
from veracity.domain.events import RunStarted
from veracity.forensics.manifest import Manifest, write_manifest

Example = Callable[[str], RunOutcome]


@pytest.mark.ticket("T-059")
def test_the_manifest_is_written_once_and_before_the_first_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def watched(path: Path, manifest: Any) -> None:
        write_manifest(path, manifest)
        calls.append(sorted(inside.name for inside in path.parent.iterdir()))

    monkeypatch.setattr("veracity.runtime.loop.write_manifest", watched)
    ran = run(write_config(tmp_path, HOLD), tmp_path / "runs")
    assert calls == [["manifest.json"]]  # so there was no journal yet
    path = ran.run_dir / "manifest.json"
    before = path.read_bytes()
    other = json.loads(before) | {"git_sha": "0" * 40}
    with pytest.raises(OperatorFault, match="there is something already"):
        write_manifest(path, Manifest.model_validate_json(json.dumps(other)))
    assert path.read_bytes() == before


@pytest.mark.ticket("T-198")
def test_the_summary_repeats_the_manifest_even_if_the_config_was_edited_meanwhile(tmp_path: Path) -> None:
    config = write_config(tmp_path, TREND)

    def edit(done: int, total: int) -> None:
        config.write_text(config_text(HOLD, label="edited"), encoding="utf-8")

    ran = run(config, tmp_path / "runs", progress=edit)
    assert 'label = "edited"' in config.read_text(encoding="utf-8")
    manifest, block = (
        document(ran.run_dir / "manifest.json"),
        document(ran.run_dir / "summary.json")["manifest"],
    )
    assert {name: manifest[name] for name in block} == block
    assert {
        "run_id",
        "config_hash",
        "dataset_hash",
        "feature_hash",
        "env_hash",
        "git_sha",
        "seed",
        "strategy_versions",
    } <= set(block)
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
            assert not instrument.pop(
                "aux"
            )  # a config that names no series beside the bars says nothing of it
        text = json.dumps(_canonical(resolved), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        manifest = document(run_dir / "manifest.json")
        assert manifest["config_hash"] == hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


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

"""The manifest is written once, checked before, and says what the run is made of."""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError
from referencing import Registry, Resource
from tests.app.small_run import CONFIG, write_config
from tests.forensics.runs import CREATED, ROOT, bundled_run, journal, lines

from veracity.app import backtest, config
from veracity.data.dataset import load
from veracity.domain.errors import OperatorFault
from veracity.domain.events import RunStarted
from veracity.forensics.manifest import Manifest, PackageVersion, read_manifest, write_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.runtime import loop as runtime_loop
from veracity.runtime import simulation


def manifest(**changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "run_id": "0123456789abcdef",
        "mode": "backtest",
        "label": "btc",
        "created_ts": CREATED,
        "seed": 1,
        "config_hash": "1" * 64,
        "dataset_hash": "2" * 64,
        "code_hash": "3" * 64,
        "feature_hash": "unknown",
        "env_hash": "4" * 64,
        "git_sha": "5" * 40,
        "git_dirty": False,
        "schema_version": 1,
        "strategy_versions": (),
        "versions": (PackageVersion(name="python", version="3.11.7"),),
        "data_files": (),
        "dry_run": (),
        "parent_run": None,
    }
    return Manifest(**values | changes)


def test_it_is_canonical_json_of_one_line_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_manifest(path, manifest())
    content = json.loads(path.read_bytes())
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert path.read_text(encoding="utf-8") == canonical + "\n"
    assert content["schema"] == "veracity.manifest/1"
    assert content["git_dirty"] is False
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_manifest(path) == manifest()


def test_a_content_that_breaks_the_schema_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    unchecked = manifest().model_copy(update={"config_hash": "not a hash"})
    with pytest.raises(ValidationError, match="config_hash"):
        write_manifest(path, unchecked)
    assert not path.exists()


def test_the_file_and_its_name_are_on_the_disk_when_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda file: (synced.append(os.readlink(f"/proc/self/fd/{file}")), sync(file))
    )
    write_manifest(tmp_path / "manifest.json", manifest())
    assert synced == [str(tmp_path / "manifest.json"), str(tmp_path)]


def test_a_damaged_or_missing_manifest_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    with pytest.raises(OperatorFault) as refusal:
        read_manifest(path)
    assert refusal.value.exit_code == 5
    write_manifest(path, manifest())
    path.write_bytes(path.read_bytes().replace(b'"seed":1', b'"seed":-1'))
    with pytest.raises(OperatorFault, match="seed") as refusal:
        read_manifest(path)
    assert refusal.value.exit_code == 5


def test_a_run_s_manifest_satisfies_the_published_schema() -> None:
    schemas = {
        name: json.loads((ROOT / "schemas" / name).read_bytes())
        for name in ("manifest.schema.json", "common.schema.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        [(name, Resource.from_contents(schema)) for name, schema in schemas.items()]
    )
    validator = jsonschema.Draft202012Validator(schemas["manifest.schema.json"], registry=registry)
    (content,) = lines(bundled_run().run_dir / "manifest.json")
    assert list(validator.iter_errors(content)) == []
    assert [
        error.json_path for error in validator.iter_errors(content | {"seed": 0.5, "git_dirty": None})
    ] == [
        "$.seed",
        "$.git_dirty",
    ]


def test_a_run_writes_it_once_before_the_first_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def noting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            assert calls or name == "manifest"
            calls.append(name)
            return call(*args, **kwargs)

        return noted

    monkeypatch.setattr(runtime_loop, "write_manifest", noting("manifest", write_manifest))
    monkeypatch.setattr(simulation, "opening", noting("run_started", simulation.opening))
    monkeypatch.setattr(backtest.JournalWriter, "create", noting("journal", backtest.JournalWriter.create))
    outcome = backtest.run_backtest(
        config.load(write_config(tmp_path)), runs_dir=tmp_path / "runs", clock=lambda: CREATED
    )
    assert calls == ["manifest", "journal", "run_started"]
    assert read_manifest(RunDirectory(outcome.run_dir).manifest).run_id == outcome.run_id


@pytest.mark.ticket("T-050")
def test_a_library_call_without_a_run_directory_writes_no_manifest_and_one_with_it_writes_one(
    tmp_path: Path,
) -> None:
    runtime_loop.attach_manifest(None, manifest())
    assert list(tmp_path.iterdir()) == []
    runtime_loop.attach_manifest(RunDirectory(tmp_path), manifest())
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.ticket("T-059")
def test_a_second_manifest_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    write_manifest(path, manifest())
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(OperatorFault, match="there is something already") as refusal:
        write_manifest(path, manifest(git_sha="6" * 40))
    assert refusal.value.exit_code == 7
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


@pytest.mark.ticket("T-059")
def test_a_run_that_dies_on_its_way_has_left_its_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(backtest, "simulate", die)
    with pytest.raises(RuntimeError, match="power cut"):
        backtest.run_backtest(
            config.load(write_config(tmp_path)), runs_dir=tmp_path / "runs", clock=lambda: CREATED
        )
    run = RunDirectory((tmp_path / "runs/latest").resolve())
    assert run.end_state() == "failed"
    assert run.manifest.is_file()
    assert read_manifest(run.manifest).label == "small"


@pytest.mark.ticket("T-247")
def test_the_config_hash_is_that_of_the_resolved_config_and_not_of_its_text(tmp_path: Path) -> None:
    plain = config.load(write_config(tmp_path))
    outcome = backtest.run_backtest(plain, runs_dir=tmp_path / "runs", clock=lambda: CREATED)
    said = read_manifest(RunDirectory(outcome.run_dir).manifest)
    assert len(said.config_hash) == 64
    assert said.config_hash == plain.config_hash == sha_of_resolved(plain.resolved)

    swapped = CONFIG.replace("fast = 5\nslow = 20\n", "slow = 20 # a day\nfast = 5\n")
    spelled = swapped.replace("[report]", "[costs]\nparticipation_max = 0.1\n[report]")
    assert spelled != swapped != CONFIG
    dataset = load(plain.sources())
    for text in (swapped, spelled):
        same = config.load(write_config(tmp_path, text))
        assert same.config_hash == said.config_hash
        assert backtest.identify(same, dataset, said.code_hash).run_id == said.run_id
    fees = [config.load(write_config(tmp_path), [f"costs.fee_taker={fee}"]) for fee in ("0.0005", "0.0006")]
    hashes = {one.config_hash for one in fees}
    run_ids = {backtest.identify(one, dataset, said.code_hash).run_id for one in fees}
    assert len(hashes) == len(run_ids) == 2


def test_the_manifest_and_the_first_record_of_the_journal_name_the_same_hashes() -> None:
    run = RunDirectory(bundled_run().run_dir)
    said = read_manifest(run.manifest)
    started = journal(run.root)[0]
    assert started["kind"] == RunStarted.__struct_config__.tag
    for name in ("run_id", "config_hash", "dataset_hash", "code_hash", "seed"):
        assert started[name] == getattr(said, name)


def sha_of_resolved(resolved: dict[str, Any]) -> str:
    """SHA-256 of the resolved config by the standard library: sorted keys, decimals as text, nothing absent, nor a list of no
    series."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            places = ("bars", "funding") if "bars" in value else ()
            return {
                key: plain(one)
                for key, one in value.items()
                if one is not None and key not in places and (one or key != "aux")
            }
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        if isinstance(value, bool | int | str):
            return value
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    text = json.dumps(plain(resolved), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

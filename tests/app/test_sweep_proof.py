"""`veracity sweep prove`: a trial of a sweep against the engine itself, and against a run with a journal. All of it is real."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.app.cli_kit import Said, veracity
from tests.app.small_run import write_config

CACHE = Path(__file__).parents[2] / "build" / "kernel"
GRID = ("--grid", "fast=3,5,30", "--grid", "slow=20,40")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs in which one sweep of six trials is, of which one cannot run."""
    folder = tmp_path_factory.mktemp("proof")
    said = sweep(folder, "run", "-c", write_config(folder), *GRID, "--state-hash")
    assert said.code == 0, said.err
    return folder


def sweep(folder: Path, *words: object) -> Said:
    cache = {"VERACITY_CACHE_DIR": str(CACHE.parent)}
    return veracity("sweep", *words, "--run-dir", folder / "runs", env=cache)


def trials_file(folder: Path) -> Path:
    (found,) = folder.glob("runs/sweeps/sweep-*/trials.jsonl")
    return found


def hash_in(text: str) -> str:
    (found,) = re.findall(r"^state hash  ([0-9a-f]{64})$", text, re.MULTILINE)
    return str(found)


def test_the_best_trial_a_backtest_of_it_and_its_replay_come_to_one_state_hash(swept: Path) -> None:
    rows = [json.loads(line) for line in trials_file(swept).read_text().splitlines()]
    best = max(
        (row for row in rows if row["metrics"]), key=lambda row: (row["metrics"]["net"], -row["trial"])
    )
    proved = sweep(swept, "prove", "latest")
    assert proved.code == 0
    assert proved.out.startswith(
        f"trial {best['trial']}: fast={best['params']['strategies.sma.params.fast']} "
    )
    assert proved.out.endswith("\nsame\n")
    (words,) = re.findall(r"veracity (backtest .*)", proved.err)
    made = veracity(*words.split(), "--run-dir", swept / "runs")
    again = veracity("replay", "latest", "--run-dir", swept / "runs")
    assert again.code == 0
    hashes = {hash_in(proved.out), hash_in(made.out), hash_in(again.out)}
    assert hashes == {best["metrics"]["state_hash"]}


def planted(folder: Path, swept: Path, change: Any) -> Path:
    """The sweep, copied, with one row changed."""
    source = trials_file(swept).parent
    target = folder / "runs" / "sweeps" / source.name
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.is_file():
            (target / path.name).write_bytes(path.read_bytes())
    rows = [json.loads(line) for line in (target / "trials.jsonl").read_text().splitlines()]
    for row in rows:
        if row["trial"] == 1:
            change(row)
    (target / "trials.jsonl").write_text("".join(json.dumps(row, sort_keys=True) + "\n" for row in rows))
    return target


def test_a_number_that_the_engine_does_not_come_to_is_a_finding_that_is_named(
    swept: Path, tmp_path: Path
) -> None:
    root = planted(tmp_path, swept, lambda row: row["metrics"].update(fees=row["metrics"]["fees"] + 1))
    said = sweep(tmp_path, "prove", root, "--trial", 1, "--json")
    (told,) = said.document["trials"]
    assert said.code == 5
    assert not told["same"]
    differing = {
        one["name"]: one["sweep"] - one["events"] for one in told["values"] if one["sweep"] != one["events"]
    }
    assert differing == {"fees": 1}


def test_an_equity_that_the_engine_does_not_come_to_is_told_with_its_place(
    swept: Path, tmp_path: Path
) -> None:
    root = planted(tmp_path, swept, lambda row: row["equity"].append(7))
    said = sweep(tmp_path, "prove", root, "--trial", 1)
    assert said.code == 5
    assert re.search(
        r"^equity      differs first at value (\d+): 7, event path None$", said.out, re.MULTILINE
    )
    assert said.out.endswith("\nDIFFERENT\n")


def test_a_trial_without_a_state_hash_gets_it_when_it_is_proved(swept: Path, tmp_path: Path) -> None:
    kept: list[str] = []

    def forget(row: Any) -> None:
        kept.append(row["metrics"]["state_hash"])
        row["metrics"]["state_hash"] = None

    root = planted(tmp_path, swept, forget)
    said = sweep(tmp_path, "prove", root, "--trial", 1)
    assert said.code == 0
    assert hash_in(said.out) == kept[0]


def test_a_trial_without_a_state_hash_whose_numbers_are_not_its_own_gets_none(
    swept: Path, tmp_path: Path
) -> None:
    root = planted(tmp_path, swept, lambda row: row["metrics"].update(state_hash=None, fills=0))
    said = sweep(tmp_path, "prove", root, "--trial", 1)
    assert said.code == 5
    assert re.search(r"^state hash  None, event path [0-9a-f]{64}$", said.out, re.MULTILINE)


def test_what_did_not_run_or_is_not_there_cannot_be_proved(swept: Path) -> None:
    refused = sweep(swept, "prove", "latest", "--trial", 4)
    assert refused.code == 2
    assert "trial 4 did not run, so there is nothing to prove" in refused.err
    assert "fast" in refused.err
    missing = sweep(swept, "prove", "latest", "--trial", 6)
    assert missing.code == 2
    assert "has the trials 0, 1, 2, 3, 4, 5" in missing.err

"""The snapshots of a paper run: what is left of them is what its log says."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from tests.app.real_runs import FREE, MORNING, TREND, write_config
from tests.forensics.log_schema import faults

from veracity.app.config import load
from veracity.app.paper import run_paper
from veracity.app.paper_trade import Manner
from veracity.journal.reader import read
from veracity.runtime.replay import follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState


@pytest.mark.ticket("T-072")
def test_every_snapshot_that_a_run_leaves_is_told_of_once_as_it_is(tmp_path: Path) -> None:
    config = write_config(tmp_path, TREND, FREE)
    root = run_paper(
        load(config), runs_dir=tmp_path / "runs", clock=lambda: MORNING, manner=Manner(snapshot_every=40)
    ).run_dir
    lines = [json.loads(line) for line in (root / "events.jsonl").read_bytes().splitlines()]
    told = [line for line in lines if line["kind"] == "snapshot_written"]
    assert [faults(line) for line in told] == [[], [], []]
    left = sorted((root / "snapshots").iterdir())
    state, hashes = EngineState(), {}
    for event in follow(state, read(root / "wal")):
        hashes[event.seq] = state_hash(state)
    assert [(line["file"], line["bytes"], line["sha256"], line["state_hash"]) for line in told] == [
        (file.name, file.stat().st_size, sha256(file.read_bytes()).hexdigest(), hashes[int(file.stem)])
        for file in left
    ]
    assert [(line["seq"], line["sub"]) for line in told] == [(int(file.stem), 1) for file in left]

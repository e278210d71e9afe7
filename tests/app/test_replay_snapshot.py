"""A snapshot that another process restores, and goes on from."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.app.real_runs import environment
from tests.kit.doubles import Kept
from tests.kit.market import BTC
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.state.snapshot import take

READER = """\
import json, sys
from types import SimpleNamespace
from veracity.runtime.replay import follow
from veracity.state.snapshot import restore

state = restore(open(sys.argv[1], "rb").read())
later = [SimpleNamespace(seq=seq, payload=text.encode()) for seq, text in json.load(open(sys.argv[2]))]

def position():
    held = state.accounts["a"].positions["BTCUSDT"]
    return {"qty": held.qty, "basis": held.basis, "realized": held.realized}

before = position()
for _ in follow(state, later):
    pass
print(json.dumps([before, position()]))
"""


def restored_elsewhere(folder: Path, snapshot: bytes, later: list[Kept]) -> list[dict[str, Any]]:
    """The position that another process reads from the snapshot file, and what it is after the later records."""
    (folder / "snapshot.json").write_bytes(snapshot)
    records = [(record.seq, record.payload.decode()) for record in later]
    (folder / "later.json").write_text(json.dumps(records), encoding="utf-8")
    words = [sys.executable, "-c", READER, str(folder / "snapshot.json"), str(folder / "later.json")]
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.ticket("T-101")
@pytest.mark.parametrize(("opens", "closes", "sign"), [("buy", "sell", 1), ("sell", "buy", -1)])
def test_a_position_comes_back_with_its_exact_basis(
    tmp_path: Path, opens: Any, closes: Any, sign: int
) -> None:
    """1.000 at 100.00 and 2.000 at 100.01 cost 300.02, which no rounded entry price gives; at 101.00 they are worth 303."""
    script = Script().ticks(100_00)
    trade(script, opens, 1_000, 100_00)
    trade(script, opens, 2_000, 100_01, purpose="increase")
    snapshot, count = take(script.state), len(script.journal.records)
    trade(script, closes, 3_000, 101_00, purpose="close")
    before, after = restored_elsewhere(tmp_path, snapshot, script.journal.records[count:])
    assert before == {"qty": sign * 3_000, "basis": sign * 30_002_000_000, "realized": 0}
    assert after == {"qty": 0, "basis": 0, "realized": sign * 298_000_000}
    assert script.position(symbol=BTC).realized == sign * 298_000_000

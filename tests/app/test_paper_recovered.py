"""What the log of a paper run says of a start that found the journal of a process before."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import FREE, MORNING, TREND, environment, write_config
from tests.forensics.log_schema import faults
from tests.kit.process import PATIENCE_S, SEARCHED

from veracity.app.config import load
from veracity.app.paper import PaperOutcome, run_paper
from veracity.app.paper_trade import Manner
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.batch import Record
from veracity.journal.reader import read
from veracity.journal.space import LIVE
from veracity.journal.writer import JournalWriter
from veracity.runtime import snapshots
from veracity.runtime.replay import follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

SEGMENT = "00000001.wal"
SMALL = LIVE._replace(segment_bytes=8_000, preallocate_bytes=4_096, reserve_bytes=4_096, low_water_bytes=1)


def paper(config: Path, runs: Path) -> PaperOutcome:
    return run_paper(load(config), runs_dir=runs, clock=lambda: MORNING)


def killed(config: Path, runs: Path, call: str = "append", number: int = 90) -> Path:
    """The directory of a paper run whose process died of SIGKILL."""
    words = ["--run-dir", str(runs), "paper", "-c", str(config)]
    subprocess.run(
        [sys.executable, "-m", "tests.app.paper_victim", call, str(number), *words],
        env=environment(PYTHONPATH=SEARCHED),
        capture_output=True,
        check=False,
        timeout=PATIENCE_S,
    )
    (root,) = runs.glob("paper-*")
    return root


def begin_another_record(root: Path, whole: Path, size: int) -> None:
    """The first `size` bytes of the record that comes next, as a power cut leaves a write."""
    file, wanted = root / "wal" / SEGMENT, (whole / "wal" / SEGMENT).read_bytes()
    end = len(file.read_bytes().rstrip(b"\0"))
    assert b"\n" not in wanted[end : end + size]
    with file.open("r+b") as opened:
        opened.seek(end)
        opened.write(wanted[end : end + size])


def folded(records: list[Record]) -> str:
    state = EngineState()
    for _ in follow(state, records):
        pass
    return state_hash(state)


@pytest.mark.ticket("T-071")
@pytest.mark.parametrize("torn", [0, 40])
def test_a_start_says_once_what_it_recovered_and_what_it_cut_off(tmp_path: Path, torn: int) -> None:
    """F01: the tail has a line of its own, for whoever looks for what is not as it should be."""
    config = write_config(tmp_path, TREND, FREE)
    root = killed(config, tmp_path / "killed")
    found = list(read(root / "wal"))
    newest = max((int(file.stem) for file in (root / "snapshots").glob("*.snapshot")), default=0)
    if torn:
        begin_another_record(root, paper(config, tmp_path / "whole").run_dir, torn)
    assert paper(config, tmp_path / "killed").run_dir == root
    lines = [json.loads(line) for line in (root / "events.jsonl").read_bytes().splitlines()]
    told = [line for line in lines if line["kind"] == "recovery_finished"]
    assert [faults(line) for line in told] == [[]]
    (notice,) = told
    said = {
        name: notice[name] for name in ("mode", "snapshot_seq", "records_read", "torn_bytes", "state_hash")
    }
    assert said == {
        "mode": "truncate-tail",
        "snapshot_seq": newest,
        "records_read": len(found),
        "torn_bytes": torn,
        "state_hash": folded(found),
    }
    tails = [line for line in lines if line["kind"] == "wal_torn_tail"]
    assert [faults(line) for line in tails] == [[]] * bool(torn)
    for tail in tails:
        kept = root / "wal" / tail["torn_file"]
        assert (tail["level"], tail["seq"], tail["sub"]) == ("WARN", found[-1].seq, 1)
        assert (tail["segment"], tail["torn_bytes"], kept.stat().st_size) == (SEGMENT, torn, torn)
        assert kept.name == f"{SEGMENT}.torn-{tail['offset']}"
    assert (notice["seq"], notice["sub"]) == (found[-1].seq, 1 + bool(torn))
    at = lines.index(notice)
    assert all(line["seq"] <= found[-1].seq for line in lines[:at])
    assert all(line["seq"] > found[-1].seq for line in lines[at + 1 :])
    assert len(lines[at + 1 :]) > 10  # trading went on


def test_a_first_start_has_nothing_to_recover(tmp_path: Path) -> None:
    root = paper(write_config(tmp_path, TREND, FREE), tmp_path / "runs").run_dir
    assert b"recovery_finished" not in (root / "events.jsonl").read_bytes()
    assert not (root / "recoveries").exists()


@pytest.mark.parametrize(
    ("call", "number", "torn"), [("flush", 2, 0), ("flush", 2, 9), ("seal", 1, 0), ("seal", 1, 7)]
)
def test_a_run_that_was_killed_while_it_was_written_up_is_written_up_again(
    tmp_path: Path, call: str, number: int, torn: int
) -> None:
    config = write_config(tmp_path, TREND, FREE)
    root = killed(config, tmp_path / "killed", call, number)
    assert RunDirectory(root).end_state() == "open"
    log = root / "events.jsonl"
    os.truncate(log, log.stat().st_size - torn)
    (root / ".SEALED.draft").touch()  # of a kill between the draft and its name
    again, whole = paper(config, tmp_path / "killed"), paper(config, tmp_path / "whole")
    assert (again.run_dir, again.state_hash) == (root, whole.state_hash)
    assert again.summary == whole.summary
    lines = [line for line in log.read_text().splitlines() if '"recovery_finished"' not in line]
    assert lines == (whole.run_dir / "events.jsonl").read_text().splitlines()
    assert (root / "audit.jsonl").read_bytes() == (whole.run_dir / "audit.jsonl").read_bytes()
    assert RunDirectory(root).end_state() == "sealed"
    names = {path.name for path in whole.run_dir.iterdir()}
    assert {path.name for path in root.iterdir()} == names | {"recoveries"}


def test_of_a_paper_run_that_has_not_ended_nothing_is_removed_and_it_goes_on(tmp_path: Path) -> None:
    """Its venue is made again from every order that it was sent, so it would have had no way back."""
    config = write_config(tmp_path, TREND, FREE)
    once = load(config)
    whole = run_paper(once, runs_dir=tmp_path / "whole", clock=lambda: MORNING, manner=Manner(profile=SMALL))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(JournalWriter, "append", killing(JournalWriter.append, 150))
        patched.setattr(
            snapshots, "compress_closed", lambda *_, **__: None
        )  # it died before it had packed any
        with pytest.raises(Killed):
            run_paper(
                once,
                runs_dir=tmp_path / "runs",
                clock=lambda: MORNING,
                manner=Manner(profile=SMALL, snapshot_every=50),
            )
    (root,) = (tmp_path / "runs").glob("paper-*")
    names = sorted(path.name for path in (root / "wal").glob("*.wal*"))  # some are compressed by now
    said = veracity("wal", "compact", root, "--json").document
    assert (len(names) > 3, len(list((root / "snapshots").iterdir())) > 2) == (True, True)
    assert (said["snapshot"], said["removed"], list(said["kept"])) == (None, [], names)
    assert said["compressed"] == [name for name in names[:-1] if not name.endswith(".zst")]
    assert len(list((root / "wal").glob("*.zst"))) == len(names) - 1
    gone_on = run_paper(once, runs_dir=tmp_path / "runs", clock=lambda: MORNING, manner=Manner(profile=SMALL))
    assert (gone_on.run_dir, gone_on.state_hash) == (root, whole.state_hash)
    assert veracity("wal", "compact", root, "--json").document["removed"] != []  # now it has ended


class Killed(BaseException):
    """As SIGKILL: nothing on the way out may act on it."""


def killing(append: Callable[..., object], at: int) -> Callable[..., object]:
    seen = count(1)

    def counted(*words: object) -> object:
        if next(seen) == at:
            raise Killed
        return append(*words)

    return counted


def test_a_paper_run_is_not_compared_with_a_backtest_of_its_config(tmp_path: Path) -> None:
    """They differ in what they journal, which is no difference in what was done."""
    root = paper(write_config(tmp_path, TREND, FREE), tmp_path / "runs").run_dir
    said = veracity("run", "repro", root)
    assert said.code == 2
    assert "only a backtest can be made again from its config and data, and this is a paper run" in said.err
    assert f"veracity replay {root} --rerun" in said.err

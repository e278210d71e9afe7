"""F07 with everything real: a paper process on a small disk of its own that fills up under it, and the start after it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.app.disk_victim import PROFILES, Filler
from tests.app.real_runs import FREE, MORNING, TREND, environment, waves, write_config
from tests.kit.process import PATIENCE_S, SEARCHED
from tests.kit.small_disk import mounted

from veracity.app.config import load
from veracity.app.paper import run_paper
from veracity.app.paper_trade import Manner
from veracity.domain.events import ModeChanged, OrderSubmitted, decode_event
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.batch import Record
from veracity.journal.errors import JournalDead
from veracity.journal.reader import read
from veracity.journal.recover import recover
from veracity.journal.writer import JournalWriter
from veracity.runtime.disk_watch import DISK
from veracity.runtime.replay import follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

NEVER = 10**9


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MiB."""
    with mounted(tmp_path / "disk", 12) as place:
        yield place


class Ended(NamedTuple):
    """A process that ended, and what it had been told and done."""

    code: int
    said: str
    durable: int  # the highest seq that a commit returned for
    asked: list[str]
    sent: list[str]
    failures: int
    again: int  # file calls of the journal behind the first failure


def paper(
    config: Path, disk: Path, profile: str = "careful", *, low: int = NEVER, full: int = NEVER
) -> Ended:
    """`veracity paper` on the disk, which is filled at the `low`-th and `full`-th record."""
    told = disk.parent / "told"
    words = [profile, disk, told, low, full, "--json", "--run-dir", disk / "runs", "paper", "-c", config]
    done = subprocess.run(
        [sys.executable, "-m", "tests.app.disk_victim", *map(str, words)],
        env=environment(PYTHONPATH=SEARCHED),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    lines = [line.split() for line in told.read_text().splitlines()] if told.exists() else []
    told.unlink(missing_ok=True)
    heard = {word: [line[-1] for line in lines if line[0] == word] for word in ("durable", "asked", "sent")}
    return Ended(
        done.returncode,
        done.stdout + done.stderr,
        max(map(int, heard["durable"]), default=0),
        heard["asked"],
        heard["sent"],
        lines.count(["failed"]),
        lines.count(["again"]),
    )


def left_in(disk: Path) -> tuple[Path, list[Record], str]:
    """The run's directory, the records that a start will recover, and the hash of the state that they fold to."""
    (root,) = (disk / "runs").glob("paper-*")
    records = list(recover(root / "wal").records)
    state = EngineState()
    for _ in follow(state, records):
        pass
    return root, records, state_hash(state)


def orders_of(records: list[Record]) -> list[OrderSubmitted]:
    events = (decode_event(record.payload) for record in records)
    return [event for event in events if isinstance(event, OrderSubmitted)]


@pytest.mark.ticket("T-412")
def test_f07_a_disk_that_fills_restricts_then_halts_then_ends_the_run_and_costs_nothing(
    tmp_path: Path, disk: Path
) -> None:
    config = write_config(tmp_path, TREND, FREE, closes=waves(400))
    first = paper(config, disk, low=153, full=156)  # between an order that opens and the one that closes
    assert (first.code, first.failures, first.again) == (6, 1, 0), first.said
    assert "No space left on device" in first.said
    root, records, hash_left = left_in(disk)
    assert first.durable <= records[-1].seq
    assert [order.order_id for order in orders_of(records)] == first.asked == first.sent
    events = [decode_event(record.payload) for record in records]
    changes = [
        (event.mode_to.value, event.reason, event.seq)
        for event in events
        if isinstance(event, ModeChanged) and event.reason == DISK
    ]
    assert [change[:2] for change in changes] == [("close_only", DISK), ("halted", DISK)]
    *_, closing = orders_of(records)
    assert (closing.purpose, closing.seq > changes[0][2]) == ("close", True)  # what the reserve is for
    still_full = paper(config, disk)
    assert still_full.code == 6, still_full.said
    assert still_full.sent == []
    assert left_in(disk)[1:] == (records, hash_left)
    (disk / "filler").unlink()
    again = paper(config, disk)
    assert again.code == 6, again.said  # it ends as it was: halted
    assert recovered(root)[-1] == hash_left
    _, whole, _ = left_in(disk)
    assert whole[: len(records)] == records
    assert orders_of(whole) == orders_of(records)  # halted before it was killed, halted after
    assert RunDirectory(root).end_state() == "sealed"


@pytest.mark.ticket("T-412")
def test_f07_the_order_in_hand_when_the_disk_is_full_is_not_sent(tmp_path: Path, disk: Path) -> None:
    config = write_config(tmp_path, TREND, FREE, closes=waves(400))
    first = paper(config, disk, "bare", full=150)
    assert (first.code, first.failures, first.again) == (6, 1, 0), first.said
    assert first.asked[:-1] == first.sent
    root, records, hash_left = left_in(disk)
    assert first.durable <= records[-1].seq
    assert {*first.sent} <= {order.order_id for order in orders_of(records)}
    (disk / "filler").unlink()
    again = paper(config, disk, "bare")
    assert again.code == 0, again.said
    assert recovered(root)[-1] == hash_left
    undisturbed = tmp_path / "roomy"
    undisturbed.mkdir(mode=0o700)
    assert paper(config, undisturbed, "bare").code == 0
    assert left_in(disk)[1:] == left_in(undisturbed)[1:]  # the same records, so no order twice


def recovered(root: Path) -> list[str]:
    """The state hash of each start that found a journal."""
    reports = sorted(root.glob("recoveries/*/recovery.json"))
    return [str(json.loads(report.read_text())["state_hash"]) for report in reports]


class Killed(BaseException):
    """As SIGKILL: nothing on the way out may act on it."""


@pytest.mark.parametrize(("call", "number"), [("append", 60), ("close", 1)])
def test_f20_where_only_the_log_has_no_disk_left_the_journal_lacks_nothing(
    tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    """The journal is on a disk of its own. The other one is full while the run trades, or when its log is written."""
    config, manner = load(write_config(tmp_path, TREND, FREE)), Manner(profile=PROFILES["bare"])

    def paper() -> str:
        return run_paper(config, runs_dir=disk / "runs", clock=lambda: MORNING, manner=manner).state_hash

    whole = run_paper(config, runs_dir=tmp_path / "whole", clock=lambda: MORNING, manner=manner)
    with monkeypatch.context() as patched:
        patched.setattr(JournalWriter, "append", before(JournalWriter.append, 20, kill))
        with pytest.raises(Killed):
            paper()
    (root,) = (disk / "runs").glob("paper-*")
    shutil.move(root / "wal", tmp_path / "begun")
    with mounted(root / "wal", 4) as wal:
        for file in (tmp_path / "begun").iterdir():
            shutil.copy2(file, wal)
        with monkeypatch.context() as patched:
            full = before(getattr(JournalWriter, call), number, lambda: Filler(str(disk)).leave(0))
            patched.setattr(JournalWriter, call, full)
            with pytest.raises((JournalDead, OSError), match="No space left on device"):
                paper()
        assert [one.payload for one in read(wal)] == [one.payload for one in read(whole.run_dir / "wal")]
        assert RunDirectory(root).end_state() == "open"
        (disk / "filler").unlink()
        assert paper() == whole.state_hash
        log = (root / "events.jsonl").read_text().splitlines()
        told = [line for line in log if '"sub":0' in line]
        assert told == [
            line for line in (whole.run_dir / "events.jsonl").read_text().splitlines() if '"sub":0' in line
        ]


def before(call: Callable[..., object], number: int, act: Callable[[], None]) -> Callable[..., object]:
    """`call`, in front of whose `number`-th time something else is done."""
    seen = count(1)

    def called(*words: object) -> object:
        if next(seen) == number:
            act()
        return call(*words)

    return called


def kill() -> None:
    raise Killed

"""A paper run can be replayed and run again like a backtest, and was denied what the backtest was denied (T-282)."""

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import FREE, MORNING, RESTLESS, events_of, run, write_config
from tests.journal.journals import line_ends

from veracity.app.config import load
from veracity.app.paper import PaperOutcome, run_paper
from veracity.app.paper_trade import Manner
from veracity.app.replay import replay_run
from veracity.domain.events import BarClosed, CheckpointMarked, CommandReceived, IntentDenied
from veracity.journal.writer import JournalWriter

HELD_BACK = f"""\
{RESTLESS}[strategies.risk]
max_exposure = 14998
trades_per_day = 40
order_rate = 3
order_rate_s = 1200
cooldown_s = 180
stale_s = 3600
daily_loss = 0.0004
price_jump = 0.01
"""
"""It changes its mind every few minutes, and may not what it wants for many reasons."""


def closes() -> list[int]:
    """A day and a half: a zigzag that loses money, with a jump now and then."""
    return [
        3_000_000 + 1_000 * (bar % 6 in (1, 2, 3)) - 300 * (bar // 6 % 5) + 60_000 * (bar % 97 == 50)
        for bar in range(2_000)
    ]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_config(tmp_path_factory.mktemp("parity"), HELD_BACK, FREE, closes=closes())


def paper(config: Path, runs: Path, **options: Any) -> PaperOutcome:
    return run_paper(load(config), runs_dir=runs, clock=lambda: MORNING, manner=Manner(**options))


def denials(run_dir: Path) -> list[tuple[int, str, str, str, str]]:
    return [
        (event.seq, event.intent_id, event.rule, event.ticket, event.detail)
        for event in events_of(run_dir)
        if isinstance(event, IntentDenied)
    ]


def test_a_config_is_denied_alike_by_backtest_paper_and_a_rerun_of_either(
    config: Path, tmp_path: Path
) -> None:
    tested, traded = run(config, tmp_path / "tested"), paper(config, tmp_path / "traded")
    found = denials(tested.run_dir)
    by_rule = Counter(rule for _, _, rule, _, _ in found)
    assert (len(found) >= 20, len(by_rule) >= 4) == (True, True), by_rule
    assert denials(traded.run_dir) == found
    for one in (tested, traded):
        again = replay_run(one.run_dir, rerun=True)
        assert (again.first_difference, again.state_hash_found) == (None, tested.state_hash)
        assert again.facts == 2_000


def test_a_paper_run_that_was_halted_stopped_and_marked_on_the_way_is_run_again_to_the_same_records(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, seen = JournalWriter.append, [0]

    def counted(journal: JournalWriter, seq: int, payload: bytes) -> Any:
        seen[0] += 1
        if seen[0] == 900:
            (tmp_path / "KILL").touch()
        if seen[0] == 1_500:
            os.kill(os.getpid(), signal.SIGTERM)
        return append(journal, seq, payload)

    monkeypatch.setattr(JournalWriter, "append", counted)
    ended = paper(config, tmp_path, kill_file=tmp_path / "KILL", checkpoint_every=100)
    events = events_of(ended.run_dir)
    assert sum(isinstance(event, CheckpointMarked) for event in events) > 10
    assert [event.command for event in events if isinstance(event, CommandReceived)] == ["stop_requested"]
    again = replay_run(ended.run_dir, rerun=True)
    assert (again.first_difference, again.state_hash_found) == (None, ended.state_hash)
    assert again.facts == sum(isinstance(event, BarClosed) for event in events) < 2_000


def test_a_paper_run_that_lost_its_end_is_not_called_the_same(config: Path, tmp_path: Path) -> None:
    """Acknowledged records are missed by their witness; and without one, a checkpoint on the way is not the run's end."""
    traded = paper(config, tmp_path, checkpoint_every=500)
    segment = traded.run_dir / "wal" / "00000001.wal"
    data = segment.read_bytes()
    ends = line_ends(data)
    segment.write_bytes(data[: ends[-3]])
    for words in (("replay",), ("wal", "replay"), ("wal", "show", "--kind", "run_started")):
        said = veracity(*words, traded.run_dir)
        assert said.code == 5
        assert "were acknowledged and are not there" in said.err, words
    (traded.run_dir / "wal" / "witness").unlink()
    marks = [event.seq for event in events_of(traded.run_dir) if isinstance(event, CheckpointMarked)]
    assert len(marks) > 2
    segment.write_bytes(data[: ends[marks[-1]]])  # the head is the first line
    said = veracity("replay", traded.run_dir, "--json")
    assert (said.code, said.document["same"], said.document["state_hash_expected"]) == (5, False, None)
    segment.write_bytes(data)
    whole = veracity("replay", traded.run_dir, "--json").document
    assert (whole["same"], whole["state_hash"]) == (True, traded.state_hash)

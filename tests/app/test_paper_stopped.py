"""A paper run that is stopped by a signal leaves a log that is whole, and a seal that holds for it."""

import hashlib
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.app.real_runs import FREE, RESTLESS, write_config

from veracity.app.cli.main import cli
from veracity.domain.events import decode_event
from veracity.forensics.event_log import EventLog
from veracity.forensics.taxonomy import in_event_log, standard
from veracity.journal.writer import JournalWriter

LINES = 1_000  # that are due when the signal comes
ZIGZAG = [3_000_000 + 500 * (bar % 4 in (1, 2)) for bar in range(1_500)]


def due(payload: bytes) -> int | None:
    """The seq of a journaled event that is of the log; None for one of market data."""
    event = decode_event(payload)
    entry = standard().entry(str(event.__struct_config__.tag))
    return event.seq if in_event_log(entry) else None


@pytest.mark.ticket("T-086")
def test_a_thousand_lines_behind_a_larger_buffer_are_whole_after_sigterm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = {**(EventLog.__init__.__kwdefaults__ or {}), "lines_buffered": 4_096}
    monkeypatch.setattr(EventLog.__init__, "__kwdefaults__", defaults)
    appended: list[int] = []
    append = JournalWriter.append

    def watched(journal: JournalWriter, seq: int, payload: bytes) -> Any:
        done = append(journal, seq, payload)
        if (found := due(payload)) is not None:
            appended.append(found)
            if len(appended) == LINES:
                os.kill(os.getpid(), signal.SIGTERM)
        return done

    monkeypatch.setattr(JournalWriter, "append", watched)
    config = write_config(tmp_path, RESTLESS, FREE, closes=ZIGZAG)
    ended = CliRunner().invoke(cli, ["--run-dir", str(tmp_path / "runs"), "paper", "-c", str(config)])
    assert ended.exit_code == 143, ended.output
    (root,) = (tmp_path / "runs").glob("paper-*")
    content = (root / "events.jsonl").read_bytes() if (root / "events.jsonl").exists() else b""
    assert content.endswith(b"\n")  # no line is cut
    told = [json.loads(line) for line in content.splitlines()]
    lines = [line for line in told if line["sub"] == 0]  # of the journal's events; the rest are notices
    assert [line["seq"] for line in lines] == appended
    assert len(lines) < LINES + 50  # stopped there, not at the end of the data
    assert [line["kind"] for line in lines[-2:]] == ["run_finished", "checkpoint_marked"]
    assert sealed(root)["events.jsonl"] == hashlib.sha256(content).hexdigest()
    assert not (root / "FAILED").exists()


def sealed(root: Path) -> dict[str, str]:
    """The sum that SEALED states of each file."""
    stated = (line.split("  ", 1) for line in (root / "SEALED").read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in stated}

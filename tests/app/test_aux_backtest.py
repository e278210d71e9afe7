"""Runs with a series beside the bars: who is shown what and when, what is denied, and that it all can be read again."""

from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import FREE, MINUTE, RESTLESS, START, document, events_of, run, write_config
from tests.app.test_replay_paper import paper

from veracity.domain.events import AuxUpdated, Event, IntentDenied, OrderSubmitted

SERIES = """\
[[instruments.aux]]
name = "interest"
file = "interest.csv"
column = "usd"
scale = 2
lag = "1m"
max_age = "20m"
critical = true
"""
VALUES = "ts,usd\n2023-02-01T00:15:00Z,1.25\n2023-02-01T00:40:00Z,-3\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A market that rises for ten minutes out of twenty; the strategy wants to hold it while it rises."""
    (tmp_path / "interest.csv").write_text(VALUES, encoding="utf-8")
    return write_config(tmp_path, SERIES, RESTLESS, FREE)


def minutes(events: list[Event], kind: type[Event], **of: str) -> list[int]:
    """When events of a kind were, in minutes of the run."""
    return [
        (event.ts - START) // MINUTE
        for event in events
        if isinstance(event, kind) and all(getattr(event, name) == value for name, value in of.items())
    ]


def test_nothing_opens_before_the_first_value_or_on_one_that_is_too_old(config: Path, tmp_path: Path) -> None:
    events = events_of(run(config, tmp_path / "runs").run_dir)
    denied = [event for event in events if isinstance(event, IntentDenied)]
    assert {event.rule for event in denied} == {"critical_aux"}
    # It rises in the minutes 2 to 11 (nothing is known), 22 to 31 (the value of 15 is), 42 to 51 (the value of 40 is),
    # 62 to 71 and so on (that is 22 minutes old, and more).
    assert minutes(events, OrderSubmitted, purpose="open") == [22, 42]
    assert denied[0].detail == "interest missing"
    late = next(event for event in denied if event.ts > START + 60 * MINUTE)
    assert late.detail == f"interest stale: it is {22 * MINUTE} ns old, the limit is {20 * MINUTE}"
    assert (late.ts - START) // MINUTE == 62


def test_the_run_says_of_which_file_it_knew_and_at_how_many_bars_it_did_not(
    config: Path, tmp_path: Path
) -> None:
    run_dir = run(config, tmp_path / "runs").run_dir
    (_, series) = document(run_dir / "manifest.json")["data_files"]
    assert series == {
        "symbol": "BTCUSDT",
        "series": "interest",
        "file": "interest.csv",
        "rows": 2,
        "first_ts": START + 16 * MINUTE,
        "last_ts": START + 41 * MINUTE,
    }
    # Known from minute 16 to 35 and from 41 to 60, both included: 40 of the minutes 1 to 120.
    notes = document(run_dir / "summary.json")["warnings"]
    assert "interest of BTCUSDT is unknown or too old when 80 of 120 bars close." in notes


def test_replay_rerun_and_paper_come_to_the_same_state(config: Path, tmp_path: Path) -> None:
    tested = run(config, tmp_path / "tested")
    for words in (("replay", tested.run_dir), ("replay", tested.run_dir, "--rerun")):
        said = veracity(*words, "--json", "-q")
        assert (said.code, said.document["same"]) == (0, True), said.err
        assert said.document["state_hash"] == tested.state_hash
    traded = paper(config, tmp_path / "traded")
    told = [event for event in events_of(traded.run_dir) if isinstance(event, AuxUpdated)]
    assert [(event.ts, event.value_ts, event.value) for event in told] == [
        (START + 16 * MINUTE, START + 15 * MINUTE, 125),
        (START + 41 * MINUTE, START + 40 * MINUTE, -300),
    ]
    assert traded.state_hash == tested.state_hash
    assert veracity("replay", traded.run_dir, "--json", "-q").document["same"] is True


def test_a_value_that_was_changed_since_is_told_and_not_replayed(config: Path, tmp_path: Path) -> None:
    run_dir = run(config, tmp_path / "runs").run_dir
    (tmp_path / "interest.csv").write_text(VALUES.replace("1.25", "1.26"), encoding="utf-8")
    said = veracity("replay", run_dir)
    assert said.code != 0
    assert "dataset" in said.err


def test_a_bad_file_refuses_the_run_with_every_fault_and_leaves_nothing(config: Path, tmp_path: Path) -> None:
    (tmp_path / "interest.csv").write_text("ts,usd\n2023-02-01T00:15:00,1\n2023-02-01T00:40:00Z,nan\n")
    said = veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs")
    assert said.code == 4
    assert "interest.csv, row 1, line 2, column ts" in said.err
    assert "usd is nan, not a finite number" in said.err
    assert not (tmp_path / "runs").exists()

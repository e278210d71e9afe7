"""`veracity practice` and `veracity paper --venue`: real processes and a real socket, killed from outside by SIGKILL."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.app.real_runs import FREE, MORNING, TREND, environment, events_of, run, write_config
from tests.app.test_supervised_paper import BARS, orders_of, supervised, trading, until
from tests.kit.process import PATIENCE_S, SEARCHED
from tests.kit.schemas import refuse_undescribed

from veracity.app.config import load
from veracity.app.paper import run_paper
from veracity.app.paper_trade import Manner
from veracity.app.practice import DEEDS
from veracity.app.run_dirs import list_runs
from veracity.domain.errors import OperatorFault
from veracity.domain.events import OrderExpired
from veracity.journal.reader import read
from veracity.venues.practice.counterparty import decode_request
from veracity.venues.practice.wire import Place


@contextmanager
def practice(config: Path, runs: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A venue that listens; ended in order where the test did not end it."""
    command = [
        sys.executable,
        "-m",
        "veracity.app.cli",
        "--run-dir",
        str(runs),
        "practice",
        "-c",
        str(config),
    ]
    process = subprocess.Popen(
        [*command, *words],
        env=environment(PYTHONPATH=SEARCHED),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE_S)


def venue_of(runs: Path) -> Path:
    (found,) = runs.glob("practice-*")
    return found


def placed(venue: Path) -> list[str]:
    """Client order ids of all that the venue was ever sent, in order."""
    deeds = (decode_request(bytes(record.payload)) for record in read(venue / DEEDS))
    return [deed.order.order_id for deed in deeds if isinstance(deed, Place)]


def test_a_run_at_a_venue_of_its_own_ends_with_the_hash_of_the_backtest(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE), tmp_path / "runs"
    with practice(config, runs, "--quiet") as process:
        venue = venue_of(runs)
        outcome = run_paper(load(config), runs_dir=runs, clock=lambda: MORNING, manner=Manner(venue=venue))
        process.terminate()
        assert (process.wait(PATIENCE_S), process.stderr and process.stderr.read()) == (0, "")
    assert outcome.state_hash == run(config, tmp_path / "backtest").state_hash
    assert placed(venue) == orders_of(outcome.run_dir)


def test_a_venue_that_is_killed_ends_the_engine_with_8_and_both_go_on_without_the_order_in_hand(
    tmp_path: Path,
) -> None:
    """The engine learns of it when it sends the next order: whether that arrived it does not know, and it sends it no more."""
    config, runs = write_config(tmp_path, TREND, FREE, closes=BARS), tmp_path / "runs"
    with practice(config, runs) as process:
        words = [
            "--run-dir",
            str(runs),
            "paper",
            "-c",
            str(config),
            "--venue",
            str(venue_of(runs)),
            "--pace",
            "50",
        ]
        engine = subprocess.Popen(
            [sys.executable, "-m", "veracity.app.cli", *words],
            env=environment(PYTHONPATH=SEARCHED),
            stderr=subprocess.PIPE,
            text=True,
        )
        until(lambda: trading(runs, 3), engine)
        process.kill()
        _, said = engine.communicate(timeout=PATIENCE_S)
        assert engine.returncode == 8, said
        assert (
            "the venue went away" in said or "no answer" in said or "the other end cannot be reached" in said
        )
    (open_run,) = list_runs(runs)
    assert open_run.state == "open"
    with practice(config, runs):
        manner = Manner(venue=venue_of(runs))
        outcome = run_paper(load(config), runs_dir=runs, clock=lambda: MORNING, manner=manner)
        sent = placed(venue_of(runs))
    assert outcome.run_dir == open_run.path
    expired = [event for event in events_of(outcome.run_dir) if isinstance(event, OrderExpired)]
    assert {event.detail for event in expired} <= {"expired_unsent: the venue has no such order"}
    never = {event.order_id for event in expired}
    assert len(never) <= 1  # none where the venue had written the order down before it died
    assert [one for one in orders_of(outcome.run_dir) if one not in never] == sent


def test_the_venue_of_a_run_that_has_ended_begins_without_memory(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE), tmp_path / "runs"
    hashes = []
    for _ in range(2):
        with practice(config, runs):
            manner = Manner(venue=venue_of(runs))
            hashes.append(
                run_paper(load(config), runs_dir=runs, clock=lambda: MORNING, manner=manner).state_hash
            )
    assert len(set(hashes)) == 1
    assert len(list_runs(runs)) == 2


def test_a_venue_that_forgot_an_order_is_not_traded_at(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE), tmp_path / "runs"
    with practice(config, runs):
        run_paper(load(config), runs_dir=runs, clock=lambda: MORNING, manner=Manner(venue=venue_of(runs)))
    (ended,) = list_runs(runs)
    (ended.path / "SEALED").unlink()  # as if it had been killed before its end
    for segment in (venue_of(runs) / DEEDS).iterdir():
        segment.unlink()
    with (
        practice(config, runs),
        pytest.raises(OperatorFault, match="does not know orders that it reported on") as no,
    ):
        run_paper(load(config), runs_dir=runs, clock=lambda: MORNING, manner=Manner(venue=venue_of(runs)))
    assert no.value.exit_code == 7


def test_where_it_listens_is_a_document_of_its_schema(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE), tmp_path / "runs"
    with practice(config, runs, "--json") as process:
        assert process.stdout is not None
        ready = json.loads("".join(("{", *iter(process.stdout.readline, "}\n"), "}")))
        refuse_undescribed(ready)
        assert ready["venue"] == str(venue_of(runs))


def test_two_processes_are_not_the_venue_of_one_run(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE), tmp_path / "runs"
    with practice(config, runs), practice(config, runs) as second:
        _, said = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 7
        assert "another process is the practice venue of this run" in said


def test_a_second_supervisor_and_a_second_engine_start_nothing(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE, closes=BARS), tmp_path / "runs"
    with supervised(config, runs, "--pace", "5") as first:
        until(lambda: trading(runs, 1), first)
        with supervised(config, runs) as second:
            _, said = second.communicate(timeout=PATIENCE_S)
            assert second.returncode == 7
            assert "another process is the practice venue of this run" in said
        with pytest.raises(OperatorFault, match="another process runs this") as no:
            run_paper(load(config), runs_dir=runs, clock=lambda: MORNING)
        assert no.value.exit_code == 7
        assert first.poll() is None
        assert len(list_runs(runs)) == 1

"""The kill file: whatever stands at its path stops new risk (specs/risk/modes.md, S-105)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, IntentDenied, ModeChanged, OrderSubmitted
from veracity.domain.machines import Mode
from veracity.runtime.kill_watch import KillWatch

SECOND = 10**9


def no_parent(path: Path) -> None:
    """What should be the directory is a file: the path cannot be looked for."""
    path.parent.rmdir()
    path.parent.write_bytes(b"")


KINDS: dict[str, Callable[[Path], object]] = {
    "a file": lambda path: path.write_text("stop", encoding="utf-8"),
    "an empty file": lambda path: path.touch(),
    "a directory": lambda path: path.mkdir(),
    "a link that leads nowhere": lambda path: path.symlink_to("nowhere"),
    "a parent that is no directory": no_parent,
}


def polled(script: Script, watch: KillWatch, seconds: int) -> None:
    """The world looks once a second, as a paper run does between its bars."""
    for _ in range(seconds):
        script.now += SECOND
        for seen in watch.poll(script.now):
            script.hears(seen)


@pytest.mark.ticket("T-277")
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_stands_at_the_path_halts_within_two_polls(tmp_path: Path, kind: str) -> None:
    """F16."""
    path = tmp_path / "run" / "KILL"
    path.parent.mkdir()
    script, watch = Script(player("a")).ticks(100_00), KillWatch(path)
    polled(script, watch, 3)
    assert script.state.mode is Mode.RUNNING
    script.wants("a", 1_000).hears(filled(script.order, 1_000))
    KINDS[kind](path)
    before = script.now
    polled(script, watch, 2)
    (halt,) = [change for change in script.all(ModeChanged) if change.mode_to is Mode.HALTED]
    assert halt.reason == "kill_file"
    assert halt.ts - before <= 2 * SECOND
    script.wants("a", 2_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("kill_file", "T-277")
    assert len(script.all(OrderSubmitted)) == 1
    script.wants("a", 0).says(IntentCreated, OrderSubmitted)


@pytest.mark.ticket("T-277")
def test_a_directory_that_must_not_be_read_halts_and_one_look_a_second_is_enough() -> None:
    looks: list[Path] = []

    def forbidden(path: Path) -> os.stat_result:
        looks.append(path)
        raise PermissionError(13, "Permission denied")

    watch = KillWatch(Path("/closed/KILL"), forbidden)
    now = 5 * SECOND
    assert [seen.detail for seen in watch.poll(now)] == [
        "/closed/KILL cannot be looked for: Permission denied"
    ]
    assert [len(watch.poll(now + later)) for later in (1, SECOND - 1, SECOND, 2 * SECOND)] == [0, 0, 0, 0]
    assert len(looks) == 3


def test_a_file_that_is_gone_resumes_nothing_and_one_that_comes_again_is_seen_again(tmp_path: Path) -> None:
    path, watch = tmp_path / "KILL", KillWatch(tmp_path / "KILL")
    seen = []
    for second, there in enumerate((False, True, True, False, True)):
        path.unlink(missing_ok=True)
        if there:
            path.touch()
        seen.append(len(watch.poll(second * SECOND)))
    assert seen == [0, 1, 0, 0, 1]

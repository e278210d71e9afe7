"""What keeps the engine in safe mode, since when, and what has to be seen before an operator may end it (S-014, S-105)."""

import pytest
from tests.kit.market import BTC, ETH, MINUTE, START
from tests.kit.players import player
from tests.kit.says import agreed, clock, drift, resume, safe_mode
from tests.kit.script import Script

from veracity.domain.events import ClockChecked, CommandRefused, DriftCleared, ModeChanged
from veracity.domain.machines import Mode
from veracity.engine.modes import Cause, SafeMode
from veracity.runtime.replay import fold
from veracity.state.snapshot import restore, take

MS = 1_000_000
AT = START + MINUTE  # of the first bar
DRIFT = Cause(f"major drift of {BTC}", AT, f"until a report agrees on {BTC}")
CLOCK = Cause("clock offset of -2000000000 ns", AT + MINUTE, "until a sample is within the bound")


def two_causes() -> Script:
    """The drift is found at 00:01, the clock a minute later."""
    script = Script(player("a", BTC), player("b", ETH)).ticks(100_00).hears(drift(BTC, "major"))
    return script.ticks(100_00).hears(clock(-2_000 * MS))


@pytest.mark.ticket("T-278")
def test_a_resume_is_refused_by_each_check_that_was_not_passed_and_the_last_one_lets_it_through() -> None:
    script = two_causes()
    assert SafeMode(script.state).causes == (DRIFT, CLOCK)
    script.hears(resume("it looks fine")).says(CommandRefused)
    assert script.last(CommandRefused).detail == (
        f"still open: major drift of {BTC} since 2023-02-01T00:01:00Z (until a report agrees on {BTC}), clock offset of "
        "-2000000000 ns since 2023-02-01T00:02:00Z (until a sample is within the bound); asked by operator: it looks fine"
    )
    script.hears(agreed(BTC)).says(DriftCleared)
    script.hears(resume()).says(CommandRefused)
    assert BTC not in script.last(CommandRefused).detail
    assert SafeMode(script.state).causes == (CLOCK,)
    script.hears(clock(0)).says(ClockChecked)
    assert (SafeMode(script.state).causes, script.state.mode) == ((), Mode.SAFE)
    script.hears(resume("checked")).says(ModeChanged)
    changed = script.last(ModeChanged)
    assert (changed.mode_from, changed.mode_to, changed.detail) == (Mode.SAFE, Mode.RUNNING, "checked")


@pytest.mark.ticket("T-278")
def test_a_restart_knows_since_when() -> None:
    script = two_causes()
    assert SafeMode(fold(script.journal.records, ())).causes == (DRIFT, CLOCK)
    assert SafeMode(restore(take(script.state))).causes == (DRIFT, CLOCK)


def test_a_difference_stands_in_the_way_from_when_it_was_more_than_minor() -> None:
    script = Script().ticks(100_00).hears(drift(BTC, "minor"))
    assert SafeMode(script.state).causes == ()
    script.ticks(100_00).hears(drift(BTC, "major")).ticks(100_00).hears(drift(BTC, "severe"))
    (cause,) = SafeMode(script.state).causes
    assert (cause.what, cause.since) == (f"severe drift of {BTC}", AT + MINUTE)
    script.hears(agreed(BTC)).ticks(100_00).hears(drift(BTC, "unknown"))
    (again,) = SafeMode(script.state).causes
    assert (again.what, again.since) == (f"unknown drift of {BTC}", AT + 3 * MINUTE)


def test_a_difference_that_was_cleared_is_forgotten_and_agreement_alone_resumes_nothing() -> None:
    script = Script().ticks(100_00).hears(drift(BTC, "major"))
    script.hears(agreed(BTC)).says(DriftCleared)
    assert script.state.mode is Mode.SAFE
    script.hears(agreed(BTC)).says()
    script.hears(resume()).says(ModeChanged)


def test_who_asked_for_safe_mode_left_no_cause_and_may_end_it() -> None:
    script = Script().ticks(100_00).hears(safe_mode())
    assert SafeMode(script.state).causes == ()
    script.hears(resume()).says(ModeChanged)

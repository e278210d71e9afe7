"""A book that differs from the venue's (specs/risk/halts.md, S-102)."""

import pytest
from tests.guards.books import NO_LIMITS, book, buys, intent, judged, view
from tests.kit.market import BTC, ETH
from tests.kit.players import player
from tests.kit.says import drift
from tests.kit.script import Script

from veracity.domain.events import DriftFound, DriftSeverity, ModeChanged
from veracity.domain.machines import Mode
from veracity.engine.gate import Gate, Refused
from veracity.guards import drift_halt
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import Denied
from veracity.state.model import Difference

SOL = "SOLUSDT"


def answers() -> dict[str, str]:
    """What the guard answers to each severity."""
    found = {}
    for severity in ("none", "minor", "major", "unknown", "severe"):
        verdict = drift_halt.check(buys(1), view(drift=severity), NO_LIMITS)
        found[severity] = verdict.remedy if isinstance(verdict, Denied) else "nothing"
    return found


@pytest.mark.ticket("T-286")
def test_each_severity_has_its_answer_and_a_minor_report_takes_nothing_back() -> None:
    assert answers() == {
        "none": "nothing",
        "minor": "nothing",
        "major": "hold",
        "unknown": "hold",
        "severe": "close",
    }
    script = Script(player("a")).ticks(100_00)
    kept = []
    for severity in ("minor", "major", "minor", "unknown", "severe", "major"):
        script.hears(drift(BTC, severity))
        kept.append(script.state.drift[BTC].severity)
    assert kept == ["minor", "major", "major", "major", "severe", "severe"]


@pytest.mark.ticket("T-264")
def test_a_severe_difference_demands_the_close_of_its_own_symbol_only() -> None:
    """Positions in BTC, ETH and SOL; the difference is in ETH, the engine runs on to show the guard's own answer."""
    state = book({BTC: 100_00, ETH: 50_00, SOL: 10_00}, {BTC: 1_000, ETH: -2_000, SOL: 3_000})
    state.drift = {ETH: Difference("severe", 0), SOL: Difference("major", 0)}
    for _ in range(2):
        remedies: dict[str, str] = {}
        for symbol in (BTC, ETH, SOL):
            verdict = judged(state, intent("buy", 1, symbol, purpose="increase"))
            remedies[symbol] = verdict.remedy if isinstance(verdict, Refused) else "passes"
        assert remedies == {BTC: "passes", ETH: "close", SOL: "hold"}


@pytest.mark.ticket("T-259")
@pytest.mark.parametrize("severity", ["major", "unknown"])
def test_a_halting_difference_stops_at_once_and_is_said_once(severity: DriftSeverity) -> None:
    script = Script(player("a")).ticks(100_00)
    script.hears(drift(BTC, severity)).says(DriftFound, ModeChanged)
    said = script.last(ModeChanged)
    assert (said.mode_to, said.reason) == (Mode.SAFE, "drift_halt")
    verdict = Gate(GUARDS, {"a": NO_LIMITS}).judge(intent("buy", 1), script.state, ())
    assert isinstance(verdict, Refused)
    assert verdict.rule == "safe_mode"
    script.state.mode = Mode.RUNNING  # as if somebody loosened it: the difference is still there
    again = Gate(GUARDS, {"a": NO_LIMITS}).judge(intent("buy", 1), script.state, ())
    assert isinstance(again, Refused)
    assert (again.rule, again.ticket) == ("drift_halt", "T-259")
    script.state.mode = Mode.SAFE
    script.hears(drift(BTC, severity)).says(DriftFound)
    assert script.state.mode is Mode.SAFE

"""Every cell of the mode table, through the gate and the cancel commands; and safe mode at both edges of a close."""

import pytest
from msgspec.structs import replace
from tests.kit.market import BTC, PERP
from tests.kit.players import player
from tests.kit.says import cancel_all, close_only, halt, safe_mode, stop
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.events import (
    CancelRequested,
    CommandRefused,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderSubmitted,
)
from veracity.domain.machines import Mode
from veracity.engine.gate import Approved, Gate
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import RiskLimits
from veracity.state.apply import apply

ALLOWED = {
    Mode.RECOVERING: set(),
    Mode.RUNNING: {"open", "increase", "reduce", "close", "cancel"},
    Mode.CLOSE_ONLY: {"reduce", "close", "cancel"},
    Mode.SAFE: {"close", "cancel"},
    Mode.HALTED: {"close", "cancel"},
    Mode.STOPPED: set(),
}
WISHES = {"open": ("buy", 1), "increase": ("buy", 1), "reduce": ("sell", 1_000), "close": ("sell", 3_000)}
COMMANDS = {Mode.CLOSE_ONLY: close_only, Mode.SAFE: safe_mode, Mode.HALTED: halt, Mode.STOPPED: stop}


def in_mode(mode: Mode, held: int = 3_000) -> Script:
    """A long position, in `mode`; recovering is only before the first change of mode, so it is put there."""
    script = Script().ticks(100_00)
    if held:
        trade(script, "buy", held, 100_00)
    if mode in COMMANDS:
        script.hears(COMMANDS[mode]())
    elif mode is Mode.RECOVERING:
        back = ModeChanged(script.state.seq + 1, script.now, Mode.RUNNING, Mode.RECOVERING, "test", "")
        apply(script.state, back)
    return script


def judged(script: Script, side: str, qty: int, purpose: str = "close") -> Approved | object:
    intent = IntentCreated(
        9,
        0,
        f"i-{side}-{qty}",
        "a",
        BTC,
        side,
        qty,
        "market",
        None,
        purpose,
        0,
        "test",
        (),  # type: ignore[arg-type]
    )
    return Gate(GUARDS, {"a": RiskLimits()}).judge(intent, script.state, ())


@pytest.mark.ticket("T-048")
@pytest.mark.parametrize("mode", list(Mode))
def test_a_mode_lets_through_exactly_its_actions(mode: Mode) -> None:
    passes = {
        action
        for action, (side, qty) in WISHES.items()
        if isinstance(judged(in_mode(mode, 0 if action == "open" else 3_000), side, qty, action), Approved)
    }
    script = in_mode(Mode.RUNNING).wants("a", 4_000)
    working = script.order
    if mode in COMMANDS:
        script.hears(COMMANDS[mode]())
    elif mode is Mode.RECOVERING:
        apply(
            script.state,
            ModeChanged(script.state.seq + 1, script.now, Mode.RUNNING, Mode.RECOVERING, "test", ""),
        )
    if script.order_of(working).state != "cancel_pending":  # safe mode and stop cancel it themselves
        script.hears(cancel_all())
    if script.order_of(working).state == "cancel_pending" and mode is not Mode.STOPPED:
        passes.add("cancel")
    assert passes == ALLOWED[mode]


@pytest.mark.parametrize("mode", [Mode.RECOVERING, Mode.STOPPED])
def test_where_no_cancel_may_be_sent_the_command_is_refused(mode: Mode) -> None:
    script = in_mode(mode)
    script.hears(cancel_all()).says(CommandRefused)
    assert script.last(CommandRefused).command == "cancel_all_requested"
    assert script.all(CancelRequested) == []


@pytest.mark.ticket("T-048")
@pytest.mark.parametrize(("side", "qty"), [("buy", 1), ("sell", 1_000), ("sell", 2_999), ("sell", 3_001)])
def test_safe_mode_denies_all_but_the_whole_close(side: str, qty: int) -> None:
    script = in_mode(Mode.SAFE)
    assert isinstance(judged(script, "sell", 3_000), Approved)
    refused = judged(script, side, qty)
    assert getattr(refused, "rule", "approved") == "safe_mode"
    assert getattr(judged(in_mode(Mode.SAFE, 0), side, qty), "rule", "approved") == "safe_mode"


@pytest.mark.ticket("T-048")
def test_a_partial_reduction_passes_in_close_only_and_not_in_safe_mode() -> None:
    assert isinstance(judged(in_mode(Mode.CLOSE_ONLY), "sell", 1_000, "reduce"), Approved)
    assert not isinstance(judged(in_mode(Mode.SAFE), "sell", 1_000, "reduce"), Approved)


NEEDS = RiskLimits(critical_aux=("funding_rate",))


@pytest.mark.ticket("T-028")
def test_without_a_critical_series_nothing_opens_and_what_is_held_can_be_closed() -> None:
    script = Script(player("a", PERP, limits=NEEDS)).ticks(100_00, PERP)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    denial = script.last(IntentDenied)
    assert (denial.rule, denial.detail) == ("critical_aux", "funding_rate missing")
    trade(script, "buy", 1_000, 100_00, symbol=PERP)
    script.wants("a", 0).says(IntentCreated, OrderSubmitted)
    assert replace(script.last(OrderSubmitted), seq=1).purpose == "close"


@pytest.mark.ticket("T-028")
def test_the_first_settlement_makes_it_known() -> None:
    script = Script(player("a", PERP, limits=NEEDS)).ticks(100_00, PERP)
    script.settles(100_000, 100_00, PERP).wants("a", 1_000).says(IntentCreated, OrderSubmitted)

import pytest
from tests.kit.market import BTC
from tests.kit.players import player
from tests.kit.process import ROOT
from tests.kit.says import (
    acked,
    cancel_all,
    close_all,
    close_only,
    filled,
    halt,
    resume,
    safe_mode,
    stop,
)
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.events import (
    CancelRequested,
    CommandRefused,
    ExitBegun,
    ExitEnded,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderFilled,
    OrderSubmitted,
    Side,
)
from veracity.domain.machines import PERMITS, Mode
from veracity.engine import modes
from veracity.engine.gate import Gate, Refused
from veracity.guards.view import RiskLimits
from veracity.runtime.replay import fold

# ---------------------------------------------------------------- halted: nothing new


@pytest.mark.ticket("T-007")
def test_in_a_halt_every_opening_intent_is_denied_and_none_is_sent() -> None:
    script = Script(player("a"), player("b")).ticks(100_00)
    script.hears(halt("margin call on another account")).says(ModeChanged)
    for strategy_id in ("a", "b", "a", "b", "a"):
        script.wants(strategy_id, 1_000).says(IntentCreated, IntentDenied)
    denials = script.all(IntentDenied)
    assert len(denials) == 5
    assert {denial.rule for denial in denials} == {"engine_mode"}
    assert all("operator: margin call on another account" in denial.detail for denial in denials)
    assert script.all(OrderSubmitted) == []
    assert script.venue.effects == []


def test_the_denials_of_a_halt_with_the_longest_reason_can_be_read_again() -> None:
    script = Script(player("a")).ticks(100_00)
    script.hears(halt("x" * 500)).wants("a", 1_000).says(IntentCreated, IntentDenied)
    detail = script.last(IntentDenied).detail  # it was decoded by the schema, which has room for 500
    assert (len(detail), detail[:40]) == (500, "mode halted (operator: " + "x" * 17)


@pytest.mark.ticket("T-007")
def test_a_halt_holds_from_the_next_intent_of_the_same_bar_on() -> None:
    script = Script(player("a"), player("b")).ticks(100_00)
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)
    script.hears(halt())
    script.wants("b", 1_000).says(IntentCreated, IntentDenied)
    assert script.last(IntentDenied).ts == script.last(OrderSubmitted).ts


@pytest.mark.ticket("T-007")
def test_a_halt_outlives_a_restart_from_the_journal() -> None:
    script = Script().ticks(100_00).hears(halt("by hand"))
    again = fold(script.journal.records, ())
    assert (again.mode, again.mode_reason) == (Mode.HALTED, "operator: by hand")
    step = script.engine.turn(again, "a", (1_000,))
    assert [type(event) for event in step.events] == [IntentCreated, IntentDenied]


# ---------------------------------------------------------------- halted: leaving is allowed


def held(qty: int) -> Script:
    """A conversation with a long position."""
    script = Script().ticks(100_00)
    trade(script, "buy", qty, 100_00)
    return script


@pytest.mark.ticket("T-008")
def test_the_operator_can_close_what_is_held_in_a_halt() -> None:
    script = held(3_000).hears(halt())
    script.hears(close_all()).says(ExitBegun, IntentCreated, OrderSubmitted)
    order = script.last(OrderSubmitted)
    assert (order.side, order.qty, order.purpose) == ("sell", 3_000, "close")
    script.hears(filled(order.order_id, 3_000, side="sell")).says(OrderFilled, ExitEnded)
    assert script.position().qty == 0


@pytest.mark.ticket("T-008")
@pytest.mark.parametrize("purpose", ["open", "increase", "reduce", "close"])
def test_one_lot_more_than_is_held_is_denied_in_a_halt_whatever_it_calls_itself(purpose: str) -> None:
    script = held(3_000).hears(halt())
    script.hears(close_all())
    closing = script.last(IntentCreated)
    before = fold(script.journal.records[:-2], ())  # the state that the close was decided on
    gate = Gate((), {"a": RiskLimits()})
    flip = type(closing)(**{**_fields(closing), "intent_id": "i-1", "qty": 3_001, "purpose": purpose})
    exact = type(closing)(**{**_fields(closing), "intent_id": "i-2"})
    assert isinstance(gate.judge(flip, before, ()), Refused)
    assert not isinstance(gate.judge(exact, before, ()), Refused)


def _fields(event: IntentCreated) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def test_close_all_halts_first_so_that_nothing_opens_behind_it() -> None:
    script = held(3_000)
    script.hears(close_all()).says(ModeChanged, ExitBegun, IntentCreated, OrderSubmitted)
    assert script.state.mode is Mode.HALTED


def test_close_all_cancels_what_works_before_it_closes() -> None:
    script = held(3_000)
    script.wants("a", 4_000).hears(acked(script.order))
    script.hears(close_all()).says(ModeChanged, ExitBegun, CancelRequested)
    assert script.last(CancelRequested).order_id == script.order


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize(
    ("command", "mode"),
    [(halt, Mode.HALTED), (close_only, Mode.CLOSE_ONLY), (safe_mode, Mode.SAFE), (stop, Mode.STOPPED)],
)
def test_a_command_changes_the_mode_and_keeps_who_asked(command, mode) -> None:  # type: ignore[no-untyped-def]
    script = Script().hears(command("late feed")).says(ModeChanged)
    said = script.last(ModeChanged)
    assert (said.mode_from, said.mode_to, said.reason, said.detail) == (
        Mode.RUNNING,
        mode,
        "operator",
        "late feed",
    )
    assert (script.state.mode, script.state.mode_reason) == (mode, "operator: late feed")


@pytest.mark.parametrize("command", [halt, close_only, safe_mode])
def test_only_resume_loosens(command) -> None:  # type: ignore[no-untyped-def]
    script = Script().hears(command()).hears(resume("checked by hand"))
    assert (script.state.mode, script.state.mode_reason) == (Mode.RUNNING, "operator: checked by hand")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (halt, close_only),
        (halt, safe_mode),
        (halt, halt),
        (safe_mode, close_only),
        (stop, resume),
        (stop, halt),
    ],
)
def test_a_command_without_a_row_in_the_table_is_refused_and_changes_nothing(first, second) -> None:  # type: ignore[no-untyped-def]
    script = Script().hears(first())
    mode, reason = script.state.mode, script.state.mode_reason
    script.hears(second("please")).says(CommandRefused)
    said = script.last(CommandRefused)
    assert (said.command, said.mode, said.reason) == (second().__struct_config__.tag, mode, "not_possible")
    assert f"is not possible in mode {mode}; asked by operator: please" in said.detail
    assert (script.state.mode, script.state.mode_reason) == (mode, reason)


@pytest.mark.parametrize(
    ("command", "passes"),
    [(close_only, {"reduce", "close"}), (safe_mode, {"close"}), (halt, {"close"})],
)
def test_what_each_mode_lets_through(command, passes: set[str]) -> None:  # type: ignore[no-untyped-def]
    seen = set()
    for target, purpose in ((3_001, "increase"), (2_999, "reduce"), (0, "close")):
        script = held(3_000).hears(command()).wants("a", target)
        if script.said and isinstance(script.said[-1], OrderSubmitted):
            assert script.last(IntentCreated).purpose == purpose
            seen.add(purpose)
    flat = Script().ticks(100_00).hears(command()).wants("a", 1)
    assert flat.all(OrderSubmitted) == []
    assert seen == passes


def test_cancels_pass_in_a_halt() -> None:
    script = Script().ticks(100_00).wants("a", 1_000).hears(halt())
    script.hears(cancel_all()).says(CancelRequested)
    assert script.state.orders[script.order].symbol == BTC


# ---------------------------------------------------------------- the specification


def test_the_specification_shows_the_table_that_the_gate_uses() -> None:
    text = (ROOT / "specs/core-engine/modes.md").read_text(encoding="utf-8")
    header = "| | open | increase | reduce | close | cancel |"
    actions = [cell.strip() for cell in header.strip("|").split("|")[1:]]
    rows = text.partition(header)[2].splitlines()[2:8]
    shown = {}
    for row in rows:
        mode, *cells = (cell.strip() for cell in row.strip("|").split("|"))
        shown |= {(mode, action): cell == "allow" for action, cell in zip(actions, cells, strict=True)}
    assert shown == {(mode.value, action): allowed for (mode, action), allowed in PERMITS.items()}


@pytest.mark.parametrize(
    ("position", "side", "qty", "reduces"),
    [
        (3_000, "sell", 3_000, True),
        (3_000, "sell", 1, True),
        (3_000, "sell", 3_001, False),  # a short of one lot
        (3_000, "buy", 1, False),
        (-3_000, "buy", 3_000, True),
        (-3_000, "buy", 3_001, False),
        (-3_000, "sell", 1, False),
        (0, "sell", 1, False),
        (0, "buy", 1, False),
    ],
)
def test_reducing_is_the_other_side_and_at_most_what_is_held(
    position: int, side: Side, qty: int, reduces: bool
) -> None:
    assert modes.reduces_only(position, side, qty) is reduces

"""Every arc of the machines is taken by the engine itself: an input goes in where the machine stands, events come out.

`tests/generation` reads the tables; here nobody calls them. An arc in specs/machines without a way to drive it fails, and
so does a machine that is not here. The steps of a recovery are taken with real files (tests/runtime/test_every_recovery_arc.py).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from msgspec.structs import replace
from tests.kit import says
from tests.kit.market import usd
from tests.kit.players import player
from tests.kit.script import IDENTITY, Script

from veracity.domain.events import Event, FillQuarantined, ModeChanged, ReportRefused
from veracity.domain.machines import Mode
from veracity.engine.opening import Cast, opening
from veracity.state.apply import apply

ROOT = Path(__file__).parents[2] / "specs" / "machines"
QTY = 4_000  # of the order that is driven
SECOND = 10**9
Drive = Callable[[Script], Script]


class Arc(NamedTuple):
    """One arc from one state, as the YAML has it."""

    machine: str
    before: str
    event: str
    guard: str
    after: str | None
    refuse: str
    record: str

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.machine, self.before, self.event, self.guard)))


def arcs(machine: str) -> Iterator[Arc]:
    document: dict[str, Any] = yaml.safe_load((ROOT / f"{machine}.yaml").read_text(encoding="utf-8"))
    for arc in document["arcs"]:
        for before in arc["from"]:
            yield Arc(
                machine,
                before,
                arc["event"],
                arc.get("guard", ""),
                arc.get("to"),
                arc.get("refuse", ""),
                document["events"][arc["event"]]["record"],
            )


def test_every_machine_has_its_drives() -> None:
    driven = {
        "order": {*REPORTS, "fill"},
        "engine_mode": {*COMMANDS, "recovered"},
        "circuit_breaker": {*WORLD},
    }
    assert {path.stem for path in ROOT.glob("*.yaml")} == {*driven, "recovery"}
    for machine, events in driven.items():
        taken = list(arcs(machine))
        assert {arc.event for arc in taken} == events
        assert len({arc.name for arc in taken}) == len(taken) > 3


# ---------------------------------------------------------------- orders

FILLS = {"fill_is_partial": -1, "fill_is_complete": 0, "fill_is_over": 1}


def sent() -> Script:
    return Script(player("a", cash=usd(10_000))).ticks(100_00).wants("a", QTY)


def some(script: Script) -> Script:
    """A part of the order trades."""
    return script.hears(says.filled(script.order, 1_000, trade="first"))


ORDERS: dict[tuple[str, str], Drive] = {
    ("created", ""): lambda script: Script().ticks(100_00),
    ("submitted", ""): lambda script: script,
    ("accepted", ""): lambda script: script.hears(says.acked(script.order)),
    ("partially_filled", ""): some,
    ("cancel_pending", ""): lambda script: script.wants("a", 0),
    ("cancel_pending", "something_filled"): lambda script: some(script).wants("a", 0),
    ("unknown", ""): lambda script: script.hears(says.lost(script.order)),
    ("unknown", "something_filled"): lambda script: some(script).wants("a", 0).hears(says.lost(script.order)),
    ("filled", ""): lambda script: script.hears(says.filled(script.order, QTY)),
    ("cancelled", ""): lambda script: script.hears(says.cancelled(script.order)),
    ("rejected", ""): lambda script: script.hears(says.refused(script.order)),
    ("expired", ""): lambda script: script.hears(says.expired(script.order)),
}
REPORTS: dict[str, Drive] = {
    "submit": lambda script: script.wants("a", QTY),
    "accept": lambda script: script.hears(says.acked(script.order)),
    "reject": lambda script: script.hears(says.refused(script.order)),
    "request_cancel": lambda script: script.wants("a", 0),
    "confirm_cancel": lambda script: script.hears(says.cancelled(script.order)),
    "refuse_cancel": lambda script: script.hears(says.cancel_refused(script.order)),
    "expire": lambda script: script.hears(says.expired(script.order)),
    "lose": lambda script: script.hears(says.lost(script.order)),
}


def order_there(arc: Arc) -> Script:
    begun = sent()
    return ORDERS.get((arc.before, arc.guard), ORDERS[arc.before, ""])(begun)


def order_moved(script: Script, arc: Arc) -> Script:
    if arc.event != "fill":
        return REPORTS[arc.event](script)
    leaves = script.order_of(script.order).leaves
    qty = 0 if arc.guard == "fill_is_empty" else leaves + FILLS[arc.guard]
    return script.hears(says.filled(script.order, qty, trade="last"))


@pytest.mark.parametrize("arc", list(arcs("order")), ids=lambda arc: arc.name)
def test_the_order_manager_takes_it(arc: Arc) -> None:
    script = order_there(arc)
    if arc.before != "created":
        assert script.order_of(script.order).state.value == arc.before
    order_moved(script, arc)
    kinds = [kind(event) for event in script.said]
    order = script.order_of(script.order)
    if arc.after is None:
        assert order.state.value == arc.before
        (refused,) = script.said
        assert isinstance(refused, ReportRefused | FillQuarantined)
        assert arc.refuse in (refused.detail if isinstance(refused, ReportRefused) else refused.reason)
    else:
        assert (arc.record in kinds, order.state.value) == (True, arc.after)
        assert not {"report_refused", "fill_quarantined"} & set(kinds)


# ---------------------------------------------------------------- the engine's mode

MODES: dict[str, Drive] = {
    "running": lambda script: script,
    "close_only": lambda script: script.hears(says.close_only()),
    "safe": lambda script: script.hears(says.safe_mode()),
    "halted": lambda script: script.hears(says.halt()),
}
COMMANDS: dict[str, Drive] = {
    "halt": lambda script: script.hears(says.halt()),
    "restrict": lambda script: script.hears(says.close_only()),
    "make_safe": lambda script: script.hears(says.safe_mode()),
    "resume": lambda script: script.hears(says.resume()),
    "stop": lambda script: script.hears(says.stop()),
}


def mode_there(before: str) -> Script:
    script = Script().ticks(100_00)
    if before == "recovering":  # where a restart finds a journal that ends before its first change of mode
        step = opening(IDENTITY, Cast(script.instruments, [player("a").started]), script.now)
        script.state = script.loop.state = type(script.state)()
        script.journal.records.clear()
        for event in step.events[:-1]:
            apply(script.state, event)
        return script
    return MODES[before](script)


@pytest.mark.parametrize("arc", list(arcs("engine_mode")), ids=lambda arc: arc.name)
def test_the_engine_takes_it(arc: Arc) -> None:
    script = mode_there(arc.before)
    assert script.state.mode.value == arc.before
    if arc.event == "recovered":
        step = opening(IDENTITY, Cast(script.instruments, [player("a").started]), script.now)
        last = step.events[-1]
        assert isinstance(last, ModeChanged)
        apply(script.state, last)
        assert (kind(last), script.state.mode.value) == (arc.record, arc.after)
        return
    COMMANDS[arc.event](script).says(ModeChanged)
    changed = script.last(ModeChanged)
    assert (changed.mode_from.value, changed.mode_to.value) == (arc.before, arc.after)
    assert script.state.mode is Mode(arc.after)


# ---------------------------------------------------------------- the circuit breaker


def fails(script: Script, count: int) -> Script:
    for _ in range(count):
        script.hears(says.called(ok=False))
    return script


def cools(script: Script) -> Script:
    script.now += 60 * SECOND
    return script.hears(says.ticked())


def succeeds(script: Script) -> Script:
    for _ in range(3):
        script.hears(says.called(ok=True))
    return script


BREAKERS: dict[str, Drive] = {
    "closed": lambda script: script,
    "open": lambda script: fails(script, 10),
    "half_open": lambda script: cools(fails(script, 10)),
}


def banned(script: Script) -> Script:
    return script.hears(replace(says.called(ok=False), banned_until=script.now + 120 * SECOND))


WORLD: dict[str, Drive] = {
    "trip": banned,
    "cool": cools,
    "probe_failed": lambda script: fails(script, 1),
    "recover": succeeds,
}


@pytest.mark.parametrize("arc", list(arcs("circuit_breaker")), ids=lambda arc: arc.name)
def test_the_breaker_takes_it(arc: Arc) -> None:
    script = BREAKERS[arc.before](Script().ticks(100_00))
    assert script.state.breaker.state.value == arc.before
    WORLD[arc.event](script)
    changed = script.said[-1]
    assert (kind(changed), script.state.breaker.state.value) == (arc.record, arc.after)
    assert (changed.reason, changed.state_from.value) == (arc.event, arc.before)  # type: ignore[union-attr]


def kind(event: Event) -> str:
    return str(event.__struct_config__.tag)

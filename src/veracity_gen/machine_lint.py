"""What a machine must satisfy before a table is written from it. Each refusal has its own words."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

from veracity_gen import guard, records, schemas
from veracity_gen.errors import SourceRefused
from veracity_gen.machine import Arm, Machine

# Guards compare facts with each other and with 0 or 1; four values of each meet every order of three facts.
DOMAIN_SIZE: Final = 4


def refuse_bad(machines: list[Machine], root: Path) -> None:
    """Raise SourceRefused with all problems of all machines; the kinds of events come from schemas/events/."""
    kinds = [name.removesuffix(schemas.SUFFIX) for name in schemas.load_group(root / "schemas/events")]
    found = [f"{one.name}.yaml: {problem}" for one in machines for problem in problems(one, kinds)]
    found += _foreign_state_types(machines, schemas.load(root / "schemas" / schemas.COMMON))
    if found:
        raise SourceRefused(found)


def problems(machine: Machine, kinds: list[str]) -> list[str]:
    """Everything that is wrong; the later rules need the names to be known, so they wait until those are."""
    found = list(_unknown_names(machine, kinds))
    if found:
        return found
    rules = (_unused_names, _left_terminals, _unreachable, _dead_ends, _ambiguous, _incomplete, _permit_cells)
    return [problem for rule in rules for problem in rule(machine)]


def _unknown_names(machine: Machine, kinds: list[str]) -> Iterator[str]:
    if machine.initial not in machine.states:
        yield f"initial: unknown state {machine.initial}"
    for arm in machine.arms:
        if arm.state not in machine.states:
            yield f"{_place(arm)}: unknown state {arm.state}"
        if arm.event not in machine.events:
            yield f"{_place(arm)}: unknown event {arm.event}"
        if arm.to is not None and arm.to not in machine.states:
            yield f"{_place(arm)}: unknown state {arm.to}"
        if arm.guard is not None and arm.guard not in machine.guards:
            yield f"{_place(arm)}: unknown guard {arm.guard}"
    for name, (condition, _) in machine.guards.items():
        try:
            guard.parse(condition, list(machine.facts))
        except guard.GuardRefused as error:
            yield f"guards.{name}: {error}"
    for name, (_, record) in machine.events.items():
        if record and record not in kinds:
            yield f"events.{name}: unknown record {record} (schemas/events/)"


def _unused_names(machine: Machine) -> Iterator[str]:
    for event in machine.events:
        if not any(arm.event == event and arm.to for arm in machine.arms):
            yield f"events.{event}: dead event, it leads nowhere"
    for name in machine.guards:
        if not any(arm.guard == name for arm in machine.arms):
            yield f"guards.{name}: dead guard, no arc uses it"
    used = [
        fact
        for condition, _ in machine.guards.values()
        for fact in guard.names(guard.parse(condition, list(machine.facts)))
    ]
    for fact in machine.facts:
        if fact not in used:
            yield f"facts.{fact}: dead fact, no guard looks at it"


def _left_terminals(machine: Machine) -> Iterator[str]:
    for arm in machine.arms:
        if arm.state in machine.terminal and arm.to not in (arm.state, None):
            yield f"{_place(arm)}: terminal state {arm.state} can be left"


def _unreachable(machine: Machine) -> Iterator[str]:
    reached = _closure([machine.initial], [(arm.state, arm.to) for arm in machine.arms if arm.to])
    for state in machine.states:
        if state not in reached:
            yield f"states.{state}: unreachable from {machine.initial}"


def _dead_ends(machine: Machine) -> Iterator[str]:
    """A machine that never ends, such as a breaker, has no terminal state; then every state must lead back to the first."""
    goals, where = list(machine.terminal), "no terminal state"
    if not goals:
        goals, where = [machine.initial], f"not {machine.initial} again"
    ending = _closure(goals, [(arm.to, arm.state) for arm in machine.arms if arm.to])
    for state in machine.states:
        if state not in ending:
            yield f"states.{state}: not terminal and reaches {where}"


def _closure(start: list[str], edges: list[tuple[str, str]]) -> list[str]:
    """Everything that can be reached from `start` along the edges, `start` included."""
    reached = list(start)
    for here in reached:  # grows while it is walked
        for before, after in edges:
            if before == here and after not in reached:
                reached.append(after)
    return reached


def _ambiguous(machine: Machine) -> Iterator[str]:
    for (state, event), arms in machine.choices().items():
        guards = [arm.guard for arm in arms]
        if len(arms) > 1 and None in guards:
            yield f"arcs {state}/{event}: nondeterminism, {len(arms)} arms and one has no guard"
        for name in sorted({name for name in guards if name and guards.count(name) > 1}):
            yield f"arcs {state}/{event}: nondeterminism, two arms with guard {name}"


def _incomplete(machine: Machine) -> Iterator[str]:
    """Over a small domain exactly one arm must hold: illegal cases are refused by name, none is forgotten."""
    trees = {name: guard.parse(when, list(machine.facts)) for name, (when, _) in machine.guards.items()}
    for (state, event), arms in machine.choices().items():
        names = [arm.guard for arm in arms if arm.guard]
        looked_at = [fact for name in names for fact in guard.names(trees[name])]
        for fact in machine.must_judge[event]:
            if fact not in looked_at:
                yield f"arcs {state}/{event}: incomplete guards, none looks at {fact}"
        if not names or len(names) < len(arms):
            continue
        for facts in _small_facts(machine):
            holding = [name for name in names if guard.evaluate(trees[name], facts)]
            case = ", ".join(f"{name}={value}" for name, value in facts.items())
            if not holding:
                yield f"arcs {state}/{event}: incomplete guards, no arm holds for {case}"
                break
            if len(holding) > 1:
                yield f"arcs {state}/{event}: nondeterminism, {' and '.join(holding)} hold for {case}"
                break


def _small_facts(machine: Machine) -> Iterator[dict[str, int]]:
    ranges = [range(least, least + DOMAIN_SIZE) for _, least in machine.facts.values()]
    for values in product(*ranges):
        yield dict(zip(machine.facts, values, strict=True))


def _permit_cells(machine: Machine) -> Iterator[str]:
    if machine.permits is None:
        return
    cells, actions = machine.permits["cells"], machine.permits["actions"]
    for state in machine.states:
        for action in actions:
            if action not in cells.get(state, {}):
                yield f"permits.{state}.{action}: cell missing"
    for state, row in cells.items():
        if state not in machine.states:
            yield f"permits.{state}: unknown state {state}"
        for action in row:
            if action not in actions:
                yield f"permits.{state}.{action}: unknown action {action}"


def _foreign_state_types(machines: list[Machine], common: schemas.Document) -> Iterator[str]:
    """A type of common.schema.json that stands for a machine's state must list exactly its states."""
    states = {machine.name: list(machine.states) for machine in machines}
    for name, machine in records.STATE_TYPES.items():
        listed = common["$defs"].get(name, {}).get("enum")
        if listed != states.get(machine):
            yield f"{schemas.COMMON}: $defs.{name}: {listed} are not the states of {machine}.yaml"


def _place(arm: Arm) -> str:
    return f"arcs {arm.state}/{arm.event}"

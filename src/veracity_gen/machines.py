"""Target: state machines as Python tables, Mermaid diagrams, and JSON for the tests."""

import json
from pathlib import Path
from typing import Any, Final

import jinja2

from veracity_gen import machine_lint
from veracity_gen.header import header_lines, python_header
from veracity_gen.machine import Arm, Machine, load_all

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # Python and Mermaid, no HTML
)


def generate(root: Path) -> dict[str, str]:
    """Three files for each machine and their shared base, by path in the package."""
    machines = load_all(root)
    machine_lint.refuse_bad(machines, root)
    base = python_header("src/veracity_gen/templates/machine_base.py.j2")
    files = {
        "machines/__init__.py": f'{base}"""State machines; one module each."""\n',
        "machines/base.py": _TEMPLATES.get_template("machine_base.py.j2").render(header=base),
    }
    for machine in machines:
        origin = f"specs/machines/{machine.name}.yaml"
        files[f"machines/{machine.name}.py"] = _rendered("machine.py.j2", machine, python_header(origin))
        diagram_header = "\n".join(f"%% {line}" for line in header_lines(origin))
        files[f"machines/{machine.name}.mmd"] = _rendered("machine.mmd.j2", machine, diagram_header)
        files[f"machines/{machine.name}.json"] = json.dumps(_table(machine, origin), indent=2) + "\n"
    return files


def _rendered(template: str, machine: Machine, header: str) -> str:
    choices = machine.choices()
    return _TEMPLATES.get_template(template).render(
        header=header,
        machine=machine,
        parameters=", ".join(f"{fact}: int" for fact in machine.facts),
        legal=_only(choices, lambda arm: arm.to is not None),
        refused=_only(choices, lambda arm: arm.refuse is not None),
    )


def _only(choices: dict[tuple[str, str], list[Arm]], wanted: Any) -> dict[tuple[str, str], list[Arm]]:
    kept = {pair: [arm for arm in arms if wanted(arm)] for pair, arms in choices.items()}
    return {pair: arms for pair, arms in kept.items() if arms}


def _table(machine: Machine, origin: str) -> dict[str, Any]:
    """The machine as data: what the tests of hand-written code walk over."""
    return {
        "comment": " ".join(header_lines(origin)),
        "machine": machine.name,
        "initial": machine.initial,
        "terminal": list(machine.terminal),
        "states": list(machine.states),
        "events": {
            name: {"record": record} if record else {} for name, (_, record) in machine.events.items()
        },
        "facts": {name: {"minimum": minimum} for name, (_, minimum) in machine.facts.items()},
        "guards": {name: when for name, (when, _) in machine.guards.items()},
        "arms": [
            {
                "from": arm.state,
                "event": arm.event,
                "guard": arm.guard,
                "to": arm.to,
                "refuse": arm.refuse,
                "tickets": list(arm.tickets),
            }
            for arms in machine.choices().values()
            for arm in arms
        ],
        "permits": machine.permits["cells"] if machine.permits else None,
    }

"""The order machine as its YAML says it, read without the generator: an oracle for the generated table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "specs/machines/order.yaml").read_text(encoding="utf-8"))
QTY = 3  # of the order; the smallest that has a first, a middle and a last fill


class Case(NamedTuple):
    """One event in one configuration."""

    state: str
    event: str
    filled: int
    fill_qty: int

    @property
    def facts(self) -> dict[str, int]:
        return {"filled": self.filled, "leaves": QTY - self.filled, "fill_qty": self.fill_qty}


def outcome(case: Case) -> tuple[str | None, str]:
    """The next state and no reason, or no state and the reason of the refusal."""
    for arc in DOCUMENT["arcs"]:
        if case.state in arc["from"] and case.event == arc["event"]:
            guard = DOCUMENT["guards"][arc["guard"]]["when"] if "guard" in arc else "True"
            if eval(guard, {}, case.facts):  # noqa: S307  # our own file, read by Python itself
                return arc.get("to"), arc.get("refuse", "")
    return None, "no_arc"


def reachable_cases() -> Iterator[Case]:
    """Every event with every quantity up to one too many, in every configuration that the YAML can reach."""
    seen = [(DOCUMENT["initial"], 0)]
    for state, filled in seen:
        for event in DOCUMENT["events"]:
            for fill_qty in range(QTY + 2) if event == "fill" else (0,):
                case = Case(state, event, filled, fill_qty)
                yield case
                after = outcome(case)[0]
                if after is not None and (after, filled + fill_qty) not in seen:
                    seen.append((after, filled + fill_qty))

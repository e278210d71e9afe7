# mypy: disable-error-code="no-any-return"
"""The compiled loop's journal: one row of numbers an event, and the number that the event has in the run. Compiled."""

from typing import Any

from veracity.research.kernel.native import store
from veracity.research.kernel.needs import LOG
from veracity.research.kernel.records import BYTES, LOG_WIDTH


def next_seq(world: Any) -> int:
    """Seq of the event that is said next."""
    return world.facts + world.events + 1


def rewind(world: Any, seq: int) -> None:
    """Take back the events from `seq` on."""
    count = next_seq(world) - seq
    world.events -= count
    if LOG and world.logging:
        world.log_count -= count


def emit(
    world: Any,
    kind: int,
    a: int,
    b: int,
    c: int,
    d: int,
    e: int,
    f: int,
    g: int,
    h: int,
    i: int,
    j: int,
) -> int:
    """Say an event; answers its seq. Without a log it is only counted."""
    seq: int = next_seq(world)
    world.events += 1
    if LOG and world.logging:
        row = world.log + BYTES * LOG_WIDTH * world.log_count
        store(row, 0, kind)
        store(row, 1, seq)
        store(row, 2, world.ts)
        store(row, 3, a)
        store(row, 4, b)
        store(row, 5, c)
        store(row, 6, d)
        store(row, 7, e)
        store(row, 8, f)
        store(row, 9, g)
        store(row, 10, h)
        store(row, 11, i)
        store(row, 12, j)
        world.log_count += 1
    return seq

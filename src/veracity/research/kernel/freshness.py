# mypy: disable-error-code="no-any-return"
"""Series beside the bars that go stale and come back, as `engine.freshness` says it. Compiled."""

from typing import Any

from veracity.domain.amounts import INT64_MAX
from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import aux_at, bar_at, leg_at, limits_at, load
from veracity.research.kernel.records import AUX_MAX, NONE, TURNED


def hear(world: Any, slot: int, observed: int) -> None:
    """A value that was observed then; where the one before it was said to be stale, the series may be fresh again."""
    known, ttl = aux_at(world.aux, 0), limits_at(world.limits, 0).aux_ttl_ns[slot]
    before, said, age = known.ts[slot], leg_at(world.leg, 0).last_ts, world.ts - observed
    known.ts[slot] = observed
    if ttl != NONE and before != NONE and said != NONE and said - before > ttl and 0 <= age <= ttl:
        emit(world, TURNED, slot, 1, age, NONE, NONE, NONE, NONE, NONE, NONE, NONE)


def say_stale(world: Any, number: int, row: int) -> None:
    """Say of each series that it is stale with the bar of this row, and was not with the one before."""
    if leg_at(world.leg, 0).instrument != number:
        return
    known, limits = aux_at(world.aux, 0), limits_at(world.limits, 0)
    for slot in range(AUX_MAX):
        ttl, observed = limits.aux_ttl_ns[slot], known.ts[slot]
        if slot != world.label_aux and ttl != NONE and observed != NONE:
            age = world.ts - observed
            if age > ttl and is_unsaid(world, number, row, observed, ttl):
                emit(world, TURNED, slot, 0, age, NONE, NONE, NONE, NONE, NONE, NONE, NONE)


def stale_from(world: Any, number: int, row: int) -> int:
    """The first time at which a bar of the instrument, from that row on, says that a series is stale."""
    found = INT64_MAX
    if leg_at(world.leg, 0).instrument != number:
        return found
    known, limits = aux_at(world.aux, 0), limits_at(world.limits, 0)
    for slot in range(AUX_MAX):
        ttl, observed = limits.aux_ttl_ns[slot], known.ts[slot]
        if slot == world.label_aux or ttl == NONE or observed == NONE or ttl >= INT64_MAX - observed:
            continue
        if is_unsaid(world, number, row, observed, ttl):
            found = min(found, observed + ttl + 1)
    return found


def is_unsaid(world: Any, number: int, row: int, observed: int, ttl: int) -> bool:
    """Whether the value was young enough with the bar before that row."""
    return row <= load(world.first, number) or bar_at(world.bar, row - 1).end_ts - observed <= ttl

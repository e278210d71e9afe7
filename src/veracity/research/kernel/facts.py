# mypy: disable-error-code="no-any-return"
"""Facts beside the bars: settlements, and values of series; and the room that each fact needs. Compiled."""

from typing import Any

from veracity.domain.amounts import funding_floor
from veracity.research.kernel.borrow import charge_hours, charge_more, owe
from veracity.research.kernel.freshness import hear
from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import account_at, aux_at, leg_at, load, position_at
from veracity.research.kernel.needs import ACKS, AUX, INTEREST
from veracity.research.kernel.records import (
    AUX_MAX,
    BYTES,
    DONE,
    DRAWS_USED,
    FUNDING,
    LATE_HEARS,
    LOG_FULL,
    MESSAGES_A_BAR,
    NONE,
    OWN,
    ROWS_A_TASK,
    SEGMENT_WIDTH,
    TASKS_FULL,
)
from veracity.research.kernel.venue import drain


def hear_value(world: Any) -> int:
    """A value beside the bars: what was observed last is as old as that, for the rule that asks."""
    segment = world.segments + BYTES * SEGMENT_WIDTH * world.segment
    number, ts, observed = load(segment, 1), load(segment, 5), load(segment, 7)
    stopped = begin_fact(world, ts)
    if stopped != DONE:
        return stopped
    if AUX:
        for slot in range(AUX_MAX):
            if aux_at(world.aux, 0).series[slot] == number:
                hear(world, slot, observed)
    return DONE


def settle(world: Any) -> int:
    """A settlement: the position held at the stamp pays, fills of the same instant come after it."""
    segment = world.segments + BYTES * SEGMENT_WIDTH * world.segment
    number, index, ts = load(segment, 1), load(segment, 2), load(segment, 5)
    stopped = begin_fact(world, ts)
    if stopped != DONE:
        return stopped
    if AUX and leg_at(world.leg, 0).instrument == number and world.settles_aux != NONE:
        hear(world, world.settles_aux, ts)
    if INTEREST:
        charge_hours(world)
        owe(world, world.owed, -1, 0)
    for leg in range(world.legs):
        here = leg_at(world.leg, leg)
        position = position_at(world.positions, leg).qty
        if here.instrument == number and position != 0:
            rate, mark = load(world.rate, index), load(world.mark, index)
            amount = funding_floor(position, mark, here.factor, rate)
            account = account_at(world.account, 0)
            account.cash += amount
            account.funding += amount
            emit(world, FUNDING, leg, position, rate, mark, amount, NONE, NONE, NONE, NONE, NONE)
            if INTEREST:
                charge_more(world, -1, 0)
    return DONE


def begin_fact(world: Any, ts: int) -> int:
    """A fact of that time is next: the venue's work comes first that is due before it."""
    stopped = room(world)
    if stopped == DONE:
        stopped = drain(world, ts - 1)
    if stopped == DONE:
        world.facts += 1
        world.ts = ts
    return stopped


def room(world: Any) -> int:
    """DONE where log, tasks and random bits last for the next bar with all that it leads to; else what is short."""
    if world.logging != 0 and world.log_count + world.turn_rows + ROWS_A_TASK * world.tasks > world.log_rows:
        return LOG_FULL
    if world.tasks + MESSAGES_A_BAR > world.task_rows:
        return TASKS_FULL
    if world.draw_count != 0:
        for stream in range(LATE_HEARS + 1 if ACKS else OWN + 1):
            if load(world.sent, stream) + MESSAGES_A_BAR > world.draw_count:
                return DRAWS_USED
    return DONE

# mypy: disable-error-code="no-any-return"
"""What the guards see, in numbers, and their judgement in the order of the rulebook. Compiled."""

from typing import Any

from veracity.research.kernel.labels import label_ts
from veracity.research.kernel.native import (
    account_at,
    aux_at,
    bar_at,
    leg_at,
    limits_at,
    load,
    order_at,
    position_at,
    staged_at,
    store,
)
from veracity.research.kernel.needs import AUX, REGIME, SLIPS
from veracity.research.kernel.records import AUX_MAX, INCREASE, NONE, OPEN, TIMES, Rules, View


def judge(leg: int, qty: int, limit: int, firm: int, view: View, limits: Any) -> tuple[int, int, int]:
    """The quantity that passes, below zero where none does, and the rule that said so; what rules in dry run object to, a bit
    a rule. A `firm` intent is refused or not, and never made smaller. `assembly` writes it from the rulebook.
    """
    raise NotImplementedError("it is written when it is compiled")


def view_of(world: Any, staged: Any, before: int) -> View:
    """`engine.gate.view_of` for a staged intent; `before` are the intents of the step that were judged before it."""
    account, leg = account_at(world.account, 0), staged.leg
    here = leg_at(world.leg, leg)
    held = position_at(world.positions, leg).qty
    if held * staged.sign < 0:
        held = 0
    entries = 0
    for number in range(before):
        if opens(staged_at(world.stage, number)):
            entries += 1
    equity, exposure = account.cash, 0
    for other in range(world.legs):
        there = leg_at(world.leg, other)
        position = position_at(world.positions, other).qty
        counted = held if other == leg else position
        qty = abs(counted) + opening_on(world, other, before)
        if position != 0 and there.last == NONE:
            equity = NONE
        elif equity != NONE:
            equity += position * there.last * there.factor
        if qty != 0 and there.last == NONE:
            exposure = NONE
        elif exposure != NONE:
            exposure += qty * there.last * there.factor
    return View(
        world.ts,
        Rules(here.tick, here.lot, here.notional_min, here.interval_ns, here.factor),
        here.last,
        here.last_ts,
        held,
        opening_on(world, leg, before),
        equity,
        account.equity_start,
        exposure,
        account.entries + entries,
        account.loss_ts,
        close_before(world, here) if limits_at(world.limits, 0).price_jump != NONE else NONE,
        account.slip_worst if SLIPS else NONE,
        world.times,
        account.peak,
        aux_of(world) if AUX else NONE,
        load(here.known, here.row) if here.known != 0 and here.row >= 0 else 0,
        here.paused,
        NONE,
        NONE,
    )


def aux_of(world: Any) -> Any:
    """When each critical series was observed; what stands for none was just now."""
    observed = aux_at(world.aux, 0).ts
    observed[AUX_MAX] = world.ts
    if REGIME and world.label_aux != NONE:
        observed[world.label_aux] = label_ts(world)
    return observed


def close_before(world: Any, here: Any) -> int:
    """Close of the bar before the last one that was told of a leg's instrument, or NONE."""
    if here.row <= load(world.first, here.instrument):
        return NONE
    return bar_at(world.bar, here.row - 1).close


def newest(times: int, number: int) -> int:
    """`guards.order_rate.newest` of the ring at that address: the count of all times, then the newest of them."""
    count = load(times, 0)
    return load(times, 1 + (count - number) % TIMES) if count >= number else NONE


def remember_time(world: Any) -> None:
    """An opening order leaves now."""
    count = load(world.times, 0)
    store(world.times, 1 + count % TIMES, world.ts)
    store(world.times, 0, count + 1)


def opening_on(world: Any, leg: int, before: int) -> int:
    """Quantity that opening orders, sent or approved in this step, may still add on a leg."""
    total = 0
    for slot in range(world.orders):
        order = order_at(world.order, slot)
        if order.leg == leg and (order.purpose == OPEN or order.purpose == INCREASE):
            total += order.qty - order.filled
    for number in range(before):
        staged = staged_at(world.stage, number)
        if staged.leg == leg and opens(staged):
            total += staged.allowed
    return total


def opens(staged: Any) -> bool:
    """Whether a judged intent was approved and adds to a position."""
    return staged.allowed > 0 and (staged.purpose == OPEN or staged.purpose == INCREASE)

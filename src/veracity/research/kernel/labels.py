# mypy: disable-error-code="no-any-return"
"""The volatility regime of the leading leg while the run goes on, found before it (`regimes`). Compiled."""

from typing import Any

from veracity.domain.amounts import INT64_MAX
from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import leg_at, load
from veracity.research.kernel.records import BYTES, LABEL_WIDTH, LABELLED, NONE


def next_label(world: Any, number: int) -> int:
    """The row of the instrument's bar with which the label changes next."""
    if world.labels == 0 or leg_at(world.leg, 0).instrument != number:
        return INT64_MAX
    return load(world.labels, 0)


def relabel(world: Any) -> None:
    """Take the label that is next."""
    world.label_now = load(world.labels, 2)
    emit(
        world,
        LABELLED,
        load(world.labels, 1),
        world.label_now,
        load(world.labels, 3),
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
    )
    world.labels += BYTES * LABEL_WIDTH


def label_ts(world: Any) -> int:
    """When the label was known that is known now; NONE while none is."""
    return leg_at(world.leg, 0).last_ts if world.label_now != 0 else NONE

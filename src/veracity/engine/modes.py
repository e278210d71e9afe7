"""The engine's modes: what each allows is the table generated from specs/machines/engine_mode.yaml."""

from typing import Final

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import ModeChanged, Purpose, Side, TraceId
from veracity.domain.machines import Mode, ModeOn, NoSuchTransition, mode_allows, mode_step
from veracity.engine.draft import Draft

RULE: Final = "engine_mode"
TICKET: Final[TraceId] = "T-007"


def allows(mode: Mode, purpose: Purpose) -> bool:
    """Whether `mode` permits to open, increase, reduce or close."""
    return mode_allows(mode, purpose)


def reduces_only(position: int, side: Side, qty: int) -> bool:
    """Whether trading `qty` only makes `position` smaller: the other direction, and at most what is held."""
    opposite = "sell" if position > 0 else "buy"
    return position != 0 and side == opposite and 0 < qty <= abs(position)


def change(draft: Draft, on: ModeOn, reason: str, detail: str) -> None:
    """Add the mode change that `on` leads to.

    Raises IllegalTransition where the table has no row: the command is refused and nothing changes.
    """
    before = draft.state.mode
    try:
        after = mode_step(before, on)
    except NoSuchTransition as error:
        raise IllegalTransition(f"{on.value} is not possible in mode {before}") from error
    draft.add(
        ModeChanged(seq=draft.seq, ts=draft.ts, mode_from=before, mode_to=after, reason=reason, detail=detail)
    )

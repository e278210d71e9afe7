"""The engine's modes: what each allows is the table generated from specs/machines/engine_mode.yaml."""

from typing import Final, Literal

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import Command, CommandRefused, ModeChanged, Purpose, Side, TraceId
from veracity.domain.machines import Mode, ModeOn, NoSuchTransition, mode_allows, mode_step
from veracity.engine.cancels import cancel_opening
from veracity.engine.draft import Draft
from veracity.state.model import EngineState

RULE: Final = "engine_mode"
TICKET: Final[TraceId] = "T-007"

KILL_FILE: Final = "kill_file"
NOT_POSSIBLE: Final = "not_possible"
CAUSE_OPEN: Final = "cause_open"
DETAIL_MAX: Final = 500
"""Characters of a detail, by schemas/common.schema.json."""

_BEYOND_SAFE: Final = (Mode.SAFE, Mode.HALTED, Mode.STOPPED)


def allows(mode: Mode, action: Purpose | Literal["cancel"]) -> bool:
    """Whether `mode` permits to open, increase, reduce, close or cancel."""
    return mode_allows(mode, action)


def reduces_only(position: int, side: Side, qty: int) -> bool:
    """Whether trading `qty` only makes `position` smaller: the other direction, and at most what is held."""
    opposite = "sell" if position > 0 else "buy"
    return position != 0 and side == opposite and 0 < qty <= abs(position)


def change(draft: Draft, on: ModeOn, reason: str, detail: str) -> None:
    """Add the mode change that `on` leads to. Raises IllegalTransition where the table has no row, and adds nothing."""
    before = draft.mode_now
    try:
        after = mode_step(before, on)
    except NoSuchTransition as error:
        raise IllegalTransition(f"{on.value} is not possible in mode {before}") from error
    draft.add(
        ModeChanged(
            seq=draft.seq,
            ts=draft.ts,
            mode_from=before,
            mode_to=after,
            reason=reason,
            detail=detail[:DETAIL_MAX],
        )
    )
    draft.mode_now = after


def is_possible(mode: Mode, on: ModeOn) -> bool:
    """Whether the table has a row for `on` in `mode`."""
    try:
        mode_step(mode, on)
    except NoSuchTransition:
        return False
    return True


def refuse(draft: Draft, command: Command, reason: str, why: str) -> None:
    """Add that a command was not obeyed: the operator's mistake, and nothing of ours."""
    kind = str(command.__struct_config__.tag)
    asked = f"{command.reason}: {command.detail}" if command.detail else command.reason
    draft.add(
        CommandRefused(
            seq=draft.seq,
            ts=draft.ts,
            command=kind,
            mode=draft.mode_now,
            reason=reason,
            detail=f"{why}; asked by {asked}"[:DETAIL_MAX],
        )
    )


def request(draft: Draft, command: Command, on: ModeOn) -> None:
    """Add the mode change that an operator asks for, or the refusal of the command."""
    causes = open_causes(draft.state) if on is ModeOn.RESUME else ()
    if not is_possible(draft.mode_now, on):
        refuse(draft, command, NOT_POSSIBLE, f"{on.value} is not possible in mode {draft.mode_now}")
    elif causes:
        refuse(draft, command, CAUSE_OPEN, f"still open: {', '.join(causes)}")
    elif on is ModeOn.MAKE_SAFE:
        enter_safe_mode(draft, command.reason, command.detail)
    else:
        change(draft, on, command.reason, command.detail)


def enter_safe_mode(draft: Draft, reason: str, detail: str) -> None:
    """Add the change to safe and the cancels of what could add exposure; nothing where it is as strict already."""
    if draft.mode_now in _BEYOND_SAFE:
        return
    change(draft, ModeOn.MAKE_SAFE, reason, detail)
    cancel_opening(draft, reason)


def kill_file_seen(draft: Draft, detail: str) -> None:
    """Add the halt that a kill file means; nothing where the engine is halted already, or stopped."""
    if draft.mode_now not in (Mode.HALTED, Mode.STOPPED):
        change(draft, ModeOn.HALT, KILL_FILE, detail)


def open_causes(state: EngineState) -> tuple[str, ...]:
    """What led to safe mode and was not cleared yet, in words: drift above minor, a clock that is not to be trusted."""
    causes = [
        f"{severity} drift of {symbol}"
        for symbol, severity in sorted(state.drift.items())
        if severity != "minor"
    ]
    if state.clock_offset_ns is not None:
        causes.append(f"clock offset of {state.clock_offset_ns} ns")
    return tuple(causes)

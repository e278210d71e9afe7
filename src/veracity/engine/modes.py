"""The engine's modes: what each allows is the table generated from specs/machines/engine_mode.yaml."""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import Command, CommandRefused, ModeChanged, Purpose, Side, TraceId
from veracity.domain.machines import Mode, ModeOn, NoSuchTransition, mode_allows, mode_step
from veracity.domain.time import ts_text
from veracity.engine.cancels import cancel_opening
from veracity.engine.draft import Draft
from veracity.state.model import MINOR, EngineState

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
    if not is_possible(draft.mode_now, on):
        refuse(draft, command, NOT_POSSIBLE, f"{on.value} is not possible in mode {draft.mode_now}")
    elif on is ModeOn.RESUME:
        SafeMode(draft.state).leave(draft, command)
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


class Cause(NamedTuple):
    """One thing that led, or would have led, to safe mode and is still so."""

    what: str
    since: int  # nanoseconds UTC
    check: str  # what has to be seen before it is over

    def __str__(self) -> str:
        return f"{self.what} since {ts_text(self.since)} ({self.check})"


class SafeMode:
    """What keeps the engine from running again: the causes that are open in a state, and the way out past them.

    A cause is kept by the state, so a restart finds it, and is over only when the check that it names was passed; that it
    is over leads nowhere by itself. An operator who asked for safe mode left no cause: who asks may end it.
    """

    def __init__(self, state: EngineState) -> None:
        self.causes: Final = tuple(_causes(state))

    def leave(self, draft: Draft, command: Command) -> None:
        """Add the mode that the table knows behind a resume, or the refusal that names every check not passed yet."""
        if self.causes:
            refuse(draft, command, CAUSE_OPEN, f"still open: {', '.join(map(str, self.causes))}")
        else:
            change(draft, ModeOn.RESUME, command.reason, command.detail)


def _causes(state: EngineState) -> Iterator[Cause]:
    """What is open in `state`: differences above minor by symbol, then the clock."""
    for symbol, found in sorted(state.drift.items()):
        if found.severity != MINOR:
            yield Cause(
                f"{found.severity} drift of {symbol}", found.since, f"until a report agrees on {symbol}"
            )
    if state.clock is not None:
        offset = f"clock offset of {state.clock.offset_ns} ns"
        yield Cause(offset, state.clock.since, "until a sample is within the bound")

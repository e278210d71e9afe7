"""What an operator's command leads to. One that the mode does not allow is refused: an event, and nothing else changes."""

from typing import assert_never

from veracity.domain.events import (
    AdoptFillRequested,
    CancelAllRequested,
    CloseAllRequested,
    CloseOnlyRequested,
    Command,
    DiscardFillRequested,
    HaltRequested,
    ResumeRequested,
    SafeModeRequested,
    StopRequested,
)
from veracity.domain.machines import ModeOn
from veracity.engine import modes, quarantine
from veracity.engine.cancels import cancel_all
from veracity.engine.draft import Draft
from veracity.engine.exits import begin_close_all


def obey(draft: Draft, command: Command) -> None:
    """Add what `command` leads to."""
    match command:
        case HaltRequested():
            modes.request(draft, command, ModeOn.HALT)
        case ResumeRequested():
            modes.request(draft, command, ModeOn.RESUME)
        case CloseOnlyRequested():
            modes.request(draft, command, ModeOn.RESTRICT)
        case SafeModeRequested():
            modes.request(draft, command, ModeOn.MAKE_SAFE)
        case StopRequested():
            cancel_all(draft, command.reason)  # first: once stopped, nothing may be sent any more
            modes.request(draft, command, ModeOn.STOP)
        case CancelAllRequested():
            _cancel_all(draft, command)
        case CloseAllRequested():
            _close_all(draft, command)
        case AdoptFillRequested():
            quarantine.adopt_fill(draft, command)
        case DiscardFillRequested():
            quarantine.discard_fill(draft, command)
        case _:
            assert_never(command)


def _cancel_all(draft: Draft, command: CancelAllRequested) -> None:
    if modes.allows(draft.mode_now, "cancel"):
        cancel_all(draft, command.reason)
    else:
        modes.refuse(draft, command, modes.NOT_POSSIBLE, f"mode {draft.mode_now} sends no cancel")


def _close_all(draft: Draft, command: CloseAllRequested) -> None:
    """Begin the exit from everything. Closing while new positions may open is a race: a halt comes first."""
    if not modes.allows(draft.mode_now, "close"):
        modes.refuse(draft, command, modes.NOT_POSSIBLE, f"mode {draft.mode_now} sends no order")
        return
    if modes.allows(draft.mode_now, "reduce"):
        modes.change(draft, ModeOn.HALT, command.reason, command.detail)
    begin_close_all(draft, command.reason)

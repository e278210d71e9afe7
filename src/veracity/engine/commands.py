"""What an operator's command leads to. One that the mode does not allow is refused: an event, and nothing else changes.

A command from outside of the process comes under an id of its own and is journaled before what it leads to, so that a
process that was killed in the middle of it hears it again.
"""

from typing import Any, Final, NamedTuple, assert_never, get_args

from veracity.domain.events import (
    AdoptFillRequested,
    CancelAllRequested,
    CloseAllRequested,
    CloseOnlyRequested,
    Command,
    CommandReceived,
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

_KINDS: Final[dict[str, Any]] = {kind.__struct_config__.tag: kind for kind in get_args(Command)}
_ABOUT: Final = ("symbol", "trade_id", "strategy_id")


class Given(NamedTuple):
    """A command under the id of the request that brought it."""

    command_id: str
    command: Command
    blocked: str = ""  # what stands against it outside of the engine, such as a kill file

    @property
    def ts(self) -> int:
        """When it reached the engine."""
        return self.command.ts


def command_of(kind: str, **fields: Any) -> Command:
    """The command of a kind, such as halt_requested; `fields` that it does not have are left out.

    Raises LookupError where there is no such kind, or it needs a field that is not there or None.
    """
    needed = {name: fields[name] for name in _KINDS[kind].__struct_fields__}
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise LookupError(f"{kind} needs {', '.join(missing)}")
    command: Command = _KINDS[kind](**needed)
    return command


def given_again(event: CommandReceived) -> Given:
    """The command that was journaled as `event`."""
    about = {name: getattr(event, name) for name in _ABOUT}
    command = command_of(event.command, ts=event.ts, reason=event.reason, detail=event.detail, **about)
    return Given(event.command_id, command, event.blocked)


def receive(draft: Draft, given: Given) -> None:
    """Add that a command came in, then what it leads to."""
    command = given.command
    about = {name: getattr(command, name, None) for name in _ABOUT}
    draft.add(
        CommandReceived(
            seq=draft.seq,
            ts=draft.ts,
            command_id=given.command_id,
            command=str(command.__struct_config__.tag),
            **about,
            reason=command.reason,
            detail=command.detail,
            blocked=given.blocked,
        )
    )
    if given.blocked:
        modes.refuse(draft, command, modes.CAUSE_OPEN, given.blocked)
    else:
        obey(draft, command)


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

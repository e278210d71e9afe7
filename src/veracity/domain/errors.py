"""Every error of the project says who must act.

`EngineFault`: our bug. Stop, keep the journal, call a human.
`VenueFault`: the venue's. Back off, then reconcile.
`OperatorFault`: bad config, data or usage. Refuse, change nothing.
"""

from enum import IntEnum
from typing import ClassVar, Self


class ExitCode(IntEnum):
    """Exit codes of the command line, frozen by a test."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    CONFIG = 3
    DATA = 4
    FINDING = 5
    HALTED = 6
    UNSAFE = 7
    VENUE = 8
    TIMEOUT = 9


class EngineFault(Exception):
    """The engine met a situation that its own rules exclude; the journal up to here is good.

    Whoever runs the engine adds where it was met: the seq of the state, and the decision that was in hand.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    hint: ClassVar[str] = (
        "this is a bug in veracity: please report it with the output of the same command with -vv"
    )
    seq: int | None = None  # of the state, where it was met in a run
    corr_id: str | None = None  # of the decision that was in hand, where it was one

    @property
    def code(self) -> str:
        """Its class as a word for programs, such as journal_gap."""
        return "".join(f"_{char.lower()}" if char.isupper() else char for char in type(self).__name__)[1:]

    def at(self, seq: int, corr_id: str | None) -> None:
        """Say where it was met; what was said before is nearer to it and stays."""
        self.seq = seq if self.seq is None else self.seq
        self.corr_id = self.corr_id or corr_id

    def envelope(self) -> dict[str, str | int | None]:
        """What programs are told of it."""
        return {
            "code": self.code,
            "message": str(self),
            "seq": self.seq,
            "corr_id": self.corr_id,
            "hint": self.hint,
            "exit_code": int(self.exit_code),
        }


class JournalGap(EngineFault):
    """An event does not follow the state's last seq."""


class IllegalTransition(EngineFault):
    """A state machine has no row for what happened."""


class VenueFault(Exception):
    """The venue failed or answered nonsense."""


class OperatorFault(Exception):
    """Something that the operator gave cannot be used. Says what, where, why, and what to do."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        hint: str = "",
        exit_code: ExitCode = ExitCode.CONFIG,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        """One line: where, what, why, hint."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.why:
            text += f": {self.why}"
        if self.hint:
            text += f" ({self.hint})"
        return text


class OperatorFaults(OperatorFault):
    """Several operator faults at once: all errors of a config or a file are told together."""

    def __init__(self, faults: tuple[OperatorFault, ...]) -> None:
        assert faults
        first = faults[0]
        super().__init__(
            f"{len(faults)} errors" if len(faults) > 1 else first.what,
            where=first.where,
            why=first.why,
            hint=first.hint,
            exit_code=first.exit_code,
        )
        self.faults = faults

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[OperatorFault, ...]]]:
        """They travel from a worker whole."""
        return type(self), (self.faults,)

    def __str__(self) -> str:
        """One line per fault."""
        return "\n".join(str(fault) for fault in self.faults)

    @classmethod
    def of(cls, faults: list[OperatorFault]) -> Self:
        """All of `faults`, which are not empty, as one."""
        return cls(tuple(faults))

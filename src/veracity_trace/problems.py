"""What is wrong, in a form that people read and scripts can sort."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to refuse. `code` names the rule that was broken and never changes; `message` explains."""

    code: str
    message: str
    ticket: str | None = None

    def __str__(self) -> str:
        subject = f"{self.ticket}: " if self.ticket else ""
        return f"{subject}{self.message} [{self.code}]"

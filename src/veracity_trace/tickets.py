"""What a ticket is."""

from dataclasses import dataclass

from veracity_trace.problems import Problem


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket as written. `same_as` maps a twin to what this ticket proves that the twin does not."""

    id: str
    kind: str
    section: int
    title: str
    acceptance: tuple[str, ...]
    claimed: bool
    checks: tuple[str, ...]
    specs: tuple[str, ...]
    spec: str | None
    symbol: str | None
    same_as: dict[str, str]
    note: str | None
    enforces: tuple[str, ...] = ()
    must_see: tuple[str, ...] = ()
    sabotage: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """All tickets by id, section titles by number, and what is wrong with the files."""

    tickets: dict[str, Ticket]
    sections: dict[int, str]
    problems: tuple[Problem, ...]

    def around(self, ticket_id: str) -> "Index":
        """Return the tickets without which one cannot be judged: its checks, and the twins of them all."""
        ticket = self.tickets[ticket_id]
        near = {ticket_id, *ticket.checks}
        near |= {twin for name in near if name in self.tickets for twin in self.tickets[name].same_as}
        kept = {name: self.tickets[name] for name in sorted(near) if name in self.tickets}
        return Index(kept, self.sections, self.problems)

    def ids(self, section: int, kind: str) -> list[str]:
        """Return the ids of one kind in one section, in order."""
        return sorted(t.id for t in self.tickets.values() if t.section == section and t.kind == kind)

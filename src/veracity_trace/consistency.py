"""What must hold between the tickets: one function per rule."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from veracity_trace.ids import KINDS
from veracity_trace.problems import Problem
from veracity_trace.tickets import Ticket

Tickets = Mapping[str, Ticket]


def check_consistency(tickets: Tickets, sections: Mapping[int, str]) -> list[Problem]:
    """Return every broken rule."""
    problems = [problem for rule in RULES for problem in rule(tickets)]
    return problems + list(_nothing_is_empty(tickets, sections))


def _kind_is_the_letter(tickets: Tickets) -> Iterator[Problem]:
    for ticket in tickets.values():
        if ticket.kind != ticket.id[0]:
            yield Problem("kind", f"is no {ticket.kind} ticket", ticket.id)


def _numbers_have_no_gap(tickets: Tickets) -> Iterator[Problem]:
    """A ticket that was lost is noticed without a count that somebody wrote down."""
    for kind in KINDS:
        numbers = {int(ticket[2:]) for ticket in tickets if ticket[0] == kind}
        for missing in sorted(set(range(1, max(numbers, default=0) + 1)) - numbers):
            yield Problem("missing", "no file has it, but there are higher ones", f"{kind}-{missing:03}")


def _references_lead_somewhere(tickets: Tickets) -> Iterator[Problem]:
    for ticket in tickets.values():
        for field, others in (
            ("checks", ticket.checks),
            ("specs", ticket.specs),
            ("same_as", ticket.same_as),
        ):
            for other in others:
                if other not in tickets:
                    yield Problem("dangling", f"{field} names {other}, which does not exist", ticket.id)


def _twins_know_each_other(tickets: Tickets) -> Iterator[Problem]:
    for ticket in tickets.values():
        for twin in ticket.same_as:
            if twin == ticket.id:
                yield Problem("same-as", "names itself in same_as", ticket.id)
            elif twin[0] != ticket.kind:
                yield Problem("same-as", f"names {twin} in same_as, which is of another kind", ticket.id)
            elif twin in tickets and ticket.id not in tickets[twin].same_as:
                yield Problem("same-as", f"names {twin} in same_as, but {twin} does not name it", ticket.id)


def _equal_titles_are_twins(tickets: Tickets) -> Iterator[Problem]:
    by_title = defaultdict(list)
    for ticket in tickets.values():
        by_title[ticket.title].append(ticket)
    for group in by_title.values():
        for ticket, other in pairwise(group):
            if other.id not in ticket.same_as:
                yield Problem(
                    "title", f"has the title of {other.id}; say in same_as how they differ", ticket.id
                )


def _no_acceptance_stands_twice(tickets: Tickets) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for ticket in tickets.values():
        for sentence in ticket.acceptance:
            words = " ".join(sentence.casefold().split())
            if words in owners:
                yield Problem("acceptance", f"has an acceptance of {owners[words]}", ticket.id)
            owners[words] = ticket.id


def _tests_say_when_they_fail(tickets: Tickets) -> Iterator[Problem]:
    for ticket in tickets.values():
        if ticket.kind == "T" and not any(
            "fails if" in sentence.casefold() for sentence in ticket.acceptance
        ):
            yield Problem("acceptance", 'does not say what "fails if" it breaks', ticket.id)


def _spec_points_at_its_own_section(tickets: Tickets) -> Iterator[Problem]:
    for ticket in tickets.values():
        if ticket.spec is not None and not ticket.spec.endswith(f"#{ticket.id.lower()}"):
            yield Problem("spec", f"spec {ticket.spec} does not end in #{ticket.id.lower()}", ticket.id)


def _nothing_is_empty(tickets: Tickets, sections: Mapping[int, str]) -> Iterator[Problem]:
    """0 of 0 is no success."""
    if not sections:
        yield Problem("empty-denominator", "there are no tickets at all: 0 of 0 proves nothing")
    present = {(ticket.section, ticket.kind) for ticket in tickets.values()}
    for section, title in sections.items():
        for kind in KINDS:
            if (section, kind) not in present:
                message = f"section {section} ({title}) has no {kind} ticket: 0 of 0 proves nothing"
                yield Problem("empty-denominator", message)


RULES = (
    _kind_is_the_letter,
    _numbers_have_no_gap,
    _references_lead_somewhere,
    _twins_know_each_other,
    _equal_titles_are_twins,
    _no_acceptance_stands_twice,
    _tests_say_when_they_fail,
    _spec_points_at_its_own_section,
)

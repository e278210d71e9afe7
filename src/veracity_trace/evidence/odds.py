"""Which fault is tried first."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from veracity_trace.evidence.evidence import TicketEvidence
from veracity_trace.evidence.mutants import Key, Mutant


class Odds:
    """What is known about faults before and while a run goes on: it says which is tried first, never what a trial shows.

    A fault that a sibling noticed is likely to be noticed again, and one that only made tests crash will do so again.
    """

    def __init__(self, recorded: Mapping[str, set[Key]]) -> None:
        self._recorded = recorded  # test -> faults that it noticed when the evidence was written
        self._outcomes: dict[Mutant, Counter[str]] = defaultdict(Counter)

    def learn(self, mutant: Mutant, outcome: str) -> None:
        """Remember how a trial ended."""
        self._outcomes[mutant][outcome] += 1

    def rank(self, test: str, mutant: Mutant, key: Key) -> int:
        """Return the turn of a fault, the smallest first."""
        if key in self._recorded.get(test, ()):
            return 0
        outcomes = self._outcomes.get(mutant)
        if outcomes is None:
            return 2
        if outcomes["killed"]:
            return 1
        return 3 if outcomes["survived"] else 4


def recorded_kills(tickets: Mapping[str, TicketEvidence]) -> dict[str, set[Key]]:
    """Return the faults that each test noticed when the evidence was written."""
    found: dict[str, set[Key]] = defaultdict(set)
    for ticket in tickets.values():
        for test, proof in ticket.tests.items():
            if proof.kill is not None:
                found[test].add(proof.kill.key())
    return found

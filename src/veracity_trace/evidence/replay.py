"""Plant the recorded fault of every ticket once more: the quick half of the proof, for `make verify`."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from veracity_trace.evidence.claims import find_point
from veracity_trace.evidence.crew import Crew
from veracity_trace.evidence.evidence import Kill, TicketEvidence
from veracity_trace.evidence.mutants import find_again
from veracity_trace.evidence.sabotage import NoSabotage, broken_run, load_sabotage
from veracity_trace.evidence.worker import Worker
from veracity_trace.tickets import Ticket

_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """One ticket with the fault that stands for it."""

    ticket: Ticket
    kill: Kill


def chosen_kill(evidence: TicketEvidence) -> Kill | None:
    """Return the fault that stands for a ticket: one in its claim before a sabotage, which costs a process."""
    proofs = [proof for _, proof in sorted(evidence.tests.items())]
    for result in ("claim", "sabotage"):
        for proof in proofs:
            if proof.result == result and proof.kill is not None:
                return proof.kill
    return None


def replay(root: Path, crew: Crew, recorded: Sequence[Recorded]) -> dict[str, str]:
    """Return {ticket: why its recorded fault is not noticed any more}; empty when all are."""
    failures: dict[str, str] = {}
    lock = threading.Lock()

    def one(worker: Worker, each: Recorded) -> None:
        how = _sabotage if each.kill.operator == "sabotage" else _mutant
        why = how(root, worker, each)
        if why:
            with lock:
                failures[each.ticket.id] = why

    slow_first = sorted(recorded, key=lambda each: each.kill.operator != "sabotage")
    crew.work("replay", slow_first, one)
    return failures


Replayer = Callable[[Path, Worker, Recorded], str]


def _mutant(root: Path, worker: Worker, each: Recorded) -> str:
    kill = each.kill
    points = [find_point(root, claim) for claim in each.ticket.enforces]
    point = next((point for point in points if (point.path, point.name) == (kill.path, kill.name)), None)
    mutant = None if point is None else find_again(root, point, kill.key())
    if mutant is None:
        return f"{kill.operator} in {kill.name} cannot be planted any more: the line reads differently"
    if kill.case not in worker.tests:
        return f"{kill.case} is gone"
    unbroken = worker.control([kill.case], None, _SECONDS)
    if unbroken["outcome"] != "survived":
        return f"{kill.case} does not pass unbroken: {unbroken['outcome']} {unbroken['message']}"
    answer = worker.trial([kill.case], mutant, _SECONDS)
    if answer["outcome"] == "killed":
        return ""
    return f"{kill.operator} in {kill.name} is not noticed any more by {kill.case}: {answer['outcome']} {answer['message']}"


def _sabotage(root: Path, worker: Worker, each: Recorded) -> str:
    kill = each.kill
    try:
        ends = broken_run(root, load_sabotage(root, kill.name), [kill.case])
    except NoSabotage as problem:
        return str(problem)
    end = ends.get(kill.case, {"outcome": "did not end", "message": ""})
    if end["outcome"] == "killed":
        return ""
    return f"sabotage {kill.name} is not noticed any more by {kill.case}: {end['outcome']} {end['message']}"

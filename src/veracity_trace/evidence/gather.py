"""Evidence for tickets, from their claims to what was found: `python -m veracity_trace evidence`."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from veracity_trace.evidence.claims import NoSuchPoint, Point, find_point
from veracity_trace.evidence.crew import Crew
from veracity_trace.evidence.evidence import Evidence, Proof, TicketEvidence, functions_of, test_of
from veracity_trace.evidence.fingerprint import code_hash, spec_fingerprint, test_hash
from veracity_trace.evidence.odds import Odds
from veracity_trace.evidence.sabotage import NoSabotage, load_sabotage, sabotaged
from veracity_trace.evidence.search import Limits, Seen, Spread, control, elsewhere, proof_of
from veracity_trace.evidence.settings import Settings, read_settings
from veracity_trace.evidence.worker import Worker
from veracity_trace.tickets import Ticket

_CONTROL_SECONDS: Final = 180.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Task:
    """One ticket: what it claims and which tests carry it."""

    ticket: Ticket
    points: list[Point] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    proofs: dict[str, Proof] = field(default_factory=dict)


class Gathering:
    """One run of the evidence tool over some tickets."""

    def __init__(
        self, root: Path, tickets: Sequence[Ticket], workers: int, limits: Limits, odds: Odds, say: Say
    ) -> None:
        self.root = root
        self.limits = limits
        self.odds = odds
        self.settings: Settings = read_settings(root)
        self.tasks = {ticket.id: self._task(ticket) for ticket in tickets}
        paths = test_files(root, self.settings, [ticket.id for ticket in tickets])
        self.crew = Crew(root, paths, workers, say)
        self.cases: dict[str, list[str]] = {}
        self.scenarios: dict[str, str] = {}
        self.seen: dict[str, Seen] = {}
        self.claimed: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for point in {point for task in self.tasks.values() for point in task.points if not point.is_table}:
            self.claimed[point.path].append((point.first, point.last))

    def run(self) -> Evidence:
        """Judge every ticket. Raises SessionFailed."""
        try:
            self._collect()
            watched = [task for task in self.tasks.values() if task.points or task.ticket.must_see]
            tests = sorted({test for task in watched for test in task.tests})
            self.crew.work("control", tests, self._control)
            spread = self._spread()
            quick_first = sorted(tests, key=self._cost)
            self.crew.work("faults", quick_first, lambda worker, test: self._judge(worker, test, spread))
            self._sabotage()
            self._elsewhere()
        finally:
            self.crew.stop()
        return Evidence({key: self._evidence(task) for key, task in self.tasks.items()})

    # ------------------------------------------------------------ steps

    def _task(self, ticket: Ticket) -> Task:
        task = Task(ticket)
        for claim in ticket.enforces:
            try:
                task.points.append(find_point(self.root, claim))
            except NoSuchPoint as problem:
                task.problems.append(str(problem))
        if not ticket.enforces and ticket.sabotage is None:
            task.problems.append("claims no code: it has neither `enforces` nor `sabotage`")
        return task

    def _collect(self) -> None:
        self.crew.start()
        tests = self.crew.tests
        self.cases = functions_of(tests)
        for nodeid, (tickets, scenario) in tests.items():
            test = test_of(nodeid)
            self.scenarios[test] = scenario
            for ticket in tickets:
                if ticket in self.tasks and test not in self.tasks[ticket].tests:
                    self.tasks[ticket].tests.append(test)
        for task in self.tasks.values():
            if not task.tests:
                task.problems.append("no test carries it")

    def _control(self, worker: Worker, test: str) -> None:
        mine = [task for task in self.tasks.values() if test in task.tests]
        tables = {(point.path, point.name) for task in mine for point in task.points if point.is_table}
        applies = self.settings.applies if any(task.ticket.must_see for task in mine) else None
        watch = {"lines": self.claimed, "tables": sorted(tables), "applies": applies}
        self.seen[test] = control(worker, test, self._linked_cases(test), watch, _CONTROL_SECONDS)

    def _linked_cases(self, test: str) -> list[str]:
        """Return the cases that carry a ticket of this run."""
        tests = self.crew.tests
        return [case for case in self.cases[test] if any(ticket in self.tasks for ticket in tests[case][0])]

    def _cases_of(self, task: Task, test: str) -> list[str]:
        """Return the cases that carry one ticket; a case may have a mark of its own."""
        return [case for case in self.cases[test] if task.ticket.id in self.crew.tests[case][0]]

    def _spread(self) -> Spread:
        """Return how many tickets and how many tests reach each claimed line."""
        reached: dict[tuple[str, int], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for key, task in self.tasks.items():
            for test in task.tests:
                for lines in self.seen[test].lines.values() if test in self.seen else ():
                    for path, numbers in lines.items():
                        for number in numbers:
                            reached[path, number][0].add(key)
                            reached[path, number][1].add(test)
        return {place: (len(tickets), len(tests)) for place, (tickets, tests) in reached.items()}

    def _cost(self, test: str) -> float:
        """Return the seconds of a test. The quick ones are judged first: what they notice is tried first in the slow ones."""
        return sum(self.seen[test].seconds.values())

    def _judge(self, worker: Worker, test: str, spread: Spread) -> None:
        seen = self.seen[test]
        for task in self.tasks.values():
            if test not in task.tests or not task.points:
                continue
            if seen.problem:
                task.proofs[test] = Proof("unjudged", None, seen.problem)
                continue
            mine = replace(seen, cases=tuple(self._cases_of(task, test)))
            task.proofs[test] = proof_of(worker, self.root, mine, task.points, spread, self.limits, self.odds)

    def _sabotage(self) -> None:
        tasks = [task for task in self.tasks.values() if task.ticket.sabotage is not None and task.tests]
        if tasks:
            self.crew.work("sabotage", tasks, lambda _, task: self._sabotage_one(task))

    def _elsewhere(self) -> None:
        """Where no test of a ticket noticed anything in its claim: whether they notice anything at all."""
        lost = [
            (task, test)
            for task in self.tasks.values()
            if all(proof.kill is None for proof in task.proofs.values())
            for test, proof in task.proofs.items()
            if proof.result == "passenger" and test in self.seen
        ]
        self.crew.work("elsewhere", lost, lambda worker, pair: self._elsewhere_one(worker, *pair))

    def _elsewhere_one(self, worker: Worker, task: Task, test: str) -> None:
        task.proofs[test] = elsewhere(worker, self.root, self.seen[test], task.points, task.proofs[test])

    def _sabotage_one(self, task: Task) -> None:
        assert task.ticket.sabotage is not None
        try:
            fault = load_sabotage(self.root, task.ticket.sabotage)
            proofs = sabotaged(self.root, fault, {test: self._cases_of(task, test) for test in task.tests})
        except (NoSabotage, OSError) as problem:
            task.problems.append(str(problem))
            return
        for test, proof in proofs.items():
            if task.proofs.get(test, proof).result != "claim":
                task.proofs[test] = proof

    # ------------------------------------------------------------ the result

    def _evidence(self, task: Task) -> TicketEvidence:
        ticket = task.ticket
        problems = list(task.problems)
        problems += [
            f"{point.claim} is executed by none of its tests"
            for point in task.points
            if not point.is_table and not self._is_covered(task, point)
        ]
        seen_kinds = set().union(*(self.seen[test].kinds for test in task.tests if test in self.seen))
        missing = [kind for kind in ticket.must_see if kind not in seen_kinds]
        if missing and task.tests:
            problems.append(f"its tests never produced {', '.join(missing)}")
        code = {point.claim: code_hash(self.root, point) for point in task.points}
        if ticket.sabotage is not None:
            try:
                code[f"sabotage {ticket.sabotage}"] = load_sabotage(self.root, ticket.sabotage).hash
            except NoSabotage as problem:
                problems += [] if str(problem) in problems else [str(problem)]
        tests = {
            test: replace(
                task.proofs.get(test, Proof("unjudged", None, "was not judged")),
                source=test_hash(self.root, test, self.scenarios[test]),
            )
            for test in sorted(task.tests)
        }
        return TicketEvidence(spec_fingerprint(self.root, ticket), code, tests, tuple(problems))

    def _is_covered(self, task: Task, point: Point) -> bool:
        lines = set(range(point.first, point.last + 1))
        judged = [self.seen[test] for test in task.tests if test in self.seen and not self.seen[test].problem]
        return not judged or any(seen.covered(point.path) & lines for seen in judged)


def test_files(root: Path, settings: Settings, ids: Iterable[str]) -> list[str]:
    """Return the test files that name one of the tickets; scenarios need every file that collects scenarios."""
    wanted = set(ids)
    scenarios = any(wanted & _ids(path) for path in (root / "features").rglob("*.feature"))
    files = (path for folder in settings.test_folders for path in sorted((root / folder).rglob("test_*.py")))
    return [
        path.relative_to(root).as_posix()
        for path in files
        if wanted & _ids(path) or (scenarios and "scenarios(" in path.read_text(encoding="utf-8"))
    ]


def _ids(path: Path) -> set[str]:
    return set(re.findall(r"T-\d{3}", path.read_text(encoding="utf-8")))

"""Which trial comes next: one test, one ticket, faults in the claimed code until the test notices one."""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from veracity_trace.evidence.claims import Point, points_around
from veracity_trace.evidence.evidence import Kill, Proof
from veracity_trace.evidence.mutants import Key, Mutant, mutants_of
from veracity_trace.evidence.odds import Odds
from veracity_trace.evidence.worker import Worker

# The most telling first: an edge that moved, what decides, what acts, what counts, what is said.
_STRENGTH: Final = (
    "edge of compare",
    "drop row",
    "retarget row",
    "negate compare",
    "arithmetic",
    "delete call",
    "delete assignment",
    "delete raise",
    "number plus one",
    "force condition",
    "and for or",
    "flip bool",
    "opposite",
    "drop sign",
    "return nothing",
    "delete statement",
    "drop keyword",
    "swap neighbours",
    "other text",
)
_ELSEWHERE_SECONDS: Final = 3.0
_CASES_SECONDS: Final = 3.0  # of the cases of one test that a trial runs; always at least one


# How many tickets and how many tests reach a line, by path and line.
Spread: TypeAlias = Mapping[tuple[str, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to look for a kill, for one ticket and one test."""

    trials: int = 40
    seconds: float = (
        12.0  # of processor time, so that a busy machine finds the same; four times that on the clock
    )


@dataclass(slots=True)
class Seen:
    """What the control trial of one test showed."""

    test: str
    cases: tuple[str, ...]
    problem: str = ""  # why nothing can be judged
    lines: dict[str, dict[str, set[int]]] = field(default_factory=dict)  # case -> path -> lines
    seconds: dict[str, float] = field(default_factory=dict)  # by case
    rows: dict[str, set[int]] = field(default_factory=dict)  # "path:TABLE" -> rows that were looked up
    kinds: set[str] = field(default_factory=set)

    def reaches(self, path: str, line: int) -> list[str]:
        """Return the cases that execute a line, narrowest first."""
        cases = [case for case in self.cases if line in self.lines.get(case, {}).get(path, ())]
        return sorted(cases, key=self._width)

    def covered(self, path: str) -> set[int]:
        """Return the lines of a file that any case executes."""
        return set().union(*(lines.get(path, set()) for lines in self.lines.values()))

    def _width(self, case: str) -> int:
        return sum(map(len, self.lines.get(case, {}).values()))


def control(worker: Worker, test: str, cases: Sequence[str], watch: dict[str, Any], timeout: float) -> Seen:
    """Run a test unbroken. It has to pass, or nothing can be said about it."""
    answer = worker.control(cases, watch, timeout)
    if answer["outcome"] != "survived":
        problem = f"does not pass unbroken: {answer['outcome']} {answer.get('message', '')}".strip()
        return Seen(test, tuple(cases), problem)
    shared = (
        _lines_of(answer, cases[0]) if len(cases) > 1 else {}
    )  # fixtures of a module are set up by the first
    lines = {}
    for case in cases:
        own = _lines_of(answer, case)
        lines[case] = own | {path: found for path, found in shared.items() if path not in own}
    return Seen(
        test,
        tuple(cases),
        lines=lines,
        seconds=answer["seconds_of"],
        rows={claim: set(rows) for claim, rows in answer["rows"].items()},
        kinds=set(answer["kinds"]),
    )


def _lines_of(answer: dict[str, Any], case: str) -> dict[str, set[int]]:
    return {path: set(found) for path, found in answer["lines"][case].items()}


def candidates(
    root: Path, points: Sequence[Point], seen: Seen, spread: Spread
) -> Iterator[tuple[Mutant, Key]]:
    """Yield the mutants that the test can reach, one of each point in turn, so that a large one hides no small one."""
    waiting = [list(_of_point(root, point, seen, spread)) for point in points]
    for turn in range(max(map(len, waiting), default=0)):
        for mutants in waiting:
            if turn < len(mutants):
                yield mutants[turn]


def _of_point(root: Path, point: Point, seen: Seen, spread: Spread) -> Iterator[tuple[Mutant, Key]]:
    """Yield those of one point: lines that few tickets reach first, each line's strongest first."""
    by_line: dict[tuple[str, int, int | None], list[tuple[Mutant, Key]]] = defaultdict(list)
    rows = seen.rows.get(f"{point.path}:{point.name}")
    for mutant, key in mutants_of(root, point):
        if mutant.is_table:
            reached = rows is None or mutant.row in rows
        else:
            reached = bool(seen.reaches(mutant.path, mutant.line))
        if reached:
            by_line[mutant.path, mutant.line, mutant.row].append((mutant, key))
    for mutants in by_line.values():
        mutants.sort(key=lambda pair: _STRENGTH.index(pair[0].operator))
    order = sorted(
        by_line, key=lambda place: (spread.get(place[:2], (0, 0)), place[0], place[1], place[2] or 0)
    )
    for turn in range(max(map(len, by_line.values()), default=0)):
        for place in order:
            if turn < len(by_line[place]):
                yield by_line[place][turn]


def hunt(
    worker: Worker, seen: Seen, mutants: Iterable[tuple[Mutant, Key]], limits: Limits, odds: Odds
) -> tuple[Mutant | None, dict[str, Any], str]:
    """Try mutants until the test notices one. Returns it, its trial, and what was tried in words."""
    tried: Counter[str] = Counter()
    begin, used = time.monotonic(), 0.0
    waiting = list(mutants)
    while waiting:
        if tried.total() >= limits.trials or used > limits.seconds:
            break
        if time.monotonic() - begin > 4 * limits.seconds:
            break
        mutant, _ = pair = min(waiting, key=lambda each: odds.rank(seen.test, *each))
        waiting.remove(pair)
        answer = one_trial(worker, seen, mutant)
        used += answer.get("cpu", 0.0)
        odds.learn(mutant, answer["outcome"])
        if answer["outcome"] == "invalid":
            continue
        tried[answer["outcome"]] += 1
        if answer["outcome"] == "killed":
            return mutant, answer, ""
    words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(tried.items()))
    return None, {}, f"{tried.total()} faults tried: {words}" if tried else "none of its lines can be broken"


def one_trial(worker: Worker, seen: Seen, mutant: Mutant) -> dict[str, Any]:
    """Run the cases that reach the mutant, narrowest first, as many as fit the time."""
    cases = (
        list(seen.cases) if mutant.is_table else seen.reaches(mutant.path, mutant.line) or list(seen.cases)
    )
    chosen: list[str] = []
    total = 0.0
    for case in cases:
        total += seen.seconds.get(case, 0.0)
        if chosen and total > _CASES_SECONDS:
            break
        chosen.append(case)
    return worker.trial(chosen, mutant, timeout=5.0 + 10 * min(total, 2 * _CASES_SECONDS))


def proof_of(
    worker: Worker,
    root: Path,
    seen: Seen,
    points: Sequence[Point],
    spread: Spread,
    limits: Limits,
    odds: Odds,
) -> Proof:
    """Look for a fault in the claimed code that the test notices."""
    mutant, answer, why = hunt(worker, seen, candidates(root, points, seen, spread), limits, odds)
    if mutant is None:
        return Proof("passenger", None, why)
    return Proof("claim", _kill(root, mutant, answer, spread), "")


def elsewhere(worker: Worker, root: Path, seen: Seen, claimed: Sequence[Point], passenger: Proof) -> Proof:
    """Look whether a test that noticed nothing in the claim notices anything at all."""
    if sum(seen.seconds.values()) > _ELSEWHERE_SECONDS:
        return passenger
    watch: dict[str, Any] = {"lines": None, "tables": [], "applies": None}
    wide = control(worker, seen.test, seen.cases, watch, timeout=10 * _ELSEWHERE_SECONDS)
    paths = {path for lines in wide.lines.values() for path in lines}
    points = [point for path in sorted(paths) for point in points_around(root, path, wide.covered(path))]
    points = [point for point in points if not any(_overlap(point, claim) for claim in claimed)]
    words = set(re.findall(r"\w+", (root / seen.test.partition("::")[0]).read_text(encoding="utf-8")))
    near = [point for point in points if point.name.rpartition(".")[2] in words]  # what the test itself names
    far = [point for point in points if point not in near]
    limits = Limits(trials=20, seconds=2 * _ELSEWHERE_SECONDS)
    for some in (near, far):
        mutant, answer, _ = hunt(worker, wide, candidates(root, some, wide, {}), limits, Odds({}))
        if mutant is not None:
            return Proof("elsewhere", _kill(root, mutant, answer, {}), passenger.why)
    return passenger


def _overlap(one: Point, other: Point) -> bool:
    return one.path == other.path and one.first <= other.last and other.first <= one.last


def _kill(root: Path, mutant: Mutant, answer: dict[str, Any], spread: Spread) -> Kill:
    source = (root / mutant.path).read_bytes()
    before, after = mutant.lines(source)
    return Kill(
        path=mutant.path,
        name=mutant.name,
        operator=mutant.operator,
        before=before,
        after=after,
        nth=mutant.nth,
        case=answer["case"],
        message=answer["message"],
        diff=mutant.diff(source),
        spread=spread.get((mutant.path, mutant.line), (1, 1))[0],
    )

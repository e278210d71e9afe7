"""From the files and the last run to the matrix, and the matrix to files. Whatever is in doubt is a problem."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import jsonschema

from veracity_trace.evidence.evidence import EVIDENCE_PATH, Evidence, EvidenceUnreadable, read_evidence
from veracity_trace.evidence.settings import read_settings
from veracity_trace.features import check_features
from veracity_trace.index import SCHEMAS, load_index
from veracity_trace.levels import Level, Records, judge
from veracity_trace.links import LINKS_PATH, LinksUnreadable, read_links
from veracity_trace.matrix import Matrix, build_matrix
from veracity_trace.page import render_html, render_markdown
from veracity_trace.problems import Problem
from veracity_trace.run import Run, RunUnreadable, changed_files, read_run
from veracity_trace.tickets import Index

# pytest's exit statuses of a run that went to its end: all passed, some failed.
_WHOLE: Final = (0, 1)
_FILES_NAMED: Final = 3  # of the changed ones; the rest is counted


def examine(root: Path, run_path: Path, claim_level: Level | None = None) -> Matrix:
    """Judge the checkout at `root` by the run recorded at `run_path`; None stands for the level that the project asks for."""
    index = load_index(root)
    problems = list(index.problems)
    records, unreadable = read_records(root)
    problems += unreadable
    run = None
    try:
        run = read_run(run_path)
    except RunUnreadable as reason:
        problems.append(Problem("no-run", f"{reason}; run: python -m pytest --trace-out={run_path}"))
    results = () if run is None else run.tests
    if run is not None:
        problems += _run_problems(run, index, root)
        problems += check_features(root, (result.scenario for result in results))
    asked = Level(read_settings(root).claim_level) if claim_level is None else claim_level
    standings = judge(index, results, root, records, asked)
    return build_matrix(index, run, standings, problems, Evidence(dict(records.evidence)), root)


def read_records(root: Path) -> tuple[Records, list[Problem]]:
    """Return the recorded evidence and links; what cannot be read proves nothing."""
    problems = []
    evidence, links = {}, {}
    try:
        evidence = read_evidence(root / EVIDENCE_PATH).tickets
    except EvidenceUnreadable as reason:
        problems.append(Problem("evidence-unreadable", str(reason)))
    try:
        links = read_links(root / LINKS_PATH)
    except LinksUnreadable as reason:
        problems.append(Problem("links-unreadable", str(reason)))
    return Records(evidence, links), problems


def _run_problems(run: Run, index: Index, root: Path) -> Iterator[Problem]:
    """Yield why the run says less than it seems to."""
    if run.exit_status not in _WHOLE:
        yield Problem(
            "incomplete-run", f"pytest ended with status {run.exit_status} before all tests had run"
        )
    if not run.tests:
        yield Problem("empty-denominator", "the run had no test: 0 of 0 proves nothing")
    if not run.assertion_hook:
        message = (
            "passing asserts were not counted: set enable_assertion_pass_hook = true and --assert=rewrite"
        )
        yield Problem("assertion-hook-off", message)
    if run.filters:
        yield Problem("filtered-run", f"the run left tests out: {'; '.join(run.filters)}")
    changed = changed_files(run, root)
    if changed:
        more = f" and {len(changed) - _FILES_NAMED} more" if len(changed) > _FILES_NAMED else ""
        names = ", ".join(changed[:_FILES_NAMED])
        yield Problem("stale-run", f"changed since the run: {names}{more}; run the tests again")
    for result in run.tests:
        for ticket in result.tickets:
            if ticket not in index.tickets:
                yield Problem(
                    "unknown-id", f"{result.nodeid} carries it, but no file of tickets/ has it", ticket
                )


def write_matrix(matrix: Matrix, folder: Path, root: Path) -> None:
    """Write matrix.json (checked by its schema first), matrix.md and matrix.html."""
    content = json.loads(json.dumps(matrix.to_json()))
    schema = json.loads((SCHEMAS / "matrix.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, schema, cls=jsonschema.Draft202012Validator)
    folder.mkdir(parents=True, exist_ok=True)
    root_link = Path(os.path.relpath(root.resolve(), folder.resolve())).as_posix()
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / "matrix.json").write_text(text + "\n", encoding="utf-8")
    (folder / "matrix.md").write_text(render_markdown(matrix), encoding="utf-8")
    (folder / "matrix.html").write_text(render_html(matrix, root_link), encoding="utf-8")


def summary(matrix: Matrix, every: bool = False) -> str:
    """Return what the terminal shows: a line per section, then what is broken, then what is open."""
    lines = [section.line() for section in matrix.sections]
    if matrix.problems:
        lines += ["", f"Broken ({len(matrix.problems)}):", *(f"  {problem}" for problem in matrix.problems)]
    lines += ["", *_open_lines(matrix, every)]
    return "\n".join(lines)


def _open_lines(matrix: Matrix, every: bool) -> Iterator[str]:
    for section in matrix.sections:
        rows = [row for row in matrix.tickets if row.section == section.section and not row.claimed]
        if not rows:
            continue
        counts = (f"{sum(row.kind == kind for row in rows)} {kind}" for kind in section.tallies)
        yield f"Open in {section.section} {section.title}: {', '.join(counts)}"
        ready = [row.id for row in rows if row.status == "ready"]
        if ready:
            yield f"  proven but not claimed: {', '.join(ready)}"
        if every:
            yield from (f"  {row.id} {row.title}: {row.gaps[0]}" for row in rows if row.status == "open")

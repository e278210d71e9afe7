"""What the report says of a good project, and that it catches each known fault by its own message."""

import json
import shutil
from dataclasses import replace

import jsonschema
import pytest
from tests.trace.make import raw_ticket, write_tickets
from tests.trace.project import GOOD_TICKETS

from veracity_trace.index import SCHEMAS
from veracity_trace.report import examine, summary, write_matrix
from veracity_trace.run import RUN_PATH, read_run, write_run


def problems_of(root):
    return [str(problem) for problem in examine(root, root / RUN_PATH).problems]


@pytest.fixture
def project(good_project, tmp_path):
    """A copy of the good project, to be spoilt."""
    return shutil.copytree(good_project, tmp_path / "project")


@pytest.fixture(scope="module")
def bad(bad_project):
    return problems_of(bad_project)


def spoil_run(root, **changes):
    path = root / RUN_PATH
    write_run(replace(read_run(path), **changes), path)


# ---------------------------------------------------------------- the good one


def test_a_good_project_has_no_problem(good_project):
    assert problems_of(good_project) == []


def test_a_section_is_one_line(good_project):
    matrix = examine(good_project, good_project / RUN_PATH)
    assert summary(matrix) == "1 Things  T 3/4  S 1/1  I 1/1\n\nOpen in 1 Things: 1 T, 0 S, 0 I"


def test_open_tickets_are_named_on_request(good_project):
    matrix = examine(good_project, good_project / RUN_PATH)
    assert summary(matrix, every=True).splitlines()[-1] == "  T-004 Title of T-004: no test carries it"


def test_what_is_proven_but_not_claimed_is_offered(project):
    others = [ticket for ticket in GOOD_TICKETS if ticket["id"] not in ("T-001", "S-001")]
    write_tickets(project, raw_ticket("S-001"), raw_ticket("T-001"), *others)
    assert problems_of(project) == []
    lines = summary(examine(project, project / RUN_PATH)).splitlines()
    assert lines == [
        "1 Things  T 2/4  S 0/1  I 1/1",
        "",
        "Open in 1 Things: 2 T, 1 S, 0 I",
        "  proven but not claimed: T-001",
    ]


def test_the_matrix_is_written_in_three_forms_and_fits_its_schema(good_project, tmp_path):
    write_matrix(examine(good_project, good_project / RUN_PATH), tmp_path / "out", good_project)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "matrix.html",
        "matrix.json",
        "matrix.md",
    ]
    content = json.loads((tmp_path / "out/matrix.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, json.loads((SCHEMAS / "matrix.schema.json").read_text(encoding="utf-8")))
    rows = {row["id"]: row for row in content["tickets"]}
    assert rows["T-001"]["tests"] == [
        {"nodeid": "tests/test_halves.py::test_half_of_four", "outcome": "passed", "asserts": 1}
    ]
    told = ("id", "kind", "section", "level", "claimed", "complete", "status", "verdict")
    assert [[row[key] for key in told] for row in rows.values()] == [
        ["T-001", "T", 1, 3, True, True, "complete", "passing"],
        ["T-002", "T", 1, 3, True, True, "complete", "passing"],
        ["T-003", "T", 1, 3, True, True, "complete", "passing"],
        ["T-004", "T", 1, 0, False, False, "open", "untested"],
        ["S-001", "S", 1, 3, True, True, "complete", None],
        ["I-001", "I", 1, 3, True, True, "complete", None],
    ]


def test_a_matrix_that_does_not_fit_its_schema_is_not_written(good_project, tmp_path):
    matrix = examine(good_project, good_project / RUN_PATH)
    with pytest.raises(jsonschema.ValidationError):
        write_matrix(replace(matrix, format="other/1"), tmp_path / "out", good_project)
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------- each known fault


@pytest.mark.parametrize(
    "message",
    [
        "T-002: tests/test_bad.py::test_skipped was skipped: needs chromium [skipped]",
        "T-003: tests/test_bad.py::test_xfail is expected to fail: known [xfail]",
        "T-004: tests/test_bad.py::test_strict_xpass is marked xfail but passes: "
        "[XPASS(strict)] was known [failing]",
        "T-005: tests/test_bad.py::test_of_nothing[NOTSET] is parametrized with nothing: "
        "got empty parameter set for (number) [empty-parametrize]",
        "T-006: tests/test_bad.py::test_asserts_nothing passes without an assertion [no-assertion]",
        "T-007: tests/test_bad.py::test_fails fails [failing]",
        "T-008: tests/test_bad.py::test_error_in_setup fails [failing]",
        "T-009: rests on tests/test_bad.py::test_of_strangers with T-010; "
        "only twins in same_as may [shared-test]",
        "T-010: rests on tests/test_bad.py::test_of_strangers with T-009; "
        "only twins in same_as may [shared-test]",
        "T-013: tests/test_bad_scenarios.py::test_empty_then passes without an assertion [no-assertion]",
        "T-014: tests/test_bad.py::test_error_in_teardown fails [failing]",
        "S-001: specs/things/missing.md does not exist [spec]",
        "I-001: trace_sample:third cannot be imported: "
        "module 'trace_sample' has no attribute 'third' [symbol]",
        'features/bad.feature: 2 scenarios are named "said twice"; '
        "pytest-bdd runs only the last [duplicate-scenario]",
        'features/bad.feature: tag @T-013 on Examples of "tagged below" marks nothing; '
        "put it on the scenario [tag-on-examples]",
        'features/orphan.feature: no test module collects the scenario "never run" [orphan-scenario]',
    ],
)
def test_a_planted_fault_is_named(bad, message):
    assert bad.count(message) == 1


def test_nothing_but_the_planted_faults_is_named(bad):
    assert len(bad) == 16, bad


def test_a_claim_without_a_test_is_broken(project):
    write_tickets(project, *GOOD_TICKETS[:-1], raw_ticket("T-005", claimed=True), GOOD_TICKETS[-1])
    assert problems_of(project) == ["T-005: no test carries it [no-test]"]


def test_an_open_ticket_with_a_failing_test_is_no_problem_of_the_matrix(project):
    tests = [
        replace(test, outcome="failed") if test.tickets == ("T-002",) else test
        for test in read_run(project / RUN_PATH).tests
    ]
    spoil_run(project, tests=tuple(tests))
    write_tickets(project, *(ticket | {"claimed": False} for ticket in GOOD_TICKETS))
    assert problems_of(project) == []


def test_a_shared_test_is_wrong_even_without_a_claim(project):
    tests = [
        replace(test, tickets=("T-001", "T-002")) if test.tickets else test
        for test in read_run(project / RUN_PATH).tests
    ]
    spoil_run(project, tests=tuple(tests[:1]))
    write_tickets(project, *(ticket | {"claimed": False} for ticket in GOOD_TICKETS))
    assert [problem for problem in problems_of(project) if "[shared-test]" in problem] == [
        "T-001: rests on tests/test_halves.py::test_an_odd_number_has_no_half with T-002; "
        "only twins in same_as may [shared-test]",
        "T-002: rests on tests/test_halves.py::test_an_odd_number_has_no_half with T-001; "
        "only twins in same_as may [shared-test]",
    ]


def test_an_id_that_the_tickets_lost_since_is_unknown(project):
    tests = read_run(project / RUN_PATH).tests
    spoil_run(project, tests=(*tests, replace(tests[2], nodeid="tests/a.py::b", tickets=("T-099",))))
    assert problems_of(project) == [
        "T-099: tests/a.py::b carries it, but no file of tickets/ has it [unknown-id]"
    ]


def test_a_filtered_run_is_refused(project):
    spoil_run(project, filters=("-k four", "-m slow"))
    assert problems_of(project) == ["the run left tests out: -k four; -m slow [filtered-run]"]


def test_a_run_without_the_assertion_hook_is_refused(project):
    spoil_run(project, assertion_hook=False)
    assert problems_of(project) == [
        "passing asserts were not counted: set enable_assertion_pass_hook = true and --assert=rewrite "
        "[assertion-hook-off]"
    ]


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_a_run_that_did_not_reach_its_end_is_refused(project, status):
    spoil_run(project, exit_status=status)
    assert problems_of(project) == [
        f"pytest ended with status {status} before all tests had run [incomplete-run]"
    ]


def test_without_a_run_nothing_is_proven(project):
    (project / RUN_PATH).unlink()
    *broken, last = problems_of(project)
    assert last == (
        f"{project / RUN_PATH} does not exist; run: python -m pytest --trace-out={project / RUN_PATH} [no-run]"
    )
    assert broken[:3] == [f"T-00{number}: no test carries it [no-test]" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    "path", ["tests/test_halves.py", "tests/helpers.py", "src/trace_sample.py", "features/halves.feature"]
)
def test_a_file_that_changed_since_makes_the_run_stale(project, path):
    with (project / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert problems_of(project) == [f"changed since the run: {path}; run the tests again [stale-run]"]


def test_added_and_removed_files_make_the_run_stale_and_only_some_are_named(project):
    for name in ("a", "b", "c"):
        (project / f"tests/test_{name}.py").touch()
    (project / "tests/helpers.py").unlink()
    assert problems_of(project) == [
        "changed since the run: tests/helpers.py, tests/test_a.py, tests/test_b.py and 1 more; "
        "run the tests again [stale-run]"
    ]


def test_a_claim_made_after_the_run_needs_no_new_run(project):
    write_tickets(project, *(ticket | {"claimed": False} for ticket in GOOD_TICKETS))
    assert problems_of(project) == []


def test_a_run_of_nothing_is_refused(project):
    write_tickets(project, *(ticket | {"claimed": False} for ticket in GOOD_TICKETS))
    spoil_run(project, tests=())
    assert "the run had no test: 0 of 0 proves nothing [empty-denominator]" in problems_of(project)


def test_a_section_without_a_kind_is_refused(project):
    write_tickets(project, *GOOD_TICKETS[:-1])
    assert problems_of(project) == [
        "section 1 (Things) has no I ticket: 0 of 0 proves nothing [empty-denominator]"
    ]


def test_broken_claims_come_before_everything_else(project):
    write_tickets(project, *GOOD_TICKETS[:-1], raw_ticket("T-005", claimed=True), GOOD_TICKETS[-1])
    spoil_run(project, assertion_hook=False)
    lines = summary(examine(project, project / RUN_PATH)).splitlines()
    assert lines[:4] == [
        "1 Things  T 3/5  S 1/1  I 1/1",
        "",
        "Broken (2):",
        "  T-005: no test carries it [no-test]",
    ]
    assert lines[4].endswith("[assertion-hook-off]")

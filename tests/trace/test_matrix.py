import pytest
from tests.trace.make import index_of, result, ticket

from veracity_trace.levels import judge
from veracity_trace.matrix import SectionRow, Tally, build_matrix
from veracity_trace.problems import Problem


def matrix_of(tmp_path, *tickets, results=(), problems=()):
    index = index_of(*tickets)
    return build_matrix(index, None, judge(index, results, tmp_path), problems)


def test_the_line_of_a_section_is_fixed():
    tallies = {"T": Tally(12, 33), "S": Tally(4, 12), "I": Tally(5, 12)}
    line = SectionRow(3, "WAL + recovery", tallies).line()
    assert line == "3 WAL + recovery  T 12/33  S 4/12  I 5/12"


@pytest.mark.parametrize(
    ("claimed", "asserts", "status", "complete", "problems"),
    [
        (True, 1, "complete", True, 0),
        (True, 0, "broken", False, 1),
        (False, 1, "ready", False, 0),
        (False, 0, "open", False, 0),
    ],
)
def test_claim_and_evidence_make_the_status(tmp_path, claimed, asserts, status, complete, problems):
    matrix = matrix_of(tmp_path, ticket("T-001", claimed), results=[result("a", "T-001", asserts=asserts)])
    (row,) = matrix.tickets
    assert (row.status, row.complete, len(matrix.problems)) == (status, complete, problems)
    assert matrix.sections[0].tallies["T"] == Tally(int(complete), 1)


def test_rows_are_sorted_by_kind_and_number(tmp_path):
    tickets = [
        ticket("I-001", symbol="json:dumps"),
        ticket("S-001", spec="specs/a/b.md#s-001"),
        ticket("T-010"),
        ticket("T-002"),
    ]
    ids = [row.id for row in matrix_of(tmp_path, *tickets).tickets]
    assert ids == ["T-002", "T-010", "S-001", "I-001"]


def test_broken_claims_precede_the_problems_of_the_run(tmp_path):
    stale = Problem("stale-run", "changed")
    matrix = matrix_of(tmp_path, ticket("T-001"), problems=[stale])
    assert [problem.code for problem in matrix.problems] == ["no-test", "stale-run"]

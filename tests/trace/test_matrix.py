import pytest
from tests.trace.make import KILL, matrix_of, proven, result, ticket

from veracity_trace.evidence.evidence import Proof
from veracity_trace.matrix import CodePlace, ProofRow, SectionRow, Tally
from veracity_trace.problems import Problem


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


def test_a_row_says_on_which_lines_its_claimed_code_stands(tmp_path):
    source = tmp_path / "src/trace_sample.py"
    source.parent.mkdir()
    source.write_text("LIMIT = 2\n\n\ndef halve(number):\n    return number // LIMIT\n", encoding="utf-8")
    claims = ("trace_sample:halve", "@trace_sample.LIMIT", "trace_sample:third")
    matrix = matrix_of(
        tmp_path, ticket("T-001", enforces=claims), ticket("I-001", symbol="trace_sample:halve")
    )
    of_test, of_symbol = matrix.tickets
    halve = CodePlace("trace_sample:halve", "src/trace_sample.py", 4, 5)
    assert of_test.code == (
        halve,
        CodePlace("@trace_sample.LIMIT", "src/trace_sample.py", 1, 1),
        CodePlace("trace_sample:third", None, None, None),
    )
    assert of_symbol.code == (halve,)


def test_a_row_keeps_what_each_test_showed_when_the_code_was_broken(tmp_path):
    recorded = proven(
        test_half_of_four=Proof("claim", KILL, ""),
        test_smoke=Proof("passenger", None, "40 faults, none noticed"),
    )
    (row, other) = matrix_of(tmp_path, ticket("T-001"), ticket("T-002"), evidence={"T-001": recorded}).tickets
    assert row.proofs == (
        ProofRow("tests/test_halves.py::test_half_of_four", "claim", "", KILL),
        ProofRow("tests/test_halves.py::test_smoke", "passenger", "40 faults, none noticed", None),
    )
    assert other.proofs == ()

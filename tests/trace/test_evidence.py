"""The evidence tool on a small project: what can fail is told from what cannot, and wrong claims are named."""

import pytest
from tests.trace.evidence_project import ELSEWHERE, HONEST, VACUOUS

ONE_FAULT = {
    "T-001": ("fee", "assert "),
    "T-002": ("fee", "DID NOT RAISE"),
    "T-003": ("below", "assert "),
    "T-004": ("RATES", "assert "),
    "T-009": ("LIMIT", "assert 101 == 100"),
}


@pytest.mark.parametrize("ticket", HONEST)
def test_an_honest_test_can_fail_in_its_claimed_code(evidence, ticket):
    found = evidence.tickets[ticket]
    assert (found.level, found.problems, found.passengers) == (5, (), [])


@pytest.mark.parametrize("ticket", ELSEWHERE)
def test_a_fault_noticed_outside_of_the_claim_is_level_four(evidence, ticket):
    found = evidence.tickets[ticket]
    (proof,) = found.tests.values()
    assert (found.level, proof.result, proof.kill.name) == (4, "elsewhere", "fee")


@pytest.mark.parametrize("ticket", VACUOUS)
def test_a_vacuous_test_never_reaches_level_four(evidence, ticket):
    found = evidence.tickets[ticket]
    assert (found.level, len(found.passengers)) == (0, 1)


@pytest.mark.parametrize(("ticket", "name", "message"), [(key, *value) for key, value in ONE_FAULT.items()])
def test_a_kill_tells_the_fault_and_the_failed_assert(evidence, ticket, name, message):
    (proof,) = evidence.tickets[ticket].tests.values()
    assert (proof.result, proof.kill.name) == ("claim", name)
    assert message in proof.kill.message
    minus, plus = [line for line in proof.kill.diff.splitlines()[2:] if line.startswith(("+", "-"))]
    assert minus[1:] == proof.kill.before
    assert plus[1:] == proof.kill.after


def test_the_cases_of_a_parametrised_test_are_one_test(evidence):
    assert list(evidence.tickets["T-003"].tests) == [
        "tests/test_honest.py::test_edge_through_a_captured_reference"
    ]


@pytest.mark.parametrize(
    ("ticket", "problem"),
    [
        ("T-014", "no test carries it"),
        ("T-028", "shop.prices:untouched is executed by none of its tests"),
        (
            "T-033",
            "sabotage outdated no longer applies: src/shop/prices.py: the lines of the hunk at 4 are not found",
        ),
        (
            "T-034",
            "there is no sabotage imagined: neither tests/sabotage/imagined.diff nor tests/sabotage/imagined/",
        ),
    ],
)
def test_a_wrong_claim_is_named(evidence, ticket, problem):
    assert evidence.tickets[ticket].problems == (problem,)
    assert evidence.tickets[ticket].level == 0


def test_a_sabotage_reaches_the_process_that_a_test_starts(evidence):
    (proof,) = evidence.tickets["T-031"].tests.values()
    assert (proof.result, evidence.tickets["T-031"].level) == ("sabotage", 5)
    assert proof.kill.message.startswith("assert '11\\n' == '10\\n'")
    assert proof.kill.diff.startswith("The taker's rate is one too high.")


def test_a_sabotage_that_the_test_does_not_notice_is_named(evidence):
    (proof,) = evidence.tickets["T-032"].tests.values()
    assert (proof.result, evidence.tickets["T-032"].level) == ("passenger", 0)
    assert proof.why == "does not fail on sabotage harmless by its own assert: ['survived']"

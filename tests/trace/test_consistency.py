import pytest
from tests.trace.make import raw_ticket, ticket, valid, write_tickets

from veracity_trace.consistency import check_consistency
from veracity_trace.index import load_index

SECTIONS = {1: "Things"}
SPEC = ticket("S-001", checks=("T-001",), spec="specs/things/rules.md#s-001")
TEST = ticket("T-001", specs=("S-001",))
CODE = ticket("I-001", checks=("T-001",), symbol="trace_sample:halve")


def told(*tickets) -> list[str]:
    """Return the problems of a valid index in which `tickets` replace those of the same id."""
    everything = {each.id: each for each in (SPEC, TEST, CODE, *tickets)}
    return [str(problem) for problem in check_consistency(everything, SECTIONS)]


def test_a_consistent_index_has_no_problem():
    assert told() == []


def test_the_kind_is_the_letter_of_the_id():
    assert told(ticket("T-001", kind="S")) == [
        "T-001: is no S ticket [kind]",
        "section 1 (Things) has no T ticket: 0 of 0 proves nothing [empty-denominator]",
    ]


def test_a_lost_ticket_is_missed():
    assert told(ticket("T-003")) == ["T-002: no file has it, but there are higher ones [missing]"]


@pytest.mark.parametrize("field", ["checks", "specs"])
def test_a_reference_to_nowhere_is_an_error(field):
    assert told(ticket("T-001", **{field: ("T-009",)})) == [
        f"T-001: {field} names T-009, which does not exist [dangling]"
    ]


def test_a_twin_that_does_not_exist_is_dangling():
    assert told(ticket("T-001", same_as={"T-009": "other half"})) == [
        "T-001: same_as names T-009, which does not exist [dangling]"
    ]


def test_twins_name_each_other():
    one = ticket("T-001", same_as={"T-002": "first half"})
    other = ticket("T-002", same_as={"T-001": "second half"})
    assert told(one, other) == []
    assert told(one, ticket("T-002")) == [
        "T-001: names T-002 in same_as, but T-002 does not name it [same-as]"
    ]


def test_nobody_is_its_own_twin():
    assert told(ticket("T-001", same_as={"T-001": "itself"})) == ["T-001: names itself in same_as [same-as]"]


def test_twins_are_of_one_kind():
    one = ticket("T-001", same_as={"S-001": "text"})
    other = ticket("S-001", checks=("T-001",), same_as={"T-001": "test"})
    assert told(one, other) == [
        "S-001: names T-001 in same_as, which is of another kind [same-as]",
        "T-001: names S-001 in same_as, which is of another kind [same-as]",
    ]


def test_equal_titles_need_a_word_on_the_difference():
    one, other = ticket("T-001", title="Same"), ticket("T-002", title="Same")
    assert told(one, other) == ["T-001: has the title of T-002; say in same_as how they differ [title]"]
    one = ticket("T-001", title="Same", same_as={"T-002": "first half"})
    other = ticket("T-002", title="Same", same_as={"T-001": "second half"})
    assert told(one, other) == []


def test_an_acceptance_belongs_to_one_ticket_whatever_its_spaces_and_capitals():
    one = ticket("T-001", acceptance=("The sum is 3; fails if it is 4.",))
    other = ticket("T-002", acceptance=("the sum  is 3; Fails if it is 4.",))
    assert told(one, other) == ["T-002: has an acceptance of T-001 [acceptance]"]


@pytest.mark.parametrize(
    ("text", "problems"), [("It fails if off by one.", 0), ("Fails if off.", 0), ("Good.", 1)]
)
def test_a_t_ticket_says_what_makes_it_fail(text, problems):
    assert len(told(ticket("T-001", acceptance=(text,)))) == problems


def test_a_spec_points_at_its_own_section():
    wrong = ticket("S-001", checks=("T-001",), spec="specs/things/rules.md#s-002")
    assert told(wrong) == ["S-001: spec specs/things/rules.md#s-002 does not end in #s-001 [spec]"]


def test_no_tickets_at_all_is_an_error():
    told_of_nothing = [str(problem) for problem in check_consistency({}, {})]
    assert told_of_nothing == ["there are no tickets at all: 0 of 0 proves nothing [empty-denominator]"]


def test_the_rules_are_asked_when_files_are_read(tmp_path):
    write_tickets(tmp_path, *valid(raw_ticket("T-003")))
    assert [problem.ticket for problem in load_index(tmp_path).problems] == ["T-002"]


def test_the_rules_are_not_asked_of_files_that_cannot_be_read(tmp_path):
    write_tickets(tmp_path, *valid(raw_ticket("T-003", claimed=None)))
    assert [problem.code for problem in load_index(tmp_path).problems] == ["schema"]

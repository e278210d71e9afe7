from collections import Counter
from pathlib import Path

import pytest
from tests.trace.make import raw_ticket, valid, write_tickets

from veracity_trace.ids import known_ids
from veracity_trace.index import load_index

ROOT = Path(__file__).parents[2]


def only_problem(root: Path) -> str:
    problems = load_index(root).problems
    assert len(problems) == 1, problems
    return str(problems[0])


@pytest.fixture(scope="module")
def real():
    return load_index(ROOT)


def test_the_roadmap_has_716_tickets(real):
    assert Counter(ticket.kind for ticket in real.tickets.values()) == {"T": 414, "S": 156, "I": 146}
    assert sorted(real.sections) == list(range(1, 11))


def test_the_tests_of_each_section_are_those_of_the_roadmap(real):
    assert [len(real.ids(section, "T")) for section in range(1, 11)] == [
        50,
        46,
        33,
        56,
        67,
        36,
        31,
        44,
        29,
        22,
    ]


def test_the_ticket_files_agree_with_each_other(real):
    assert [str(problem) for problem in real.problems] == []


def test_the_quick_look_at_ids_finds_what_the_full_reading_finds(real):
    assert known_ids(ROOT) == real.tickets.keys()


def test_a_valid_file_is_read_whole(tmp_path):
    twins = [
        raw_ticket("T-001", same_as=[{"id": "T-002", "differs": "looks at the other half"}]),
        raw_ticket("T-002", same_as=[{"id": "T-001", "differs": "looks at the first half"}], claimed=True),
    ]
    write_tickets(tmp_path, *valid(*twins))
    index = load_index(tmp_path)
    assert index.problems == ()
    assert index.sections == {1: "Things"}
    second = index.tickets["T-002"]
    assert second.same_as == {"T-001": "looks at the first half"}
    assert second.claimed is True
    assert index.tickets["S-001"].spec == "specs/things/rules.md#s-001"
    assert index.tickets["I-001"].symbol == "trace_sample:halve"


def test_every_error_of_a_file_is_told_at_once_with_file_and_id(tmp_path):
    write_tickets(
        tmp_path,
        raw_ticket("S-001", checks=[]),
        raw_ticket("T-001", acceptance=["too short"]),
        raw_ticket("T-002", symbol="trace_sample:halve"),
        raw_ticket("I-001", symbol=None),
        raw_ticket("I-002", claimed="yes"),
    )
    told = {problem.ticket: problem.message for problem in load_index(tmp_path).problems}
    assert told == {
        "S-001": "01-things.yaml: checks: [] should be non-empty",
        "T-001": "01-things.yaml: acceptance.0: 'too short' is too short",
        "T-002": "01-things.yaml: symbol: a ticket of this kind has no such field",
        "I-001": "01-things.yaml: 'symbol' is a required property",
        "I-002": "01-things.yaml: claimed: 'yes' is not of type 'boolean'",
    }


def test_an_id_of_another_form_is_named_by_what_it_says(tmp_path):
    write_tickets(tmp_path, *valid(), {**raw_ticket("T-002"), "id": "T-2"})
    assert only_problem(tmp_path).startswith("T-2: 01-things.yaml: id: 'T-2' does not match")


def test_broken_yaml_is_told_with_its_line(tmp_path):
    write_tickets(tmp_path, *valid())
    (tmp_path / "tickets/02-torn.yaml").write_text("section: 2\ntitle: [\n", encoding="utf-8")
    told = only_problem(tmp_path)
    assert told.startswith("02-torn.yaml: ")
    assert "line 3" in told
    assert told.endswith("[yaml]")


def test_a_key_that_stands_twice_is_refused(tmp_path):
    write_tickets(tmp_path, *valid())
    path = tmp_path / "tickets/01-things.yaml"
    path.write_text(path.read_text().replace("  claimed: false", "  claimed: false\n  claimed: true", 1))
    assert "key 'claimed' twice" in only_problem(tmp_path)


def test_an_id_in_two_files_is_refused(tmp_path):
    write_tickets(tmp_path, *valid())
    others = [{**ticket, "acceptance": [ticket["acceptance"][0] + " Again."]} for ticket in valid()]
    write_tickets(tmp_path, *others, name="02-more.yaml", section=2)
    twice = [problem.ticket for problem in load_index(tmp_path).problems if problem.code == "twice"]
    assert twice == ["S-001", "T-001", "I-001"]


def test_a_file_is_named_after_its_section(tmp_path):
    write_tickets(tmp_path, *valid(), name="02-things.yaml")
    assert only_problem(tmp_path) == "02-things.yaml: a file of section 1 starts with 01- [section]"


def test_a_section_has_one_file(tmp_path):
    write_tickets(tmp_path, *valid())
    write_tickets(tmp_path, raw_ticket("T-002"), name="01-more.yaml")
    assert only_problem(tmp_path) == "01-things.yaml: section 1 has another file already [section]"

import shutil

import pytest
from tests.trace.make import raw_ticket, write_tickets
from tests.trace.project import GOOD_TICKETS

from veracity_trace.run import RUN_PATH
from veracity_trace.where import UnknownTicket, render_where, where


def test_a_t_ticket_leads_to_its_text_its_code_and_its_test(good_project):
    found = where(good_project, "T-001")
    assert (found["claimed"], found["level"], found["verdict"], found["run"]) == (True, 3, "passing", "fresh")
    assert found["acceptance"] == ["What T-001 shows is exact; fails if it is off by one."]
    assert found["texts"] == [
        {"id": "S-001", "title": "Title of S-001", "spec": "specs/things/rules.md#s-001", "exists": True}
    ]
    assert found["symbols"] == [
        {"id": "I-001", "title": "Title of I-001", "symbol": "trace_sample:halve", "exists": True}
    ]
    assert found["tests"] == [
        {
            "nodeid": "tests/test_halves.py::test_half_of_four",
            "outcome": "passed",
            "asserts": 1,
            "reason": "",
        }
    ]


def test_s_and_i_tickets_show_the_tests_of_their_checks(good_project):
    names = [test["nodeid"].split("::")[1] for test in where(good_project, "S-001")["tests"]]
    assert names == [
        "test_an_odd_number_has_no_half",
        "test_half_of_four",
        "test_half_of_number[0-0]",
        "test_half_of_number[6-3]",
    ]
    symbol = where(good_project, "I-001")
    assert [test["nodeid"] for test in symbol["tests"]] == ["tests/test_halves.py::test_half_of_four"]
    assert [text["id"] for text in symbol["texts"]] == ["S-001"]
    assert symbol["level"] is None


def test_an_id_may_be_typed_in_small_letters(good_project):
    assert where(good_project, "t-001")["id"] == "T-001"


def test_an_unknown_id_is_refused(good_project):
    with pytest.raises(UnknownTicket, match="T-099 is in no file of"):
        where(good_project, "T-099")


@pytest.fixture
def project(good_project, tmp_path):
    return shutil.copytree(good_project, tmp_path / "project")


def test_code_that_names_the_id_is_shown_with_the_function_around_it(project):
    (project / "src/rules.py").write_text(
        'RULE = "T-001"\n\n\nclass Gate:\n    def judge(self):\n        return "T-001"  # here\n',
        encoding="utf-8",
    )
    (project / "src/torn.py").write_text("def half(  # T-001\n", encoding="utf-8")
    found = where(project, "T-001")
    assert found["code"] == [
        {"path": "src/rules.py", "line": 1, "symbol": "", "text": 'RULE = "T-001"'},
        {"path": "src/rules.py", "line": 6, "symbol": "Gate.judge", "text": 'return "T-001"  # here'},
        {"path": "src/torn.py", "line": 1, "symbol": "", "text": "def half(  # T-001"},
    ]
    assert found["run"] == "stale"
    assert where(project, "T-002")["code"] == []


def test_without_a_run_there_are_no_tests(project):
    (project / RUN_PATH).unlink()
    found = where(project, "T-001")
    assert (found["run"], found["tests"], found["level"]) == ("none", [], 0)
    told = render_where(found)
    assert "Tests (no run recorded: make test)\n  none\n" in told
    assert found["missing"] == ["no run of the tests is recorded, so nothing is judged; run: make test"]
    assert told.splitlines()[1] == "section 1 Things, claimed"  # nothing is said of what nobody has looked at


def test_the_answer_fits_a_screen(good_project):
    assert render_where(where(good_project, "T-002")).splitlines() == [
        "T-002 Title of T-002",
        "section 1 Things, claimed, level 3 (passing)",
        "",
        "What T-002 shows is exact; fails if it is off by one.",
        "",
        "Specification",
        "  S-001 specs/things/rules.md#s-001",
        "",
        "Tests (last run)",
        "  passed   tests/test_halves.py::test_an_odd_number_has_no_half (asserts: 1)",
        "",
        "Missing",
        "  no fault was planted yet; run: python -m veracity_trace evidence T-002",
        "  nobody stamped it yet: python -m veracity_trace stamp T-002",
    ]


def test_twins_notes_and_missing_texts_are_said(project):
    twins = {
        "T-001": [{"id": "T-002", "differs": "the even half"}],
        "T-002": [{"id": "T-001", "differs": "the odd half"}],
    }
    tickets = [
        ticket | ({"same_as": twins[ticket["id"]]} if ticket["id"] in twins else {})
        for ticket in GOOD_TICKETS
    ]
    tickets[-1] = raw_ticket("I-001", symbol="trace_sample:third", note="opened again: halve was renamed")
    write_tickets(project, *tickets)
    lines = render_where(where(project, "T-001")).splitlines()
    assert "  T-002 the even half" in lines
    lines = render_where(where(project, "I-001")).splitlines()
    assert "section 1 Things, open" in lines
    assert "  opened again: halve was renamed" in lines
    assert "  I-001 trace_sample:third (not there yet)" in lines

"""Recorded evidence and stamped links in the report, at the level that a claim will ask for: what changed is named."""

import shutil

import pytest
from tests.trace.evidence_project import HONEST, TICKETS, VACUOUS
from tests.trace.make import raw_ticket, write_tickets

from veracity_trace.cli import main
from veracity_trace.evidence.command import replay_evidence
from veracity_trace.evidence.evidence import EVIDENCE_PATH, read_evidence
from veracity_trace.index import load_index
from veracity_trace.levels import Level
from veracity_trace.links import LINKS_PATH, read_links
from veracity_trace.report import examine
from veracity_trace.run import RUN_PATH
from veracity_trace.stamp import NotStamped, stamp
from veracity_trace.where import render_where, where

TOP = Level.CAN_FAIL_IN_CLAIM


@pytest.fixture
def project(evidence_project, tmp_path):
    return shutil.copytree(evidence_project, tmp_path / "shop")


def gaps(root, ticket, level=TOP):
    """What is missing, the stamp and the age of the run left aside."""
    rows = {row.id: row for row in examine(root, root / RUN_PATH, level).tickets}
    return [gap for gap in rows[ticket].gaps if "stamp" not in gap]


def level(root, ticket):
    return {row.id: row.level for row in examine(root, root / RUN_PATH, TOP).tickets}[ticket]


def replace_text(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_levels_of_the_report_are_those_of_the_evidence(project):
    levels = {row.id: row.level for row in examine(project, project / RUN_PATH, TOP).tickets}
    assert {levels[ticket] for ticket in HONEST} == {5}
    assert levels["T-010"] == 4
    assert max(levels[ticket] for ticket in VACUOUS) == 3


def test_a_ticket_of_passengers_does_not_count(project):
    assert gaps(project, "T-022") == [
        "a planted fault was noticed nowhere: tests/test_vacuous.py::test_against_itself"
    ]
    assert gaps(project, "T-010") == [
        "a planted fault was noticed outside of its claim only: "
        "tests/test_honest.py::test_of_other_code_than_the_claimed"
    ]
    assert gaps(project, "T-022", Level.ASSERTED) == []


def test_without_evidence_nothing_can_fail(project):
    (project / EVIDENCE_PATH).unlink()
    assert gaps(project, "T-001") == [
        "no fault was planted yet; run: python -m veracity_trace evidence T-001"
    ]
    assert level(project, "T-001") == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("src/shop/prices.py", "amount < 0", "amount < -1", "shop.prices:fee changed"),
        (
            "tests/test_honest.py",
            'fee(1000, "taker") == 10\n',
            'fee(2000, "taker") == 20\n',
            "tests/test_honest.py::test_value changed",
        ),
        (
            "tickets/01-things.yaml",
            "What T-001 shows",
            "What T-001 proves",
            "the words of the ticket changed",
        ),
    ],
)
def test_evidence_is_stale_when_what_it_was_made_for_changed(project, file, old, new, why):
    replace_text(project / file, old, new)
    hint = "run: python -m veracity_trace evidence T-001"
    assert gaps(project, "T-001") == [f"its evidence is stale: {why}; {hint}"]
    assert level(project, "T-001") == 3


def test_code_that_nobody_claims_may_change(project):
    replace_text(project / "src/shop/prices.py", "return number - 1", "return number - 2")
    assert gaps(project, "T-001") == []


def test_a_claim_that_names_nothing_is_broken_at_every_level(project):
    write_tickets(
        project,
        *TICKETS[1:2],
        *TICKETS[:1],
        raw_ticket("T-002", claimed=True, enforces=["shop.prices:third"]),
    )
    assert gaps(project, "T-002", Level.ASSERTED) == [
        "shop.prices:third: shop.prices has no function or class third"
    ]


def test_a_symbol_has_to_be_claimed_by_a_proven_ticket(project, monkeypatch):
    monkeypatch.syspath_prepend(project / "src")
    assert gaps(project, "I-001") == []
    other = raw_ticket("I-001", claimed=True, symbol="shop.prices:below")
    write_tickets(project, *TICKETS[:-1], other)
    assert gaps(project, "I-001") == ["none of T-001 claims shop.prices:below in `enforces`"]


def test_a_table_that_a_text_names_has_to_be_reached(project):
    (project / "specs/things/rules.md").write_text("## S-001 Prices\n\nT-001, `specs/things/a.yaml`.\n")
    assert gaps(project, "S-001") == ["specs/things/a.yaml, which its section names, does not exist"]


def test_a_table_that_nothing_reads_is_no_artefact(project):
    (project / "specs/things/rules.md").write_text("## S-001 Prices\n\nT-001, `specs/things/a.yaml`.\n")
    (project / "specs/things/a.yaml").write_text("a: 1\n")
    assert gaps(project, "S-001") == ["specs/things/a.yaml is reached by no code and no generator"]


# ---------------------------------------------------------------- links


def test_a_claim_is_stamped_one_by_one(project):
    index = load_index(project)
    for ticket in ("T-001", "S-001"):
        stamp(project, index, ticket)
    assert sorted(read_links(project / LINKS_PATH)) == ["S-001", "T-001"]
    assert _all_gaps(project, "T-001") == []
    assert _all_gaps(project, "T-002") == ["nobody stamped it yet: python -m veracity_trace stamp T-002"]


def _all_gaps(root, ticket, claim_level=TOP):
    return [*{row.id: row.gaps for row in examine(root, root / RUN_PATH, claim_level).tickets}[ticket]]


def test_a_changed_text_makes_a_link_suspect_at_every_level(project):
    stamp(project, load_index(project), "T-001")
    replace_text(project / "tickets/01-things.yaml", "What T-001 shows", "What T-001 proves")
    assert _all_gaps(project, "T-001", Level.ASSERTED) == [
        "changed since it was stamped: what it asks for; read it again, then: python -m veracity_trace stamp T-001"
    ]
    matrix = examine(project, project / RUN_PATH, Level.ASSERTED)
    assert "suspect" in {problem.code for problem in matrix.problems}


def test_a_changed_test_makes_a_link_suspect(project):
    stamp(project, load_index(project), "T-001")
    replace_text(project / "tests/test_honest.py", 'assert fee(1000, "taker") == 10', "assert True")
    (gap,) = _all_gaps(project, "T-001", Level.ASSERTED)
    assert gap.startswith("changed since it was stamped: tests/test_honest.py::test_value;")


@pytest.mark.parametrize(
    ("ticket", "why"),
    [
        ("T-022", "a planted fault was noticed nowhere"),
        ("T-014", "no test carries it"),
        ("T-099", "no file of tickets/ has it"),
    ],
)
def test_what_is_not_proven_is_not_stamped(project, ticket, why):
    with pytest.raises(NotStamped, match=why):
        stamp(project, load_index(project), ticket)
    assert not (project / LINKS_PATH).exists()


def test_nothing_is_stamped_on_an_old_run(project):
    replace_text(project / "src/shop/prices.py", "return number - 1", "return number - 2")
    with pytest.raises(NotStamped, match=r"src/shop/prices\.py changed since the last run"):
        stamp(project, load_index(project), "T-001")


def test_there_is_no_stamp_for_all():
    command = main.commands["stamp"]
    assert [(option.name, getattr(option, "multiple", False), option.nargs) for option in command.params] == [
        ("ticket", False, 1),
        ("root", False, 1),
    ]


# ---------------------------------------------------------------- where, replay


def test_where_shows_claim_fault_and_message(project):
    lines = render_where(where(project, "T-003")).splitlines()
    assert lines[1] == "section 1 Things, claimed, level 5 (passing)"
    assert lines[lines.index("Enforced by") + 1] == "  src/shop/prices.py:22-23 shop.prices:below"
    at = lines.index("           noticed (claim, edge of compare):")
    assert lines[at + 1 : at + 4] == [
        "             -    return number < LIMIT",
        "             +    return number <= LIMIT",
        "             > assert True == False",
    ]


def test_replay_notices_every_recorded_fault_again(project, capsys):
    assert replay_evidence(project, ["T-001", "T-003", "T-009", "T-031"], 2) == []
    assert "4 of 4 claimed tickets: their recorded fault was noticed again" in capsys.readouterr().out


def test_replay_names_what_is_noticed_no_more(project, capsys):
    replace_text(project / "tests/test_honest.py", 'assert fee(1000, "taker") == 10', "assert True")
    replace_text(project / "src/shop/prices.py", "return self.count >= 3", "return 3 <= self.count")
    assert replay_evidence(project, ["T-001", "T-003", "T-006"], 1) == ["T-001", "T-006"]
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(
        "T-001: arithmetic in fee is not noticed any more by tests/test_honest.py::test_value"
    )
    assert told[1] == "T-006: edge of compare in Cart cannot be planted any more: the line reads differently"


def test_evidence_is_written_the_same_way_each_time(project):
    path = project / EVIDENCE_PATH
    before = path.read_bytes()
    read_evidence(path).write(path)
    assert path.read_bytes() == before

import json
import shutil

import pytest
from click.testing import CliRunner
from tests.trace.make import raw_ticket, write_tickets
from tests.trace.project import GOOD_TICKETS

from veracity_trace.cli import main


@pytest.fixture
def project(good_project, tmp_path):
    return shutil.copytree(good_project, tmp_path / "project")


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_check_counts_from_the_ids(project):
    ended = run("check", "--root", project)
    assert (ended.exit_code, ended.stdout) == (0, "1 Things  T 4  S 1  I 1\n6 tickets: 4 T, 1 S, 1 I\n")


def test_check_ends_with_5_and_names_what_is_wrong(project):
    write_tickets(project, *GOOD_TICKETS, raw_ticket("T-006"))
    ended = run("check", "--root", project)
    assert ended.exit_code == 5
    assert ended.stderr == "T-005: no file has it, but there are higher ones [missing]\n"


def test_check_speaks_json(project):
    write_tickets(project, *GOOD_TICKETS, raw_ticket("T-006"))
    ended = run("check", "--root", project, "--json")
    assert ended.exit_code == 5
    assert json.loads(ended.stdout) == {
        "format": "veracity-trace-check/1",
        "total": {"T": 5, "S": 1, "I": 1},
        "sections": [{"section": 1, "title": "Things", "T": 5, "S": 1, "I": 1}],
        "problems": [
            {"code": "missing", "message": "no file has it, but there are higher ones", "ticket": "T-005"}
        ],
    }


def test_report_prints_the_sections_and_writes_the_matrix(project):
    ended = run("report", "--root", project)
    assert ended.exit_code == 0
    assert ended.stdout == (
        "1 Things  T 3/4  S 1/1  I 1/1\n\nOpen in 1 Things: 1 T, 0 S, 0 I\n"
        f"\nMatrix: {project / 'build/trace/matrix.html'}\n"
    )
    assert (project / "build/trace/matrix.json").is_file()


def test_report_names_every_open_ticket_on_request(project):
    assert "  T-004 Title of T-004: no test carries it" in run("report", "--root", project, "--all").stdout


def test_report_ends_with_5_on_a_broken_claim_and_still_writes(project, tmp_path):
    write_tickets(project, *GOOD_TICKETS, raw_ticket("T-005", claimed=True))
    ended = run("report", "--root", project, "--out", tmp_path / "out", "--json")
    assert ended.exit_code == 5
    content = json.loads(ended.stdout)
    assert content["problems"] == [{"code": "no-test", "message": "no test carries it", "ticket": "T-005"}]
    assert content == json.loads((tmp_path / "out/matrix.json").read_text(encoding="utf-8"))


def test_where_answers_in_text_and_json(project):
    assert run("where", "T-001", "--root", project).stdout.startswith("T-001 Title of T-001\n")
    assert json.loads(run("where", "T-001", "--root", project, "--json").stdout)["id"] == "T-001"


def test_where_refuses_an_unknown_id_as_wrong_usage(project):
    ended = run("where", "T-099", "--root", project)
    assert ended.exit_code == 2
    assert "T-099 is in no file of" in ended.stderr

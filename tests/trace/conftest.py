"""The two small projects, each run once by a real pytest."""

import pytest
from tests.trace.evidence_project import write_evidence_project
from tests.trace.project import BAD, BAD_TICKETS, GOOD, GOOD_TICKETS, run_pytest, write_project

from veracity_trace.evidence.evidence import EVIDENCE_PATH, read_evidence
from veracity_trace.evidence.gather import Gathering
from veracity_trace.evidence.odds import Odds
from veracity_trace.evidence.search import Limits
from veracity_trace.index import load_index


@pytest.fixture(scope="session")
def good_project(tmp_path_factory):
    """A project in which every claim holds; its code can be imported."""
    root = write_project(tmp_path_factory.mktemp("good"), GOOD, GOOD_TICKETS)
    ended = run_pytest(root, "--junitxml=build/trace/junit.xml")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "src")
        yield root


@pytest.fixture(scope="session")
def bad_project(tmp_path_factory, good_project):
    """A project in which each known fault was planted once; its code is that of the good one."""
    root = write_project(tmp_path_factory.mktemp("bad"), GOOD | BAD, BAD_TICKETS)
    ended = run_pytest(root)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return root


@pytest.fixture(scope="session")
def evidence_project(tmp_path_factory):
    """A project with honest and vacuous tests, its tests run once and its evidence gathered and written."""
    root = write_evidence_project(tmp_path_factory.mktemp("shop").resolve())
    ended = run_pytest(root)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    tickets = [each for each in load_index(root).tickets.values() if each.kind == "T"]
    Gathering(root, tickets, 2, Limits(), Odds({}), lambda line: None).run().write(root / EVIDENCE_PATH)
    return root


@pytest.fixture(scope="session")
def evidence(evidence_project):
    """What was found, as it was written."""
    return read_evidence(evidence_project / EVIDENCE_PATH)

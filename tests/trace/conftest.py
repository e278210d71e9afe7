"""The two small projects, each run once by a real pytest."""

import pytest
from tests.trace.project import BAD, BAD_TICKETS, GOOD, GOOD_TICKETS, run_pytest, write_project


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

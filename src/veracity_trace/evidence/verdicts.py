"""pytest plugin for a run in a copy of the checkout: how each test ended, and whether by its own judgement."""

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from veracity_trace.evidence.oracle import Oracle, message_of


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add where the verdicts go."""
    parser.getgroup("evidence").addoption(
        "--evidence-verdicts", metavar="PATH", help="write verdicts as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start to listen."""
    config.pluginmanager.register(Verdicts(config))


class Verdicts:
    """The worst end of each test's phases."""

    def __init__(self, config: pytest.Config) -> None:
        self.path = Path(config.getoption("--evidence-verdicts"))
        self.root = config.rootpath
        folders = tuple(str(self.root / folder) + os.sep for folder in config.getini("testpaths"))
        self.oracle = Oracle(self.root, folders)
        self.ends: dict[str, dict[str, str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: "pytest.CallInfo[None]"
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Look at the exception while it is still one."""
        report = yield
        if call.excinfo is not None:
            problem = call.excinfo.value
            outcome = "skipped" if report.skipped else "killed" if self.oracle.judges(problem) else "crashed"
            message = message_of(problem).replace(str(self.root), ".")
            self.ends.setdefault(item.nodeid, {"outcome": outcome, "message": message})
        elif report.when == "teardown":
            self.ends.setdefault(item.nodeid, {"outcome": "survived", "message": ""})
        return report

    def pytest_sessionfinish(self) -> None:
        """Write them."""
        self.path.write_text(json.dumps(self.ends), encoding="utf-8")

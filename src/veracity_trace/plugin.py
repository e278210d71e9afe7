"""pytest plugin: which tickets a test speaks for, how it ended and how much it checked.

A test names its tickets with `@pytest.mark.ticket("T-001")`, a Gherkin scenario with the tag `@T-001`.
An id that no ticket file knows stops the run. With `--trace-out PATH` the run is written down for
`python -m veracity_trace report`; without it the plugin only guards the ids.

Only asserts of files below the test folders count. pytest also rewrites the asserts of plugins, and that of
hypothesis executes one in every test of a property, so an empty property would seem to check something.
Rewriting costs time as well, so plugins are named by `-p` next to `--disable-plugin-autoload`.
"""

import os
import re
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

from veracity_trace.ids import known_ids
from veracity_trace.run import OUTCOMES, Result, Run, hash_files, write_run

TICKET_TAG: Final = re.compile(r"[STI]-\d+")
RECORDER: Final = "veracity-trace-recorder"

# Options that leave tests out, by the name under which pytest keeps them.
FILTERS: Final = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
    "lf": "--last-failed",
    "stepwise": "--stepwise",
    "maxfail": "--maxfail",
    "collectonly": "--collect-only",
}
# Settings that say where tests are found; to override one on the command line is to filter.
COLLECTION_SETTINGS: Final = (
    "testpaths",
    "python_files",
    "python_classes",
    "python_functions",
    "norecursedirs",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --trace-out."""
    parser.getgroup("traceability").addoption(
        "--trace-out", metavar="PATH", help="write what this run shows about the tickets to PATH (JSON)"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Count the asserts of helper modules beside the tests too, not only those of test files."""
    for folder in early_config.getini("testpaths"):
        pytest.register_assert_rewrite(folder.strip("/").replace("/", "."))


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and start to count."""
    config.addinivalue_line("markers", "ticket(id, ...): the T tickets that this test is evidence for")
    config.pluginmanager.register(Recorder(config), RECORDER)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give pytest.raises back."""
    recorder = config.pluginmanager.get_plugin(RECORDER)
    if recorder is not None:
        recorder.restore_raises()


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> bool | None:
    """Turn a ticket tag into the ticket mark; leave every other tag to pytest-bdd."""
    if not TICKET_TAG.fullmatch(tag):
        return None
    pytest.mark.ticket(tag)(function)
    return True


class Recorder:
    """Watches one pytest session; under xdist the controller writes and the workers report to it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.trace_out: str | None = config.getoption("trace_out")
        self.worker_output: dict[str, Any] | None = getattr(config, "workeroutput", None)
        self.files: dict[str, str] = {}
        self.deselected = 0
        self.refusals: list[str] = []  # from xdist workers, which cannot stop the run themselves
        self.results: dict[str, Result] = {}
        self.asserts = 0
        self.test_folders = tuple(f"{folder}{os.sep}" for folder in _test_folders(config))
        self._raises = {kind: kind.__exit__ for kind in (pytest.RaisesExc, pytest.RaisesGroup)}
        for kind, leave in self._raises.items():
            kind.__exit__ = self._counted(leave)  # type: ignore[method-assign]

    # ------------------------------------------------------------ collection

    def pytest_sessionstart(self) -> None:
        """Note the files before a test runs: what changes later was not tested."""
        if self.trace_out and self.worker_output is None:
            self.files = hash_files(self.config.rootpath)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Give each test its tickets; refuse ids that do not exist."""
        refusals = []
        ids: frozenset[str] | None = None
        for item in items:
            tickets = []
            for mark in reversed(list(item.iter_markers("ticket"))):
                ids = known_ids(self.config.rootpath) if ids is None else ids
                refusals += [f"{item.nodeid}: {why}" for why in refusals_of(mark, ids)]
                tickets += [ticket for ticket in mark.args if ticket not in tickets]
            if tickets:
                item.user_properties.append(("tickets", " ".join(map(str, tickets))))
            scenario = scenario_of(item)
            if scenario:
                item.user_properties.append(("scenario", scenario))
        if refusals:
            self._refuse(refusals, items)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Count what was left out, by whatever plugin."""
        self.deselected += len(items)

    def _refuse(self, refusals: list[str], items: list[pytest.Item]) -> None:
        if self.worker_output is None:
            raise pytest.UsageError("\n".join(refusals))
        self.worker_output["trace_refusals"] = refusals
        items.clear()  # an exception here would be an internal error of xdist

    # ------------------------------------------------------------ running

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Count the asserts of the test itself, not those of its fixtures."""
        self.asserts = 0
        try:
            return (yield)
        finally:
            item.user_properties.append(("asserts", self.asserts))

    def pytest_assertion_pass(self) -> None:
        """Count an assert of the tests that held (needs enable_assertion_pass_hook)."""
        self.asserts += _asserting_file().startswith(self.test_folders)

    def _counted(self, leave: Callable[..., bool]) -> Callable[..., bool]:
        """Make a `pytest.raises` block that saw its exception count as an assert."""

        def leave_and_count(*args: object) -> bool:
            __tracebackhide__ = True
            raised_as_expected = leave(*args)
            self.asserts += raised_as_expected
            return raised_as_expected

        return leave_and_count

    def restore_raises(self) -> None:
        """Undo the counting."""
        for kind, leave in self._raises.items():
            kind.__exit__ = leave  # type: ignore[method-assign]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst end of a test's phases."""
        end = outcome_of(report)
        if end is None:
            return
        before = self.results.get(report.nodeid)
        if before is not None and OUTCOMES.index(before.outcome) >= OUTCOMES.index(end[0]):
            return
        known = dict(report.user_properties)
        self.results[report.nodeid] = Result(
            nodeid=report.nodeid,
            tickets=tuple(str(known.get("tickets", "")).split()),
            outcome=end[0],
            asserts=int(str(known.get("asserts", 0))),
            reason=end[1],
            scenario=str(known.get("scenario", "")),
        )

    # ------------------------------------------------------------ the end

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what an xdist worker saw; all workers collect the same tests."""
        output = getattr(node, "workeroutput", {})
        self.refusals = output.get("trace_refusals", self.refusals)
        self.deselected = max(self.deselected, output.get("trace_deselected", 0))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the record."""
        if self.worker_output is not None:
            self.worker_output["trace_deselected"] = self.deselected
            return
        if self.refusals:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        if self.trace_out:
            run = Run(
                exit_status=int(session.exitstatus),
                assertion_hook=_counts_asserts(self.config),
                filters=tuple(filters_of(self.config, self.deselected)),
                files=self.files,
                tests=tuple(self.results[nodeid] for nodeid in sorted(self.results)),
            )
            write_run(run, self.config.invocation_params.dir / self.trace_out)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what the workers refused."""
        if self.refusals:
            terminalreporter.section("tickets", sep="=", red=True)
            terminalreporter.write("\n".join(self.refusals) + "\n")


def outcome_of(report: pytest.TestReport) -> tuple[str, str] | None:
    """Return how a phase ends its test and why, or None where it decides nothing (a set-up that went well)."""
    expected_to_fail = getattr(report, "wasxfail", None)
    if report.passed:
        if report.when != "call":
            return None
        return ("passed", "") if expected_to_fail is None else ("xpassed", expected_to_fail)
    if report.skipped:
        reason = expected_to_fail or _skip_reason(report)
        if "got empty parameter set" in reason:
            return "no_parameters", reason
        return ("skipped" if expected_to_fail is None else "xfailed"), reason
    if isinstance(report.longrepr, str) and report.longrepr.startswith("[XPASS(strict)]"):
        return "xpassed", report.longrepr
    return ("failed" if report.when == "call" else "error"), ""


def _skip_reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)


def refusals_of(mark: pytest.Mark, ids: frozenset[str]) -> list[str]:
    """Return what is wrong with a ticket mark."""
    if mark.kwargs or not mark.args:
        return ['a ticket mark takes ids and nothing else: @pytest.mark.ticket("T-001")']
    return [why for ticket in mark.args if (why := _refusal(ticket, ids))]


def _refusal(ticket: object, ids: frozenset[str]) -> str:
    if ticket not in ids:
        return f"unknown ticket {ticket!r}: no file of tickets/ has it"
    if not str(ticket).startswith("T-"):
        return f"{ticket} is no T ticket: a text or a symbol is proven through the T tickets it names in `checks`"
    return ""


def _asserting_file() -> str:
    """Return the file of the assert that pytest is telling of; the hook itself does not say."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_name != "_call_assertion_pass":
        frame = frame.f_back
    caller = None if frame is None else frame.f_back
    return "" if caller is None else caller.f_code.co_filename


def _test_folders(config: pytest.Config) -> list[Path]:
    return [config.rootpath / folder for folder in config.getini("testpaths")] or [config.rootpath]


def scenario_of(item: pytest.Item) -> str:
    """Return "features/x.feature::Name" for a Gherkin scenario, "" for another test."""
    bdd = sys.modules.get("pytest_bdd.scenario")
    if bdd is None:
        return ""
    function = getattr(item, "obj", None)
    template = bdd.registry_get_safe(bdd.scenario_wrapper_template_registry, function)
    if template is None:
        return ""
    path = Path(template.feature.filename).resolve()
    root = item.config.rootpath.resolve()
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    return f"{shown.as_posix()}::{template.name}"


def _counts_asserts(config: pytest.Config) -> bool:
    return bool(config.getini("enable_assertion_pass_hook")) and config.getoption("assertmode") == "rewrite"


def filters_of(config: pytest.Config, deselected: int) -> list[str]:
    """Return each thing that may have left tests out."""
    found = []
    for name, option in FILTERS.items():
        value = config.getoption(name, None)
        if value:
            found.append(option if value is True else f"{option} {value}")
    here = config.invocation_params.dir
    whole = {folder.resolve() for folder in _test_folders(config)}
    if {(here / argument).resolve() for argument in config.args} != whole:
        found.append(f"paths {' '.join(config.args)}")
    overridden = config.getoption("override_ini") or []
    found += [f"-o {setting}" for setting in overridden if setting.split("=")[0] in COLLECTION_SETTINGS]
    if deselected:
        found.append(f"{deselected} tests deselected")
    return found

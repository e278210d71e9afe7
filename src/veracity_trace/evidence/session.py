"""The warm pytest session: collects once, then forks a child for every trial that `worker` asks for.

The session itself never runs a test. So no fixture, cache or module state is left from an unbroken run that could hide a
fault, and threads, sockets and connections are made and die inside the child.
"""

import gc
import importlib
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from veracity_trace.evidence.marks import Marks, Ranges
from veracity_trace.evidence.mutants import Mutant
from veracity_trace.evidence.observe import Lookups, hear
from veracity_trace.evidence.oracle import Oracle, message_of
from veracity_trace.evidence.plant import CannotPlant, Planter, module_name, rebind
from veracity_trace.evidence.shadow import SCRATCH
from veracity_trace.plugin import scenario_of


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the line to the worker."""
    group = parser.getgroup("evidence")
    group.addoption("--evidence-fds", metavar="IN,OUT", help="file descriptors of questions and answers")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Answer until the worker has no more questions."""
    questions, answers = map(int, session.config.getoption("--evidence-fds").split(","))
    server = ForkServer(session)
    with os.fdopen(questions, "r") as lines, os.fdopen(answers, "w") as out:
        tests = {item.nodeid: (server.tickets(item), scenario_of(item)) for item in session.items}
        print(json.dumps({"tests": tests}), file=out, flush=True)
        for line in lines:
            print(json.dumps(server.answer(json.loads(line))), file=out, flush=True)
    return True


class ForkServer:
    """One child per trial."""

    def __init__(self, session: pytest.Session) -> None:
        self.items: dict[str, Any] = {item.nodeid: item for item in session.items}
        self.root = session.config.rootpath
        self.planter = Planter(self.root)
        self.planter.look_around()
        self.scratch = Path(SCRATCH or tempfile.gettempdir()) / f"veracity-evidence-{os.getpid()}"
        folders = session.config.getini("testpaths") or ["."]
        self.oracle = Oracle(self.root, tuple(str(self.root / folder) + os.sep for folder in folders))
        self._marks: dict[str, Marks] = {}
        gc.collect()
        gc.freeze()  # children share these pages as long as nobody counts through them

    @staticmethod
    def tickets(item: pytest.Item) -> list[str]:
        """Return the ids on a test."""
        return [str(name) for mark in item.iter_markers("ticket") for name in mark.args]

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Run one trial in a child and return what it said before its time was up."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        if question.get("watch") is not None:
            self.marks(question["watch"]["lines"])
        read, write = os.pipe()
        begin = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(read)
            self._in_child(question, write)
        os.close(write)
        with suppress(OSError):
            os.setpgid(child, child)
        said = _read_line(read, begin + question["timeout"])
        os.close(read)
        with suppress(OSError):
            os.killpg(child, signal.SIGKILL)  # and whatever the test started
        _, _, used = os.wait4(child, 0)
        shutil.rmtree(self.scratch, ignore_errors=True)
        if said is None:
            late = time.monotonic() >= begin + question["timeout"]
            said = {
                "outcome": "timeout" if late else "crashed",
                "message": "" if late else "the process died",
            }
        self._import(said.pop("modules", ()))
        cpu = used.ru_utime + used.ru_stime
        return {"seconds": round(time.monotonic() - begin, 4), "cpu": round(cpu, 4), **said}

    def _import(self, modules: list[str]) -> None:
        """Import what a child had to import, once for all that follow."""
        missing = [name for name in modules if name not in sys.modules]
        for name in missing:
            with suppress(Exception):  # a module that only one test can import stays with that test
                importlib.import_module(name)
        if missing:
            gc.unfreeze()
            self.planter.look_around()
            gc.freeze()
            self._marks.clear()

    def marks(self, watched: Ranges | None) -> Marks:
        """Return the marks for what is watched; what the session makes is made once for all its children."""
        key = json.dumps(watched)
        if key not in self._marks:
            self._import([module_name(path) for path in watched or ()])  # also what a command imports late
            self._marks[key] = Marks(self.planter, watched)
        return self._marks[key]

    # ------------------------------------------------------------ in the child

    def _in_child(self, question: dict[str, Any], write: int) -> None:
        try:
            with suppress(OSError):
                os.setpgid(0, 0)
            _write(write, Trial(self, question).run())
        except BaseException as problem:  # noqa: BLE001 - the child says what it can and is gone
            _write(write, {"outcome": "crashed", "message": repr(problem)})
        finally:
            os._exit(0)


class Trial:
    """What one child does: perhaps break something, perhaps watch, run the cases until one judges."""

    def __init__(self, server: ForkServer, question: dict[str, Any]) -> None:
        self.server = server
        self.cases: list[Any] = [server.items[nodeid] for nodeid in question["cases"]]
        self.mutant = None if question.get("mutant") is None else Mutant(**question["mutant"])
        self.watch: dict[str, Any] | None = question.get("watch")
        factory = self.cases[0].config._tmp_path_factory
        server.scratch.mkdir(mode=0o700)
        factory._basetemp = server.scratch

    def run(self) -> dict[str, Any]:
        """Return the outcome of the trial."""
        known = set(sys.modules)
        if self.mutant is not None:
            try:
                self.server.planter.plant(self.mutant)
            except CannotPlant as reason:
                return {"outcome": "invalid", "message": str(reason)}
        marks = None if self.watch is None else self.server.marks(self.watch["lines"])
        said: dict[str, Any] = {"outcome": "survived", "message": "", "seconds_of": {}, "lines": {}}
        if marks is not None:
            marks.set()
        tables, kinds = (
            self._watch_tables(),
            self._watch_events(),
        )  # what hears events stands before the marks
        for place, item in enumerate(self.cases):
            following = self.cases[place + 1] if place + 1 < len(self.cases) else None
            begin = time.monotonic()
            outcome, message = self._case(item, following)
            said["seconds_of"][item.nodeid] = round(time.monotonic() - begin, 4)
            if marks is not None:
                said["lines"][item.nodeid] = marks.take()
            if outcome != "survived" and said["outcome"] in {"survived", "crashed", "skipped"}:
                said |= {"outcome": outcome, "message": message, "case": item.nodeid}
            if outcome == "killed":
                break
        if self.watch is not None:
            said["rows"] = {claim: table.rows() for claim, table in tables.items()}
            said["kinds"] = sorted(kinds)
            said["modules"] = sorted(name for name in set(sys.modules) - known if _is_shared(name))
        return said

    def _case(self, item: Any, following: Any) -> tuple[str, str]:
        if hasattr(item, "_request") and not item._request:
            item._initrequest()
        _tame(item)
        outcome, message = "survived", ""
        try:
            item.ihook.pytest_runtest_setup(item=item)
            item.ihook.pytest_runtest_call(item=item)
        except pytest.skip.Exception as reason:
            outcome, message = "skipped", str(reason)
        except BaseException as problem:  # noqa: BLE001 - whatever a broken program throws is only looked at
            outcome = "killed" if self.server.oracle.judges(problem) else "crashed"
            message = self._clean(message_of(problem))
        if outcome != "killed":
            with suppress(BaseException):
                item.session._setupstate.teardown_exact(following)
        return outcome, message

    def _watch_events(self) -> set[str]:
        """Hear the kinds of events that pass the function which the project names for it."""
        kinds: set[str] = set()
        if self.watch is not None and self.watch["applies"] is not None:
            path, qualname = self.watch["applies"]
            function: Any = importlib.import_module(module_name(path))
            for name in qualname.split("."):
                function = getattr(function, name)
            hear(function, kinds.add)
        return kinds

    def _watch_tables(self) -> dict[str, Lookups]:
        """Replace dict tables by ones that note their lookups."""
        found = {}
        for path, name in (self.watch or {}).get("tables", ()):
            with suppress(Exception):  # a table that cannot be watched has all its rows tried
                module = importlib.import_module(module_name(path))
                table = getattr(module, name)
                if type(table) is dict:
                    found[f"{path}:{name}"] = Lookups(table)
                    rebind(table, found[f"{path}:{name}"], name)
        return found

    def _clean(self, message: str) -> str:
        return message.replace(str(self.server.scratch), "TMP").replace(str(self.server.root), ".")


def _tame(item: Any) -> None:
    """Let a property try the same examples each time, keep nothing, and report the first that fails."""
    hypothesis = sys.modules.get("hypothesis")
    holders = (getattr(item, "obj", None), getattr(getattr(item, "obj", None), "__func__", None))
    for function in holders:
        settings = getattr(function, "_hypothesis_internal_use_settings", None)
        if hypothesis is None or settings is None:
            continue
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        function._hypothesis_internal_use_settings = hypothesis.settings(  # type: ignore[union-attr]
            settings,
            phases=phases,
            derandomize=True,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            print_blob=False,
        )


def _is_shared(name: str) -> bool:
    """Return whether a module may be imported once for all trials: no test module."""
    return not name.startswith(("tests.", "test_", "_pytest", "__")) and "." not in name[:1]


def _write(descriptor: int, said: dict[str, Any]) -> None:
    data = (json.dumps(said) + "\n").encode()
    while data:
        data = data[os.write(descriptor, data) :]


def _read_line(descriptor: int, deadline: float) -> dict[str, Any] | None:
    """Return what the child wrote, or None where it died or was late."""
    data = b""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while not data.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return None
        part = os.read(descriptor, 1 << 16)
        if not part:
            return None
        data += part
    content: dict[str, Any] = json.loads(data)
    return content

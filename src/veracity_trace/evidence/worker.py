"""One warm session and the line to it; a session that dies is started again."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TextIO

from veracity_trace.evidence.evidence import test_of
from veracity_trace.evidence.mutants import Mutant

STARTED_WITHIN: Final = 180.0  # seconds for the collection of everything on a busy machine


_NOTED: Final = ("outcome", "message", "seconds", "cpu")


class SessionFailed(Exception):
    """The session cannot be started: its log says why."""


class Worker:
    """Runs trials one after the other."""

    def __init__(self, root: Path, paths: Sequence[str], log: Path, python: str = sys.executable) -> None:
        self.root = root
        self.paths = list(paths)
        self.log = log
        self.python = python
        self._process: subprocess.Popen[bytes] | None = None
        self._out: TextIO | None = None
        self._in: TextIO | None = None
        self.spent: Counter[str] = Counter()  # seconds of processor time by test
        self.tests: dict[str, tuple[list[str], str]] = {}  # nodeid -> tickets, scenario

    def start(self) -> None:
        """Start the session and wait until it has collected. Raises SessionFailed."""
        question_in, question_out = os.pipe()
        answer_in, answer_out = os.pipe()
        environment = clean_environment()
        command = [
            self.python,
            "-m",
            "pytest",
            "-p",
            "veracity_trace.evidence.session",
            "-p",
            "no:cacheprovider",
        ]
        command += ["-q", "-s", f"--evidence-fds={question_in},{answer_out}", *self.paths]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.with_suffix(".trials.jsonl").unlink(missing_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(question_in, answer_out),
            )
        os.close(question_in)
        os.close(answer_out)
        self._out, self._in = os.fdopen(question_out, "w"), os.fdopen(answer_in)
        first = self._in.readline()
        if not first:
            self.stop()
            raise SessionFailed(f"no tests could be collected; see {self.log}:\n{_tail(self.log)}")
        self.tests = json.loads(first)["tests"]

    def stop(self) -> None:
        """End the session."""
        for line in (self._out, self._in):
            if line is not None:
                with suppress(BrokenPipeError):
                    line.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def control(self, cases: Sequence[str], watch: dict[str, Any] | None, timeout: float) -> dict[str, Any]:
        """Run the cases unbroken, and watch."""
        answer = self._ask({"cases": list(cases), "watch": watch, "timeout": timeout})
        self._note(cases[0], {}, answer)
        return answer

    def trial(self, cases: Sequence[str], mutant: Mutant, timeout: float) -> dict[str, Any]:
        """Run the cases with a fault in the code."""
        answer = self._ask({"cases": list(cases), "mutant": asdict(mutant), "timeout": timeout})
        self._note(cases[0], {"operator": mutant.operator, "line": f"{mutant.path}:{mutant.line}"}, answer)
        return answer

    def _note(self, case: str, fault: dict[str, str], answer: dict[str, Any]) -> None:
        """Write down what a run of a test cost and how it ended, for whoever looks for what survived or what is slow."""
        test = test_of(case)
        self.spent[test] += answer.get("cpu", 0.0)
        told = {"test": test, **fault} | {name: answer.get(name) for name in _NOTED}
        with self.log.with_suffix(".trials.jsonl").open("a", encoding="utf-8") as trials:
            print(json.dumps(told), file=trials)

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self.start()
        assert self._out is not None
        assert self._in is not None
        begin = time.monotonic()
        try:
            print(json.dumps(question), file=self._out, flush=True)
            line = self._in.readline()
        except BrokenPipeError:
            line = ""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.stop()  # the session itself died: the next question starts another
        return {"outcome": "crashed", "message": "the session died", "seconds": time.monotonic() - begin}


def clean_environment() -> dict[str, str]:
    """Return the environment without what would change how tests run."""
    unwanted = {"PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    kept = {key: value for key, value in os.environ.items() if key not in unwanted}  # noqa: TID251 - of children
    return kept | {"PYTHONHASHSEED": "0"}


def _tail(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-25:])

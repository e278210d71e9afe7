"""Whether a test failed by its own judgement, or merely broke down."""

import os
import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

import pytest

# This tool stands between a test and pytest.raises; its frames are nobody's judgement.
_TOOL: Final = f"{Path(__file__).resolve().parents[1]}{os.sep}"

_JUDGEMENTS: Final = (AssertionError, pytest.fail.Exception)
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{6,}")
_MESSAGE_LINES: Final = 12
_MESSAGE_WIDTH: Final = 300


class Oracle:
    """Tells the judgement of a test from a crash by where the exception was raised."""

    def __init__(self, root: Path, test_folders: tuple[str, ...]) -> None:
        self._root = f"{root}{os.sep}"
        self.tests = test_folders

    def judges(self, problem: BaseException) -> bool:
        """Return whether an assert of the tests, pytest.fail or a missing exception ended the test.

        The innermost frame of the project decides: the product's own asserts and exceptions are crashes.
        """
        if isinstance(problem, BaseExceptionGroup):
            return all(self.judges(each) for each in problem.exceptions)
        return isinstance(problem, _JUDGEMENTS) and self._is_test(
            _innermost(problem.__traceback__, self._root)
        )

    def _is_test(self, file: str) -> bool:
        return file.startswith(self.tests)


def _innermost(trace: TracebackType | None, root: str) -> str:
    found = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith(root) and not name.startswith(_TOOL) and f"{os.sep}.venv{os.sep}" not in name:
            found = name
        trace = trace.tb_next
    return found


def message_of(problem: BaseException) -> str:
    """Return what a reader has to see of a failure: short, and the same on every run."""
    text = str(problem) or type(problem).__name__
    if not isinstance(problem, _JUDGEMENTS):
        text = "".join(traceback.format_exception_only(problem)).strip()
    text = _ADDRESS.sub("0x...", text)
    lines = [line.rstrip()[:_MESSAGE_WIDTH] for line in text.splitlines()]
    return "\n".join(lines[:_MESSAGE_LINES])

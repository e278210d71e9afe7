"""Does what a page of the documentation says: writes its files, runs its commands in one shell, and compares what they say.

A block ```console has commands behind `$ ` and what they print below them; `...` stands for anything. A block whose
fence names a file (```python file=strategy.py) is that file. Every command has to end with 0.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path
from typing import Final, NamedTuple

from tests.kit.process import PATIENCE_S, SEARCHED

CHECKOUT: Final = Path(__file__).parents[2]
BLOCK: Final = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEARTBEAT: Final = re.compile(r"^\w+: \d+ % \(\d+ of \d+\), about \d+ s left\n", re.MULTILINE)
"""What a command says that takes long: on a slow machine any may, so no page shows it."""
END: Final = "---- ended with"


class Command(NamedTuple):
    """A command of a page, and what the page says that it prints."""

    line: str
    expected: str


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    output: str
    code: int


def commands(page: str) -> list[Command]:
    """Every command of the page, in order."""
    return list(_commands(page))


def _commands(page: str) -> Iterator[Command]:
    for language, _, content in BLOCK.findall(page):
        if language == "console":
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                line, _, expected = part.partition("\n")
                yield Command(line, expected)


def perform(page: str, folder: Path) -> list[Said]:
    """Run the page's commands in `folder`, which gets its files and sees the checkout's examples and data."""
    for name in ("examples", "data"):
        (folder / name).symlink_to(CHECKOUT / name)
    for _, name, content in BLOCK.findall(page):
        if name:
            (folder / name).write_text(content, encoding="utf-8")
    script = "".join(f"{{ {one.line}\n}} 2>&1\necho '{END}' $?\n" for one in commands(page))
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "PYTHONPATH": SEARCHED,
            "HOME": str(folder),
            "VERACITY_CACHE_DIR": str(CHECKOUT / "build"),
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    parts = re.split(rf"^{END} (\d+)\n", HEARTBEAT.sub("", done.stdout), flags=re.MULTILINE)
    return [Said(output, int(code)) for output, code in zip(parts[::2], parts[1::2], strict=False)]


def agrees(expected: str, output: str) -> bool:
    """Whether the output is what the page shows."""
    if expected == "...\n":
        return True
    lines = "".join(f"{line.rstrip()}\n" for line in output.splitlines())
    return OutputChecker().check_output(expected, lines, ELLIPSIS)

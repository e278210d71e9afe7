"""A unified diff, applied exactly or not at all: no fuzz, because a fault that lands elsewhere proves something else."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HUNK: Final = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


class DoesNotApply(Exception):
    """The text around the change is not there, or is there more than once."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines to find and lines to put there. `start` is where they stood when the diff was made, from 1."""

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilePatch:
    """The change of one file below the root."""

    path: str
    hunks: tuple[Hunk, ...]


def parse_diff(text: str) -> list[FilePatch]:
    """Read `--- a/path`, `+++ b/path` and hunks; lines before the first `---` are a comment. Raises DoesNotApply."""
    patches: list[FilePatch] = []
    lines = text.splitlines()
    place = 0
    while place < len(lines):
        if lines[place].startswith("+++ "):
            path = lines[place][4:].split("\t")[0].strip().removeprefix("b/")
            place, hunks = _hunks(lines, place + 1)
            patches.append(FilePatch(path, tuple(hunks)))
        else:
            place += 1
    if not patches or not all(patch.hunks for patch in patches):
        raise DoesNotApply("it is no unified diff with a change in it")
    return patches


def _hunks(lines: list[str], place: int) -> tuple[int, list[Hunk]]:
    hunks = []
    while place < len(lines) and (head := _HUNK.match(lines[place])):
        old: list[str] = []
        new: list[str] = []
        place += 1
        while place < len(lines) and (not lines[place] or lines[place][0] in " +-\\"):
            if (
                lines[place].startswith("--- ")
                and lines[place + 1 : place + 2]
                and lines[place + 1].startswith("+++ ")
            ):
                break
            mark, line = lines[place][:1] or " ", lines[place][1:]
            if mark in " -":
                old.append(line)
            if mark in " +":
                new.append(line)
            place += 1
        while old and new and not old[-1] and not new[-1] and not lines[place - 1]:
            old.pop(), new.pop()  # blank lines after the diff
            place -= 1
        hunks.append(Hunk(int(head[1]), tuple(old), tuple(new)))
        while place < len(lines) and not lines[place]:
            place += 1
    return place, hunks


def apply_patches(root: Path, patches: list[FilePatch]) -> None:
    """Change the files below `root`. Raises DoesNotApply, and then has changed nothing."""
    texts: dict[Path, list[str]] = {}
    for patch in patches:
        path = root / patch.path
        if not path.is_file():
            raise DoesNotApply(f"{patch.path} does not exist")
        lines = path.read_text(encoding="utf-8").splitlines()
        for hunk in patch.hunks:
            place = _place(lines, hunk, patch.path)
            lines[place : place + len(hunk.old)] = hunk.new
        texts[path] = lines
    for path, lines in texts.items():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _place(lines: list[str], hunk: Hunk, path: str) -> int:
    size = len(hunk.old)
    places = [at for at in range(len(lines) - size + 1) if tuple(lines[at : at + size]) == hunk.old]
    if hunk.start - 1 in places:
        return hunk.start - 1
    if len(places) != 1:
        found = "not found" if not places else f"found {len(places)} times"
        raise DoesNotApply(f"{path}: the lines of the hunk at {hunk.start} are {found}")
    return places[0]

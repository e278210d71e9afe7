"""What `make verify FAST=1` leaves out: files that take seconds, and never the whole of a room."""

from pathlib import Path

from tests.architecture.sources import ROOT

TESTS = ROOT / "tests"
SLOW = (TESTS / "slow_files.txt").read_text(encoding="utf-8").split()
BROWSER = "browser"  # its fast half is tests/trace/test_page.py


def test_the_list_is_sorted_and_names_files_that_are_there() -> None:
    assert sorted(set(SLOW)) == SLOW
    assert [name for name in SLOW if not (ROOT / name).is_file()] == []


def test_every_room_keeps_fast_tests() -> None:
    rooms: dict[str, list[Path]] = {}
    for path in TESTS.rglob("test_*.py"):
        rooms.setdefault(path.relative_to(TESTS).parts[0], []).append(path)
    hidden = {
        room
        for room, paths in rooms.items()
        if all(path.relative_to(ROOT).as_posix() in SLOW for path in paths)
    }
    assert hidden == {BROWSER}

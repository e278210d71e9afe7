"""Check mode sees every kind of difference and changes nothing; write mode removes them."""

from pathlib import Path

import pytest

from veracity_gen import __main__ as command
from veracity_gen import targets, tree

WANTED = {"a.py": "one\n", "deep/b.py": "two\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tree.write(WANTED, tmp_path)
    return tmp_path


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_written_has_no_difference(folder: Path) -> None:
    assert snapshot(folder) == {"a.py": b"one\n", "b.py": b"two\n"}
    assert list(tree.differences(WANTED, folder)) == []


def test_a_changed_file_is_found_with_its_diff(folder: Path) -> None:
    (folder / "a.py").write_text("uno\n", encoding="utf-8")
    assert list(tree.differences(WANTED, folder)) == [
        "CHANGED a.py\n--- present/a.py\n+++ generated/a.py\n@@ -1 +1 @@\n-uno\n+one"
    ]


def test_a_changed_line_end_is_found(folder: Path) -> None:
    (folder / "a.py").write_bytes(b"one\r\n")
    assert list(tree.differences(WANTED, folder)) == [
        "CHANGED a.py\n(only the line ends or the encoding differ)"
    ]


def test_an_extra_and_a_missing_file_are_found(folder: Path) -> None:
    (folder / "deep/b.py").rename(folder / "deep/c.py")
    assert list(tree.differences(WANTED, folder)) == ["MISSING deep/b.py", "EXTRA deep/c.py"]


def test_compiled_files_are_not_extra(folder: Path) -> None:
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/a.pyc").write_bytes(b"")
    assert list(tree.differences(WANTED, folder)) == []


def test_write_repairs_and_says_what_it_touched(folder: Path) -> None:
    (folder / "extra.py").write_text("", encoding="utf-8")
    (folder / "a.py").unlink()
    assert tree.write(WANTED, folder) == ["a.py", "extra.py"]
    assert snapshot(folder) == {"a.py": b"one\n", "b.py": b"two\n"}


def test_the_check_command_exits_1_on_each_difference_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(targets, "everything", lambda root: WANTED)
    package = tmp_path / command.PACKAGE
    assert command.main(["--root", str(tmp_path)]) == 0
    assert command.main(["--root", str(tmp_path), "--check"]) == 0
    (package / "a.py").write_text("uno\n", encoding="utf-8")
    (package / "deep/b.py").rename(package / "deep/c.py")
    before = snapshot(package)
    assert command.main(["--root", str(tmp_path), "--check"]) == 1
    said = capsys.readouterr().err
    assert [word in said for word in ("CHANGED a.py", "+one", "MISSING deep/b.py", "EXTRA deep/c.py")] == [
        True
    ] * 4
    assert snapshot(package) == before

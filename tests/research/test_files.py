"""A reader sees a whole file or none."""

from pathlib import Path

import pytest

from veracity.research import files
from veracity.research.files import publish


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    publish(tmp_path / "deep" / "a.json", b"one")
    publish(tmp_path / "deep" / "a.json", b"two")
    assert (tmp_path / "deep" / "a.json").read_bytes() == b"two"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.json"]


def test_an_error_before_the_end_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path / "a.json", b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        publish(tmp_path / "a.json", b"two")
    assert (tmp_path / "a.json").read_bytes() == b"one"

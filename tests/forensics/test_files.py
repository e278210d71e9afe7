"""A file of a run is made once, and nobody else may read it."""

import os
import stat
from pathlib import Path

import pytest

from veracity.domain.errors import OperatorFault
from veracity.forensics.files import create_file, write_new
from veracity.forensics.line_file import LineFile
from veracity.forensics.redact import Redactor


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_a_file_is_0600_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_new(tmp_path / "a", b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert (tmp_path / "a").read_bytes() == b"one"


def test_what_is_there_is_neither_overwritten_nor_followed(tmp_path: Path) -> None:
    victim = tmp_path / "elsewhere"
    victim.write_text("kept", encoding="utf-8")
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    (tmp_path / "link").symlink_to(victim)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "twin").hardlink_to(victim)
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "link", "dangling", "twin", "pipe"):
        with pytest.raises(OperatorFault, match="there is something already") as refusal:
            write_new(tmp_path / name, b"changed")
        assert refusal.value.exit_code == 7
        assert refusal.value.where == str(tmp_path / name)
    assert victim.read_text(encoding="utf-8") == (tmp_path / "file").read_text(encoding="utf-8") == "kept"
    assert not (tmp_path / "nowhere").exists()


def test_a_new_file_is_open_for_appending(tmp_path: Path) -> None:
    file = create_file(tmp_path / "a")
    os.write(file, b"one")
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, b"two")
    os.close(file)
    assert (tmp_path / "a").read_bytes() == b"onetwo"


def test_what_is_written_is_durable_with_its_name_and_nothing_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is durable is the system's word: the bytes were handed over before it was asked for."""
    synced: list[tuple[int, bytes]] = []

    def fsync(file: int) -> None:
        inode, path = os.fstat(file).st_ino, tmp_path / "a"
        synced.append((inode, path.read_bytes()))

    monkeypatch.setattr("veracity.forensics.files.os.fsync", fsync)
    opened = os.listdir("/proc/self/fd")
    write_new(tmp_path / "a", b"one")
    assert synced == [(place.stat().st_ino, b"one") for place in (tmp_path / "a", tmp_path)]
    assert len(os.listdir("/proc/self/fd")) == len(opened)
    (tmp_path / "a").unlink()
    del synced[:]
    with LineFile(tmp_path / "a", Redactor(), lines_buffered=9) as sink:
        sink.append(b"1")
        sink.append(b"2")
        assert synced == []
    assert synced == [((tmp_path / "a").stat().st_ino, b"1\n2\n")]
    assert len(os.listdir("/proc/self/fd")) == len(opened)

"""A file of a run is made once, and nobody else may read it."""

import os
import stat
from pathlib import Path

import pytest

from veracity.domain.errors import OperatorFault
from veracity.forensics.files import create_file, write_new


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

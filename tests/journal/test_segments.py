"""Files that are ours alone, or nothing."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from tests.journal.journals import everything, new_journal, numbered, profile, write_journal

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.journal.errors import JournalUnsafe
from veracity.journal.reader import read, scan
from veracity.journal.recover import recover, truncate_tail
from veracity.journal.snapshots import SnapshotHeader, write_snapshot

FIRST = "00000001.wal"


def mode_of(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):04o}"


def refusal_of(directory: Path) -> JournalUnsafe:
    """Every way in refuses for one reason."""
    refusals = []
    for way_in in (scan, recover, truncate_tail, new_journal, lambda path: next(read(path))):
        with pytest.raises(JournalUnsafe) as refusal:
            way_in(directory)  # type: ignore[operator]
        refusals.append(refusal.value)
    assert {refusal.exit_code for refusal in refusals} == {ExitCode.UNSAFE}
    return refusals[0]


@pytest.fixture
def open_umask() -> Any:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.ticket("T-117")
def test_the_umask_takes_no_bit_away_and_adds_none(tmp_path: Path) -> None:
    for umask in (0o000, 0o777):
        before = os.umask(umask)
        try:
            directory = write_journal(tmp_path / f"{umask}", numbered(9), segment_bytes=300)
        finally:
            os.umask(before)
        assert mode_of(directory) == "0700"
        assert {mode_of(path) for path in directory.iterdir()} == {"0600"}
        assert len(list(directory.iterdir())) > 3


@pytest.mark.ticket("T-117", "T-413")
def test_a_file_with_another_mode_is_refused_by_path_and_mode(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(3))
    (directory / FIRST).chmod(0o644)
    before = everything(directory)
    for way_in in (scan, recover, truncate_tail):
        with pytest.raises(JournalUnsafe) as refusal:
            way_in(directory)
        assert str(refusal.value).startswith(f"{directory}/{FIRST}: mode 0644, wanted 0600 (")
        assert f"`chmod 0600 {directory}/{FIRST}`" in refusal.value.hint
        assert refusal.value.exit_code is ExitCode.UNSAFE
    assert everything(directory) == before
    assert mode_of(directory / FIRST) == "0644"


@pytest.mark.ticket("T-117")
@pytest.mark.parametrize("kind", ["link", "fifo", "directory", "socket", "hard link"])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    """F16."""
    directory = write_journal(tmp_path / "wal", numbered(3))
    segment, elsewhere = directory / FIRST, tmp_path / "elsewhere"
    if kind == "hard link":
        elsewhere.hardlink_to(segment)
    else:
        segment.rename(elsewhere)
    if kind == "link":
        segment.symlink_to(elsewhere)
    elif kind == "fifo":
        os.mkfifo(segment, 0o600)
    elif kind == "directory":
        segment.mkdir(mode=0o600)
    elif kind == "socket":
        os.mknod(segment, stat.S_IFSOCK | 0o600)
    before = elsewhere.read_bytes()
    with pytest.raises(JournalUnsafe, match=FIRST) as refusal:
        scan(directory)
    assert (
        refusal.value.what
        == {
            "link": "a link, or not a file of the kind that belongs here",
            "socket": "a link, or not a file of the kind that belongs here",
            "fifo": "not a plain file or directory: prw-------",
            "directory": "not a plain file or directory: drw-------",
            "hard link": "the file has 2 names",
        }[kind]
    )
    assert elsewhere.read_bytes() == before


@pytest.mark.ticket("T-117")
def test_the_file_that_is_judged_is_the_one_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A good file stands at the path before and after the open; what the open gets is another."""
    directory = write_journal(tmp_path / "wal", numbered(3))
    bad = tmp_path / "bad"
    bad.write_bytes((directory / FIRST).read_bytes())
    bad.chmod(0o644)
    system_open = os.open

    def exchanged(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        return system_open(bad if path == FIRST else path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr("veracity.journal.segments.os.open", exchanged)
    with pytest.raises(JournalUnsafe, match="mode 0644, wanted 0600"):
        scan(directory)


@pytest.mark.ticket("T-117", "T-413")
@pytest.mark.parametrize("mode", [0o750, 0o705, 0o720, 0o777, 0o500])
def test_a_directory_with_another_mode_is_refused_and_not_repaired(tmp_path: Path, mode: int) -> None:
    """F15."""
    directory = write_journal(tmp_path / "wal", numbered(3))
    directory.chmod(mode)
    before = everything(directory)
    assert str(refusal_of(directory)).startswith(f"{directory}: mode {mode:04o}, wanted 0700 (")
    assert everything(directory) == before
    assert mode_of(directory) == f"{mode:04o}"


@pytest.mark.ticket("T-413")
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_a_parent_that_others_write_is_refused(tmp_path: Path, mode: int) -> None:
    parent = tmp_path / "run"
    parent.mkdir(mode=0o700)
    directory = write_journal(parent / "wal", numbered(3))
    parent.chmod(mode)
    expected = f"others may write in the parent directory: mode {mode:04o}, wanted 0755 or less"
    assert refusal_of(directory).what == expected
    with pytest.raises(JournalUnsafe, match="others may write"):
        new_journal(parent / "second")
    assert not (parent / "second").exists()


@pytest.mark.ticket("T-117", "T-413")
def test_another_owner_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write_journal(tmp_path / "wal", numbered(3))
    owner = os.geteuid()
    monkeypatch.setattr("veracity.journal.segments.os.geteuid", lambda: owner + 1)
    assert str(refusal_of(directory)).startswith(f"{directory}: owner {owner}, wanted {owner + 1} (")


def test_a_new_run_is_0700_and_0600_under_an_open_umask(tmp_path: Path, open_umask: None) -> None:
    """F15: the journal of a live run, with all that stands beside it, and its snapshots."""
    header = SnapshotHeader(1, "00112233445566ff", 1, 3, 3, "00000000", "0" * 64)
    journal = new_journal(tmp_path / "wal", profile=profile(200, live=True))
    for seq, payload in numbered(3):
        journal.append(seq, payload)
        journal.barrier()
    write_snapshot(tmp_path / "snapshots", header, b"{}")
    assert {"reserve", "witness", "digests.jsonl"} < set(everything(tmp_path / "wal"))
    for directory in (tmp_path / "wal", tmp_path / "snapshots"):
        assert (mode_of(directory), {mode_of(path) for path in directory.iterdir()}) == ("0700", {"0600"})
    journal.close()


def test_a_parent_that_others_only_read_will_do(tmp_path: Path) -> None:
    parent = tmp_path / "run"
    parent.mkdir()
    parent.chmod(0o755)
    assert scan(write_journal(parent / "wal", numbered(3))).records == 3


def test_a_journal_in_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorFault, match="cannot make the journal's directory: No such file or directory"):
        new_journal(tmp_path / "run/wal")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM])
def test_a_file_that_may_not_be_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    directory = write_journal(tmp_path / "wal", numbered(3))

    def forbidden(*_: object, **__: object) -> int:
        raise PermissionError(code, os.strerror(code))

    monkeypatch.setattr("veracity.journal.segments.os.open", forbidden)
    with pytest.raises(JournalUnsafe, match=f"cannot be opened: {os.strerror(code)}"):
        scan(directory)


def test_a_link_to_the_directory_is_refused(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(3))
    (tmp_path / "link").symlink_to(directory)
    assert refusal_of(tmp_path / "link").what == "a link, or not a file of the kind that belongs here"


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(3))
    for name in ("notes.txt", "1.wal", "000000002.wal", "00000002.WAL", "00000001.wal.torn-x"):
        (directory / name).touch()
        with pytest.raises(JournalUnsafe, match="not a file of a journal"):
            scan(directory)
        (directory / name).unlink()
    (directory / "00000001.wal.torn-17").touch()
    assert scan(directory).records == 3

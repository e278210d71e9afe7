"""Segment files: their names, how they are opened and checked, and how one follows another.

Everything is checked on the open file (fstat), never by path, and a link is never followed: what was checked is what
is read. Nothing is repaired here: a wrong mode is the operator's to explain (specs/journal/security.md).
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import SegmentOpened
from veracity.journal.errors import JournalUnsafe
from veracity.journal.files import Files, write_all
from veracity.journal.frame import encode_head

KEEPER_LOCK_NAME: Final = "keeper.lock"  # of what compresses and removes closed segments
WITNESS_NAME: Final = "witness"
RESERVE_NAME: Final = "reserve"
DIGESTS_NAME: Final = "digests.jsonl"
SEGMENT_SUFFIX: Final = ".wal"
COMPRESSED_SUFFIX: Final = ".zst"
UNFINISHED_SUFFIX: Final = ".rewriting"  # of the directory that an upgrade writes
DIRECTORY_MODE: Final = 0o700
FILE_MODE: Final = 0o600

_SEGMENT: Final = re.compile(r"[0-9]{8}\.wal(\.zst)?")
_BESIDE: Final = re.compile(  # writer.lock: left by what locked a file in it
    r"writer\.lock|keeper\.lock|(witness|reserve)(\.tmp)?|digests\.jsonl"
    r"|[0-9]{8}\.wal\.(zst\.tmp|torn-[0-9]+(\.tmp)?)"
)
_ZEROS: Final = memoryview(bytes(1 << 20))
_MISPLACED: Final = (
    errno.ELOOP,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENXIO,
)  # a link, a file, a directory, a socket
_FORBIDDEN: Final = (errno.EACCES, errno.EPERM)


class OpenSegment(NamedTuple):
    """The segment that is being written: its descriptor, the bytes in it, how far zeros were written ahead, its last chain value."""

    file: int
    size: int
    room: int
    chain: int


def segment_name(number: int) -> str:
    """File name of segment `number`; the first is 1."""
    return f"{number:08d}{SEGMENT_SUFFIX}"


def segment_number(name: str) -> int:
    """Number of the segment in file `name`."""
    return int(name[:8])


def plain_name(name: str) -> str:
    """Name of the segment as it was written, whether it is compressed now or not."""
    return name.removesuffix(COMPRESSED_SUFFIX)


def torn_name(segment: str, offset: int) -> str:
    """Name under which the torn bytes from `offset` of `segment` are kept."""
    return f"{segment}.torn-{offset}"


def list_segments(directory: int, where: str) -> list[str]:
    """Names of the segments, oldest first. Raises JournalUnsafe on any file that is no part of a journal.

    A renamed segment would otherwise be a lost one. One that is there compressed too, because compressing it was killed,
    is listed once, as it was written.
    """
    segments: dict[int, str] = {}
    for name in sorted(os.listdir(directory)):  # the plain name sorts first
        if _SEGMENT.fullmatch(name):
            segments.setdefault(segment_number(name), name)
        elif not _BESIDE.fullmatch(name):
            raise JournalUnsafe("not a file of a journal", where=f"{where}/{name}", hint="move it elsewhere")
    return list(segments.values())


def make_directory(path: Path) -> bool:
    """Make the journal's directory, 0700 whatever the umask; False where it is there already."""
    if not path.exists() and path.with_name(path.name + UNFINISHED_SUFFIX).exists():
        raise JournalUnsafe(
            "an upgrade of the journal was killed", where=str(path), hint="run `veracity wal upgrade` again"
        )
    try:
        _check_parent(path.parent.stat(), str(path))
        path.mkdir(mode=DIRECTORY_MODE)
    except FileExistsError:
        return False
    except OSError as error:
        raise OperatorFault(
            "cannot make the journal's directory", where=str(path), why=error.strerror or ""
        ) from error
    path.chmod(DIRECTORY_MODE)
    return True


@contextmanager
def opened_directory(path: Path) -> Iterator[int]:
    """Descriptor of the journal's directory, closed at the end."""
    directory = open_directory(path)
    try:
        yield directory
    finally:
        os.close(directory)


def open_directory(path: Path) -> int:
    """Descriptor of the journal's directory. Raises JournalUnsafe unless it is ours alone, in a parent of ours."""
    where = str(path)
    directory = _open(path, os.O_RDONLY | os.O_DIRECTORY, None, where)
    try:
        _check(os.fstat(directory), where, DIRECTORY_MODE)
        _check_parent(os.stat("..", dir_fd=directory), where)
    except BaseException:
        os.close(directory)
        raise
    return directory


def open_file(name: str, directory: int, flags: int, where: str) -> int:
    """Descriptor of a file of the journal. Raises JournalUnsafe unless it is a plain file of ours alone."""
    where = f"{where}/{name}"
    file = _open(name, flags | os.O_NONBLOCK, directory, where)  # a fifo must not hang us
    try:
        _check(os.fstat(file), where, FILE_MODE)
    except BaseException:
        os.close(file)
        raise
    return file


def start(files: Files, directory: int, head: SegmentOpened, *, ahead: int = 0) -> OpenSegment:
    """Begin a segment: its file, `ahead` bytes of zeros, its head, all durable, then its name in the directory. Raises OSError."""
    return begin(files, directory, files.create(segment_name(head.segment), directory), head, ahead=ahead)


def begin(files: Files, directory: int, file: int, head: SegmentOpened, *, ahead: int = 0) -> OpenSegment:
    """Begin a segment in its open, empty file. Raises OSError."""
    line, chain = encode_head(head)
    try:
        write_zeros(files, file, 0, ahead)
        write_all(files, file, line, 0)
        files.sync(file)
        files.sync(directory)
    except OSError:
        os.close(file)
        raise
    return OpenSegment(file, len(line), max(ahead, len(line)), chain)


def write_zeros(files: Files, file: int, start: int, end: int) -> None:
    """Zeros from byte `start` to `end`, so that later writes there change no size. Raises OSError."""
    while start < end:
        part = _ZEROS[: end - start]
        write_all(files, file, part, start)
        start += len(part)


def end(files: Files, full: OpenSegment) -> None:
    """The segment's slack cut off, and all of it durable. Raises OSError."""
    if full.room > full.size:
        files.truncate(full.file, full.size)
        files.sync(full.file)
    else:
        files.sync_data(full.file)


def rotate(
    files: Files, directory: int, full: OpenSegment, head: SegmentOpened, *, ahead: int = 0
) -> OpenSegment:
    """End the segment `full`, which has been written whole, and begin the next. Raises OSError.

    The full one is durable before the next exists: only the last segment can have a torn end.
    """
    end(files, full)
    following = start(files, directory, head, ahead=ahead)
    files.close(full.file)
    return following


def sync_parent(files: Files, directory: int) -> None:
    """Make the journal's directory durable in its parent. Raises OSError."""
    parent = os.open("..", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=directory)
    try:
        files.sync(parent)
    finally:
        os.close(parent)


def _open(path: str | Path, flags: int, directory: int | None, where: str) -> int:
    try:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    except OSError as error:
        why = error.strerror or ""
        if error.errno in _MISPLACED:
            what = "a link, or not a file of the kind that belongs here"
            raise JournalUnsafe(what, where=where, why=why) from error
        if error.errno in _FORBIDDEN:
            raise JournalUnsafe("cannot be opened", where=where, why=why) from error
        raise OperatorFault("cannot be opened", where=where, why=why, exit_code=ExitCode.DATA) from error


def _check(status: os.stat_result, where: str, mode_wanted: int) -> None:
    kind = stat.S_IFDIR if mode_wanted == DIRECTORY_MODE else stat.S_IFREG
    if stat.S_IFMT(status.st_mode) != kind:
        raise JournalUnsafe(f"not a plain file or directory: {stat.filemode(status.st_mode)}", where=where)
    if kind == stat.S_IFREG and status.st_nlink != 1:
        raise JournalUnsafe(
            f"the file has {status.st_nlink} names", where=where, hint="a hard link leads elsewhere"
        )
    if status.st_uid != os.geteuid():
        raise JournalUnsafe(
            f"owner {status.st_uid}, wanted {os.geteuid()}",
            where=where,
            hint="run as its owner, or ask who took it",
        )
    if stat.S_IMODE(status.st_mode) != mode_wanted:
        raise JournalUnsafe(
            f"mode {_mode(status)}, wanted {mode_wanted:04o}",
            where=where,
            hint=f"find out who changed it and what was read or written, then `chmod {mode_wanted:04o} {where}`",
        )


def _check_parent(status: os.stat_result, where: str) -> None:
    if status.st_mode & 0o022:
        raise JournalUnsafe(
            f"others may write in the parent directory: mode {_mode(status)}, wanted 0755 or less",
            where=where,
            hint="take the right away (`chmod go-w`), or keep the run elsewhere",
        )


def _mode(status: os.stat_result) -> str:
    return f"{stat.S_IMODE(status.st_mode):04o}"

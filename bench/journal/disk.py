"""A disk that loses what was not synced: the file calls go to a real directory, and what a power cut leaves is worked out.

The running process sees the page cache, which is the directory `root` and what is below it. Beside it the disk keeps what is
durable: of each file the bytes at its last sync, of each directory the names at its last sync, and the calls since then in
order. Names are paths below the root; a directory is there as soon as something durable is in it.
A power cut may keep any of those calls, cut a write at any 512-byte sector, and keep a later one without an earlier
one (`ANY_ORDER`), or keep a prefix of them (`IN_ORDER`). It is pessimistic: a synced file whose directory was not
synced may have no name. All chance comes from the generator that the caller gives, so that a seed is a power cut.
"""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from veracity.journal.files import SYSTEM_FILES, Bytes, Files

SECTOR_BYTES: Final = 512
IN_ORDER: Final = "in order"
ANY_ORDER: Final = "any order"
Order: TypeAlias = Literal["in order", "any order"]


RAM: Final = Path("/dev/shm")


def memory() -> "tempfile.TemporaryDirectory[str]":
    """A directory in memory where there is such a place: a simulated disk needs no real one under it."""
    return tempfile.TemporaryDirectory(dir=RAM if os.access(RAM, os.W_OK) else None)


class PowerCut(BaseException):
    """The power went in the middle of a file call. No handler of errors may catch it."""


class _Write(NamedTuple):
    at: int
    data: bytes


class _Truncate(NamedTuple):
    size: int


class _Name(NamedTuple):
    """A change of a directory: `name` leads to `inode` (None: to nothing, or to a directory), `gone` leads nowhere."""

    name: str
    inode: int | None
    gone: str = ""

    @property
    def parent(self) -> str:
        """Path of the directory."""
        return self.name.rpartition("/")[0]


class _File:
    """One inode: what is durable of it, and what happened since."""

    def __init__(self, durable: bytes = b"") -> None:
        self.durable = durable
        self.pending: list[_Write | _Truncate] = []

    def sync(self) -> None:
        self.durable = _replayed(self.durable, self.pending)
        self.pending = []

    def after_cut(self, chance: np.random.Generator, order: Order) -> bytes:
        """The bytes that a power cut may leave."""
        if order == IN_ORDER:
            kept = self.pending[: int(chance.integers(len(self.pending) + 1))]
            rest = self.pending[len(kept) : len(kept) + 1]
            if rest and isinstance(rest[0], _Write):  # the next one is cut at a sector
                pieces = _sectors(rest[0])
                kept += pieces[: int(chance.integers(len(pieces) + 1))]
            return _replayed(self.durable, kept)
        share = chance.random()
        some: list[_Write | _Truncate] = []
        for call in self.pending:
            pieces = _sectors(call) if isinstance(call, _Write) else [call]
            some += [piece for piece in pieces if chance.random() < share]
        left = _replayed(self.durable, some)
        if any(isinstance(call, _Truncate) for call in self.pending):
            return left
        sizes = [len(left), len(_replayed(self.durable, self.pending))]
        return left.ljust(sizes[int(chance.integers(2))], b"\0")  # a size may be durable before its bytes


class CrashDisk:
    """`Files` over the directory `root`, and what a power cut at any of its calls leaves of it.

    `cut_at` is the number of the call (from 1) that a power cut ends, 0 for none; a write that it ends is half done.
    """

    def __init__(self, root: Path, *, cut_at: int = 0) -> None:
        self.calls: list[str] = []
        self._cut_at = cut_at
        self._root = root
        self._files: dict[int, _File] = {}
        self._names: dict[str, int] = {}
        self._renamed: list[_Name] = []  # changes of names that are not durable yet
        if root.exists():
            for path in filter(Path.is_file, root.rglob("*")):
                inode = path.stat().st_ino
                self._files[inode] = _File(path.read_bytes())
                self._names[path.relative_to(root).as_posix()] = inode

    # ------------------------------------------------------------ the calls

    def create(self, name: str, directory: int) -> int:
        """As the system does."""
        self._call("create")
        file = SYSTEM_FILES.create(name, directory)
        inode = os.fstat(file).st_ino
        self._files[inode] = _File()  # the number may be that of a file that is gone
        self._renamed.append(_Name(self._below(name, directory), inode))
        return file

    def open(self, name: str, directory: int) -> int:
        """As the system does."""
        self._call("open")
        return os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)

    def write(self, file: int, data: Bytes, at: int | None = None) -> int:
        """As the system does; at the end of what was written where `at` does not say."""
        at = os.fstat(file).st_size if at is None else at
        inode = self._file(file)

        def half() -> None:
            some = bytes(data[: len(data) // 2])
            os.pwrite(file, some, at)  # a kill leaves it in the page cache
            inode.pending.append(_Write(at, some))

        self._call("write", half)
        written = os.pwrite(file, data, at)
        inode.pending.append(_Write(at, bytes(data[:written])))
        return written

    def sync_data(self, file: int) -> None:
        """Makes durable what the model holds; the real sync is left out, so that thousands of cuts take seconds."""
        self._call("sync_data")
        self._file(file).sync()

    def sync(self, file: int) -> None:
        """A file's bytes, or the names of a directory; one that is not below the root is none of ours."""
        self._call("sync")
        if not stat.S_ISDIR(os.fstat(file).st_mode):
            self._file(file).sync()
        elif (place := self._place(file)) is not None:
            now = [change for change in self._renamed if change.parent == place]
            self._names = _renamed(self._names, now)
            self._renamed = [change for change in self._renamed if change.parent != place]

    def truncate(self, file: int, size: int) -> None:
        """As the system does."""
        self._call("truncate")
        SYSTEM_FILES.truncate(file, size)
        self._file(file).pending.append(_Truncate(size))

    def replace(self, old: str, new: str, directory: int) -> None:
        """As the system does."""
        self._call("replace")
        moved = os.stat(old, dir_fd=directory)
        SYSTEM_FILES.replace(old, new, directory)
        inode = None if stat.S_ISDIR(moved.st_mode) else moved.st_ino
        names = (self._below(name, directory) for name in (new, old))
        self._renamed.append(_Name(next(names), inode, gone=next(names)))

    def unlink(self, name: str, directory: int) -> None:
        """As the system does."""
        self._call("unlink")
        os.unlink(name, dir_fd=directory)
        self._renamed.append(_Name(self._below(name, directory), None))

    def free(self, directory: int) -> int:
        """As the system says."""
        return SYSTEM_FILES.free(directory)

    def close(self, file: int) -> None:
        """As the system does."""
        self._call("close")
        SYSTEM_FILES.close(file)

    # ------------------------------------------------------------ the cut

    def after_cut(self, image: Path, chance: np.random.Generator, order: Order) -> Path:
        """Write into the new directory `image` what a power cut now may leave of `root`."""
        changes = self._renamed
        if order == IN_ORDER:
            changes = changes[: int(chance.integers(len(changes) + 1))]
        else:
            share = chance.random()
            changes = [change for change in changes if chance.random() < share]
        image.mkdir(mode=0o700, parents=True)
        for name, inode in _renamed(self._names, changes).items():
            path = image / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.write_bytes(self._files[inode].after_cut(chance, order))
            path.chmod(0o600)
        return image

    def _place(self, directory: int) -> str | None:
        """Path below the root of an open directory; None where it is not there."""
        path = Path(os.readlink(f"/proc/self/fd/{directory}"))
        root = self._root.resolve()
        return path.relative_to(root).as_posix().removeprefix(".") if path.is_relative_to(root) else None

    def _below(self, name: str, directory: int) -> str:
        place = self._place(directory)
        return f"{place}/{name}" if place else name

    def _file(self, file: int) -> _File:
        return self._files[os.fstat(file).st_ino]

    def _call(self, name: str, half: Callable[[], None] | None = None) -> None:
        self.calls.append(name)
        if len(self.calls) == self._cut_at:
            if half is not None:
                half()
            raise PowerCut(name)


class Unsynced(type(SYSTEM_FILES)):  # type: ignore[misc]
    """The system's files without the syncs, where no power cut can come: much faster."""

    def sync_data(self, file: int) -> None:
        """Nothing."""

    def sync(self, file: int) -> None:
        """Nothing."""


UNSYNCED: Final[Files] = Unsynced()


def _replayed(durable: bytes, calls: list[_Write | _Truncate]) -> bytes:
    data = bytearray(durable)
    for call in calls:
        if isinstance(call, _Truncate):
            data = data[: call.size].ljust(call.size, b"\0")
        else:
            data = data.ljust(call.at, b"\0")
            data[call.at : call.at + len(call.data)] = call.data
    return bytes(data)


def _sectors(call: _Write) -> list[_Write | _Truncate]:
    """The write in pieces that end where a sector of the file ends."""
    return list(_pieces(call))


def _pieces(call: _Write) -> Iterator[_Write]:
    start, end = call.at, call.at + len(call.data)
    while start < end:
        stop = min(end, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
        yield _Write(start, call.data[start - call.at : stop - call.at])
        start = stop


def _renamed(names: dict[str, int], changes: list[_Name]) -> dict[str, int]:
    after = dict(names)
    for change in changes:
        after.pop(change.gone, None)
        if change.inode is None:
            after.pop(change.name, None)
            for name in [name for name in after if change.gone and name.startswith(f"{change.gone}/")]:
                after[f"{change.name}{name.removeprefix(change.gone)}"] = after.pop(name)
        else:
            after[change.name] = change.inode
    return after

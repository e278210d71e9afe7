"""Files whose n-th call fails, once or from then on: SQLite's manner of finding the error path that nobody walked."""

from collections.abc import Callable
from typing import Final

from bench.journal.disk import CrashDisk

from veracity.journal.files import Bytes

CALLS: Final = ("create", "open", "write", "sync_data", "sync", "truncate", "replace", "unlink", "close")


class FaultyFiles:
    """A disk's files; the call number `at` (from 1, of those named `only`) raises `error`, after half of a write.

    With `forever` so does every later one of them. `calls` are the names of all calls, `failed` those that raised.
    """

    def __init__(
        self, disk: CrashDisk, at: int, error: OSError, *, only: str = "", forever: bool = False
    ) -> None:
        self.calls: list[str] = []
        self.failed: list[str] = []
        self.calls_after_failure = 0
        self._at = at
        self._error = error
        self._only = only
        self._forever = forever
        self._disk = disk
        self._seen = 0

    def create(self, name: str, directory: int) -> int:
        """The disk's, or the error."""
        self._call("create")
        return self._disk.create(name, directory)

    def open(self, name: str, directory: int) -> int:
        """The disk's, or the error."""
        self._call("open")
        return self._disk.open(name, directory)

    def write(self, file: int, data: Bytes, at: int | None = None) -> int:
        """The disk's, or half of it and the error."""
        self._call("write", lambda: self._disk.write(file, data[: len(data) // 2], at))
        return self._disk.write(file, data, at)

    def unlink(self, name: str, directory: int) -> None:
        """The disk's, or the error."""
        self._call("unlink")
        self._disk.unlink(name, directory)

    def free(self, directory: int) -> int:
        """The disk's: asking changes nothing."""
        return self._disk.free(directory)

    def sync_data(self, file: int) -> None:
        """The disk's, or the error."""
        self._call("sync_data")
        self._disk.sync_data(file)

    def sync(self, file: int) -> None:
        """The disk's, or the error."""
        self._call("sync")
        self._disk.sync(file)

    def truncate(self, file: int, size: int) -> None:
        """The disk's, or the error."""
        self._call("truncate")
        self._disk.truncate(file, size)

    def replace(self, old: str, new: str, directory: int) -> None:
        """The disk's, or the error."""
        self._call("replace")
        self._disk.replace(old, new, directory)

    def close(self, file: int) -> None:
        """The disk's, or the error."""
        self._call("close")
        self._disk.close(file)

    def _call(self, name: str, half: Callable[[], object] | None = None) -> None:
        self.calls.append(name)
        self.calls_after_failure += bool(self.failed)
        if self._only and name != self._only:
            return
        self._seen += 1
        if self._seen == self._at or (self._forever and self._seen > self._at):
            if half is not None:
                half()
            self.failed.append(name)
            raise self._error

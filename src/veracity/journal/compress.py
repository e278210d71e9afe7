"""Closed segments as zstd: a tenth of the size, read like the others.

The compressed file is written aside, renamed into place, synced and read back before the plain one goes. While both are there,
which a kill can leave behind, readers take the plain one, and the next pass removes it.
"""

import errno
import hashlib
import os
import sys
from pathlib import Path
from typing import Final

from veracity.journal import plain
from veracity.journal.audit import sha256_of
from veracity.journal.errors import JournalDead
from veracity.journal.files import SYSTEM_FILES, Files, write_all
from veracity.journal.lock import KeeperLock
from veracity.journal.segments import (
    COMPRESSED_SUFFIX,
    list_segments,
    opened_directory,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL: Final = 3


def compress_closed(wal: Path, *, files: Files = SYSTEM_FILES) -> list[str]:
    """Compress every segment but the last; names of those that were. May run beside the writer, which only touches the last.

    Raises JournalLocked where another keeper is at work, JournalDead where the disk fails: then all segments are still there.
    """
    where = str(wal)
    with opened_directory(wal) as directory:
        if not _written(directory, where):
            return []
        lock = KeeperLock(directory, where)
        try:
            written = _written(directory, where)
            for name in written:
                _compress(files, directory, where, name)
            return written
        except OSError as error:
            raise JournalDead(f"{where}: cannot compress: {error.strerror}") from error
        finally:
            lock.release()


def _written(directory: int, where: str) -> list[str]:
    """Names of the closed segments that are still as they were written."""
    return [name for name in list_segments(directory, where)[:-1] if not name.endswith(COMPRESSED_SUFFIX)]


def _compress(files: Files, directory: int, where: str, name: str) -> None:
    done, unfinished = f"{name}{COMPRESSED_SUFFIX}", f"{name}{COMPRESSED_SUFFIX}.tmp"
    for old in {done, unfinished} & set(os.listdir(directory)):
        files.unlink(old, directory)
    sha = hashlib.sha256()
    compressor = zstd.ZstdCompressor(level=LEVEL)
    file = files.create(unfinished, directory)
    try:
        at = 0
        with plain.opened(name, directory, where) as source:
            for chunk in plain.chunks(source):
                sha.update(chunk)
                at = _write(files, file, compressor.compress(chunk), at)
        _write(files, file, compressor.flush(), at)
        files.sync(file)
    finally:
        os.close(file)
    files.replace(unfinished, done, directory)
    files.sync(directory)
    if sha256_of(done, directory, where) != sha.hexdigest():
        raise OSError(errno.EIO, "what was compressed does not read back")
    files.unlink(name, directory)
    files.sync(directory)


def _write(files: Files, file: int, data: bytes, at: int) -> int:
    write_all(files, file, data, at)
    return at + len(data)

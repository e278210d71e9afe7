"""The bytes of a journal's file as they were written, whether it is compressed now or not."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from veracity.domain.errors import OperatorFault
from veracity.journal.segments import COMPRESSED_SUFFIX, open_file

WINDOW_BYTES: Final = 1 << 20


class Undecodable(Exception):
    """A compressed file does not decompress."""


class Plain(Protocol):
    """Something to read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; empty at the end."""


class _Decompressed:
    def __init__(self, file: Any, fault: type[Exception]) -> None:
        self._file = file
        self._fault = fault

    def read(self, size: int = -1, /) -> bytes:
        try:
            data: bytes = self._file.read(size)
        except (self._fault, EOFError) as error:
            raise Undecodable(f"the compressed file cannot be read: {error}") from error
        return data


@contextmanager
def opened(name: str, directory: int, where: str) -> Iterator[Plain]:
    """The file `name`, or its compressed form where a keeper has just put that in its place. Reading raises Undecodable."""
    try:
        file = open_file(name, directory, os.O_RDONLY, where)
    except OperatorFault as fault:
        if name.endswith(COMPRESSED_SUFFIX) or not isinstance(fault.__cause__, FileNotFoundError):
            raise
        name += COMPRESSED_SUFFIX
        file = open_file(name, directory, os.O_RDONLY, where)
    with os.fdopen(file, "rb") as raw:
        if not name.endswith(COMPRESSED_SUFFIX):
            yield raw
            return
        if sys.version_info >= (3, 14):  # here, as most journals have no compressed segment
            from compression import zstd
        else:
            from backports import zstd
        with zstd.ZstdFile(raw) as plain:
            yield _Decompressed(plain, zstd.ZstdError)


def chunks(plain: Plain) -> Iterator[bytes]:
    """All of it, in windows."""
    while chunk := plain.read(WINDOW_BYTES):
        yield chunk

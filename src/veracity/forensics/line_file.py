"""The sink of every *.jsonl file of a run: lines are made harmless, masked and appended in blocks.

A line is finished JSON. The encoder escapes what JSON demands; here goes, escaped, what a terminal or a careless
reader would still obey: venue text is hostile input.
"""

import os
import re
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from veracity.forensics.files import create_file
from veracity.forensics.redact import Redactor

LINES_BUFFERED: Final = 256  # about 100 KB: a block stays in the processor's cache while it is masked

# DEL and the C1 controls (0x9B starts a terminal command), line and paragraph separators (some readers end a line
# there), marks that change the direction of what follows, and the byte-order mark.
_UNSAFE: Final = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


class Closing(ABC):
    """A log that is closed with its block."""

    @abstractmethod
    def close(self) -> None:
        """Make every line durable."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class LineFile(Closing):
    """Appends lines to a new file, which the first line makes. One thread only."""

    def __init__(self, path: Path, redactor: Redactor, *, lines_buffered: int = LINES_BUFFERED) -> None:
        self._path = path
        self._redactor = redactor
        self._lines_buffered = lines_buffered
        self._buffer: list[bytes] = []
        self._file: int | None = None
        self._room = 1  # the first line goes out at once: whoever watches sees that the run lives

    def append(self, line: bytes) -> None:
        """Add a line, given without its newline. Raises OperatorFault (exit code 7) where the file is not new."""
        buffer = self._buffer
        buffer.append(line)
        if len(buffer) >= self._room:
            self.flush()

    def flush(self) -> None:
        """Hand everything appended to the system."""
        if not self._buffer:
            return
        if self._file is None:
            self._file = create_file(self._path)
        lines, self._buffer = (
            self._buffer,
            [],
        )  # a block that fails is not written again: a part of it may be there
        self._room = self._lines_buffered
        rest = memoryview(self._redactor.mask(harmless(b"\n".join([*lines, b""]))))
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def close(self) -> None:
        """Make everything appended durable. Without a line there is no file."""
        self.flush()
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None


def harmless(lines: bytes) -> bytes:
    """The same JSON with every character escaped that is not to be obeyed."""
    if lines.isascii() and b"\x7f" not in lines:
        return lines
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", lines.decode()).encode()

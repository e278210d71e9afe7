"""A `veracity` that does not come to its end: `python -m tests.app.held_run NUMBER WORD...`.

It is free until the NUMBER-th record of its journal, and waits there for the signal of a test that was slower.
"""

import signal
import sys
from itertools import count
from typing import Any

from veracity.app.cli.main import main
from veracity.journal.writer import JournalWriter


def hold_at(number: int) -> None:
    append, calls = JournalWriter.append, count(1)

    def held(self: JournalWriter, seq: int, payload: bytes) -> Any:
        if next(calls) == number:
            while True:
                signal.pause()
        return append(self, seq, payload)

    JournalWriter.append = held  # type: ignore[method-assign]


if __name__ == "__main__":
    hold_at(int(sys.argv[1]))
    sys.argv[1:] = sys.argv[2:]
    main()

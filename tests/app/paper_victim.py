"""A `veracity` that dies of SIGKILL: `python -m tests.app.paper_victim CALL NUMBER WORD...` at the NUMBER-th CALL of its
journal (append or barrier), before it does anything."""

import os
import signal
import sys
from typing import Any

from veracity.app.cli.main import main
from veracity.journal.writer import JournalWriter


def die_at(name: str, number: int) -> None:
    real, calls = getattr(JournalWriter, name), [0]

    def counted(self: JournalWriter, *words: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *words)

    setattr(JournalWriter, name, counted)


if __name__ == "__main__":
    die_at(sys.argv[1], int(sys.argv[2]))
    sys.argv[1:] = sys.argv[3:]
    main()

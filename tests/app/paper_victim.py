"""A `veracity` that dies of SIGKILL: `python -m tests.app.paper_victim CALL NUMBER WORD...` at the NUMBER-th CALL of its
journal (append or barrier), its event log (flush) or its run directory (seal), before that does anything."""

import os
import signal
import sys
from typing import Any, Final

from veracity.app.cli.main import main
from veracity.forensics.line_file import LineFile
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.writer import JournalWriter

OWNERS: Final[dict[str, type]] = {
    "append": JournalWriter,
    "barrier": JournalWriter,
    "flush": LineFile,
    "seal": RunDirectory,
}


def die_at(name: str, number: int) -> None:
    owner = OWNERS[name]
    real, calls = getattr(owner, name), [0]

    def counted(self: object, *words: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, *words, **named)

    setattr(owner, name, counted)


if __name__ == "__main__":
    die_at(sys.argv[1], int(sys.argv[2]))
    sys.argv[1:] = sys.argv[3:]
    main()

"""Processes that live no longer than the one that started them."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Sequence
from typing import IO, Final

PR_SET_PDEATHSIG: Final = 1

_libc: Final = ctypes.CDLL(None, use_errno=True)


def spawn(command: Sequence[str], stdout: int | IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that Ctrl-C reaches its parent alone.

    When the parent dies, of SIGKILL too, the kernel kills it: nobody is left trading whom nobody watches. A journal is made
    for such an end, and the same command goes on from it. The parent's first thread must be the one that calls this.
    """
    parent = os.getpid()

    def tie() -> None:
        if _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) or os.getppid() != parent:
            os._exit(1)  # it died in between, and nobody would tell

    return subprocess.Popen(command, stdout=stdout, start_new_session=True, preexec_fn=tie)

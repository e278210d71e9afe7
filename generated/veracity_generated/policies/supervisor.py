# Generated from specs/policies/supervisor.yaml.
# Do not edit: change the source, then run `make gen`.
"""When a supervised process is started again, how soon, and how often."""

from typing import Final, NamedTuple


class Supervision(NamedTuple):
    """What is started again, and when that ends."""

    signals: tuple[str, ...]  # that end a process which is started again
    exit_codes: tuple[int, ...]  # likewise
    base_ms: int  # wait before the first start again
    factor: int
    cap_ms: int  # longest wait
    settled_ms: int  # a process that lived so long is no part of a row of crashes
    restarts_max: int  # in a row


SUPERVISION: Final = Supervision(
    signals=("SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGKILL", "SIGSEGV"),
    exit_codes=(8, 9),
    base_ms=1000,
    factor=2,
    cap_ms=60000,
    settled_ms=600000,
    restarts_max=5,
)

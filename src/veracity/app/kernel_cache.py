"""Where compiled code is kept from one process to the next."""

from collections.abc import Mapping
from pathlib import Path

from veracity.domain.errors import OperatorFault


def kernel_cache(environ: Mapping[str, str]) -> Path:
    """The directory of the compiled kernel: below VERACITY_CACHE_DIR where that is set, else below the user's cache.

    Raises OperatorFault (exit code 3) where VERACITY_CACHE_DIR is no absolute path (a relative one would be another
    directory wherever a command is started), and where there is neither it nor a home: what lies there is run, so it is
    no place that others may write to.
    """
    named = environ.get("VERACITY_CACHE_DIR")
    if named is not None:
        if not Path(named).is_absolute():
            raise OperatorFault(
                "VERACITY_CACHE_DIR is no absolute path",
                where=named,
                hint="begin it with a slash, or unset it",
            )
        return Path(named) / "kernel"
    if base := environ.get("XDG_CACHE_HOME"):
        return Path(base) / "veracity" / "kernel"
    if home := environ.get("HOME"):
        return Path(home) / ".cache" / "veracity" / "kernel"
    raise OperatorFault(
        "there is no directory for compiled code", why="no HOME is set", hint="name one in VERACITY_CACHE_DIR"
    )

"""A disk of its own for a test, so small that it can be filled."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, megabytes: int) -> Iterator[Path]:
    """The new directory `place` on a tmpfs of that size; skips, saying so, where this user may mount no disk."""
    place.mkdir(mode=0o700)
    mount = shutil.which("mount")
    words = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "veracity-test", str(place)]
    if mount is None or subprocess.run([mount, *words], capture_output=True, check=False).returncode:
        pytest.skip("not run: this user may mount no disk; RLIMIT_FSIZE (test_disk_full.py) stands in for it")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)

"""A fresh Python process, for what a test cannot show in its own: another hash seed, another directory, no memory."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
SEARCHED: Final = os.pathsep.join(
    str(ROOT / part) for part in ("tests/kit/as_installed", "src", "generated", ".")
)
"""PYTHONPATH of a process that a test starts: it has the packages of this one, but for those that a user has not."""
PATIENCE_S: Final = 600
"""Longest wait of a test for another process. Only what hangs takes so long: a slow machine makes a test slow, never red."""


def fresh(module: str, *words: object, cwd: Path, hash_seed: int = 0) -> str:
    """What `python -m module *words` prints, run in `cwd`; it must end well and say nothing on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=cwd,
        env={"PYTHONPATH": SEARCHED, "PYTHONHASHSEED": str(hash_seed), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout

"""A copy of the checkout with an interpreter of its own, in which a fault reaches every process that a test starts.

No variable of the environment is needed: the interpreter of the copy finds the copy's sources first, so a child started by
`sys.executable`, by the copy's `.venv/bin/veracity`, or with an empty environment runs the broken code too.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from veracity_trace.evidence.worker import clean_environment

# Trials write where no disk is waited for, if there is room.
SCRATCH: Final = (
    "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2**30 else None
)

_LEFT_OUT: Final = {
    ".git",
    ".venv",
    "build",
    "runs",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
}


def make_shadow(root: Path, folder: Path) -> Path:
    """Copy the checkout to `folder` and give it an interpreter. Returns the copy's root."""
    shutil.copytree(root, folder, ignore=_ignored(root), symlinks=True)
    _make_interpreter(folder)
    return folder


def run_tests(shadow: Path, cases: Sequence[str], log: Path, timeout: float) -> dict[str, dict[str, str]]:
    """Run tests in the copy; returns {nodeid: {"outcome": ..., "message": ...}} for those that ended."""
    verdicts = shadow / "build" / "verdicts.json"
    verdicts.parent.mkdir(parents=True, exist_ok=True)
    verdicts.unlink(missing_ok=True)
    command = [str(shadow / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "veracity_trace.evidence.verdicts", f"--evidence-verdicts={verdicts}", *cases]
    environment = clean_environment() | {"NUMBA_CACHE_DIR": str(shadow / "build" / "numba")}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=shadow,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            return {}
        finally:
            _end_group(process)
    if not verdicts.is_file():
        return {}
    found: dict[str, dict[str, str]] = json.loads(verdicts.read_text(encoding="utf-8"))
    return found


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()


def _ignored(root: Path) -> Any:
    tests = str(root / "tests")

    def ignore(folder: str, names: list[str]) -> set[str]:
        left_out = {name for name in names if name.endswith((".nbi", ".nbc"))}  # compiled from unbroken code
        if Path(folder) == root:
            left_out |= _LEFT_OUT & set(names)
        if folder.startswith(tests):
            left_out |= {"__pycache__"} & set(names)  # they remember where they were compiled
        return left_out

    return ignore


def _make_interpreter(shadow: Path) -> None:
    """Make a virtual environment whose own sources come before those that the real one knows."""
    real = Path(sys.prefix)
    venv = shadow / ".venv"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = venv / "lib" / version / "site-packages"
    site.mkdir(parents=True)
    (venv / "bin").mkdir()
    for name in ("python", "python3", version):
        (venv / "bin" / name).symlink_to(os.path.realpath(sys.executable))
    shutil.copy(real / "pyvenv.cfg", venv / "pyvenv.cfg")
    packages = sysconfig.get_path("purelib")
    lines = [str(shadow / "src"), str(shadow / "generated"), f"import site; site.addsitedir({packages!r})"]
    (site / "shadow.pth").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for script in (real / "bin").iterdir():
        if script.is_file() and not script.is_symlink():
            _copy_script(script, venv / "bin" / script.name)


def _copy_script(script: Path, copy: Path) -> None:
    first, newline, rest = script.read_bytes().partition(b"\n")
    if first.startswith(b"#!") and b"python" in first:
        copy.write_bytes(b"#!" + os.fsencode(copy.parent / "python") + newline + rest)
    else:
        copy.symlink_to(script)
        return
    copy.chmod(0o755)

"""What a fresh interpreter shows: no start without asserts, and no heavy library behind the engine."""

import os
import subprocess
import sys

from tests.architecture.sources import ROOT

HEAVY = (
    "aiohttp",
    "asyncio",
    "ccxt",
    "numba",
    "pandas",
    "plotly",
    "pyarrow",
    "pydantic",
    "requests",
    "rich",
    "socket",
)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on this checkout's sources."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "generated")))
    return subprocess.run(
        [sys.executable, *arguments],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_engine_does_not_start_without_its_asserts() -> None:
    optimised = python("-O", "-c", "import veracity.engine.core; print('started')")
    assert optimised.returncode == 1
    assert optimised.stdout == ""
    assert "does not run under `python -O`" in optimised.stderr
    assert python("-c", "import veracity.engine.core; print('started')").stdout == "started\n"


def test_the_engine_and_the_state_load_no_library_of_the_rooms_above() -> None:
    modules = (
        "veracity.state.apply, veracity.state.snapshot, veracity.engine.core, veracity.simulator.exchange"
    )
    seen = python("-c", f"import sys, {modules}; print(*(name for name in {HEAVY} if name in sys.modules))")
    assert seen.returncode == 0, seen.stderr
    assert seen.stdout.split() == []

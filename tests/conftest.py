"""For all tests: asserts of the kit count as asserts of the tests that use it; properties are the same every time."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

pytest.register_assert_rewrite("tests.kit")

settings.register_profile(
    "evidence",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("evidence")
# Hypothesis also draws constants that it reads in the modules that are imported by then: other plans in another process.
assert hasattr(providers, "_get_local_constants")
providers._get_local_constants = Constants

# What runs in the background or under nohup ignores these, and its children inherit that: the runs of these tests would not
# hear what they are sent.
signal.signal(signal.SIGINT, signal.default_int_handler)
for one in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(one, signal.SIG_DFL)

# Compiled code is kept in the checkout, once for all tests and the processes that they start; the user's own is left alone.
os.environ["VERACITY_CACHE_DIR"] = str(Path(__file__).parents[1] / "build")  # noqa: TID251 - before anything reads it

SLOW = frozenset((Path(__file__).parent / "slow_files.txt").read_text(encoding="utf-8").split())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the files that take seconds; `make verify FAST=1` leaves them out."""
    for item in items:
        if item.nodeid.partition("::")[0] in SLOW:
            item.add_marker("slow")

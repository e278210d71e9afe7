"""For all tests: asserts of the kit count as asserts of the tests that use it; properties are the same every time."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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

SLOW = frozenset((Path(__file__).parent / "slow_files.txt").read_text(encoding="utf-8").split())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the files that take seconds; `make verify FAST=1` leaves them out."""
    for item in items:
        if item.nodeid.partition("::")[0] in SLOW:
            item.add_marker("slow")

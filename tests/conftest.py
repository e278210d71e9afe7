"""For all tests: asserts of the kit count as asserts of the tests that use it; properties are the same every time."""

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

"""What a property is tried with depends on the property alone: not on what else is imported, so not on which tests run."""

import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
ALONE = "import json, tests.conftest; from tests.properties.test_same_examples import drawn; print(json.dumps(drawn()))"


def drawn() -> list[int]:
    """Numbers as Hypothesis draws them for a property."""
    numbers: list[int] = []

    @settings(max_examples=300, derandomize=True, database=None)
    @given(st.integers(0, 10**6))
    def keep(number: int) -> None:
        numbers.append(number)

    keep()
    return numbers


def test_a_process_that_has_imported_little_else_draws_the_same_examples() -> None:
    import veracity.engine.core  # noqa: F401 - full of numbers that Hypothesis would take up

    alone = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert json.loads(alone.stdout) == drawn()

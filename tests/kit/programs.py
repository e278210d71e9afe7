"""Programs of the system that a test needs. Without one the test is skipped by name, and its tickets are not run."""

import shutil

import pytest


def needs(program: str) -> pytest.MarkDecorator:
    """Mark a test that runs `program`."""
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"{program} is not installed: make setup-system"
    )

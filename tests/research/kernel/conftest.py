"""The kernel that the tests of this room share: compiled once, kept in the build directory."""

import pytest

from veracity.research.kernel.run import Kernel


@pytest.fixture(scope="session")
def kernel(request: pytest.FixtureRequest) -> Kernel:
    return Kernel(request.config.rootpath / "build" / "kernel")

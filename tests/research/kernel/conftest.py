"""The kernels that the tests of this room share: compiled once, kept in the build directory."""

from typing import Final

import pytest

from veracity.research.kernel.needs import (
    ACKS,
    AUX,
    CLOSES,
    DELAYS,
    HEDGE,
    INTEREST,
    LIMITS,
    LIQUIDATION,
    LOG,
    REGIME,
    REHEARSES,
    SLIPS,
    TIERS,
    Build,
    Need,
    build_for,
)
from veracity.research.kernel.run import Kernel
from veracity.runtime.simulation import Plan

HALVES: Final[tuple[frozenset[Need], ...]] = (
    frozenset((LOG, DELAYS, ACKS, HEDGE, AUX, REGIME, CLOSES)),
    frozenset((LOG, DELAYS, ACKS, TIERS, LIMITS, INTEREST, LIQUIDATION, SLIPS, REHEARSES)),
)


def half_for(plan: Plan, log: bool) -> Build:
    """The loop with that half of what there is in which all is that the plan asks: it lacks the other half."""
    build = build_for(plan, log)
    return build._replace(needs=next(half for half in HALVES if build.needs <= half))


@pytest.fixture(scope="session")
def kernel(request: pytest.FixtureRequest) -> Kernel:
    """A loop for each set of needs, as in use. Each takes ten seconds to compile."""
    return Kernel(request.config.rootpath / "build" / "kernel")


@pytest.fixture(scope="session")
def half(request: pytest.FixtureRequest) -> Kernel:
    """Two loops for all plans that ask for what is in one half."""
    return Kernel(request.config.rootpath / "build" / "kernel", half_for)

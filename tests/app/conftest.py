"""Every shipped example is run once a session, the first time that a test asks for it."""

import functools
from collections.abc import Callable

import pytest
from tests.app.real_runs import CHECKOUT, run

from veracity.app.backtest import RunOutcome


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], RunOutcome]:
    """The run of examples/<name>.toml as it is shipped."""
    runs_dir = tmp_path_factory.mktemp("examples")

    @functools.cache
    def ran(name: str) -> RunOutcome:
        return run(CHECKOUT / "examples" / f"{name}.toml", runs_dir)

    return ran

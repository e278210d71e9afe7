"""Whether a config may trade real money. This version says no to every one, and what else stands against it."""

from collections.abc import Iterator

from veracity.app.config import LoadedConfig
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults


def refuse_live(loaded: LoadedConfig) -> None:
    """Raises OperatorFaults (exit code 7) with all that stands against trading `loaded` with real money."""
    raise OperatorFaults.of([*_against(loaded)])


def _against(loaded: LoadedConfig) -> Iterator[OperatorFault]:
    if loaded.rulebook.dry_run:
        rules = ", ".join(loaded.rulebook.dry_run)
        yield OperatorFault(
            "rules in dry run deny nothing",
            where="risk.dry_run",
            why=f"{rules} would only say what they would have done",
            hint="take them out of the list: with real money every rule is asked in earnest",
            exit_code=ExitCode.UNSAFE,
        )
    yield OperatorFault(
        "this version sends no order to a real venue",
        why="there is no adapter that could",
        hint="veracity paper runs it as trading runs, on recorded data",
        exit_code=ExitCode.UNSAFE,
    )

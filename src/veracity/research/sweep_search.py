"""What optuna proposes: the parameters of the next round, from the outcomes of all rounds before.

A proposal is a function of the axes, the rows and a seed. Each round begins with a study that is filled from the rows, so a
sweep that was killed is asked the same again, and neither the number of workers nor the order of answers can show.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.sweep_axes import Axis, Params
from veracity.research.trial_log import Row

SEED_BITS: Final = 32  # that optuna's sampler takes
OBJECTIVE: Final = "net"


def proposed(axes: Sequence[Axis], before: Sequence[Row], count: int, *, seed: int) -> list[Params]:
    """Parameters of the next `count` trials: the tree-structured Parzen estimator (Bergstra et al. 2011) on the net result.

    An axis of rising numbers is one on which near values are alike, any other is a choice. Failed and refused trials are
    told as failed. Raises OperatorFault (exit code 2) where optuna is not installed.
    """
    optuna = searcher()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed % 2**SEED_BITS, multivariate=True, constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    kinds = {axis.key: _distribution(optuna, axis) for axis in axes}
    study.add_trials([_told(optuna, axes, kinds, row) for row in before])
    asked = [study.ask(kinds).params for _ in range(count)]
    return [tuple((axis.key, axis.values[one[axis.key]]) for axis in axes) for one in asked]


def searcher() -> Any:
    """The optuna package. Raises OperatorFault (exit code 2) where it is not installed."""
    try:
        import optuna
    except ModuleNotFoundError:
        raise OperatorFault(
            "this search needs optuna, which is not installed",
            hint="pip install 'veracity[search]', or take --search grid or random",
            exit_code=ExitCode.USAGE,
        ) from None
    return optuna


def _distribution(optuna: Any, axis: Axis) -> Any:
    """Of the place of a value on its axis."""
    places = range(len(axis.values))
    if _rises(axis.values):
        return optuna.distributions.IntDistribution(0, places[-1])
    return optuna.distributions.CategoricalDistribution(tuple(places))


def _rises(values: Sequence[str]) -> bool:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return False
    return all(low < high for low, high in pairwise(numbers))


def _told(optuna: Any, axes: Sequence[Axis], kinds: dict[str, Any], row: Row) -> Any:
    params = {axis.key: axis.values.index(row["params"][axis.key]) for axis in axes}
    ran = row["status"] == "ok"
    return optuna.trial.create_trial(
        params=params,
        distributions=kinds,
        state=optuna.trial.TrialState.COMPLETE if ran else optuna.trial.TrialState.FAIL,
        value=row["metrics"][OBJECTIVE] / 1e8 if ran else None,
    )

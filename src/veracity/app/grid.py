"""The axes of a grid as an operator writes them, and what of them no config can have: told before anything runs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Protocol

from veracity.app.config_text import SchemaFault
from veracity.app.trial_run import Trials
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults
from veracity.domain.summary_models import GridAxis


class Axis(Protocol):
    """One key of a config, and its values as they are written."""

    @property
    def key(self) -> str:
        """Path of the key."""

    @property
    def values(self) -> Sequence[str]:
        """Its values."""


def axis_of(text: str, strategy_id: str) -> GridAxis:
    """An axis as an operator writes it: KEY=VALUE,VALUE; a bare key is a parameter of the strategy."""
    key, equals, values = text.partition("=")
    found = tuple(value.strip() for value in values.split(",") if value.strip())
    if not equals or not key or not found:
        raise OperatorFault(
            "is no axis of a grid",
            where=f"--grid {text}",
            hint="write KEY=VALUE,VALUE,... such as fast=10,20,40",
            exit_code=ExitCode.USAGE,
        )
    return GridAxis(key=key if "." in key else f"strategies.{strategy_id}.params.{key}", values=found)


def refuse_impossible(
    trials: Trials, axes: Sequence[Axis], combinations: Iterable[Iterable[tuple[str, str]]]
) -> None:
    """Raise OperatorFaults with every key that does not exist, or stands twice, and every value that its key cannot have.

    A value that is good by itself and bad beside another one (fast at or above slow) is an outcome of its trial and passes,
    unless all `combinations` are refused: then what is wrong with the first of them is raised.
    """
    faults = list(chain(*(_impossible(trials, axis) for axis in axes), _repeated(axes)))
    if faults:
        raise OperatorFaults.of(faults)
    first: OperatorFault | None = None
    for settings in combinations:
        try:
            trials.loaded(settings)
        except OperatorFault as error:
            first = first or error
        else:
            return
    if first is not None:
        raise first


def _repeated(axes: Sequence[Axis]) -> Iterator[OperatorFault]:
    keys = [axis.key for axis in axes]
    for number, axis in enumerate(axes):
        if axis.key in keys[:number]:
            yield OperatorFault(
                f"{axis.key}: used twice",
                where=_place(axis),
                why="the later one would win and every trial would run again",
                hint="put all its values into one --grid",
                exit_code=ExitCode.USAGE,
            )


def _impossible(trials: Trials, axis: Axis) -> Iterator[OperatorFault]:
    """What is wrong with an axis whatever stands beside it: once for its key, once for each bad value."""
    told = set()
    for value in axis.values:
        for fault in _alone(trials, axis.key, value):
            if (fault.what, fault.why) not in told:
                told.add((fault.what, fault.why))
                yield OperatorFault(
                    fault.what, where=_place(axis), why=fault.why, hint=fault.hint, exit_code=fault.exit_code
                )


def _alone(trials: Trials, key: str, value: str) -> list[OperatorFault]:
    """What the schema says of that value of that key, or that there is no such place; the config without it is valid."""
    try:
        trials.loaded([(key, value)])
    except OperatorFaults as error:
        return [fault for fault in error.faults if isinstance(fault, SchemaFault)]
    except OperatorFault as error:
        return [error]
    return []


def _place(axis: Axis) -> str:
    return f"--grid {axis.key}={','.join(axis.values)}"

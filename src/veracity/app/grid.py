"""The axes of a grid as an operator writes them, and what of them no config can have: told before anything runs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple, Protocol

from veracity.app.config_text import SchemaFault, read_value
from veracity.app.trial_run import Trials
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults
from veracity.domain.summary_models import GridAxis

TRIALS_MAX: Final = 1_000_000
CHECKED_MAX: Final = 20_000  # combinations that are looked at before data are read: some seconds
SHOWN_MAX: Final = 5  # of the combinations with one fault


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


def refuse_too_many(total: int) -> None:
    """Raise OperatorFault (exit code 2) where there is nothing to try, or more than anybody could look at."""
    if not 0 < total <= TRIALS_MAX:
        raise OperatorFault(
            f"{total:,} trials" if total else "the sweep has no trial",
            why=f"at most {TRIALS_MAX:,} are made on one dataset at a time" if total else "",
            hint="write shorter axes, or draw some: --search random --trials N"
            if total
            else "--grid KEY=V1,V2",
            exit_code=ExitCode.USAGE,
        )


class Refused(NamedTuple):
    """A combination that no config can have."""

    settings: tuple[tuple[str, str], ...]
    fault: OperatorFault


def refuse_impossible(trials: Trials, axes: Sequence[Axis]) -> None:
    """Raise OperatorFaults with every key that does not exist, or stands twice, and every value that stands twice or that its
    key cannot have, whatever stands beside it."""
    faults = list(chain(*(_impossible(trials, axis) for axis in axes), _repeated(axes)))
    if faults:
        raise OperatorFaults.of(faults)


def refuse_unable(trials: Trials, combinations: Iterable[tuple[tuple[str, str], ...]]) -> list[Refused]:
    """Which combinations cannot run. Raises OperatorFaults with what is wrong with the first where none of them can.

    A value that is good by itself and bad beside another one (fast at or above slow) is an outcome of its trial, and passes.
    Of very many combinations the first are looked at.
    """
    refused, count = [], 0
    for settings in islice(combinations, CHECKED_MAX):
        count += 1
        try:
            trials.loaded(settings)
        except OperatorFault as error:
            refused.append(Refused(settings, error))
    if refused and len(refused) == count:
        raise _as_written(refused[0].fault)
    return refused


def told(refused: Sequence[Refused], total: int) -> list[str]:
    """What an operator should know of combinations that cannot run: how many, why, and which."""
    by_reason: dict[str, list[str]] = {}
    for settings, fault in refused:
        words = " ".join(f"{key.rpartition('.')[2]}={value}" for key, value in settings)
        reason = fault.faults[0].what if isinstance(fault, OperatorFaults) else fault.what
        by_reason.setdefault(reason, []).append(words)
    return [
        f"{len(which):,} of {total:,} trials cannot run, and count: {reason}: {'; '.join(which[:SHOWN_MAX])}"
        + (f"; and {len(which) - SHOWN_MAX:,} more" if len(which) > SHOWN_MAX else "")
        for reason, which in by_reason.items()
    ]


def _as_written(fault: OperatorFault) -> OperatorFault:
    """The fault of a combination, each part of it where the operator wrote it."""
    parts = fault.faults if isinstance(fault, OperatorFaults) else (fault,)
    return OperatorFaults.of(
        [
            OperatorFault(
                one.what,
                where=one.where.replace("--set ", "--grid ", 1),
                why=one.why,
                hint=one.hint,
                exit_code=one.exit_code,
            )
            for one in parts
        ]
    )


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
        known = [read_value(value) for value in axis.values]
        again = next((one for place, one in enumerate(known) if one in known[:place]), None)
        if again is not None:
            yield OperatorFault(
                f"{axis.key}: {again} stands twice",
                where=_place(axis),
                why="the same trial would be made, and counted, twice",
                hint="leave one of them out",
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

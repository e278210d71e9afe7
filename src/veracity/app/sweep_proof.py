"""A trial of a sweep against the event path: its own config, data and seed, event by event, compared value by value.

What a sweep says comes from the compiled loop. This asks the engine the same question, and says where the answers differ.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from veracity.app.backtest import identify, plan_of
from veracity.app.sweep_run import Sweep, unchanged
from veracity.app.sweep_worker import Asked, Worker, fingerprint
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.sweep import Trial
from veracity.research.sweep_results import METRICS, by_events
from veracity.research.trial_log import Row


class Compared(NamedTuple):
    """One value of a trial, as the sweep has it and as the event path comes to it."""

    name: str
    sweep: Any
    events: Any


class Proof(NamedTuple):
    """What the comparison of a trial found."""

    row: Row
    values: tuple[Compared, ...]
    samples: int  # equity at each midnight, and at the end
    first_difference: tuple[int, int | None, int | None] | None  # which of them, and both values
    settings: tuple[str, ...]  # what `--set` gives the sweep's config so that a backtest is this trial

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self.first_difference is None and all(one.sweep == one.events for one in self.values)


def prove(sweep: Sweep, row: Row, *, cache: Path) -> Proof:
    """Run the trial of that row again, event by event, and compare all that the row says.

    A row without a state hash gets it now: the trial is compiled and logged once more for it, and must come to the row's own
    numbers. Raises OperatorFault where the trial did not run (exit code 2), and what `app.sweep_run.unchanged` raises.
    """
    if row["metrics"] is None:
        raise OperatorFault(
            f"trial {row['trial']} did not run, so there is nothing to prove",
            where=str(sweep.root),
            why=f"{row['status']}: {row['error']}",
            hint="name another: --trial N",
            exit_code=ExitCode.USAGE,
        )
    trials = unchanged(sweep)
    code = sweep.made_by["code"]
    changes = (*row["params"].items(), ("run.seed", str(row["seed"])))
    loaded = trials.loaded(changes)
    dataset = trials.dataset()
    metrics, equity = by_events(plan_of(loaded, dataset, identify(loaded, dataset, code)))
    said = row["metrics"]
    if said["state_hash"] is None:
        asked = Asked("", trials.document, sweep.dataset_hash, fingerprint(), cache, state_hashes=True)
        (again,) = Worker(asked, trials).rows(
            [Trial(row["trial"], row["seed"], tuple(row["params"].items()))]
        )
        said = said | {"state_hash": _hash_of(row, again)}
    return Proof(
        row,
        tuple(Compared(name, said.get(name), metrics[name]) for name in METRICS),
        len(equity),
        _first_difference(row["equity"], equity),
        tuple(f"{key}={value}" for key, value in changes),
    )


def _hash_of(row: Row, again: Row) -> str | None:
    """The state hash of the trial that was compiled again; None, which no hash is equal to, where it is another trial."""
    made = again["metrics"]
    if made is None or again["equity"] != row["equity"] or made | {"state_hash": None} != row["metrics"]:
        return None
    found: str = made["state_hash"]
    return found


def _first_difference(said: Sequence[int], found: Sequence[int]) -> tuple[int, int | None, int | None] | None:
    for place in range(max(len(said), len(found))):
        pair = tuple(values[place] if place < len(values) else None for values in (said, found))
        if pair[0] != pair[1]:
            return place, pair[0], pair[1]
    return None

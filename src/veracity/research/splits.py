"""Where training ends and testing begins: walk-forward folds and combinatorial purged cross-validation (S-077).

Windows are half-open ranges of bar numbers. A decision made on bar t may earn up to `holding` bars later, so what is
learnt from bar t reaches to t + holding: training stops early enough before a test (purge), and starts again late enough
behind it (embargo). Lopez de Prado 2018, "Advances in Financial Machine Learning", ch. 7 and 12.
"""

from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.summary_models import WindowPlan


class Fold(NamedTuple):
    """One train window and the test window behind it."""

    train_begin: int
    train_end: int
    test_begin: int
    test_end: int


def folds(bars: int, plan: WindowPlan) -> list[Fold]:
    """All folds that fit into `bars`; what is left over is dropped, never a short fold.

    Train end + holding + embargo = test begin. Raises OperatorFault (exit code 4) where not even one fits.
    """
    gap = plan.holding + plan.embargo
    found = []
    for end in range(plan.train, bars - gap - plan.test + 1, plan.step):
        begin = 0 if plan.windows == "anchored" else end - plan.train
        found.append(Fold(begin, end, end + gap, end + gap + plan.test))
    if not found:
        needed = plan.train + gap + plan.test
        raise OperatorFault(
            f"{bars} bars are too few for one fold",
            why=f"train {plan.train} + holding {plan.holding} + embargo {plan.embargo} + test {plan.test} are {needed}",
            hint="give more data, or shorter windows",
            exit_code=ExitCode.DATA,
        )
    return found


class Split(NamedTuple):
    """One choice of test groups; rows of the dataset."""

    tested: tuple[int, ...]  # groups
    train: NDArray[np.int64]


def combinatorial(rows: int, groups: int, tested: int, *, holding: int, embargo: int) -> list[Split]:
    """All C(groups, tested) splits. A train row is left out where its label [t, t + holding] overlaps that of a test
    row, and for `embargo` rows behind each test block. Raises ValueError where a group would be empty."""
    if not 0 < tested < groups or rows < groups:
        raise ValueError(f"{rows} rows do not make {groups} groups of which {tested} are tested")
    edges = group_edges(rows, groups)
    found = []
    for chosen in combinations(range(groups), tested):
        keep = np.ones(rows, dtype=bool)
        for group in chosen:
            begin, end = edges[group], edges[group + 1]
            keep[max(begin - holding, 0) : end + holding + embargo] = False
        found.append(Split(chosen, np.flatnonzero(keep)))
    return found


def group_edges(rows: int, groups: int) -> list[int]:
    """Where each group begins, and the end of the last; sizes differ by at most one."""
    return [number * rows // groups for number in range(groups + 1)]


def path_count(groups: int, tested: int) -> int:
    """Whole paths that the splits make: tested / groups * C(groups, tested)."""
    return tested * comb(groups, tested) // groups


def paths(splits: list[Split], groups: int) -> list[list[int]]:
    """For each path the split that tests each group: path p takes the p-th split in which the group is tested."""
    testing = [
        [number for number, one in enumerate(splits) if group in one.tested] for group in range(groups)
    ]
    return [list(taken) for taken in zip(*testing, strict=True)]

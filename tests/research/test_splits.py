"""Where training ends and testing begins, bar by bar."""

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.summary_models import WindowPlan
from veracity.research.splits import Fold, combinatorial, folds, group_edges, path_count, paths


def plan(**changes: object) -> WindowPlan:
    """Train 400, test 100, step 100, holding 20, embargo 10."""
    values: dict[str, object] = {"windows": "rolling", "train": 400, "test": 100, "step": 100}
    return WindowPlan.model_validate(values | {"holding": 20, "embargo": 10} | changes)


@pytest.mark.ticket("T-193")
def test_a_thousand_bars_make_five_rolling_folds() -> None:
    assert folds(1_000, plan()) == [
        Fold(number * 100, 400 + number * 100, 430 + number * 100, 530 + number * 100) for number in range(5)
    ]


@pytest.mark.ticket("T-193")
def test_anchored_trains_all_start_at_the_first_bar() -> None:
    found = folds(1_000, plan(windows="anchored"))
    assert [(fold.train_begin, fold.train_end) for fold in found] == [(0, 400 + 100 * n) for n in range(5)]


@pytest.mark.ticket("T-193")
def test_n16_six_groups_two_at_a_time_make_15_splits_and_5_paths() -> None:
    """Lopez de Prado 2018, ch. 12; each path tests every group once, no two paths by the same split."""
    found = combinatorial(60, 6, 2, holding=0, embargo=0)
    assert (len(found), path_count(6, 2)) == (15, 5)
    taken = paths(found, 6)
    assert len(taken) == 5
    for group in range(6):
        assert len({path[group] for path in taken}) == 5
        assert all(group in found[path[group]].tested for path in taken)


@pytest.mark.ticket("T-234")
def test_529_bars_make_no_fold_and_530_make_one() -> None:
    with pytest.raises(OperatorFault, match="529 bars are too few for one fold") as caught:
        folds(529, plan())
    assert caught.value.exit_code == ExitCode.DATA
    (only,) = folds(530, plan())
    assert only == Fold(0, 400, 430, 530)


@pytest.mark.ticket("T-234")
def test_a_label_that_reaches_the_first_test_bar_is_purged_and_one_that_ends_before_it_stays() -> None:
    """Bars 430..859 are tested; with holding 20 the label of bar 410 reaches 430, that of 409 ends at 429."""
    (split,) = [one for one in combinatorial(860, 2, 1, holding=20, embargo=10) if one.tested == (1,)]
    assert split.train.tolist() == list(range(410))


def test_combinatorial_training_keeps_its_distance_on_both_sides() -> None:
    """Rows 20..29 are tested: with holding 3 and embargo 2 rows 17..19 and 30..34 are not learnt from."""
    (split,) = [one for one in combinatorial(60, 6, 1, holding=3, embargo=2) if one.tested == (2,)]
    assert split.train.tolist() == [*range(17), *range(35, 60)]


# Lopez de Prado 2018, figure 12.2: which path each group of each of the 15 splits belongs to; "." where it trains.
FIGURE_12_2 = """
1 2 3 4 5 . . . . . . . . . .
1 . . . . 2 3 4 5 . . . . . .
. 1 . . . 2 . . . 3 4 5 . . .
. . 1 . . . 2 . . 3 . . 4 5 .
. . . 1 . . . 2 . . 3 . 4 . 5
. . . . 1 . . . 2 . . 3 . 4 5
"""


def test_the_paths_are_those_of_the_figure_in_the_book() -> None:
    """N-16: path 1 is made of splits 1, 1, 2, 3, 4 and 5, as the text of the chapter says, too."""
    table = [row.split() for row in FIGURE_12_2.strip().splitlines()]
    taken = paths(combinatorial(60, 6, 2, holding=0, embargo=0), 6)
    assert taken[0] == [0, 0, 1, 2, 3, 4]
    assert taken == [[row.index(str(path)) for row in table] for path in range(1, 6)]


def learnt_by_pairs(rows: int, blocks: Sequence[range], holding: int, embargo: int) -> list[int]:
    """Rows to learn from, found the slow way: every pair of labels is compared, then each row with each test block.

    A label of row t covers the rows t..t + holding. Chapter 7: out with it where it overlaps a test label (7.1), and where it
    begins within the embargo after the last label of a test block (7.2).
    """
    tested = [row for block in blocks for row in block]
    found = []
    for row in range(rows):
        label = set(range(row, row + holding + 1))
        overlaps = any(label & set(range(other, other + holding + 1)) for other in tested)
        after = [row - (block[-1] + holding) for block in blocks]
        if not overlaps and not any(0 < distance <= embargo for distance in after):
            found.append(row)
    return found


@given(
    groups=st.integers(2, 6),
    rows=st.integers(6, 40),
    holding=st.integers(0, 5),
    embargo=st.integers(0, 5),
    data=st.data(),
)
@settings(max_examples=60)
def test_purging_and_embargo_agree_with_a_comparison_of_every_pair_of_labels(
    groups: int, rows: int, holding: int, embargo: int, data: st.DataObject
) -> None:
    tested = data.draw(st.integers(1, groups - 1))
    sizes = [len(part) for part in np.array_split(np.arange(rows), groups)]
    edges = group_edges(rows, groups)
    assert sorted(np.diff(edges).tolist()) == sorted(sizes)
    for chosen, split in zip(
        combinations(range(groups), tested),
        combinatorial(rows, groups, tested, holding=holding, embargo=embargo),
        strict=True,
    ):
        blocks = [range(edges[group], edges[group + 1]) for group in chosen]
        assert split.tested == chosen
        assert split.train.tolist() == learnt_by_pairs(rows, blocks, holding, embargo)


@pytest.mark.parametrize(("groups", "tested"), [(4, 1), (5, 2), (7, 3), (8, 4)])
def test_every_split_and_every_path_is_there(groups: int, tested: int) -> None:
    found = combinatorial(100, groups, tested, holding=0, embargo=0)
    assert len(found) == comb(groups, tested)
    assert len(paths(found, groups)) == path_count(groups, tested)
    edges = group_edges(100, groups)
    for split in found:
        rows = {row for group in split.tested for row in range(edges[group], edges[group + 1])}
        assert sorted(rows | set(split.train.tolist())) == list(range(100))
        assert not rows & set(split.train.tolist())


def test_groups_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(ValueError, match="3 rows do not make 4 groups"):
        combinatorial(3, 4, 1, holding=0, embargo=0)
    with pytest.raises(ValueError, match="of which 4 are tested"):
        combinatorial(9, 4, 4, holding=0, embargo=0)

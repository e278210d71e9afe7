"""Rows of the equity curve, and the place of every event among the facts."""

import numpy as np
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, bars_of, dataset_of, funding_of, listed

from veracity.research.timeline import Timeline, marks, timeline


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_one_row_for_each_moment_at_which_a_bar_closed() -> None:
    hourly = bars_of([50_00, 51_00], interval=60 * MINUTE)
    rules = {ETH: listed(ETH, interval_ns=60 * MINUTE)}
    lived = timeline(dataset_of({BTC: bars_of([100_00] * 3), ETH: hourly}, rules=rules))
    assert (lived.known - START).tolist() == [MINUTE, 2 * MINUTE, 3 * MINUTE, 60 * MINUTE, 120 * MINUTE]
    assert lived.interval_ns == MINUTE
    assert (lived.open_ts[:3] - START).tolist() == [0, MINUTE, 2 * MINUTE]


def test_bars_that_close_at_one_moment_share_a_row_but_are_facts_of_their_own() -> None:
    lived = timeline(dataset_of({BTC: bars_of([100_00] * 3), ETH: bars_of([50_00] * 3)}))
    assert len(lived.known) == 3
    assert (lived.facts - START).tolist() == [MINUTE, MINUTE, 2 * MINUTE, 2 * MINUTE, 3 * MINUTE, 3 * MINUTE]


def test_settlements_are_facts_without_rows() -> None:
    funding = {PERP: funding_of([(START + 90 * 10**9, 1, 1)])}
    lived = timeline(dataset_of({PERP: bars_of([100_00] * 2)}, funding))
    assert len(lived.known) == 2
    assert (lived.facts - START).tolist() == [MINUTE, 90 * 10**9, 2 * MINUTE]


def test_an_event_is_seen_at_the_next_fact_and_its_consequence_at_its_own() -> None:
    lived = Timeline(known=column(10, 20, 30), facts=column(10, 20, 25, 30), interval_ns=10)
    assert lived.rows_after(column(0, 1, 2, 3, 4)).tolist() == [0, 1, 2, 2, 2]
    assert lived.rows_of_fact(column(1, 2, 3, 4)).tolist() == [0, 1, 2, 2]


def test_an_event_between_two_facts_of_one_moment_is_seen_at_that_moment() -> None:
    lived = Timeline(known=column(10, 20), facts=column(10, 10, 20, 20), interval_ns=10)
    assert lived.rows_after(column(1, 2, 3)).tolist() == [0, 1, 1]


def test_a_run_that_took_fewer_facts_has_fewer_rows() -> None:
    lived = Timeline(known=column(10, 20, 30), facts=column(10, 20, 25, 30), interval_ns=10)
    assert lived.up_to(3).known.tolist() == [10, 20]
    assert lived.up_to(3).facts.tolist() == [10, 20, 25]
    assert lived.up_to(0).known.tolist() == []
    assert lived.up_to(4) is lived


def test_marks_are_the_last_bar_known_and_minus_one_before_the_first() -> None:
    assert marks(column(10, 20, 30, 40), column(20, 40)).tolist() == [-1, 0, 0, 1]
    assert marks(column(10, 20), column(10, 20)).tolist() == [0, 1]

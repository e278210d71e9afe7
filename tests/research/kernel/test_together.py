"""Runs that go through the tape together, a stretch of it each in its turn: each comes to what it comes to alone."""

from typing import Any

import numpy as np
import pytest
from tests.kit.market import BTC, MINUTE, START, listed, usd
from tests.kit.players import player
from tests.research.kernel.agreement import plan_of

from veracity.domain.errors import OperatorFault
from veracity.domain.market import Bars
from veracity.research.kernel import run
from veracity.research.kernel.loop import FACTS_A_TURN
from veracity.research.kernel.run import CompiledRun, Kernel, Outcome, Prepared
from veracity.research.sweep_results import by_events
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.strategies import momentum
from veracity.strategies.interface import Decision, Memo, Row, Strategy

COUNT = FACTS_A_TURN + 1_000  # minutes, so that each run has two turns
PAIRS = ((2, 5), (3, 13), (5, 9), (8, 16))


def market() -> dict[str, Bars]:
    random = np.random.default_rng(11)
    close = 20_000 + np.cumsum(random.integers(-20, 21, COUNT))
    opened = np.concatenate((close[:1], close[:-1]))
    ts = START + MINUTE * np.arange(COUNT)
    columns = (
        ts,
        opened,
        np.maximum(opened, close) + 5,
        np.minimum(opened, close) - 5,
        close,
        np.full(COUNT, 10**6),
    )
    return {BTC: Bars(*(column.astype(np.int64) for column in columns))}


def plans(*params: tuple[int, int, int], **costs: Any) -> list[Plan]:
    one = player("a", BTC, strategy=momentum.STRATEGY, params=momentum.Params(2, 5, 100), cash=usd(100_000))
    first = plan_of(market(), one, CostModel(fee_taker=500_000, **costs), {}, {BTC: listed()}, True)
    (bound,) = first.bound
    return [first._replace(bound=[bound._replace(params=momentum.Params(*values))]) for values in params]


@pytest.mark.parametrize("jitter_ns", [0, MINUTE])
def test_runs_that_take_turns_come_to_what_each_comes_to_event_by_event(
    jitter_ns: int, kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "RUNS_AT_ONCE", 3)  # the last of the four goes alone
    every = plans(*((*pair, 100) for pair in PAIRS), latency_jitter_ns=jitter_ns)
    together = completed(kernel.run_all(every, Prepared(every[0], share=True)))
    for plan, came in zip(every, together, strict=True):
        metrics, samples = by_events(plan)
        assert (came.final_equity, came.fees, came.fills) == tuple(
            metrics[name] for name in ("final_equity", "fees", "fills")
        )
        assert came.samples.tolist() == samples
    assert len({came.final_equity for came in together}) == len(PAIRS)
    assert min(came.fills for came in together) > 256  # more than it has random delays for at first


def test_a_run_that_leaves_64_bits_stands_in_its_place_and_the_others_run(kernel: Kernel) -> None:
    every = plans((2, 5, 100), (3, 13, 10**17), (5, 9, 100))
    first, second, third = kernel.run_all(every, Prepared(every[0], share=True))
    assert isinstance(second, OperatorFault)
    assert "leaves 64 bits" in str(second)
    expected = [by_events(plan)[0]["final_equity"] for plan in every[::2]]
    assert [came.final_equity for came in completed([first, third])] == expected


def divided(params: tuple[int, int], row: Row, position: int, memo: Memo) -> Decision:
    """Trades on every third bar, and divides by one of its numbers."""
    held, way = params
    return (held if row[0] % 3 == 0 else 0), row[0] * held // way, memo


def test_a_strategy_that_raises_ends_its_own_run_alone(kernel: Kernel) -> None:
    (first,) = plans((2, 5, 100))
    (bound,) = first.bound
    made = momentum.STRATEGY
    strategy = Strategy(
        "divided", 1, ("no", "yes"), (), 1, made.bind, lambda _: 1, lambda window, _: (window.legs[0].close,), divided
    )  # fmt: skip
    every = [
        first._replace(bound=[bound._replace(strategy=strategy, params=params)])
        for params in ((100, 10**9), (100, 0), (300, 10**9))
    ]
    outcomes = kernel.run_all(every, Prepared(every[0], share=True))
    assert isinstance(outcomes[1], OperatorFault)
    expected = [by_events(plan)[0]["final_equity"] for plan in every[::2]]
    assert [came.final_equity for came in completed(outcomes[::2])] == expected


def completed(outcomes: list[Outcome]) -> list[CompiledRun]:
    runs = [one for one in outcomes if isinstance(one, CompiledRun)]
    assert len(runs) == len(outcomes), outcomes
    return runs

"""A strategy that needs chance brings a seed as a parameter and counts its draws in its memo (S-133)."""

from typing import NamedTuple

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, bars_of
from tests.kit.players import PUPPET, Player, player, puppet

from veracity.domain.events import MemoUpdated
from veracity.engine.core import Engine
from veracity.runtime.feed import Feed
from veracity.runtime.replay import fold
from veracity.simulator.chance import draw
from veracity.state.apply import apply
from veracity.strategies.interface import Decision, Memo, Row, Strategy

BARS = {BTC: bars_of([100_00] * 1_000)}


class Seed(NamedTuple):
    """Where its tosses come from."""

    seed: int


def toss(params: Seed, row: Row, position: int, memo: Memo) -> Decision:
    """Heads: hold one, tails: hold none. The memo is the number of tosses, and what they added up to."""
    number, heads = memo or (0, 0)
    head = draw(params.seed, number) & 1
    return head * 1_000, 0, (number + 1, heads + head)


COIN = Strategy(
    "coin", 1, ("tossed",), (), 1, PUPPET.bind, PUPPET.warmup, lambda window, _: (window.known_ts,), toss
)


def coin(seed: int) -> Player:
    return player("coin", strategy=COIN, params=Seed(seed))


def decisions(*players: Player) -> list[Memo]:
    """What the coin remembered after each of 1,000 tosses."""
    run = run_small_backtest(BARS, players)
    return [event.memo for event in run.all(MemoUpdated) if event.strategy_id == "coin"]


@pytest.mark.ticket("T-374")
def test_decisions_by_chance_follow_the_seed_and_nobody_else() -> None:
    first = decisions(coin(7))
    assert len(first) == 1_000
    assert 400 < first[-1][1] < 600
    assert decisions(coin(7)) == first
    assert decisions(coin(8)) != first
    assert decisions(puppet("a", (1_000, 0) * 500), coin(7)) == first


def test_a_restart_in_the_middle_goes_on_with_the_same_sequence() -> None:
    run = run_small_backtest(BARS, [coin(7)])
    half = next(
        n for n, event in enumerate(run.events) if isinstance(event, MemoUpdated) and event.memo[0] == 500
    )
    facts = run.records[half].seq - (half + 1)
    restarted = fold(run.records[: half + 1], list(Feed(run.dataset))[:facts])
    engine = Engine([coin(7).bound])
    found = []
    for _ in range(500):
        remembered, *others = engine.turn(restarted, "coin", (0,)).events
        assert isinstance(remembered, MemoUpdated)
        found.append(remembered.memo)
        for event in (remembered, *others):
            apply(restarted, event)
    assert found == [event.memo for event in run.all(MemoUpdated)][500:]

"""Cut runs that are compiled find what the engine's cut runs find, with the same records."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.kit.market import BTC, bars_of, dataset_of, usd
from tests.kit.players import player, puppet
from tests.research import cheats
from tests.research.test_lookahead import SHIPPED, market, plan, walk

from veracity.domain.errors import EngineFault
from veracity.domain.market import Column
from veracity.research import lookahead_compiled
from veracity.research.lookahead import Verdict, faster, search_leaks
from veracity.research.lookahead_compiled import compiled_comparison
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.strategies.interface import Decision, Memo, Row, Strategy, Window

CACHE = Path(__file__).parents[3] / "build" / "kernel"


def above(params: tuple[int, ...], row: Row, position: int, memo: Memo) -> Decision:
    """Long while the first feature is above the second, in the words that Numba knows."""
    return (params[0] if row[0] > row[1] else 0), 0, memo


def cheat(features: cheats.Features) -> Plan:
    def columns(window: Window, params: tuple[int, ...]) -> tuple[Column, ...]:
        return features(window, params[0])

    strategy: Strategy = replace(cheats.strategy(features), features=columns, decide=above)
    one = player("cheat", BTC, strategy=strategy, params=(1_000,), cash=usd(100_000))
    return plan(dataset_of({BTC: bars_of(walk(400))}), one)


def both(judged: Plan, cuts: int = 40) -> tuple[Verdict, Verdict]:
    """What the engine finds, and what the kernel finds."""
    compare = compiled_comparison(judged, CACHE)
    assert compare is not None
    engine = search_leaks(judged, cuts=cuts, starts=0)
    return engine, search_leaks(judged, cuts=cuts, starts=0, compare=compare)


@pytest.mark.parametrize("name", ["momentum", "mean_reversion", "funding_carry"])
def test_an_honest_strategy_is_accused_by_neither(name: str) -> None:
    dataset = market(400) if name == "funding_carry" else dataset_of({BTC: bars_of(walk(400))})
    engine, kernel = both(plan(dataset, SHIPPED[name]))
    assert engine == kernel
    assert engine.leaks == ()


@pytest.mark.parametrize(
    "features", [cheats.shifted_close, cheats.whole_sample, cheats.future_maximum, cheats.centred_window]
)
def test_a_cheat_is_found_at_the_same_event_or_before(features: cheats.Features) -> None:
    """The same record without the future. The engine hears of a decision that the last bar lacks only at a later cut."""
    engine, kernel = both(cheat(features))
    assert [(leak.kind, leak.strategy_id) for leak in kernel.leaks] == [
        (leak.kind, leak.strategy_id) for leak in engine.leaks
    ]
    for slow, fast in zip(engine.leaks, kernel.leaks, strict=True):
        assert fast.ts <= slow.ts
        assert fast.now != fast.then
        if fast.ts == slow.ts:
            assert fast._replace(now="") == slow._replace(now="")
    assert kernel.leaks[0]._replace(now="") == engine.leaks[0]._replace(now="")


@pytest.mark.parametrize("latency", [0, 1, 30 * 10**9, 90 * 10**9])
def test_what_a_cut_leaves_unheard_is_no_leak_whatever_the_latency(latency: int) -> None:
    """Orders are under way at most of these cuts, and some are heard of at the very instant of one."""
    costs = CostModel(latency_submit_ns=latency, participation_max=10**7)
    turns = puppet("a", tuple(1_000 * (bar % 3) for bar in range(120)), BTC, cash=usd(1_000_000))
    honest = replace(turns.bound.strategy, features=_alternating, decide=above)
    one = turns._replace(bound=turns.bound._replace(strategy=honest, params=(1_000,)))
    engine, kernel = both(plan(dataset_of({BTC: bars_of(walk(120))}), one, costs=costs), cuts=100)
    assert (engine.leaks, kernel.leaks) == ((), ())


def _alternating(window: Window, params: tuple[int, ...]) -> tuple[Column, ...]:
    minutes = window.known_ts // (60 * 10**9)
    return minutes % 3, minutes % 2


def test_what_the_kernel_does_not_cover_is_left_to_the_engine() -> None:
    two = plan(dataset_of({BTC: bars_of(walk(50))}), SHIPPED["momentum"], puppet("b", (0,), BTC))
    assert compiled_comparison(two, CACHE) is None


def test_a_tape_that_is_soon_read_does_not_load_the_kernel() -> None:
    judged = plan(dataset_of({BTC: bars_of(walk(400))}), SHIPPED["momentum"])
    assert faster(judged, 9_999, CACHE) is None
    assert faster(judged, 10_000, CACHE) is not None


def test_a_kernel_that_does_not_come_to_the_engines_hash_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged = plan(dataset_of({BTC: bars_of(walk(400))}), SHIPPED["momentum"])
    monkeypatch.setattr(lookahead_compiled, "final_hash", lambda *_: "0" * 64)
    with pytest.raises(EngineFault, match="does not come to the engine's state hash"):
        compiled_comparison(judged, CACHE, "1" * 64)


def test_a_hash_that_is_known_already_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = plan(dataset_of({BTC: bars_of(walk(400))}), SHIPPED["momentum"])
    monkeypatch.setattr(lookahead_compiled, "final_hash", lambda *_: "1" * 64)
    monkeypatch.setattr(lookahead_compiled, "simulate", None)
    assert compiled_comparison(judged, CACHE, "1" * 64) is not None

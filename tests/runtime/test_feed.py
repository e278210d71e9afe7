"""The order of facts, and which strategy has a turn on which."""

import numpy as np
import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, aux_of, bars_of, dataset_of, funding_of, usd
from tests.kit.players import player, puppet

from veracity.domain.errors import OperatorFault
from veracity.domain.events import (
    AuxUpdated,
    BarClosed,
    Event,
    FeeCharged,
    FundingPaid,
    FundingRatePublished,
    OrderAccepted,
)
from veracity.domain.market import Bars, Column
from veracity.runtime.feed import CHUNK, RUN_MIN, Feed, Stretch, window_of
from veracity.simulator.costs import CostModel
from veracity.strategies import momentum
from veracity.strategies.interface import Strategy, Window

NEXT_BAR = CostModel(fee_taker=500_000)


def every_event(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """All that is applied from now on, facts too; bars are then taken one by one."""
    from veracity.runtime import loop

    seen: list[Event] = []
    apply = loop.apply

    def recorded(state, event):  # type: ignore[no-untyped-def]
        apply(state, event)
        seen.append(event)

    monkeypatch.setattr(loop, "apply", recorded)
    monkeypatch.setattr(loop, "fast_forward", lambda loop, stretch: loop.take(stretch))
    return seen


@pytest.mark.ticket("T-223")
def test_at_one_instant_a_settlement_comes_first_then_fills_then_bars_then_decisions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Orders take a minute to the venue: what is decided when bar 2 is known (minute 2) trades at minute 3, at which a
    # settlement is stamped and bar 3 becomes known.
    seen = every_event(monkeypatch)
    closes = [100_00] * 6
    at = START + 3 * MINUTE
    dataset = dataset_of(
        {PERP: bars_of(closes), BTC: bars_of(closes)}, {PERP: funding_of([(at, 100_000, 100_00)])}
    )
    players = [
        puppet("b", (1_000, 2_000, 3_000, 3_000), BTC),
        puppet("a", (1_000, 2_000, 3_000, 3_000), PERP),
    ]
    run_small_backtest(dataset, players, costs=replace_costs(latency_submit_ns=MINUTE), close_at_end=False)
    first = next(index for index, event in enumerate(seen) if isinstance(event, FundingRatePublished))
    last = max(index for index, event in enumerate(seen) if event.ts == at)
    moment = seen[first : last + 1]
    assert [kind_and_symbol(event) for event in moment if not isinstance(event, OrderAccepted)] == [
        ("FundingRatePublished", PERP),
        ("FundingPaid", PERP),
        ("OrderFilled", PERP),
        ("FeeCharged", "a"),
        ("OrderFilled", BTC),
        ("FeeCharged", "b"),
        ("BarClosed", PERP),
        ("IntentCreated", PERP),
        ("OrderSubmitted", PERP),
        ("BarClosed", BTC),
        ("IntentCreated", BTC),
        ("OrderSubmitted", BTC),
    ]
    assert [event.seq for event in moment] == list(range(moment[0].seq, moment[0].seq + len(moment)))
    paid = next(event for event in moment if isinstance(event, FundingPaid))
    assert (paid.position, paid.amount) == (
        1_000,
        -usd("0.01"),
    )  # what was held before the fill of the same instant


def without(bars: Bars, *numbers: int) -> Bars:
    """The bars but those `numbers`."""
    return Bars(*(np.delete(column, numbers) for column in bars))


def test_a_turn_needs_the_same_bar_of_every_leg_and_sees_all_legs_at_that_bar() -> None:
    """BTC has no bar 2 and ETH no bar 4: what is left are bars 0, 1, 3 and 5, and ETH, listed last, brings the turns."""
    closes = Strategy(
        "closes", 1, ("hold",), (), 1, lambda *_: (), lambda _: 1, _closes, lambda *_: (0, 0, ())
    )
    btc, eth = bars_of([100, 101, 102, 103, 104, 105]), bars_of([200, 201, 202, 203, 204, 205])
    dataset = dataset_of({BTC: without(btc, 2), ETH: without(eth, 4)})
    for legs in ((BTC, ETH), (ETH, BTC)):
        turns = [
            (symbol, (open_ts - START) // MINUTE, row)
            for _, (_, symbol, open_ts, *_), turns in Feed(
                dataset, [player("a", *legs, strategy=closes).bound]
            )
            for _, row in turns
            if row is not None
        ]
        rows = [(100 + bar, 200 + bar) if legs[0] == BTC else (200 + bar, 100 + bar) for bar in (0, 1, 3, 5)]
        assert turns == [(ETH, bar, row) for bar, row in zip((0, 1, 3, 5), rows, strict=True)]


def _closes(window: Window, params: object) -> tuple[Column, ...]:
    return tuple(leg.close for leg in window.legs)


def test_settlements_of_a_later_instrument_come_before_the_bars_of_an_earlier_one() -> None:
    bars, at = bars_of([100_00] * 3), START + 2 * MINUTE
    facts = Feed(dataset_of({BTC: bars, PERP: bars}, {PERP: funding_of([(at, 1, 100_00)])}))
    assert [(make, values[1]) for make, values, _ in facts if values[0] == at] == [
        (FundingRatePublished, PERP),
        (BarClosed, BTC),
        (BarClosed, PERP),
    ]


def test_values_beside_the_bars_come_behind_settlements_and_before_the_bars_of_their_instant() -> None:
    bars, at = bars_of([100_00] * 3), START + 2 * MINUTE
    dataset = dataset_of(
        {BTC: bars, PERP: bars},
        {PERP: funding_of([(at, 1, 100_00)])},
        aux={
            BTC: [aux_of("interest", [(START, 5, START - 7), (at, 6, at - 1)])],
            PERP: [aux_of("index", [(at, 7, at)])],
        },
    )
    told = [(make, *values) for make, values, _ in Feed(dataset) if values[0] in (START, at)]
    assert told[0] == (AuxUpdated, START, "interest", BTC, START - 7, 5)
    assert [fact[:3] for fact in told[1:]] == [
        (FundingRatePublished, at, PERP),
        (AuxUpdated, at, "interest"),
        (AuxUpdated, at, "index"),
        (BarClosed, at, BTC),
        (BarClosed, at, PERP),
    ]


def test_the_features_of_a_strategy_see_the_series_of_its_leading_leg() -> None:
    bars, at = bars_of([100_00] * 3), START + 2 * MINUTE
    dataset = dataset_of(
        {BTC: bars, ETH: bars},
        aux={BTC: [aux_of("interest", [(at, 6, at - 1)])], ETH: [aux_of("index", [(at, 7, at)])]},
    )
    window = window_of(dataset, player("a", ETH, BTC).bound.legs)
    assert list(window.aux) == ["index"]
    window = window_of(dataset, player("a", BTC, ETH).bound.legs)
    series = window.aux["interest"]
    assert [cells.tolist() for cells in series] == [[at], [6], [at - 1]]
    assert not any(cells.flags.writeable for cells in series)


def test_progress_is_told_part_by_part_and_ends_with_all_facts() -> None:
    heard: list[tuple[int, int]] = []
    feed = Feed(dataset_of({BTC: bars_of([100_00] * (CHUNK + 2))}), progress=lambda *told: heard.append(told))
    assert len(list(feed)) == CHUNK + 2
    assert heard == [(CHUNK, CHUNK + 2), (CHUNK + 2, CHUNK + 2)]


def test_features_that_do_not_fit_64_bits_are_the_operators_fault() -> None:
    huge = player("a", strategy=momentum.STRATEGY, params=momentum.Params(1, 10**15, 1_000))
    with pytest.raises(
        OperatorFault, match="strategy a cannot compute its features on these data"
    ) as refusal:
        Feed(dataset_of({BTC: bars_of([100_00] * 3)}), [huge.bound])
    assert refusal.value.why == f"a feature of size 10000 times {10**15} does not fit 64 bits"


def replace_costs(**changes: int) -> CostModel:
    return CostModel(**{"fee_taker": 500_000, **changes})


def kind_and_symbol(event: Event) -> tuple[str, str]:
    where = event.strategy_id if isinstance(event, FeeCharged) else getattr(event, "symbol", "")
    return type(event).__name__, where


def test_a_long_run_of_bars_is_a_stretch_of_its_own_whatever_settlements_come_between() -> None:
    bars = bars_of([100_00] * (4 * RUN_MIN))
    # At one instant the settlement is before the bar that is known then, and that opened a minute earlier.
    settled = [(int(bars.ts[bar]), 100, 100_00) for bar in (RUN_MIN + 1, RUN_MIN + 2, 3 * RUN_MIN)]
    parts = Feed(dataset_of({PERP: bars}, {PERP: funding_of(settled)})).parts()
    found = [(isinstance(part, Stretch), len(list(part))) for part in parts]
    assert found == [(True, RUN_MIN), (False, 3), (True, 2 * RUN_MIN - 2), (False, 1), (True, RUN_MIN + 1)]

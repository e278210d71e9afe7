"""The order of facts, and which strategy has a turn on which."""

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, MINUTE, PERP, START, bars_of, dataset_of, funding_of, usd
from tests.kit.players import puppet

from veracity.domain.events import (
    Event,
    FeeCharged,
    FundingPaid,
    FundingRatePublished,
    OrderAccepted,
)
from veracity.simulator.costs import CostModel

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


def replace_costs(**changes: int) -> CostModel:
    return CostModel(**{"fee_taker": 500_000, **changes})


def kind_and_symbol(event: Event) -> tuple[str, str]:
    where = event.strategy_id if isinstance(event, FeeCharged) else getattr(event, "symbol", "")
    return type(event).__name__, where

"""One plan, both ways: event by event and compiled."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from tests.kit.doubles import RecordingJournal
from tests.kit.market import dataset_of
from tests.kit.players import Player
from tests.kit.script import IDENTITY

from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    DenialRehearsed,
    Event,
    FeeCharged,
    FundingPaid,
    IntentDenied,
    OrderFilled,
)
from veracity.domain.market import Bars
from veracity.research.kernel.run import Kernel
from veracity.research.kernel.state import folded
from veracity.research.sweep_results import by_events
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel
from veracity.state.hash import state_hash


def plan_of(
    market: dict[str, Bars], one: Player, costs: CostModel, funding: Any, rules: Any, close: bool
) -> Plan:
    dataset = dataset_of(market, funding, rules)
    return Plan(IDENTITY, dataset, [one.bound], [one.started], costs, close)


def cash_at_fills(cash: int, events: Sequence[Event], factor: int) -> list[int]:
    """The account's money after every fill and fee."""
    worth = []
    for event in events:
        match event:
            case OrderFilled():
                cash -= (1 if event.side == "buy" else -1) * event.qty * event.price * factor
            case FeeCharged():
                cash -= event.amount
            case FundingPaid():
                cash += event.amount
            case _:
                continue
        worth.append(cash)
    return worth


def wordless(event: Event) -> Event:
    return replace(event, detail="") if isinstance(event, IntentDenied | DenialRehearsed) else event


def agree(plan: Plan, kernel: Kernel) -> list[Event]:
    """Both paths with that plan; answers the events of the event path after all has been compared."""
    journal = RecordingJournal()
    try:
        state = simulate(plan, journal)
    except EngineFault:  # orders whose fate is never known
        with pytest.raises(EngineFault, match="cannot end"):
            kernel.run(plan)
        return journal.events
    run = kernel.run(plan, log=True)
    compiled, events = folded(plan, run)
    expected = [wordless(event) for event in journal.events]
    assert events == expected
    cash = plan.started[0].cash
    assert cash_at_fills(cash, events, 1_000) == cash_at_fills(cash, expected, 1_000)
    assert run.cash == state.accounts[plan.bound[0].strategy_id].cash
    told, equity = by_events(plan)
    assert run.samples.tolist() == equity
    assert (run.final_equity, run.fees, run.funding) == (told["final_equity"], told["fees"], told["funding"])
    assert (run.fills, run.trips) == (told["fills"], told["trades"])
    assert state_hash(compiled) == state_hash(state)
    return expected

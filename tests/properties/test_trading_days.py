"""Thousands of days with a venue that misbehaves: money adds up, a halt holds, and a seed lives its day again."""

import os
from collections import Counter

from tests.kit.days import Day, submitted_ids
from tests.kit.market import FACTOR
from tests.kit.script import Script

from veracity.domain.events import (
    FeeCharged,
    FillAdopted,
    FundingPaid,
    ModeChanged,
    OrderFilled,
    OrderSubmitted,
)
from veracity.domain.machines import Mode
from veracity.domain.orders import OPENING
from veracity.runtime.replay import fold
from veracity.state.hash import state_hash

DAYS = int(os.environ.get("VERACITY_DAYS", "2000"))  # noqa: TID251 - a longer night may be asked for


def lived(seed: int) -> Script:
    return Day(seed).live()


def money_adds_up(script: Script) -> bool:
    """Cash and holdings, counted from the journal alone, are those of the state to the last unit."""
    cash = {name: account.cash_start for name, account in script.state.accounts.items()}
    held: Counter[tuple[str, str]] = Counter()
    for event in script.journal.events:
        match event:
            case OrderFilled(strategy_id=who, symbol=symbol, side=side, qty=qty, price=price):
                signed = qty if side == "buy" else -qty
                cash[who] -= signed * price * FACTOR
                held[who, symbol] += signed
            case FillAdopted(strategy_id=who, fee=fee):
                raise AssertionError(f"nobody adopts on these days: {who} {fee}")
            case FeeCharged(strategy_id=who, amount=amount):
                cash[who] -= amount
            case FundingPaid(strategy_id=who, amount=amount):
                cash[who] += amount
    accounts = script.state.accounts
    return cash == {name: account.cash for name, account in accounts.items()} and all(
        position.qty == held[name, symbol]
        for name, account in accounts.items()
        for symbol, position in account.positions.items()
    )


def no_risk_in_a_halt(script: Script) -> bool:
    """No order that opens or increases was sent outside of running."""
    mode = Mode.RECOVERING
    for event in script.journal.events:
        if isinstance(event, ModeChanged):
            mode = event.mode_to
        elif isinstance(event, OrderSubmitted) and event.purpose in OPENING and mode is not Mode.RUNNING:
            return False
    return True


def test_thousands_of_days_end_with_money_that_adds_up_and_no_risk_in_a_halt() -> None:
    kinds: Counter[str] = Counter()
    for seed in range(DAYS):
        script = lived(seed)
        assert money_adds_up(script), f"seed {seed}"
        assert no_risk_in_a_halt(script), f"seed {seed}"
        ids = submitted_ids(script)
        assert len(ids) == len(set(ids)), f"seed {seed}"
        if seed % 10 == 0:
            assert state_hash(fold(script.journal.records, ())) == script.hash, f"seed {seed}"
        kinds.update(type(event).__name__ for event in script.journal.events)
    seen = {
        "FillDropped",
        "FillQuarantined",
        "ReportRefused",
        "OrderOutcomeUnknown",
        "ExitBegun",
        "ExitEnded",
    }
    assert all(kinds[kind] * 50 > DAYS for kind in seen), kinds


def test_a_seed_lives_its_day_again_to_the_same_bytes() -> None:
    for seed in (3, 1_007, 12_345):
        first, second = lived(seed), lived(seed)
        assert first.journal.records == second.journal.records
        assert first.hash == second.hash
    assert lived(3).hash != lived(4).hash

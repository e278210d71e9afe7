"""No unit of money comes from nowhere or gets lost."""

from collections import Counter

import pytest
from hypothesis import given
from tests.kit.market import FACTOR
from tests.kit.script import Script
from tests.properties.histories import begun, bytes_of, unfold

from veracity.domain.events import BarClosed, FeeCharged, FillAdopted, FundingPaid, OrderFilled
from veracity.state.model import equity


class Ledger:
    """Money and holdings by strategy, counted from the journal alone: every fill, fee and payment once."""

    def __init__(self, script: Script) -> None:
        self.cash = {name: account.cash_start for name, account in script.state.accounts.items()}
        self.held: Counter[tuple[str, str]] = Counter()
        self.last: dict[str, int] = {}
        for event in script.journal.events:
            match event:
                case OrderFilled(strategy_id=who, symbol=symbol, side=side, qty=qty, price=price):
                    signed = qty if side == "buy" else -qty
                    self.cash[who] -= signed * price * FACTOR
                    self.held[who, symbol] += signed
                case FillAdopted(strategy_id=who, symbol=symbol, side=side, qty=qty, price=price, fee=fee):
                    signed = qty if side == "buy" else -qty
                    self.cash[who] -= signed * price * FACTOR + fee
                    self.held[who, symbol] += signed
                case FeeCharged(strategy_id=who, amount=amount):
                    self.cash[who] -= amount
                case FundingPaid(strategy_id=who, amount=amount):
                    self.cash[who] += amount
                case BarClosed(symbol=symbol, close=close):
                    self.last[symbol] = close

    def equity(self, who: str) -> int:
        value = sum(
            qty * self.last[symbol] * FACTOR for (owner, symbol), qty in self.held.items() if owner == who
        )
        return self.cash[who] + value


@pytest.mark.ticket("T-020")
@given(drawn=bytes_of(80))
def test_equity_is_what_the_journal_adds_up_to_and_every_line_of_it_is_accounted_for(drawn: bytes) -> None:
    *_, script = unfold(begun(), drawn)
    ledger = Ledger(script)
    for who, account in script.state.accounts.items():
        assert equity(script.state, account) == ledger.equity(who)
        realised = sum(position.realized for position in account.positions.values())
        unrealised = sum(
            position.qty * ledger.last[symbol] * FACTOR - position.basis
            for symbol, position in account.positions.items()
        )
        lines = account.cash_start + realised + unrealised - account.fees + account.funding
        assert lines == ledger.equity(who)
        assert {symbol: position.qty for symbol, position in account.positions.items()} == {
            symbol: ledger.held[who, symbol] for symbol in account.positions
        }


@given(drawn=bytes_of(60))
def test_a_flat_position_has_no_basis_and_a_basis_has_the_sign_of_its_position(drawn: bytes) -> None:
    for script in unfold(begun(), drawn):
        accounts = script.state.accounts.values()
        positions = [position for account in accounts for position in account.positions.values()]
        assert all((one.qty > 0) == (one.basis > 0) and (one.qty < 0) == (one.basis < 0) for one in positions)


@given(drawn=bytes_of(60))
def test_what_an_order_has_traded_never_becomes_less(drawn: bytes) -> None:
    before: dict[str, int] = {}
    for script in unfold(begun(), drawn):
        now = {
            order_id: order.filled for order_id, order in (script.state.orders | script.state.closed).items()
        }
        assert all(now[order_id] >= filled for order_id, filled in before.items() if order_id in now)
        before = now


@given(drawn=bytes_of(60))
def test_an_order_never_trades_more_than_it_was_for(drawn: bytes) -> None:
    *_, script = unfold(begun(), drawn)
    traded: Counter[str] = Counter()
    for fill in script.all(OrderFilled):
        traded[fill.order_id] += fill.qty
    orders = script.state.orders | script.state.closed
    assert {order_id: order.filled for order_id, order in orders.items() if order.filled} == traded
    assert all(0 <= order.filled <= order.qty for order in orders.values())

"""A halt never leads to a larger position, whatever happens while it lasts."""

from hypothesis import given
from tests.kit import says
from tests.kit.script import Script
from tests.properties.histories import ORDINARY, History, begun, bytes_of, unfold

from veracity.domain.events import IntentDenied, OrderSubmitted
from veracity.domain.machines import Mode


def reach(script: Script) -> dict[tuple[str, str], tuple[int, int]]:
    """The lowest and highest position that each account can come to by what is held and still working."""
    found = {}
    for who, account in script.state.accounts.items():
        for symbol, position in account.positions.items():
            orders = [script.state.orders[order_id] for order_id in account.open_orders]
            working = [order.sign * order.leaves for order in orders if order.symbol == symbol]
            low = position.qty + sum(qty for qty in working if qty < 0)
            high = position.qty + sum(qty for qty in working if qty > 0)
            found[who, symbol] = (min(low, 0), max(high, 0))
    return found


@given(before=bytes_of(40), after=bytes_of(40))
def test_what_can_be_reached_only_shrinks_from_a_halt_on(before: bytes, after: bytes) -> None:
    history = begun()
    for _ in unfold(history, before, ORDINARY):
        pass
    history.script.hears(says.halt())
    limits = reach(history.script)
    sent = len(history.script.all(OrderSubmitted))
    for script in unfold(history, after, (*ORDINARY, History.halt)):
        now = reach(script)
        assert all(limits[key][0] <= now[key][0] <= now[key][1] <= limits[key][1] for key in limits)
        limits = now
    assert history.script.state.mode is Mode.HALTED
    later = history.script.all(OrderSubmitted)[sent:]
    assert {order.purpose for order in later} <= {"close"}
    assert all(denial.ticket for denial in history.script.all(IntentDenied))

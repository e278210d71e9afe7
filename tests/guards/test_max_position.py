"""The cap on the quantity of one symbol (specs/risk/limits.md, S-096)."""

import pytest
from msgspec.structs import replace
from tests.guards.books import approved_qty, book, buys, intent, judged, view, working
from tests.kit.market import BTC, ETH, instrument
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, OrderSubmitted, Side
from veracity.engine.gate import Refused
from veracity.guards import max_position
from veracity.guards.view import Clamped, Denied, RiskLimits

ONE = RiskLimits(max_position={BTC: 1_000})


@pytest.mark.ticket("T-283")
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_what_is_held_and_resting_leaves_the_rest(side: Side) -> None:
    """0.7 held and 0.2 resting leave 0.1 of 1.0, long or short."""
    sign = 1 if side == "buy" else -1
    state = book({BTC: 100_00}, {BTC: sign * 700}, orders=[working("o-1", side, 200)])
    verdicts = [judged(state, intent(side, qty, purpose="increase"), ONE) for qty in (100, 101)]
    assert [approved_qty(verdict) for verdict in verdicts] == [100, 100]
    assert [getattr(verdict, "clamped_by", None) for verdict in verdicts] == [None, "max_position"]
    full = book({BTC: 100_00}, {BTC: sign * 700}, orders=[working("o-1", side, 300)])
    verdict = judged(full, intent(side, 1, purpose="increase"), ONE)
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.ticket) == ("max_position", "T-283")


@pytest.mark.ticket("T-283")
@pytest.mark.parametrize(("target", "opened"), [(-1_000, 1_000), (-1_100, 1_000), (-400, 400)])
def test_a_flip_may_go_to_the_limit_on_the_other_side(target: int, opened: int) -> None:
    """A flip from 0.7 is a close of 0.7 and an opening order that the limit cuts to 1.0."""
    script = Script(player("a", limits=ONE)).ticks(100_00)
    script.wants("a", 700).hears(filled(script.order, 700))
    script.wants("a", target).says(IntentCreated, OrderSubmitted, IntentCreated, OrderSubmitted)
    closing, opening = (event for event in script.said if isinstance(event, OrderSubmitted))
    assert (closing.side, closing.qty, closing.purpose) == ("sell", 700, "close")
    assert (opening.side, opening.qty, opening.purpose) == ("sell", opened, "open")


def test_a_symbol_without_a_limit_is_free() -> None:
    assert max_position.check(buys(10**9, ETH), view(), ONE) is None
    assert max_position.check(buys(1_000), view(), ONE) is None
    assert max_position.check(buys(1_001), view(), ONE) == Clamped(1_000)


def test_what_is_left_is_cut_to_whole_lots() -> None:
    lots = view(instrument=instrument(lot=300))
    assert max_position.check(buys(1_200), lots, ONE) == Clamped(900)
    assert isinstance(max_position.check(buys(300), replace(lots, position=800), ONE), Denied)


def test_the_last_lot_below_the_limit_may_be_bought() -> None:
    assert max_position.check(buys(2), view(position=999), ONE) == Clamped(1)
    assert max_position.check(buys(2), view(position=-998, opening=1), ONE) == Clamped(1)
    assert isinstance(max_position.check(buys(1), view(position=1_000), ONE), Denied)

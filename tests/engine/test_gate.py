"""What the gate answers can only block an intent or make it smaller, whatever the guards say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.kit.market import BTC, PERP, usd
from tests.kit.players import player
from tests.kit.says import halt
from tests.kit.script import Script
from tests.kit.trades import trade
from tests.properties.histories import LIMITS, begun, bytes_of, unfold

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted
from veracity.engine.gate import Approved, Gate, Refused, view_of
from veracity.guards.rulebook import GUARDS, Guard
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

PURPOSES = ("open", "increase", "reduce", "close")


def intent(**changes: object) -> IntentCreated:
    """An intent of A to buy 2.000 BTC at the market."""
    plain = IntentCreated(9, 0, "i-1", "a", BTC, "buy", 2_000, "market", None, "open", 2_000, "as_told", ())
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.ticket("T-009")
@given(
    drawn=bytes_of(30),
    guards=st.sets(st.sampled_from(range(len(GUARDS)))),
    strategy_id=st.sampled_from("ab"),
    symbol=st.sampled_from((BTC, PERP)),
    side=st.sampled_from(("buy", "sell")),
    purpose=st.sampled_from(PURPOSES),
    qty=st.integers(1, 20_000),
)
def test_a_verdict_is_a_denial_or_the_same_intent_at_most_as_large(
    drawn: bytes, guards: set[int], strategy_id: str, symbol: str, side: str, purpose: str, qty: int
) -> None:
    *_, script = unfold(begun(), drawn)
    symbol = symbol if symbol in script.account(strategy_id).positions else BTC
    wanted = intent(strategy_id=strategy_id, symbol=symbol, side=side, purpose=purpose, qty=qty)
    gate = Gate([GUARDS[number] for number in sorted(guards)], {"a": LIMITS, "b": LIMITS})
    before = script.hash
    verdict = gate.judge(wanted, script.state, ())
    assert script.hash == before
    if isinstance(verdict, Approved):
        assert verdict.intent is wanted
        assert 0 < verdict.qty <= qty
    else:
        assert isinstance(verdict, Refused)
        assert verdict.rule
        assert verdict.ticket
        assert verdict.detail


@pytest.mark.ticket("T-009")
@given(drawn=bytes_of(60))
def test_at_most_one_order_follows_an_intent_and_it_is_that_intent_or_less(drawn: bytes) -> None:
    *_, script = unfold(begun(), drawn)
    intents = {event.intent_id: event for event in script.all(IntentCreated)}
    orders = script.all(OrderSubmitted)
    denied = [event.intent_id for event in script.all(IntentDenied)]
    assert sorted([order.intent_id for order in orders] + denied) == sorted(intents)
    for order in orders:
        wanted = intents[order.intent_id]
        assert (order.strategy_id, order.symbol, order.side) == (
            wanted.strategy_id,
            wanted.symbol,
            wanted.side,
        )
        assert 0 < order.qty <= wanted.qty


def planted(answer: object) -> tuple[Guard, ...]:
    """A rulebook with one guard, which answers this to everything."""
    return (Guard("planted", "T-009", lambda *_: answer),)  # type: ignore[arg-type,return-value]


@pytest.mark.ticket("T-009")
@pytest.mark.parametrize("qty", [4_000, 2_001, 2_000, 0, -2_000])
def test_a_guard_that_enlarges_keeps_or_turns_an_intent_round_is_a_fault_and_nothing_is_sent(
    qty: int,
) -> None:
    script = Script(guards=planted(Clamped(qty))).ticks(100_00)
    before = script.hash
    with pytest.raises(AssertionError, match="planted"):
        script.wants("a", 2_000)
    assert script.venue.effects == []
    assert script.hash == before


@pytest.mark.ticket("T-009")
def test_a_guard_cannot_flip_the_side() -> None:
    sold = Intended(BTC, 1_999, None)._replace(symbol=PERP)
    script = Script(guards=planted(sold)).ticks(100_00).wants("a", 2_000)
    order = script.last(OrderSubmitted)
    assert (order.side, order.symbol, order.qty) == ("buy", BTC, 1_999)


# ---------------------------------------------------------------- how it judges


def test_the_first_denial_ends_the_judgement_and_names_its_rule_and_ticket() -> None:
    asked: list[str] = []

    def guard(name: str, verdict: Denied | Clamped | None) -> Guard:
        def check(wanted: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
            asked.append(f"{name} {wanted.qty}")
            return verdict

        return Guard(name, "T-256", check)

    rules = (
        guard("free", None),
        guard("smaller", Clamped(1_500)),
        guard("no", Denied("enough for today")),
        guard("never_asked", None),
    )
    script = Script().ticks(100_00)
    verdict = Gate(rules, {"a": RiskLimits()}).judge(intent(), script.state, ())
    assert verdict == Refused("no", "T-256", "enough for today")
    assert asked == ["free 2000", "smaller 2000", "no 1500"]


def test_a_clamp_goes_on_with_what_is_left_and_the_order_names_it() -> None:
    script = Script(player("a", limits=RiskLimits(max_exposure=usd("1000.00")))).ticks(300_00)
    script.wants("a", 5_000).says(IntentCreated, OrderSubmitted)
    assert (script.last(OrderSubmitted).qty, script.last(OrderSubmitted).clamped_by) == (
        3_333,
        "max_exposure",
    )


def test_leaving_asks_no_guard() -> None:
    script = Script(player("a"), guards=planted(Denied("never"))).ticks(100_00)
    trade(script, "buy", 2_000, 100_00)
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"side": "sell", "qty": 3_000, "purpose": "close"}, True),
        ({"side": "sell", "qty": 1, "purpose": "reduce"}, True),
        ({"side": "sell", "qty": 3_001, "purpose": "close"}, False),
        ({"side": "buy", "qty": 1, "purpose": "reduce"}, False),
    ],
)
def test_leaving_is_at_most_what_is_held_in_the_other_direction(
    changes: dict[str, object], fits: bool
) -> None:
    script = Script().ticks(100_00)
    trade(script, "buy", 3_000, 100_00)
    verdict = Gate(GUARDS, {"a": RiskLimits()}).judge(intent(**changes), script.state, ())
    assert isinstance(verdict, Approved) is fits


def test_what_is_leaving_already_cannot_leave_again() -> None:
    script = Script().ticks(100_00)
    trade(script, "buy", 3_000, 100_00)
    script.wants("a", 1_000)  # 2.000 are on their way out
    gate = Gate(GUARDS, {"a": RiskLimits()})
    small = intent(side="sell", qty=1_000, purpose="reduce")
    assert isinstance(gate.judge(small, script.state, ()), Approved)
    assert isinstance(gate.judge(replace(small, qty=1_001), script.state, ()), Refused)
    assert isinstance(gate.judge(small, script.state, [Approved(small, 1_000, None)]), Refused)


def test_the_mode_is_judged_before_any_guard() -> None:
    script = Script().ticks(100_00).hears(halt())
    verdict = Gate(planted(Denied("never")), {"a": RiskLimits()}).judge(intent(), script.state, ())
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.ticket) == ("engine_mode", "T-007")


def test_orders_approved_earlier_in_the_same_step_take_their_share_of_a_limit() -> None:
    script = Script(player("a", limits=RiskLimits(max_position={BTC: 3_000}))).ticks(100_00)
    gate = Gate(GUARDS, {"a": RiskLimits(max_position={BTC: 3_000})})
    earlier = Approved(intent(intent_id="i-0"), 2_000, None)
    verdict = gate.judge(intent(), script.state, [earlier])
    assert isinstance(verdict, Approved)
    assert (verdict.qty, verdict.clamped_by) == (1_000, "max_position")


@pytest.mark.parametrize(
    ("strategy_id", "purpose", "entries"), [("a", "open", 1), ("a", "close", 0), ("b", "open", 0)]
)
def test_only_an_entry_approved_earlier_for_the_same_strategy_counts_as_one(
    strategy_id: str, purpose: str, entries: int
) -> None:
    script = Script(player("a"), player("b")).ticks(100_00)
    earlier = Approved(intent(intent_id="i-0", strategy_id=strategy_id, purpose=purpose), 2_000, None)
    view = view_of(script.state, script.account(), intent(), [earlier])
    assert (view.entries_today, view.opening) == (entries, 2_000 * entries)
    assert view.exposure == usd(200) * entries

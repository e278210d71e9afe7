"""What holds of the rulebook as a whole, whatever is asked (specs/risk/rulebook.md, S-095)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.guards.books import approved_qty, book, intent, judged
from tests.kit.market import BTC, MINUTE, START, usd

from veracity.domain.events import Side
from veracity.domain.policies import ABSOLUTE, RULEBOOK
from veracity.engine.gate import Approved, Gate
from veracity.guards.rulebook import GUARDS, in_order
from veracity.guards.view import RiskLimits, VolatilityLimits
from veracity.state.model import EngineState, RiskBook, VolatilityWatch

LOOSER = {
    "max_exposure": usd(50),
    "leverage_max": 10**8,
    "daily_loss": 10**7,
    "drawdown": 10**7,
    "trades_per_day": 1,
    "order_rate": 1,
    "stale_ns": MINUTE,
    "price_jump": 10**8,
    "slippage": 10**6,
}
"""How much looser each limit that a larger number loosens becomes."""

limits = st.builds(
    RiskLimits,
    max_exposure=st.none() | st.integers(0, usd(900)),
    leverage_max=st.none() | st.integers(1, 10**9),
    max_position=st.just({}) | st.builds(lambda qty: {BTC: qty}, st.integers(0, 9_000)),
    daily_loss=st.none() | st.integers(1, 10**8),
    drawdown=st.none() | st.integers(1, 10**8),
    trades_per_day=st.none() | st.integers(0, 4),
    order_rate=st.none() | st.integers(0, 3),
    order_rate_ns=st.just(3 * MINUTE),
    cooldown_ns=st.none() | st.integers(0, 5 * MINUTE),
    stale_ns=st.none() | st.integers(1, 3 * MINUTE),
    price_jump=st.none() | st.integers(1, 10**9),
    slippage=st.none() | st.integers(0, 10**7),
    volatility=st.none() | st.just(VolatilityLimits(2, 10**7, 10**6, 1)),
)
sides: st.SearchStrategy[Side] = st.sampled_from(("buy", "sell"))


@st.composite
def states(draw: st.DrawFn) -> EngineState:
    """What an engine could know: often at the edge of some limit."""
    risk = RiskBook(
        peak=usd(10_000) + draw(st.integers(0, usd(900))),
        order_times=[
            START - MINUTE * age
            for age in sorted(draw(st.lists(st.integers(0, 5), max_size=4)), reverse=True)
        ],
        slip_worst=draw(st.none() | st.integers(-(10**6), 10**7)),
        volatility={BTC: VolatilityWatch(2, 10**7, 10**6, 1, paused=draw(st.booleans()))},
    )
    state = book(
        {BTC: draw(st.sampled_from((100_00, 1)))},
        {BTC: draw(st.integers(-6_000, 6_000))},
        cash=usd(10_000) - draw(st.integers(0, usd(900))),
        rules={"lot": draw(st.sampled_from((1, 100))), "notional_min": draw(st.sampled_from((0, usd(10))))},
        entries=draw(st.integers(0, 4)),
        loss_ts=draw(st.none() | st.integers(START - 6 * MINUTE, START)),
        risk=risk,
    )
    market = state.markets[BTC]
    market.ts -= draw(st.integers(0, 4)) * MINUTE
    market.previous = draw(st.sampled_from((None, 95_00, 60_00)))
    market.squares = [10**14] * draw(st.integers(1, 3))
    return state


@given(
    state=states(),
    limits=limits,
    side=sides,
    qty=st.integers(1, 9_000),
    field=st.sampled_from(sorted(LOOSER)),
)
def test_a_looser_limit_never_lets_less_pass(
    state: EngineState, limits: RiskLimits, side: Side, qty: int, field: str
) -> None:
    tight: int | None = getattr(limits, field)
    changed: dict[str, Any] = {field: None if tight is None else tight + LOOSER[field]}
    wanted = intent(side, qty)
    before = approved_qty(judged(state, wanted, limits)) or 0
    after = approved_qty(judged(state, wanted, replace(limits, **changed))) or 0
    without = approved_qty(judged(state, wanted, replace(limits, **{field: None}))) or 0
    assert before <= after <= without <= qty


@given(
    state=states(),
    limits=limits,
    side=sides,
    qty=st.integers(1, 9_000),
    order=st.permutations([rule for rule in RULEBOOK if rule not in ABSOLUTE and rule != "min_notional"]),
)
def test_the_quantity_does_not_depend_on_the_order_of_the_rules(
    state: EngineState, limits: RiskLimits, side: Side, qty: int, order: list[str]
) -> None:
    """Which rule answers does; how much passes does not, while the venue's minimum judges last what the cuts left."""
    wanted, moved = intent(side, qty), in_order([*ABSOLUTE, *order, "min_notional"])
    assert approved_qty(judged(state, wanted, limits, guards=moved)) == approved_qty(
        judged(state, wanted, limits, guards=GUARDS)
    )


@given(state=states(), limits=limits, side=sides, qty=st.integers(1, 9_000))
def test_a_dry_run_of_every_rule_lets_the_whole_order_pass(
    state: EngineState, limits: RiskLimits, side: Side, qty: int
) -> None:
    gate = Gate(GUARDS, {"a": limits}, [rule for rule in RULEBOOK if rule not in ABSOLUTE])
    verdict = gate.judge(intent(side, qty), state, ())
    real = approved_qty(judged(state, intent(side, qty), limits))
    assert isinstance(verdict, Approved)
    assert (verdict.qty, verdict.clamped_by) == (qty, None)
    assert bool(verdict.rehearsed) is (real != qty)

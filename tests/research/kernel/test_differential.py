"""The compiled kernel against the event path, on generated markets, costs, limits and strategies: equal fills, equal
integer equity at every fill, equal journal but for the words of a denial, and an equal final hash."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.kit.market import BTC, MINUTE, PERP, START, funding_of, usd
from tests.kit.market import listed as instrument_listed
from tests.kit.players import player
from tests.research.kernel.agreement import agree, plan_of

from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    Event,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderFilled,
    OrderSubmitted,
    ReportRefused,
)
from veracity.domain.machines import Mode
from veracity.domain.market import Bars, Column
from veracity.domain.regimes import CODE, HIGH_VOL, LOW_VOL, REGIME
from veracity.domain.time import NS_PER_DAY
from veracity.engine.decisions import MARKET, Execution
from veracity.engine.margin import Margin
from veracity.guards.rulebook import GUARDS, in_order
from veracity.guards.view import Remedy, RiskLimits, VolatilityLimits
from veracity.research.kernel import start
from veracity.research.kernel.needs import DELAYS, EVERYTHING, HEDGE, LOG, NOTHING, Build, build_for
from veracity.research.kernel.run import CompiledRun, Kernel, Prepared
from veracity.research.sweep_results import by_events
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel, FeeTier
from veracity.strategies import (
    buy_and_hold,
    exits,
    funding_carry,
    mean_reversion,
    momentum,
    no_trade,
    vol_regime_switch,
)
from veracity.strategies.interface import UNKNOWN, Decision, Memo, Row, Strategy, Window

HOUR = 60 * MINUTE
LOW, HIGH = CODE[LOW_VOL], CODE[HIGH_VOL]
PLANS = {"regimes": 40}
"""Generated plans of a kind: a regime takes long, so these are fewer than the usual 120."""
REACHED = {
    "anything": (
        *(
            "taker fill",
            "FeeCharged",
            "FundingPaid",
            "IntentDenied",
            "DayRolled",
            "MemoUpdated",
            "FeedChanged",
        ),
        *("CancelRequested", "OrderCancelled", "CancelRejected"),
    ),
    "limit orders": ("maker fill", "OrderRejected", "OrderExpired"),
    "borrowing": ("BorrowCharged", "PositionLiquidated"),
    "forced closes": ("IntentDenied",),
    "rules": ("IntentDenied",),
    "halts": ("halted", "denied by engine_mode", "closed in a halt", "stopped in a halt"),
    "regimes": ("RegimeChanged", "denied by critical_aux", "taker fill", "VolatilityChanged"),
}
"""What the plans of each kind must come to now and then, or the comparison says nothing of it. What is rarer, such as a
clamp or a pause, is reached for certain by the plans of `test_each_limit_stops_both_at_the_same_order`."""


class Jumps(NamedTuple):
    """Wants one of a few targets, by what the price does, and remembers how often it changed its mind."""

    levels: int
    qty: int
    every: int


def _jump_features(window: Window, params: Jumps) -> tuple[Column, ...]:
    close = window.legs[0].close
    return (close // params.every % params.levels, close)


def _jump(params: Jumps, row: Row, position: int, memo: Memo) -> Decision:
    target = (row[0] - params.levels // 2) * params.qty
    changed = memo[0] + (1 if target != position else 0)
    return target, 1 if target > position else 0, (changed, row[1] if target != position else memo[1])


def _watch(params: Jumps, row: Row, position: int, memo: Memo) -> Decision:
    """Goes by the funding where it is known, and by its age."""
    target, reason, memo = _jump(params, row[:2], position, memo)
    rate, age = row[2], row[3]
    if rate == UNKNOWN:
        return (target if age == UNKNOWN else 0), reason, memo
    return (target if rate >= 0 else -target), reason, memo


def _weather(params: Jumps, row: Row, position: int, memo: Memo) -> Decision:
    """Goes by the regime where it is known: in a wild market the other way, and away in a calm one."""
    target, reason, memo = _jump(params, row[:2], position, memo)
    regime = row[2]
    if regime == LOW:
        return 0, reason, memo
    return (-target if regime == HIGH else target), reason, memo


def _ready(params: Any) -> int:
    return 2


def _unbindable(*_: object) -> Any:
    raise AssertionError("a test gives the params itself")


JUMPS = Strategy("jumps", 1, ("down", "up"), (), 1, _unbindable, _ready, _jump_features, _jump, (0, 0))
WATCHER = Strategy(
    "watcher",
    1,
    ("down", "up"),
    (),
    1,
    _unbindable,
    _ready,
    _jump_features,
    _watch,
    (0, 0),
    ("funding_rate",),
)


WEATHER = Strategy(
    "weather", 1, ("down", "up"), (), 1, _unbindable, _ready, _jump_features, _weather, (0, 0), (REGIME,)
)
SWITCH = vol_regime_switch.STRATEGY


@st.composite
def bars(draw: st.DrawFn, count: int, start: int, interval: int = MINUTE) -> Bars:
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    step = draw(st.sampled_from((1, 40, 900)))
    close = np.maximum(50 + np.abs(20_000 + np.cumsum(random.integers(-step, step + 1, count))), 20)
    opened = np.maximum(np.roll(close, 1) + random.integers(-step, step + 1, count), 20)
    opened[0] = close[0]
    spread = random.integers(0, step + 1, (2, count))
    keep = np.sort(random.permutation(count)[: max(3, count - draw(st.integers(0, 12)))])
    volume = random.integers(0, draw(st.sampled_from((1, 50, 5_000, 10**6))) + 1, count)
    columns = (
        start + interval * np.arange(count),
        opened,
        np.maximum(opened, close) + spread[0],
        np.maximum(np.minimum(opened, close) - spread[1], 1),
        close,
        volume,
    )
    return Bars(*(np.ascontiguousarray(column[keep], dtype=np.int64) for column in columns))


rates = st.sampled_from((0, 1, 123_457, 500_000, 20_000_000))
delays = st.sampled_from((0, 1, 7 * 10**9, 60 * 10**9, 61 * 10**9, 200 * 10**9))
tiers = st.lists(
    st.tuples(st.sampled_from((usd(1), usd(500), usd(20_000))), rates, rates),
    max_size=3,
    unique_by=lambda one: one[0],
).map(
    lambda more: tuple(
        FeeTier(kind, *one) for kind in ("spot", "perp") for one in [(0, 600_000, 1_000_000), *sorted(more)]
    )
)
costs = st.builds(
    CostModel,
    fee_taker=rates,
    fee_maker=st.sampled_from((0, 123_457, -100_000)),
    fee_tiers=st.just(()) | tiers,
    latency_ack_ns=delays,
    queue_ahead=st.sampled_from((0, 10**7, 10**9)),
    touch_share=st.sampled_from((0, 10**8, 10**9)),
    limit_ttl_ns=st.sampled_from((0, 0, 1, 3 * MINUTE)),
    half_spread=rates,
    volatility_share=rates,
    impact=st.sampled_from((0, 50_000_000, 10**9)),
    participation_max=st.sampled_from((None, None, 0, 100_000_000, 10**9)),
    latency_submit_ns=delays,
    latency_cancel_ns=delays,
    latency_jitter_ns=st.sampled_from((0, 0, 1, 90 * 10**9)),
    latency_samples_ns=st.sampled_from(((), (), (1, 7 * 10**9, 90 * 10**9))),
    fills_late_bars=st.sampled_from((0, 0, 1, 3)),
)
kinds = st.sampled_from(("market", "limit", "post_only"))
limited = st.builds(Execution, entry=kinds, leave=kinds, offset_ticks=st.sampled_from((-400, -1, 0, 1, 30)))
executions: defaultdict[str, st.SearchStrategy[Execution]] = defaultdict(lambda: st.just(MARKET) | limited)
executions |= {"limit orders": limited, "borrowing": st.just(MARKET), "forced closes": st.just(MARKET)}
CASH: defaultdict[str, tuple[int, ...]] = defaultdict(
    lambda: (usd(20), usd(1_000), usd(100_000), usd(100_000))
)
CASH |= {
    "borrowing": (usd(20), usd(100), usd(400)),
    "forced closes": (usd(1_000),),
    "rules": (usd(1), usd(20), usd(1_000)),
}


def borrowed(*maintenance: int) -> st.SearchStrategy[Margin]:
    return st.builds(
        Margin,
        maintenance=st.sampled_from(maintenance),
        liquidation_fee=st.sampled_from((0, 10**7)),
        borrow_cash=st.sampled_from((0, 10**4, 3 * 10**7)),
        borrow_coins=st.sampled_from((0, 10**4, 3 * 10**7)),
    )


margins: defaultdict[str, st.SearchStrategy[Margin | None]] = defaultdict(
    lambda: st.none() | borrowed(0, 5 * 10**6, 2 * 10**8)
)
margins |= {"borrowing": borrowed(5 * 10**6, 2 * 10**8, 6 * 10**8), "forced closes": st.none()}


volatilities = st.builds(
    VolatilityLimits,
    window=st.integers(1, 6),
    pause=st.sampled_from((2 * 10**6, 2 * 10**7)),
    resume=st.sampled_from((0, 10**6, 2 * 10**6)),
    dwell=st.integers(1, 4),
)


amounts = st.sampled_from((usd(150), usd(999), usd(100_000)))
RULES: dict[str, st.SearchStrategy[Any]] = {
    "max_exposure": amounts,
    "leverage_max": st.sampled_from((10**9, 3 * 10**8, 5 * 10**9)),
    "daily_loss": st.sampled_from((1, 10**6, 5 * 10**8)),
    "trades_per_day": st.sampled_from((0, 1, 7)),
    "cooldown_ns": st.sampled_from((1, 5 * MINUTE)),
    "stale_ns": st.sampled_from((0, MINUTE)),
    "drawdown": st.sampled_from((1, 10**6, 2 * 10**7, 2 * 10**8)),
    "order_rate": st.sampled_from((0, 1, 3)),
    "price_jump": st.sampled_from((10**6, 2 * 10**7)),
    "price_band": st.just(10**7),
    "slippage": st.sampled_from((10**6, 10**8)),
    "volatility": volatilities,
    "critical_aux": st.sampled_from((("funding_rate",), ("basis",), ("basis", "funding_rate"))),
}
REGIME_SERIES = st.sampled_from(((REGIME,), ("funding_rate", REGIME), (REGIME, "funding_rate")))
"""Limits and their values; few of them in one plan, because behind a strict one nothing is asked any more."""
SIZES_FIRST = in_order(
    (
        *(
            "kill_file",
            "safe_mode",
            "max_exposure",
            "max_position",
            "min_notional",
            "critical_aux",
            "order_rate",
        ),
        *(
            "volatility_pause",
            "stale_data",
            "price_sanity",
            "cooldown",
            "drawdown",
            "slippage_halt",
            "error_breaker",
        ),
        *("drift_halt", "daily_loss", "trades_per_day"),
    )
)
"""Another order of the rules, which a config may give; the plain plans have the one of the rulebook."""
REHEARSABLE = tuple(guard.rule for guard in GUARDS if not guard.absolute)

REMEDIES: defaultdict[str, tuple[Remedy, ...]] = defaultdict(lambda: ("hold", "close"))
REMEDIES |= {"plain": ("hold",), "forced closes": ("close",)}


LIVES: defaultdict[str, tuple[dict[str, int], ...]] = defaultdict(lambda: ({}, {"funding_rate": 3 * MINUTE}))
LIVES |= {"plain": ({},)}
"""Times to live of series: with one, a loop has to follow the series."""

LEFT_OUT: defaultdict[str, set[str]] = defaultdict(set)
LEFT_OUT |= {"plain": {"critical_aux", "slippage"}}
ALWAYS: defaultdict[str, set[str]] = defaultdict(set)
ALWAYS |= {"forced closes": {"daily_loss"}, "halts": {"slippage"}, "regimes": {"critical_aux", "volatility"}}
"""Limits that plans of a kind do without, and such as they have."""


@st.composite
def limits(draw: st.DrawFn, symbols: Sequence[str], kind: str) -> RiskLimits:
    most = (
        3
        if kind == "rules"
        else 0
        if kind in ("borrowing", "forced closes")
        else 1
        if kind in ("halts", "regimes")
        else draw(st.sampled_from((0, 0, 1, 3)))
    )
    names = sorted(RULES.keys() - LEFT_OUT[kind])
    rules = draw(st.sets(st.sampled_from(names), min_size=most // 3, max_size=most))
    chosen = {
        name: draw(REGIME_SERIES if (kind, name) == ("regimes", "critical_aux") else RULES[name])
        for name in sorted(rules | ALWAYS[kind])
    }
    return RiskLimits(
        max_position={
            symbol: draw(st.integers(1, 4_000))
            for symbol in symbols
            if draw(st.integers(0, 1 if kind == "rules" else 4)) == 0
        },
        daily_loss_remedy=draw(st.sampled_from(REMEDIES[kind])),
        aux_ttl_ns=draw(st.sampled_from(LIVES[kind])),
        order_rate_ns=draw(st.sampled_from((0, 5 * MINUTE, 30 * MINUTE))),
        **chosen,
    )


def strategies(draw: st.DrawFn, kind: str) -> tuple[Strategy, Any]:
    qty = draw(st.sampled_from((2_000, 6_000) if kind == "borrowing" else (1, 333, 2_000)))
    made: list[tuple[Strategy, Any]] = [
        (momentum.STRATEGY, momentum.Params(2, 5, qty)),
        (mean_reversion.STRATEGY, mean_reversion.Params(5, 1_000, 0, qty)),
        (buy_and_hold.STRATEGY, buy_and_hold.Params(qty)),
        (no_trade.STRATEGY, no_trade.Params()),
        (WATCHER, Jumps(3, qty, 30)),
        (JUMPS, Jumps(3, qty, 30)),
        (JUMPS, Jumps(5, qty, 7)),
    ]
    if kind == "regimes":
        made = [(SWITCH, vol_regime_switch.Params(2, 5, 5, 1_000, 0, qty)), (WEATHER, Jumps(3, qty, 30))]
    return draw(st.sampled_from(made if kind in ("anything", "plain", "regimes") else made[-3:]))


terms = st.builds(
    exits.Terms,
    stop=st.sampled_from((0, 500, 20_000)),
    target=st.sampled_from((0, 500, 20_000)),
    bars=st.sampled_from((0, 0, 1, 7)),
)


@st.composite
def plans(draw: st.DrawFn, kind: str) -> Plan:
    """One strategy on one of one or two instruments, or a hedge on both; midnight somewhere in the middle.

    A plan of kind "plain" asks for nothing that the loop has to be made for; others draw more of what they are called after.
    """
    interval, least, most = (2 * HOUR, 225, 300) if kind == "regimes" else (MINUTE, 8, 120)
    count = draw(st.integers(least, most))
    start = START + NS_PER_DAY - draw(st.integers(1, 60)) * MINUTE
    hedged = draw(st.booleans())
    settlements = [
        (
            start + draw(st.integers(0, count)) * interval,
            draw(st.sampled_from((-300_000, 0, 100_001))),
            20_011,
        )
        for _ in range(draw(st.integers(0, 5)))
    ]
    settlements = sorted({one[0]: one for one in settlements}.values())
    market = {PERP: draw(bars(count, start, interval))}
    if hedged or draw(st.booleans()):
        other = draw(bars(count, start + draw(st.integers(0, 3)) * interval, interval))
        market = {PERP: market[PERP], BTC: other} if draw(st.booleans()) else {BTC: other, PERP: market[PERP]}
    symbols = (PERP, BTC) if hedged else (draw(st.sampled_from(sorted(market))),)
    strategy, params = strategies(draw, kind)
    if hedged and kind != "regimes" and draw(st.booleans()):
        strategy, params = funding_carry.STRATEGY, funding_carry.Params(1, 100, 0, 500)
    if kind != "forced closes" and draw(st.booleans()):
        strategy, params = exits.guarded(strategy, params, draw(terms))
    tick, lot = draw(st.sampled_from((1, 5))), draw(st.sampled_from((1, 10)))
    rules = {
        symbol: instrument_listed(
            symbol,
            tick=tick,
            lot=lot,
            notional_min=draw(st.sampled_from((0, usd(50)))),
            interval_ns=interval,
        )
        for symbol in market
    }
    one = player(
        "a", *symbols, strategy=strategy, params=params, cash=draw(st.sampled_from(CASH[kind])),
        limits=draw(limits(symbols, kind)),
    )  # fmt: skip
    funding, charged = {PERP: funding_of(settlements)}, draw(costs)
    if kind == "plain":
        charged = replace(charged, fee_tiers=(), latency_ack_ns=0)
    else:
        one = one._replace(
            bound=one.bound._replace(execution=draw(executions[kind]), margin=draw(margins[kind]))
        )
    plan = plan_of(market, one, charged, funding, rules, draw(st.booleans()))
    if kind != "plain":
        plan = plan._replace(guards=SIZES_FIRST)
    if kind not in ("plain", "forced closes"):
        asked = [one.rule for one in GUARDS if one.rule in REHEARSABLE and one.is_set(plan.bound[0].limits)]
        plan = plan._replace(dry_run=tuple(sorted(draw(st.sets(st.sampled_from(asked), max_size=2)))))
    return plan


@pytest.fixture(scope="session")
def able(request: pytest.FixtureRequest) -> Kernel:
    """A kernel whose one loop can do everything: what a plan does not ask for must not show."""
    return Kernel(request.config.rootpath / "build" / "kernel", everything_for)


@pytest.mark.parametrize("kind", REACHED)
def test_the_kernel_and_the_event_path_agree_on_everything(kind: str, able: Kernel) -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=PLANS.get(kind, 120),
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(plan=plans(kind))
    def check(plan: Plan) -> None:
        seen.update(sorted(kinds_of(agree(plan, able))))

    check()
    assert [one for one in REACHED[kind] if not seen[one]] == []


def kinds_of(events: Sequence[Event]) -> set[str]:
    """What a run is counted as: each kind of its events, and what its halt leads to."""
    halt = next((number for number, event in enumerate(events) if kind_of(event) == "halted"), len(events))
    left = {event.purpose for event in events[halt:] if isinstance(event, OrderSubmitted)}
    return {kind_of(event) for event in events} | ({"closed in a halt"} if left else set())


def kind_of(event: Event) -> str:
    """What an event is counted as."""
    match event:
        case ModeChanged() if event.mode_from is Mode.HALTED:
            return f"{event.mode_to} in a halt"
        case ModeChanged() if event.mode_to is Mode.HALTED:
            return "halted"
        case IntentDenied() if event.rule in ("engine_mode", "critical_aux"):
            return f"denied by {event.rule}"
        case OrderFilled():
            return f"{event.liquidity} fill"
        case IntentCreated() if event.reason in REHEARSABLE:
            return "close demanded"
        case OrderSubmitted():
            return "order clamped" if event.clamped_by else "order"
        case ReportRefused():
            return f"{event.report} refused"
        case _:
            return type(event).__name__


def everything_for(plan: Plan, log: bool) -> Build:
    return build_for(plan, log)._replace(needs=EVERYTHING.needs)


def hedged_late(plan: Plan, log: bool) -> Build:
    """As in use, but that the loop for two legs knows delays too: a loop less to compile."""
    build = build_for(plan, log)
    return build._replace(needs=build.needs | {DELAYS}) if HEDGE in build.needs else build


@pytest.fixture(scope="session")
def bare(request: pytest.FixtureRequest) -> Kernel:
    return Kernel(request.config.rootpath / "build" / "kernel", hedged_late)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=plans("plain"))
def test_a_plan_that_asks_for_nothing_special_has_a_loop_that_can_do_nothing_else(
    plan: Plan, bare: Kernel
) -> None:
    assert build_for(plan).needs <= {DELAYS, HEDGE}
    agree(plan, bare)


def prompt(plan: Plan) -> Plan:
    """The plan without anything that takes time."""
    never = CostModel()
    times = [name for name in never.__struct_fields__ if "latency" in name or name == "fills_late_bars"]
    return plan._replace(costs=replace(plan.costs, **{name: getattr(never, name) for name in times}))


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=plans("plain").map(prompt).filter(lambda plan: len(plan.bound[0].legs) == 1))
def test_an_order_that_is_there_when_it_leaves_trades_as_one_that_the_venue_had_to_keep(
    plan: Plan, kernel: Kernel
) -> None:
    assert build_for(plan) == NOTHING
    agree(plan, kernel)
    logged, plain = kernel.run(plan, log=True), kernel.run(plan)
    assert plain.samples.tolist() == logged.samples.tolist()
    arrays = {"samples": None, "log": None, "rows": ()}
    assert plain._replace(**arrays) == logged._replace(**arrays)


@pytest.fixture(scope="session")
def silent(request: pytest.FixtureRequest) -> Kernel:
    """A kernel whose one loop can do everything but keep a log: what an order passes through is put in where it is called
    there, which no loop with a log has."""
    return Kernel(request.config.rootpath / "build" / "kernel", everything_silent_for)


def everything_silent_for(plan: Plan, log: bool) -> Build:
    assert not log, "it keeps none"
    return build_for(plan, log)._replace(needs=EVERYTHING.needs - {LOG})


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=st.sampled_from(("anything", "borrowing", "limit orders", "forced closes")).flatmap(plans))
def test_a_run_that_says_nothing_comes_to_what_the_event_path_comes_to(plan: Plan, silent: Kernel) -> None:
    plan = plan._replace(guards=GUARDS)  # another order of the rules is another loop
    try:
        metrics, samples = by_events(plan)
    except EngineFault:  # orders whose fate is never known
        with pytest.raises(EngineFault, match="cannot end"):
            silent.run(plan)
        return
    run = silent.run(plan)
    assert run.samples.tolist() == samples
    assert (run.final_equity, run.fees, run.funding, run.fills, run.trips) == tuple(
        metrics[name] for name in ("final_equity", "fees", "funding", "fills", "trades")
    )


def lively(**limits: Any) -> Plan:
    """A day's end on a market that jumps, and a strategy that often changes its mind and loses."""
    random = np.random.default_rng(7)
    close = 20_000 + np.cumsum(random.integers(-90, 91, 300))
    opened = np.concatenate((close[:1], close[:-1])) + random.integers(-9, 10, 300)
    ts = START + NS_PER_DAY - 200 * MINUTE + MINUTE * np.arange(300)
    columns = (
        ts,
        opened,
        np.maximum(opened, close) + 20,
        np.minimum(opened, close) - 20,
        close,
        np.full(300, 10**6),
    )
    market = {BTC: Bars(*(column.astype(np.int64) for column in columns))}
    one = player(
        "a", BTC, strategy=JUMPS, params=Jumps(3, 2_000, 30), cash=usd(1_000), limits=RiskLimits(**limits)
    )  # fmt: skip
    return plan_of(
        market,
        one,
        CostModel(fee_taker=500_000, half_spread=123_457),
        {},
        {BTC: instrument_listed(BTC)},
        True,
    )


def test_a_run_that_needed_more_room_leaves_the_next_one_what_it_would_find_alone(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "DRAWS", 40)
    costs = CostModel(fee_taker=500_000, latency_submit_ns=1, latency_jitter_ns=MINUTE)
    plan = lively()._replace(costs=costs)
    prepared = Prepared(plan)
    runs: list[CompiledRun] = []
    beside: list[Column] = []
    for _ in range(3):
        runs.append(kernel.run(plan, prepared))
        beside += [np.full((1, 40), MINUTE // 2) for _ in range(20)]  # takes what is free again
    alone = by_events(plan)[0]
    assert alone["fills"] > 40
    assert [(run.final_equity, run.fills) for run in runs] == [(alone["final_equity"], alone["fills"])] * 3


SIZES = ("max_position", "max_exposure")
"""Rules that make an order smaller before they deny one."""


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ("max_position", {"max_position": {BTC: 300}}),
        ("max_exposure", {"max_exposure": usd(150)}),
        ("max_exposure", {"leverage_max": 3 * 10**8}),
        ("daily_loss", {"daily_loss": 10**6}),
        ("trades_per_day", {"trades_per_day": 7}),
        ("cooldown", {"cooldown_ns": 5 * MINUTE}),
        ("drawdown", {"drawdown": 3 * 10**6}),
        ("order_rate", {"order_rate": 3, "order_rate_ns": 30 * MINUTE}),
        ("price_sanity", {"price_jump": 4 * 10**6}),
        ("slippage_halt", {"slippage": 55 * 10**4}),
        ("volatility_pause", {"volatility": VolatilityLimits(window=5, pause=26 * 10**5, resume=24 * 10**5, dwell=2)}),
    ],
)  # fmt: skip
def test_each_limit_stops_both_at_the_same_order(rule: str, limits: dict[str, Any], half: Kernel) -> None:
    events = agree(lively(**limits), half)
    fills = sum(isinstance(event, OrderFilled) for event in events)
    denied = {event.rule for event in events if isinstance(event, IntentDenied)}
    clamped = {event.clamped_by for event in events if isinstance(event, OrderSubmitted)}
    halted = {event.reason for event in events if isinstance(event, ModeChanged)}
    assert rule in (clamped if rule in SIZES else denied | halted)
    assert fills > 2


@pytest.mark.parametrize("remedy", ["hold", "close"])
def test_what_a_rule_demands_to_close_is_closed_by_both(remedy: Remedy, half: Kernel) -> None:
    plan = lively(daily_loss=10**6, daily_loss_remedy=remedy)
    (bound,) = plan.bound
    events = agree(plan._replace(bound=[bound._replace(params=Jumps(9, 2_000, 30))]), half)
    demanded = [
        event for event in events if isinstance(event, IntentCreated) and event.reason == "daily_loss"
    ]
    assert {event.purpose for event in demanded} == ({"close"} if remedy == "close" else set())

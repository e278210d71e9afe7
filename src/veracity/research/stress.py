"""The same run with one thing made worse at a time (S-088): what is left of its result?

A scenario changes the plan, never the engine: costs, the tape, or when strategies hear of series beside the bars. All
scenarios of a run are independent, and one that is refused does not keep the others from running.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Final, NamedTuple

import msgspec
import numpy as np

from veracity.data.dataset import Dataset, InstrumentData
from veracity.data.gaps import find_gaps
from veracity.data.slices import known_by
from veracity.domain.errors import OperatorFault
from veracity.domain.events import Event, IntentCreated
from veracity.domain.market import Bars
from veracity.domain.policies import STRESS, Scenario
from veracity.domain.regimes import REGIME
from veracity.domain.summary_models import ScenarioRow, StressFile, StressVerdict
from veracity.domain.time import NS_PER_HOUR
from veracity.engine.core import BoundStrategy
from veracity.engine.exits import FORCED_CLOSE
from veracity.research import measures, metrics
from veracity.research.attribution import Lines, attribute
from veracity.research.drawdown import falls
from veracity.research.memory_journal import MemoryJournal
from veracity.research.results import Results, collect
from veracity.research.summary import added_equity
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.chance import draw, stream
from veracity.simulator.costs import CostModel, FeeTier
from veracity.state.model import FUNDING
from veracity.strategies.interface import Told, Window

STRESS_FILE: Final = "stress.json"
TEN_THOUSAND: Final = 10_000
COST_LINES: Final = ("latency", "spread", "impact", "rounding", "fees", "funding", "borrow", "liquidation")


class NotApplicable(Exception):
    """The scenario changes nothing of this run; the text says why."""


class _Came(NamedTuple):
    """What one run came to."""

    lines: Lines
    net: int
    funding: int
    fills: int
    trades: int
    drawdown: metrics.Ratio
    delay_ns: int | None


def run_stress(plan: Plan, executor: Executor, scenarios: Sequence[Scenario] = STRESS) -> StressFile:
    """Run the plan as it is and once for each scenario.

    Raises what the base run raises; what a scenario is refused for stands in its row.
    """
    first = _run(plan)
    found = list(executor.map(_Attempt(plan), scenarios))
    rows = tuple(_row(one, came, first) for one, came in zip(scenarios, found, strict=True))
    counted = [row for row in rows if row.required and row.verdict != "not_applicable"]
    return StressFile(
        config_hash=plan.identity.config_hash,
        dataset_hash=plan.identity.dataset_hash,
        code_hash=plan.identity.code_hash,
        seed=plan.identity.seed,
        base=_told("base", first, required=False, verdict="survives" if first.net > 0 else "edge_lost"),
        scenarios=rows,
        survived=sum(row.verdict == "survives" for row in counted),
        required=len(counted),
    )


class _Attempt:
    """Runs a scenario, and answers a refusal as such. A class, because it may travel to another process."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __call__(self, scenario: Scenario) -> "_Came | tuple[StressVerdict, str]":
        try:
            return _run(stressed(self._plan, scenario))
        except NotApplicable as why:
            return "not_applicable", str(why)
        except OperatorFault as fault:
            return "refused", str(fault)


def stressed(plan: Plan, scenario: Scenario) -> Plan:
    """The plan under the scenario. Raises NotApplicable, or OperatorFault where the run's own policy refuses it."""
    return _CHANGES[scenario.kind](plan, scenario)


def _slippage(plan: Plan, scenario: Scenario) -> Plan:
    return _with_costs(
        plan, scenario, ("half_spread", "volatility_share", "impact"), "no spread, volatility or impact"
    )


def _spread(plan: Plan, scenario: Scenario) -> Plan:
    return _with_costs(plan, scenario, ("half_spread",), "no spread")


def _volatility(plan: Plan, scenario: Scenario) -> Plan:
    return _with_costs(plan, scenario, ("volatility_share",), "no cost of volatility")


def _impact(plan: Plan, scenario: Scenario) -> Plan:
    return _with_costs(plan, scenario, ("impact",), "no impact")


def _fees(plan: Plan, scenario: Scenario) -> Plan:
    return _with_costs(plan, scenario, ("fee_taker", "fee_maker", "fee_tiers"), "no commission")


def _latency(plan: Plan, scenario: Scenario) -> Plan:
    names = tuple(one.name for one in msgspec.structs.fields(CostModel) if one.name.startswith("latency_"))
    return _with_costs(plan, scenario, names, "no latency")


def _late(plan: Plan, scenario: Scenario) -> Plan:
    return plan._replace(costs=msgspec.structs.replace(plan.costs, fills_late_bars=scenario.size))


def _stale(plan: Plan, scenario: Scenario) -> Plan:
    asked = {
        name
        for one in plan.bound
        for name in (*one.strategy.aux, *one.strategy.optional, *one.limits.critical_aux)
    }
    if asked <= {REGIME}:  # a regime is made of the bars themselves
        raise NotApplicable("no strategy of the run looks at a series beside the bars")
    delay = scenario.size * NS_PER_HOUR
    late = tuple(_told_late(data, delay) for data in plan.dataset.instruments)
    return plan._replace(
        bound=[_hears_late(one, delay) for one in plan.bound],
        dataset=Dataset(late, plan.dataset.dataset_hash),
    )


def _drop(plan: Plan, scenario: Scenario) -> Plan:
    dropped = [_dropped(data, scenario, plan.identity.seed) for data in plan.dataset.instruments]
    return plan._replace(dataset=Dataset(tuple(dropped), plan.dataset.dataset_hash))


_COSTS: Final = ("slippage", "spread", "volatility", "impact", "fees")
"""Kinds that multiply a cost, so that there is a multiple at which nothing is left; a delay has no price."""
_CHANGES: Final[dict[str, Callable[[Plan, Scenario], Plan]]] = {
    "slippage": _slippage,
    "spread": _spread,
    "volatility": _volatility,
    "impact": _impact,
    "latency": _latency,
    "fees": _fees,
    "drop": _drop,
    "late": _late,
    "stale": _stale,
}


def _with_costs(plan: Plan, scenario: Scenario, names: Sequence[str], none: str) -> Plan:
    """The costs multiplied; what is below zero is a rebate, and stays."""
    changed = {name: _times(getattr(plan.costs, name), scenario.size) for name in names}
    if all(changed[name] == getattr(plan.costs, name) for name in names):
        raise NotApplicable(f"the run has {none}")
    return plan._replace(costs=msgspec.structs.replace(plan.costs, **changed))


def _times(value: object, factor: int) -> object:
    """A cost, or each of several, multiplied; a tier keeps the volume from which it holds."""
    if isinstance(value, FeeTier):
        return value._replace(maker=_dearer(value.maker, factor), taker=_dearer(value.taker, factor))
    if isinstance(value, int):
        return _dearer(value, factor)
    if isinstance(value, tuple):
        return tuple(_times(one, factor) for one in value)
    return value


def _dearer(paid: int, factor: int) -> int:
    return paid * factor if paid > 0 else paid


def _told_late(data: InstrumentData, delay_ns: int) -> InstrumentData:
    """Every value beside the bars that much later, and so that much older; some may come too late for the run."""
    end = int(data.bars.ts[-1]) + data.source.interval_ns
    late = (replace(one, series=one.series._replace(ts=one.series.ts + delay_ns)) for one in data.aux)
    return replace(data, aux=tuple(replace(one, series=known_by(one.series, end)) for one in late))


def _hears_late(bound: BoundStrategy, delay_ns: int) -> BoundStrategy:
    """The strategy hears of settlements that much later; they are paid when they are due."""
    features = bound.strategy.features

    def late(window: Window, params: object) -> tuple[Told, ...]:
        rates = window.aux.get(FUNDING)
        if rates is not None:
            window = window._replace(aux={**window.aux, FUNDING: rates._replace(ts=rates.ts + delay_ns)})
        return features(window, params)

    return bound._replace(strategy=replace(bound.strategy, features=late))


def _dropped(data: InstrumentData, scenario: Scenario, seed: int) -> InstrumentData:
    """Without `size` bars of ten thousand, drawn by the seed and the symbol; nothing stands in their place."""
    source = data.source
    if source.gaps == "reject":
        raise OperatorFault(f"the run rejects gaps in {source.symbol}", hint='set gaps = "allow" to test it')
    count = len(data.bars.ts)
    left_out = drawn_bars(count, count * scenario.size // TEN_THOUSAND, stream(seed, f"drop:{source.symbol}"))
    keep = np.ones(count, dtype=bool)
    keep[left_out] = False
    bars = Bars(*(column[keep] for column in data.bars))
    gaps = find_gaps(bars.ts, source.interval_ns)
    _within(
        gaps_of=source.symbol, total=sum(one.bars for one in gaps), limit=source.gap_limits.bars_total_max
    )
    _within(
        gaps_of=source.symbol,
        total=max((one.bars for one in gaps), default=0),
        limit=source.gap_limits.bars_run_max,
    )
    return replace(data, bars=bars, gaps=tuple(gaps))


def drawn_bars(count: int, wanted: int, seed: int) -> list[int]:
    """`wanted` numbers below `count`: those whose draw is smallest."""
    order = sorted(range(count), key=lambda number: (draw(seed, number), number))
    return sorted(order[:wanted])


def _within(*, gaps_of: str, total: int, limit: int | None) -> None:
    if limit is not None and total > limit:
        raise OperatorFault(f"{total} missing bars of {gaps_of} are more than the run allows ({limit})")


def _run(plan: Plan) -> _Came:
    journal = MemoryJournal()
    state = simulate(plan, journal)
    events = list(journal)
    results = collect(events, plan.dataset, state)
    lines = attribute(results).total
    added = added_equity(results)
    if lines is None or added is None:
        raise OperatorFault("strategies of several currencies cannot be stressed together")
    if lines.net is None or lines.funding is None:
        raise OperatorFault(
            "a run whose funding is not known cannot be stressed", why="settlements are missing"
        )
    start, equity = added
    deepest = falls(start, equity).deepest()
    depth = deepest[0].depth if deepest else 0.0
    books = results.books.values()
    return _Came(
        lines,
        lines.net,
        lines.funding,
        sum(len(book.fills) for book in books),
        sum(len(book.trades) for book in books),
        metrics.unknown("the peak is not above zero") if depth is None else metrics.ratio(depth),
        _delay(events, results),
    )


def _delay(events: Sequence[Event], results: Results) -> int | None:
    """Mean time from decision to fill; forced closes are no decisions."""
    decided = {event.intent_id: event.ts for event in events if isinstance(event, IntentCreated)}
    waits = [
        fill.ts - decided[fill.intent_id]
        for book in results.books.values()
        for fill in book.fills
        if fill.reason != FORCED_CLOSE
    ]
    return sum(waits) // len(waits) if waits else None


def _row(scenario: Scenario, came: "_Came | tuple[StressVerdict, str]", base: _Came) -> ScenarioRow:
    if not isinstance(came, _Came):
        verdict, why = came
        none = measures.ratio(metrics.unknown("the scenario did not run"))
        absent = dict.fromkeys(
            (
                "net",
                "change",
                "line",
                "gross",
                "slippage",
                "fees",
                "funding",
                "max_drawdown",
                "fills",
                "trades",
                "delay_ns",
            )
        )
        return ScenarioRow(
            name=scenario.name,
            required=scenario.required,
            verdict=verdict,
            reason=why[:500],
            break_even=none,
            **absent,
        )
    verdict = "survives" if came.net > 0 else "edge_lost"
    return _told(
        scenario.name,
        came,
        required=scenario.required,
        verdict=verdict,
        line=taken_by(base.lines, came.lines),
        change=came.net - base.net,
        break_even=_break_even(scenario, base.net, came.net),
        reason=scenario.text,
    )


def _told(
    name: str,
    came: _Came,
    *,
    required: bool,
    verdict: StressVerdict,
    line: str | None = None,
    change: int = 0,
    break_even: metrics.Ratio | None = None,
    reason: str | None = None,
) -> ScenarioRow:
    lines = came.lines
    return ScenarioRow(
        name=name,
        required=required,
        verdict=verdict,
        reason=reason,
        net=measures.amount(came.net),
        change=measures.amount(change),
        line=line,
        gross=measures.amount_or_none(lines.gross),
        slippage=measures.amount_or_none(lines.slippage),
        fees=measures.amount(lines.fees),
        funding=measures.amount(came.funding),
        max_drawdown=measures.ratio(came.drawdown),
        fills=came.fills,
        trades=came.trades,
        delay_ns=came.delay_ns,
        break_even=measures.ratio(break_even or metrics.unknown("no cost is multiplied")),
    )


def taken_by(base: Lines, came: Lines) -> str | None:
    """The line of the attribution that fell most; None where none fell or one is unknown."""
    fallen = []
    for name in ("gross", *COST_LINES):
        before, after = getattr(base, name), getattr(came, name)
        if before is None or after is None:
            return None
        fallen.append((before - after, name))
    most, name = max(fallen, key=lambda one: one[0])
    return name if most > 0 else None


def _break_even(scenario: Scenario, base: int, came: int) -> metrics.Ratio | None:
    """Multiple of the cost at which nothing is left, on the straight line through both results; None of other kinds."""
    if scenario.kind not in _COSTS:
        return None
    return metrics.quotient(base * scenario.size - came, base - came, "it takes nothing")

"""The five baselines that every run is shown beside (specs/backtest/evaluation.md, S-081).

They are ordinary strategies of one more engine run on the same data, costs, guards and cash, journaled in memory only.
Everything here is plain data and plain functions, so that the run can happen in another process.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import lcm
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from veracity.data.dataset import Dataset, InstrumentData, Source
from veracity.domain.amounts import RATE_ONE, rate_floor, step_floor, units_text
from veracity.domain.canonical import canonical_hash
from veracity.domain.events import Leg, StrategyStarted
from veracity.domain.instruments import Instrument
from veracity.domain.summary_models import Baseline, Setting
from veracity.domain.time import NS_PER_DAY
from veracity.engine.core import BoundStrategy
from veracity.engine.opening import RunIdentity
from veracity.guards.view import RiskLimits
from veracity.research import measures
from veracity.research.memory_journal import MemoryJournal
from veracity.research.results import Book, Results, collect
from veracity.research.tables import Curve, thinned
from veracity.runtime.simulation import Plan, instrument_of, simulate
from veracity.simulator.costs import CostModel
from veracity.strategies.interface import Settings
from veracity.strategies.registry import REGISTRY

Name: TypeAlias = Literal["buy_and_hold", "no_trade", "momentum", "mean_reversion", "carry"]

IDS: Final[Mapping[Name, str]] = {
    "buy_and_hold": "buy_and_hold",
    "no_trade": "no_trade",
    "momentum": "momentum",
    "mean_reversion": "mean_rev",
    "carry": "carry",
}
"""Baselines in the order in which they are shown, and their strategy ids (at most 12 characters)."""

DAYS_FAST, DAYS_SLOW = 1, 5
"""Averages of a day and of five: whatever the bar, a baseline decides a few times a month and not a few times an hour,
where it would only show what trading costs."""

CARRY_SHARE: Final = (
    3  # a third of the cash for each leg: prices may rise before the entry, and the short may lose
)


class Planned(NamedTuple):
    """One baseline, or why the data do not allow it (then `bound` is None)."""

    name: Name
    bound: BoundStrategy | None
    settings: tuple[tuple[str, str], ...] = ()
    reason: str | None = None

    @property
    def symbols(self) -> tuple[str, ...]:
        """Instruments, the deciding one first."""
        return () if self.bound is None else tuple(leg.symbol for leg in self.bound.legs)


class BaselineSetup(NamedTuple):
    """What to run the baselines on; everything in it can be sent to another process."""

    sources: tuple[Source, ...]
    identity: RunIdentity
    costs: CostModel
    lead: str
    cash: int
    currency: str
    limits: RiskLimits


class Outcome(NamedTuple):
    """What they came to, and their equity curves, thinned."""

    rows: tuple[Baseline, ...]
    curves: tuple[Curve, ...]


def run_baselines(setting: BaselineSetup, dataset: Dataset) -> Outcome:
    """Run all baselines that the data allow, as one more run of the same engine, journaled in memory.

    Raises what a simulation raises. Nothing here trades by itself: fills, costs and guards are those of the run.
    """
    planned = plan(dataset, setting.lead, setting.cash, entry_reserve(setting.costs), setting.limits)
    journal = MemoryJournal()
    simulated = Plan(
        setting.identity,
        dataset,
        baseline_strategies(planned),
        started(planned, setting.cash, setting.currency),
        setting.costs,
        close_at_end=True,
    )
    results = collect(journal, dataset, simulate(simulated, journal))
    names = {one.bound.strategy_id: one.name for one in planned if one.bound is not None}
    return Outcome(table(results, planned), tuple(thinned(results, names)))


def entry_reserve(costs: CostModel) -> int:
    """Rate of the notional that an entry may cost beside its price: the fee and half the spread, both known before."""
    return costs.fee_taker + costs.half_spread + rate_floor(costs.fee_taker, costs.half_spread)


def parameters_for(interval_ns: int) -> Mapping[Name, Settings]:
    """What the baselines are run with on bars of this length; the quantity comes from the cash."""
    day = NS_PER_DAY // interval_ns
    return {
        "buy_and_hold": {},
        "no_trade": {},
        "momentum": {"fast": max(2, DAYS_FAST * day), "slow": max(5, DAYS_SLOW * day)},
        "mean_reversion": {"length": max(5, DAYS_FAST * day), "entry_z": 2, "exit_z": 0},
        # Enters at a mean of half the usual 0.01 % a settlement, leaves when shorts begin to pay.
        "carry": {"settlements": 3, "entry": Decimal("0.00005"), "exit": Decimal(0)},
    }


def plan(
    dataset: Dataset,
    lead: str,
    cash: int,
    reserve: int,
    limits: RiskLimits,
    parameters: Mapping[Name, Settings] | None = None,
) -> tuple[Planned, ...]:
    """All five, in order, for the instrument `lead` and as much cash (10^-8) as the strategy beside them has.

    `reserve` is the rate (10^-9 of a notional) kept back for the entry's fee and slippage; the quantity is the
    largest on the lot grid that the cash then pays at the first close. `limits` are those of the strategy.
    """
    data = _data_of(dataset, lead)
    chosen = {**parameters_for(data.source.interval_ns), **(parameters or {})}
    instrument = instrument_of(data.source)
    spendable = cash * RATE_ONE // (RATE_ONE + reserve)
    qty = instrument.qty_floor(spendable, int(data.bars.close[0]))
    single = (Leg(lead, 1),)
    poor = None if qty else f"the cash does not buy one lot of {lead} at its first close"

    def on_lead(name: Name) -> Planned:
        if poor:
            return Planned(name, None, reason=poor)
        size = Decimal(units_text(qty, instrument.qty_scale))
        return _bound(name, name, {**chosen[name], "qty": size}, instrument, single, limits)

    return (
        on_lead("buy_and_hold"),
        _bound("no_trade", "no_trade", chosen["no_trade"], instrument, single, limits),
        on_lead("momentum"),
        on_lead("mean_reversion"),
        _carry(dataset, data, spendable // CARRY_SHARE, limits, chosen["carry"]),
    )


def baseline_strategies(planned: Sequence[Planned]) -> list[BoundStrategy]:
    """Those that the data allow, for the engine and the feed."""
    return [one.bound for one in planned if one.bound is not None]


def started(planned: Sequence[Planned], cash: int, currency: str) -> list[StrategyStarted]:
    """How each of them that the data allow enters a run with `cash`; `opening` sets seq and ts."""
    return [
        StrategyStarted(
            seq=1,
            ts=0,
            strategy_id=one.bound.strategy_id,
            strategy=one.bound.strategy.name,
            version=one.bound.strategy.version,
            config_hash=canonical_hash(dict(one.settings)),
            legs=one.bound.legs,
            currency=currency,
            cash=cash,
        )
        for one in planned
        if one.bound is not None
    ]


def _bound(
    name: Name,
    strategy: str,
    settings: Settings,
    instrument: Instrument,
    legs: tuple[Leg, ...],
    limits: RiskLimits,
) -> Planned:
    entry = REGISTRY[strategy]
    own = msgspec.structs.replace(
        limits, critical_aux=entry.aux
    )  # what it decides on, not what the strategy does
    bound = BoundStrategy(IDS[name], entry, entry.bind(settings, instrument), legs, own)
    return Planned(name, bound, tuple((key, str(value)) for key, value in settings.items()))


def _carry(
    dataset: Dataset, lead: InstrumentData, spendable: int, limits: RiskLimits, parameters: Settings
) -> Planned:
    """Long the spot and short the perpetual of the lead's currencies, in equal quantities."""
    pair = (lead.source.base, lead.source.quote)
    same = [data for data in dataset.instruments if (data.source.base, data.source.quote) == pair]
    candidates = [lead, *(data for data in same if data is not lead)]
    perps = [data for data in candidates if data.source.kind == "perp" and data.funding is not None]
    spots = [data for data in candidates if data.source.kind == "spot"]
    if not perps or not spots:
        missing = "perpetual with funding" if not perps else "spot market"
        return Planned("carry", None, reason=f"the data hold no {missing} of {pair[0]}/{pair[1]}")
    perp, spot = instrument_of(perps[0].source), instrument_of(spots[0].source)
    if perp.qty_scale != spot.qty_scale:
        reason = f"{perp.symbol} and {spot.symbol} count quantities in different units"
        return Planned("carry", None, reason=reason)
    lot = lcm(perp.lot, spot.lot)
    qty = step_floor(spot.qty_floor(spendable, int(spots[0].bars.close[0])), lot)
    if qty == 0:
        reason = f"a third of the cash does not buy one lot of {spot.symbol} at its first close"
        return Planned("carry", None, reason=reason)
    legs = (Leg(perp.symbol, 1), Leg(spot.symbol, -1))
    settings = {**parameters, "qty": Decimal(units_text(qty, perp.qty_scale))}
    return _bound("carry", "funding_carry", settings, perp, legs, limits)


def _data_of(dataset: Dataset, symbol: str) -> InstrumentData:
    return next(data for data in dataset.instruments if data.source.symbol == symbol)


def table(results: Results, planned: Sequence[Planned]) -> tuple[Baseline, ...]:
    """The rows of all baselines, in order: what each came to in the run `results`, or why it did not take part."""
    return tuple(
        _absent(one) if one.bound is None else _row(one, results.books[one.bound.strategy_id], results)
        for one in planned
    )


def _row(one: Planned, book: Book, results: Results) -> Baseline:
    lived, start = results.timeline, book.equity_start
    fall = measures.drawdown_block(lived, start, book.equity)
    ratios = measures.ratios(lived, start, book.equity, book.exposed)
    return Baseline(
        name=one.name,
        status="run",
        reason=None,
        symbols=one.symbols,
        settings=tuple(Setting(name=name, value=value) for name, value in one.settings),
        equity_start=measures.amount(start),
        equity_end=measures.amount(book.equity_end),
        net=measures.amount(book.equity_end - start),
        fees=measures.amount(sum(fill.fee for fill in book.fills)),
        funding=measures.amount(sum(payment.amount for payment in book.funding)),
        total_return=ratios.total_return,
        max_drawdown=fall.max_drawdown,
        bars_under_water=fall.bars_under_water,
        sharpe_annual=ratios.sharpe_annual,
        trades=len(book.trades),
        fills=len(book.fills),
        denials=sum(one.count for one in book.denials.values()),
    )


def _absent(one: Planned) -> Baseline:
    return Baseline(
        name=one.name,
        status="not_applicable",
        reason=one.reason,
        symbols=(),
        settings=(),
        equity_start=None,
        equity_end=None,
        net=None,
        fees=None,
        funding=None,
        total_return=None,
        max_drawdown=None,
        bars_under_water=None,
        sharpe_annual=None,
        trades=None,
        fills=None,
        denials=None,
    )

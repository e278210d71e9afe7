"""Checks the strategies of a config against the registry and the instruments, and binds their parameters, once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pydantic import ValidationError

from veracity.app.config_findings import Findings
from veracity.app.config_lines import Path
from veracity.app.config_problems import did_you_mean, faults_of
from veracity.app.config_risk import limits_of
from veracity.app.config_shapes import conformed
from veracity.app.config_values import canonical
from veracity.data.dataset import Source
from veracity.domain.amounts import MONEY_SCALE, RATE_SCALE, Money
from veracity.domain.canonical import canonical_hash
from veracity.domain.config_models import (
    PARAMS,
    ExecutionConfig,
    ExitsConfig,
    MarginConfig,
    RiskConfig,
    StrategyConfig,
)
from veracity.domain.events import Leg, StrategyStarted
from veracity.domain.instruments import scales_fit
from veracity.domain.regimes import REGIME
from veracity.engine.core import BoundStrategy
from veracity.engine.decisions import Execution
from veracity.engine.margin import Margin
from veracity.runtime.simulation import instrument_of
from veracity.state.model import FUNDING
from veracity.strategies.exits import SCALE, Terms, are_beside, guarded
from veracity.strategies.interface import Strategy
from veracity.strategies.registry import REGISTRY

# strategy -> pairs of parameters of which the first must be below the second. `bind` has the last word; these are
# named here so that both keys are told, each at its line, together with every other fault.
BELOW: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "funding_carry": (("exit", "entry"),),
    "mean_reversion": (("exit_z", "entry_z"),),
    "momentum": (("fast", "slow"),),
    "open_interest_trend": (("fast", "slow"),),
    "vol_regime_switch": (("fast", "slow"), ("exit_z", "entry_z")),
}
SHARED: Final = ("quote", "qty_scale", "interval_ns")  # what the legs of one strategy have in common


@dataclass(frozen=True, slots=True)
class StrategySetup:
    """One configured strategy, ready to run: everything is checked and in whole units."""

    bound: BoundStrategy
    config_hash: str  # of strategy, version and resolved parameters; not of id, account, legs or limits
    currency: str
    cash: Money
    settings: Mapping[str, Any]  # resolved parameters as a person writes them, defaults filled in

    def started(self) -> StrategyStarted:
        """The event that opens its account; seq and ts are given when it is journaled."""
        strategy = self.bound.strategy
        return StrategyStarted(
            seq=1,
            ts=0,
            strategy_id=self.bound.strategy_id,
            strategy=strategy.name,
            version=strategy.version,
            config_hash=self.config_hash,
            legs=self.bound.legs,
            currency=self.currency,
            cash=self.cash,
        )


def strategy_hash(strategy: Strategy, settings: Mapping[str, Any], terms: Terms | None = None) -> str:
    """SHA-256 over name, version, parameters, and exits where there are any: whole numbers as they are, decimals as
    their shortest text."""
    content = {"params": canonical(settings), "strategy": strategy.name, "version": strategy.version}
    return canonical_hash(content if terms is None else {**content, "exits": list(terms)})


def resolve(
    tables: Sequence[Mapping[str, Any]],
    good: Mapping[int, StrategyConfig],
    sources: Mapping[int, Source],
    symbols: Collection[str],
    findings: Findings,
) -> tuple[StrategySetup, ...]:
    """The strategies of a run in the order of the config; what is wrong is added to `findings`.

    `tables` are all of them as written, `good` those that keep the schema, by number; `symbols` are all that the
    config names, `sources` the instruments that can be used.
    """
    usable = {source.symbol: source for source in sources.values()}
    _check_ids(tables, findings)
    setups = []
    for number, table in enumerate(tables):
        path = ("strategies", number)
        strategy = _known(table, path, findings)
        settings = None if strategy is None else _settings(strategy, table.get("params", {}), path, findings)
        if number in good:
            legs = _legs(good[number], path, usable, symbols, findings)
            setup = _setup(good[number], strategy, settings, legs, path, usable, findings)
            if setup is not None:
                setups.append(setup)
    return tuple(setups)


def _check_ids(tables: Sequence[Mapping[str, Any]], findings: Findings) -> None:
    seen: dict[str, int] = {}
    for number, table in enumerate(tables):
        name = table.get("id")
        if not isinstance(name, str):
            continue
        if name in seen:
            first = findings.document.place(("strategies", seen[name], "id"))
            why = f'"{name}" is in {first} already'
            findings.add(
                ("strategies", number, "id"), "used twice", why, "every strategy has its own account"
            )
        seen.setdefault(name, number)


def _known(table: Mapping[str, Any], path: Path, findings: Findings) -> Strategy | None:
    name = table.get("strategy")
    if not isinstance(name, str):
        return None
    if name not in REGISTRY:
        findings.add((*path, "strategy"), "unknown strategy", f'it is "{name}"', did_you_mean(name, REGISTRY))
    return REGISTRY.get(name)


def _setup(
    config: StrategyConfig,
    strategy: Strategy | None,
    settings: dict[str, Any] | None,
    legs: tuple[Leg, ...],
    path: Path,
    sources: Mapping[str, Source],
    findings: Findings,
) -> StrategySetup | None:
    """The strategy bound to its legs; None where something that it needs was told to be wrong."""
    used = [sources[leg.symbol] for leg in legs]
    if strategy is not None and used:
        _check_needs(strategy, used, path, findings)
    limits = limits_of(config.risk or RiskConfig(), used, strategy, (*path, "risk"), findings)
    cash = findings.units((*path, "cash"), config.cash, MONEY_SCALE)
    execution = _execution(config.execution or ExecutionConfig(), config.legs, (*path, "execution"), findings)
    margin = None if config.margin is None else _margin(config.margin, (*path, "margin"), findings)
    terms = _exits(config, config.exits or ExitsConfig(), (*path, "exits"), findings)
    if (
        strategy is None
        or settings is None
        or not used
        or not scales_fit(used[0].price_scale, used[0].qty_scale)
    ):
        return None
    made = _bind(strategy, settings, terms, used[0], path, findings)
    if made is None:
        return None
    strategy, params = made
    bound = BoundStrategy(config.id, strategy, params, legs, limits, execution, margin)
    hashed = strategy_hash(strategy, settings, terms)
    return StrategySetup(bound, hashed, used[0].quote, Money(cash), settings)


def with_params(
    setup: StrategySetup, written: Mapping[str, Any], lead: Source, path: Path, findings: Findings
) -> StrategySetup | None:
    """The same strategy with the parameters `written`, which nothing else in a config depends on.

    None where something is wrong with them, which is added to `findings`.
    """
    strategy, old = REGISTRY[setup.bound.strategy.name], setup.bound.params
    terms = old.terms if are_beside(old) else None
    settings = _settings(strategy, written, path, findings)
    made = None if settings is None else _bind(strategy, settings, terms, lead, path, findings)
    if settings is None or made is None:
        return None
    bound = setup.bound._replace(strategy=made[0], params=made[1])
    return replace(
        setup, bound=bound, config_hash=strategy_hash(strategy, settings, terms), settings=settings
    )


def _bind(
    strategy: Strategy,
    settings: Mapping[str, Any],
    terms: Terms | None,
    lead: Source,
    path: Path,
    findings: Findings,
) -> tuple[Strategy, Any] | None:
    """The strategy, within its exits where it has any, and its parameters in whole units."""
    try:
        params = strategy.bind(settings, instrument_of(lead))
    except ValueError as error:
        findings.add((*path, "params", *_named(str(error), settings)), "refused by the strategy", str(error))
        return None
    return (strategy, params) if terms is None else guarded(strategy, params, terms)


def _legs(
    config: StrategyConfig,
    path: Path,
    sources: Mapping[str, Source],
    symbols: Collection[str],
    findings: Findings,
) -> tuple[Leg, ...]:
    """The legs, the deciding one first; empty where one of them cannot be used."""
    legs: list[Leg] = []
    for number, written in enumerate(config.legs):
        place = (*path, "legs", number)
        symbol = written.removeprefix("-")
        if symbol not in symbols:
            findings.add(
                place, "is not an instrument of this file", f'it is "{symbol}"', did_you_mean(symbol, symbols)
            )
        elif symbol in [leg.symbol for leg in legs]:
            findings.add(place, "used twice", f"{symbol} is a leg already")
        elif number == 0 and written.startswith("-"):
            findings.add(
                place, "the first leg decides and cannot hedge", f'it is "{written}"', "leave out its minus"
            )
        elif symbol in sources:
            legs.append(Leg(symbol=symbol, weight=-1 if written.startswith("-") else 1))
    if len(legs) < len(config.legs):
        return ()
    lead = sources[legs[0].symbol]
    for number, leg in enumerate(legs):
        for name in SHARED:
            if getattr(sources[leg.symbol], name) != getattr(lead, name):
                problem = f"all legs of a strategy need the same {name.removesuffix('_ns')}"
                findings.add((*path, "legs", number), problem, f"{leg.symbol} differs from {lead.symbol}")
    return tuple(legs)


def _check_needs(strategy: Strategy, used: Sequence[Source], path: Path, findings: Findings) -> None:
    if len(used) < strategy.legs:
        why = f"{strategy.name} needs {strategy.legs}, there are {len(used)}"
        findings.add(
            (*path, "legs"), "too few legs", why, 'the second one hedges: legs = ["BTCUSDT-PERP", "-BTCUSDT"]'
        )
    lead = used[0]
    if FUNDING in strategy.aux and lead.funding is None:
        why = f"{lead.symbol} has no funding, and {strategy.name} decides on it"
        findings.add((*path, "legs", 0), "the first leg needs funding", why, "name its file: funding = ...")
    there = [one.name for one in lead.aux]
    for name in strategy.aux:
        if name not in (FUNDING, REGIME, *there):
            why = f"{lead.symbol} has no series {name}, and {strategy.name} decides on it"
            findings.add(
                (*path, "legs", 0),
                f"the first leg needs {name}",
                why,
                did_you_mean(name, there) if there else f'add [[instruments.aux]] with name = "{name}"',
            )


def _execution(config: ExecutionConfig, legs: Sequence[str], path: Path, findings: Findings) -> Execution:
    if len(legs) > 1 and (config.entry, config.exit) != ("market", "market"):
        why = "one leg would trade and the other wait, and half a hedge is a bet"
        findings.add(path, "a hedge takes the market with all its legs", why)
    return Execution(config.entry, config.exit, config.offset_ticks)


def _exits(config: StrategyConfig, exits: ExitsConfig, path: Path, findings: Findings) -> Terms | None:
    """The exits around the strategy; None where there are none."""
    decimals = len(str(SCALE)) - 1
    stop, target = (
        0 if value is None else findings.units((*path, name), value, decimals)
        for name, value in (("stop_loss", exits.stop_loss), ("take_profit", exits.take_profit))
    )
    terms = Terms(stop, target, exits.bars_max or 0)
    if terms == Terms():
        return None
    if len(config.legs) > 1:
        findings.add(path, "a hedge has no exits of its own", "the price of one leg says nothing about all")
    if config.execution is not None and config.execution.exit != "market":
        why = f'[strategies.execution] exit is "{config.execution.exit}", which may wait for ever'
        findings.add(path, "an exit that protects takes the market", why)
    return terms


def _margin(config: MarginConfig, path: Path, findings: Findings) -> Margin:
    names = ("maintenance", "liquidation_fee", "borrow_cash", "borrow_coins")
    return Margin(*(findings.units((*path, name), getattr(config, name), RATE_SCALE) for name in names))


def _settings(strategy: Strategy, written: Any, path: Path, findings: Findings) -> dict[str, Any] | None:
    """The parameters by the strategy's own schema, defaults filled in; None where they break it."""
    if not isinstance(written, dict):
        return None
    before = len(findings.faults)
    inside = (*path, "params")
    model = PARAMS[strategy.name]
    values = conformed(written, model)
    try:
        checked = model.model_validate(values, strict=True)
    except ValidationError as error:
        findings.faults += faults_of(error.errors(), model, findings.document, inside)
        checked = None
    _check_order(strategy.name, values, inside, findings)
    return None if checked is None or len(findings.faults) > before else checked.model_dump()


def _check_order(strategy: str, values: Mapping[str, Any], path: Path, findings: Findings) -> None:
    fields = PARAMS[strategy].model_fields
    for low, high in BELOW.get(strategy, ()):
        if not findings.document.broken.isdisjoint([(*path, low), (*path, high)]):
            continue
        lower, upper = (values.get(name, fields[name].default) for name in (low, high))
        if not all(isinstance(value, int | Decimal) for value in (lower, upper)) or lower < upper:
            continue
        for name, word, other, value in ((low, "below", high, upper), (high, "above", low, lower)):
            if name in values:
                findings.add(
                    (*path, name), f"must be {word} {other}", f"it is {values[name]}, {other} is {value}"
                )


def _named(message: str, settings: Mapping[str, Any]) -> Path:
    """The parameter that a message of `bind` begins with, so that the fault is told at its line."""
    first = message.split(" ", 1)[0]
    return (first,) if first in settings else ()

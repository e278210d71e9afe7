"""A config file becomes a checked config in whole units, or all that is wrong with it is told at once.

The schema (schemas/config/) says what a value may be; this room checks how values relate, before any file is made.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from veracity.app import config_costs, config_instruments, config_strategies
from veracity.app.config_findings import Findings
from veracity.app.config_lines import Path as KeyPath
from veracity.app.config_overrides import apply_overrides
from veracity.app.config_problems import UNKNOWN, faults_of
from veracity.app.config_render import resolved_toml
from veracity.app.config_risk import check_rulebook
from veracity.app.config_shapes import conformed
from veracity.app.config_strategies import StrategySetup
from veracity.app.config_text import Document, read_file
from veracity.app.config_values import canonical
from veracity.data.dataset import Source
from veracity.domain.canonical import canonical_hash
from veracity.domain.config_models import (
    BacktestConfig,
    CostsConfig,
    InstrumentConfig,
    ReportConfig,
    RulebookConfig,
    RunConfig,
    StrategyConfig,
)
from veracity.domain.events import StrategyStarted
from veracity.domain.time import ts_text
from veracity.engine.core import BoundStrategy
from veracity.guards.rulebook import Guard, in_order, order_of
from veracity.guards.view import RiskLimits
from veracity.simulator.costs import CostModel

Kind: TypeAlias = Literal["backtest"]
Part = TypeVar("Part", bound=BaseModel)

DATA_FILES: Final = (
    "bars",
    "funding",
    "file",
)  # covered by the dataset hash; where the files are is no part of a run


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A config that can be run. Money is in 10^-8, rates are in 10^-9, prices and quantities in their instrument's units."""

    name: str  # the file, as the operator wrote it
    run: RunConfig
    report: ReportConfig
    instruments: tuple[Source, ...]
    strategies: tuple[StrategySetup, ...]
    costs: CostModel
    rulebook: RulebookConfig
    resolved: dict[str, Any]  # every value as a person writes it, defaults filled in, data files absolute
    config_hash: str
    document: Document

    def sources(self) -> list[Source]:
        """What the dataset is loaded from."""
        return list(self.instruments)

    def bound_strategies(self) -> list[BoundStrategy]:
        """The strategies as the engine takes them."""
        return [setup.bound for setup in self.strategies]

    def started(self) -> list[StrategyStarted]:
        """The events that open the strategies' accounts; seq and ts are given when they are journaled."""
        return [setup.started() for setup in self.strategies]

    def cost_model(self) -> CostModel:
        """The costs as the simulator takes them."""
        return self.costs

    def limits(self) -> dict[str, RiskLimits]:
        """Each strategy's limits."""
        return {setup.bound.strategy_id: setup.bound.limits for setup in self.strategies}

    def guards(self) -> tuple[Guard, ...]:
        """The rules in the order of this run."""
        return in_order(order_of(self.rulebook.order))

    def resolved_toml(self) -> str:
        """The resolved config with the origin of each value; it loads as the same config from any directory."""
        return resolved_toml(self.resolved, self.document)


def load(path: Path, overrides: Iterable[str] = ()) -> LoadedConfig:
    """The config in the TOML file at `path`, changed by `key=value` overrides.

    Raises OperatorFaults with every fault, each with `file:line`; nothing is written.
    """
    document = read_file(path)
    apply_overrides(document, overrides)
    return validate_at_boot(document, "backtest")


def validate_at_boot(document: Document, kind: Kind) -> LoadedConfig:
    """Check all values and how they relate, for a run of this kind; raises OperatorFaults with every fault.

    A part that breaks the schema does not keep the other parts from being checked.
    """
    assert kind == "backtest", kind
    findings = Findings(document)
    values = conformed(document.values, BacktestConfig)
    config, errors = _validated(values)
    findings.faults += faults_of(errors, BacktestConfig, document)
    good_instruments = _good(values, "instruments", InstrumentConfig, errors)
    good_strategies = _good(values, "strategies", StrategyConfig, errors)
    sources = config_instruments.resolve(good_instruments, findings)
    setups = config_strategies.resolve(
        _tables(values, "strategies"), good_strategies, sources, _symbols(values), findings
    )
    kinds = [source.kind for source in sources.values()]
    costs = config_costs.resolve((config and config.costs) or CostsConfig(), kinds, findings)
    rulebook = (config and config.risk) or RulebookConfig()
    check_rulebook(rulebook, findings)
    findings.raise_if_any()
    assert config is not None
    resolved = _resolved(config, sources, setups)
    return LoadedConfig(
        name=document.name,
        run=config.run or RunConfig(),
        report=config.report or ReportConfig(),
        instruments=tuple(sources.values()),
        strategies=setups,
        costs=costs,
        rulebook=rulebook,
        resolved=resolved,
        config_hash=config_hash(resolved),
        document=document,
    )


def config_hash(resolved: dict[str, Any]) -> str:
    """SHA-256 of the canonical resolved config: not of its text, nor of where its data files are."""
    return canonical_hash(hashed_values(resolved))


def hashed_values(resolved: dict[str, Any]) -> dict[str, Any]:
    """What the hash of a resolved config is taken over, in canonical form."""
    instruments = [
        {**_named(instrument), "aux": [_named(one) for one in instrument["aux"]]}
        for instrument in resolved["instruments"]
    ]
    for instrument in instruments:
        if not instrument["aux"]:  # a config without such series has the hash that it always had
            del instrument["aux"]
    found: dict[str, Any] = canonical({**resolved, "instruments": instruments})
    return found


def _named(table: dict[str, Any]) -> dict[str, Any]:
    """A table without where its data files are."""
    return {key: value for key, value in table.items() if key not in DATA_FILES}


def _validated(values: dict[str, Any]) -> tuple[BacktestConfig | None, list[ErrorDetails]]:
    try:
        return BacktestConfig.model_validate(values, strict=True), []
    except ValidationError as error:
        return None, error.errors()


def _tables(values: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The tables of a list as they were written; whatever else stands in its place is told by the schema."""
    found = values.get(key)
    return [item if isinstance(item, dict) else {} for item in found] if isinstance(found, tuple) else []


def _symbols(values: dict[str, Any]) -> list[str]:
    """Every symbol that the config names, also of an instrument that cannot be used."""
    return [str(table["symbol"]) for table in _tables(values, "instruments") if "symbol" in table]


def _good(values: dict[str, Any], key: str, model: type[Part], errors: list[ErrorDetails]) -> dict[int, Part]:
    """The tables of a list that can be judged further, by number: unknown keys are put aside, other errors exclude."""
    good = {}
    for number, table in enumerate(_tables(values, key)):
        mine = [error for error in errors if error["loc"][:2] == (key, number)]
        if all(error["type"] == UNKNOWN for error in mine):
            known = _without(table, {error["loc"][2:] for error in mine})
            good[number] = model.model_validate(known, strict=True)
    return good


def _without(value: Any, paths: Collection[KeyPath]) -> Any:
    """A table, or a list of tables, without the keys at `paths`."""
    if not paths:
        return value
    inside = {path[0]: [other[1:] for other in paths if other[0] == path[0]] for path in paths}
    if isinstance(value, tuple):
        return tuple(_without(item, inside.get(number, ())) for number, item in enumerate(value))
    return {
        key: _without(item, inside.get(key, ()))
        for key, item in value.items()
        if () not in inside.get(key, ())
    }


def _resolved(
    config: BacktestConfig, sources: dict[int, Source], setups: tuple[StrategySetup, ...]
) -> dict[str, Any]:
    """All values: parameters with the strategy's defaults, data files where they were found, stamps in full."""
    resolved = config.model_dump()
    for number, instrument in enumerate(resolved["instruments"]):
        source = sources[number]
        instrument["bars"] = str(source.bars)
        instrument["funding"] = None if source.funding is None else str(source.funding)
        for series, one in zip(instrument["aux"], source.aux, strict=True):
            series["file"] = str(one.file)
        instrument["start"] = None if source.start_ts is None else ts_text(source.start_ts)
        instrument["end"] = None if source.end_ts is None else ts_text(source.end_ts)
        for exception, (stamp, _) in zip(instrument["exceptions"], source.outliers.exceptions, strict=True):
            exception["ts"] = ts_text(stamp)
    for strategy, setup in zip(resolved["strategies"], setups, strict=True):
        strategy["params"] = dict(setup.settings)
    return resolved

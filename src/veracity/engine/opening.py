"""The first events of a journal: what the run is made of, and the change from recovering to running."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from veracity.domain.events import (
    InstrumentListed,
    RegimeWatched,
    RunStarted,
    StrategyStarted,
    VolatilityWatched,
)
from veracity.domain.machines import ModeOn
from veracity.domain.regimes import settings_for
from veracity.engine import modes
from veracity.engine.core import BoundStrategy
from veracity.engine.draft import Draft, Step
from veracity.state.model import EngineState

Watched: TypeAlias = VolatilityWatched | RegimeWatched


class RunIdentity(NamedTuple):
    """What makes a run the same run."""

    run_id: str
    config_hash: str
    dataset_hash: str
    code_hash: str
    seed: int


class Cast(NamedTuple):
    """Who takes part: instruments and strategies in the order of the config, and what these watch. Seq and ts are set by
    `opening`."""

    instruments: Sequence[InstrumentListed]
    strategies: Sequence[StrategyStarted]
    watches: Sequence[Watched] = ()


def opening(identity: RunIdentity, cast: Cast, ts: int) -> Step:
    """The opening step of a new run; `ts` is when its first bar opens."""
    draft = Draft(EngineState(), ts)
    draft.add(
        RunStarted(
            seq=draft.seq,
            ts=ts,
            run_id=identity.run_id,
            config_hash=identity.config_hash,
            dataset_hash=identity.dataset_hash,
            code_hash=identity.code_hash,
            seed=identity.seed,
        )
    )
    for listed in cast.instruments:
        draft.add(replace(listed, seq=draft.seq, ts=ts))
    for started in cast.strategies:
        draft.add(replace(started, seq=draft.seq, ts=ts))
    for watched in cast.watches:
        draft.add(replace(watched, seq=draft.seq, ts=ts))
    modes.change(draft, ModeOn.RECOVERED, "run_started", "")
    return draft.step()


def watches(strategies: Sequence[BoundStrategy]) -> list[VolatilityWatched]:
    """What the strategies' volatility pauses watch: each leg of those that have one; seq and ts are set by `opening`."""
    found = []
    for bound in strategies:
        limits = bound.limits.volatility
        if limits is not None:
            found += [VolatilityWatched(1, 0, bound.strategy_id, leg.symbol, *limits) for leg in bound.legs]
    return found


def labelled(
    strategies: Sequence[BoundStrategy], instruments: Sequence[InstrumentListed]
) -> list[RegimeWatched]:
    """The instruments by whose regime a strategy decides, each once; seq and ts are set by `opening`."""
    leads = {bound.lead for bound in strategies if bound.strategy.needs_regime}
    found = []
    for listed in instruments:
        if listed.symbol in leads:
            chosen = settings_for(listed.interval_ns)
            found.append(RegimeWatched(1, 0, listed.symbol, chosen.window, chosen.history, chosen.dwell))
    return found

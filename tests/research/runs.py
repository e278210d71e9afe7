"""Small runs and what research makes of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tests.kit.backtest import FREE, SmallRun, run_small_backtest
from tests.kit.market import bars_of
from tests.kit.players import Player
from tests.kit.script import IDENTITY

from veracity.data.dataset import Dataset
from veracity.domain.events import OrderFilled
from veracity.domain.market import Bars
from veracity.domain.summary_models import ManifestDigest, Summary
from veracity.guards.view import RiskLimits
from veracity.research.baselines import Planned, baseline_strategies, started
from veracity.research.results import Results, collect
from veracity.research.summary import build, manifest_digest
from veracity.simulator.costs import CostModel

MANIFEST: Mapping[str, Any] = {
    "schema": "veracity.manifest/1",
    "run_id": IDENTITY.run_id,
    "label": "test",
    "seed": IDENTITY.seed,
    "config_hash": IDENTITY.config_hash,
    "dataset_hash": IDENTITY.dataset_hash,
    "code_hash": IDENTITY.code_hash,
    "feature_hash": "4" * 64,
    "env_hash": "5" * 64,
    "git_sha": "unknown",
    "strategy_versions": [{"strategy_id": "a", "strategy": "puppet", "version": 1, "config_hash": "c" * 64}],
    "versions": [{"name": "python", "version": "3.11.7"}],
}
NO_LIMITS = RiskLimits()


def results_of(run: SmallRun) -> Results:
    """The results of a run, compared to its final state."""
    return collect(run.events, run.dataset, run.state)


def played(
    market: Mapping[str, Bars] | Dataset, *players: Player, costs: CostModel = FREE, **options: Any
) -> Results:
    """The results of a small backtest."""
    return results_of(run_small_backtest(market, players, costs=costs, **options))


def digest() -> ManifestDigest:
    """The manifest of every small run."""
    return manifest_digest(MANIFEST)


def summary_of(results: Results, **options: Any) -> Summary:
    """The summary of a small run."""
    return build(results, digest(), **options)


def run_baselines(
    dataset: Dataset, planned: Sequence[Planned], cash: int, costs: CostModel = FREE
) -> tuple[SmallRun, Results]:
    """One run of all baselines that the data allow."""
    players = [
        Player(bound, start)
        for bound, start in zip(baseline_strategies(planned), started(planned, cash, "USDT"), strict=True)
    ]
    run = run_small_backtest(dataset, players, costs=costs)
    return run, results_of(run)


def fill_prices(run: SmallRun) -> list[tuple[str, int, int]]:
    """Side, price and quantity of every fill."""
    return [(fill.side, fill.price, fill.qty) for fill in run.all(OrderFilled)]


def walk(seed: int, count: int, *, start: int = 100_00, step: int = 40) -> Bars:
    """A random walk of closes that stays above half of where it starts."""
    moves = np.random.default_rng(seed).integers(-step, step + 1, count)
    return bars_of(np.maximum(start + np.cumsum(moves), start // 2).tolist())


def targets(seed: int, count: int, largest: int = 3_000) -> tuple[int, ...]:
    """Random positions, flat, long and short; often the one before."""
    rng = np.random.default_rng(seed)
    found = rng.integers(-largest, largest + 1, count)
    found[rng.random(count) < 0.5] = 0
    return tuple(found.tolist())

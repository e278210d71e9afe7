"""What each component of the reality score is read from (S-083). A component that nothing proves is unknown, not good."""

from collections.abc import Sequence
from math import ceil
from typing import Final, NamedTuple

from veracity.data.dataset import Dataset
from veracity.domain.summary_models import (
    RealityFile,
    ScoreComponent,
    Statistics,
    StressFile,
    Summary,
    WalkForwardFile,
)
from veracity.research.lookahead import Verdict
from veracity.research.reality_score import ONE, Component, reality_score
from veracity.simulator.costs import CostModel

REALITY_FILE: Final = "reality.json"
TRADES_ENOUGH: Final = 100
UNKNOWN_SHA: Final = "unknown"


class Evidence(NamedTuple):
    """All that is known about a run and its config; None where nobody looked."""

    summary: Summary
    costs: CostModel
    dataset: Dataset
    git_dirty: bool | None
    statistics: Sequence[Statistics]
    lookahead: Verdict | None = None
    walk_forward: WalkForwardFile | None = None
    stress: StressFile | None = None


def reality_file(evidence: Evidence) -> RealityFile:
    """The score with every component shown."""
    found = reality_score(
        {
            "costs": costs(evidence.costs, evidence.dataset),
            "data_quality": data_quality(evidence.dataset),
            "no_lookahead": no_lookahead(evidence.lookahead),
            "out_of_sample": out_of_sample(evidence.walk_forward),
            "multiple_testing": multiple_testing(evidence),
            "stress_survival": stress_survival(evidence.stress),
            "sample_size": sample_size(evidence),
            "reproducibility": reproducibility(evidence.summary, evidence.git_dirty),
        }
    )
    return RealityFile(
        run_id=evidence.summary.manifest.run_id,
        score=found.score,
        components=tuple(
            ScoreComponent(
                name=part.name,
                weight=part.weight,
                value=part.component.value,
                contribution=part.contribution,
                source=part.component.source,
                explanation=part.component.explanation,
            )
            for part in found.parts
        ),
        veto=None if found.veto is None else f"{found.veto} failed, so nothing else counts.",
    )


def costs(model: CostModel, dataset: Dataset) -> Component:
    """The share of six costs that the run pays: commission, spread, volatility or impact, latency, volume, funding."""
    perps = [data for data in dataset.instruments if data.source.kind == "perp"]
    paid = {
        "commission": model.fee_taker > 0,
        "spread": model.half_spread > 0,
        "volatility or impact": model.volatility_share > 0 or model.impact > 0,
        "latency": model.latency_submit_ns > 0,
        "a limit by volume": model.participation_max is not None and model.participation_max < ONE,
        "funding": all(data.funding is not None for data in perps),
    }
    missing = [name for name, is_paid in paid.items() if not is_paid]
    text = f"not in the model: {', '.join(missing)}" if missing else "every cost is in the model"
    return Component(sum(paid.values()) * ONE // len(paid), "config.resolved.toml", text)


def data_quality(dataset: Dataset) -> Component:
    """Share of the expected bars that are there and traded; half of it where the number of rows could not be checked."""
    there = sum(len(data.bars.ts) for data in dataset.instruments)
    missing = sum(gap.bars for data in dataset.instruments for gap in data.gaps)
    silent = sum(data.zero_volume for data in dataset.instruments)
    unchecked = any(data.unchecked for data in dataset.instruments)
    value = (there - silent) * ONE // (there + missing) // (2 if unchecked else 1)
    text = f"{missing:,} bars missing and {silent:,} without trade of {there + missing:,}"
    return Component(value, "manifest.json", text + (", no manifest beside the data" if unchecked else ""))


def no_lookahead(verdict: Verdict | None) -> Component:
    """Whole where cutting the future off changed nothing, 0 where it did."""
    if verdict is None:
        return Component(None, "lookahead", "not looked for: veracity lookahead -c CONFIG")
    text = f"the future cut off {verdict.cuts} times, {len(verdict.leaks)} leaks"
    return Component(0 if verdict.leaks else ONE, "lookahead", text)


def out_of_sample(file: WalkForwardFile | None) -> Component:
    """Share of the walk-forward folds that won on bars that the choice had not seen."""
    if file is None:
        return Component(None, "walkforward.json", "not run: veracity walkforward -c CONFIG")
    won, count = file.joined.folds_positive, len(file.folds)
    return Component(won * ONE // count, "walkforward.json", f"{won} of {count} folds won on unseen bars")


def multiple_testing(evidence: Evidence) -> Component:
    """The least deflated Sharpe ratio; of a sample that is too short for its trials, in the same proportion less.

    A walk-forward judges the whole choice, by the trials that were known then; where more were made since, the run's own
    statistics, which count them, have a say.
    """
    found = [("results/statistics.json", one) for one in evidence.statistics]
    if evidence.walk_forward is not None:
        walked = evidence.walk_forward.statistics
        is_newest = all(walked.trials >= one.trials for _, one in found)
        found = [*(() if is_newest else found), ("walkforward.json", walked)]
    known = [(value, source, one) for source, one in found if (value := _deflated(one)) is not None]
    if not known or len(known) < len(found):
        source = found[-1][0] if found else "results/statistics.json"
        return Component(None, source, "the deflated Sharpe ratio is unknown")
    value, source, least = min(known, key=lambda one: one[0])
    return Component(value, source, _deflation(least))


def stress_survival(file: StressFile | None) -> Component:
    """Share of the required scenarios that the result survives."""
    if file is None or file.required == 0:
        return Component(None, "stress.json", "not run: veracity stress -c CONFIG")
    text = f"{file.survived} of {file.required} required scenarios survived"
    return Component(file.survived * ONE // file.required, "stress.json", text)


def sample_size(evidence: Evidence) -> Component:
    """Round trips of 100, or returns of those that MinTRL asks for, whichever is the smaller share."""
    trades = sum(one.trades.closed for one in evidence.summary.strategies)
    shares = [min(trades * ONE // TRADES_ENOUGH, ONE)]
    for one in evidence.statistics:
        needed = one.periods_needed.value
        shares.append(0 if needed is None else min(int(one.periods * ONE / needed), ONE))
    text = f"{trades:,} of {TRADES_ENOUGH} round trips"
    for one in evidence.statistics:
        needed = one.periods_needed.value
        known = "unknown" if needed is None else f"{ceil(needed):,}"
        text += f"; {one.periods:,} returns, of which {known} are needed (MinTRL)"
    return Component(min(shares), "summary.json", text)


def reproducibility(summary: Summary, git_dirty: bool | None) -> Component:
    """Whole where the code is a clean commit, half where only its hash is known."""
    is_clean = summary.manifest.git_sha != UNKNOWN_SHA and git_dirty is False
    text = (
        "code, config, data and seed are pinned"
        if is_clean
        else "the code is not a clean commit: only its hash is known"
    )
    return Component(ONE if is_clean else ONE // 2, "manifest.json", text)


def _deflation(found: Statistics) -> str:
    trials = "1 trial" if found.trials == 1 else f"{found.trials:,} trials"
    text = f"deflated Sharpe ratio {found.dsr.value or 0:.2f} after {trials}"
    years, needed = found.years.value or 0, found.min_backtest_years.value or 0
    return text if years >= needed else f"{text}, times {years:.2f} of the {needed:.2f} years that they need"


def _deflated(found: Statistics) -> int | None:
    dsr, years, needed = found.dsr.value, found.years.value, found.min_backtest_years.value
    if dsr is None or years is None or needed is None:
        return None
    return int(dsr * min(1.0, years / needed if needed > 0 else 1.0) * ONE)

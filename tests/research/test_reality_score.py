"""The score's arithmetic, and what each component is read from."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.kit.backtest import FREE
from tests.kit.market import BTC, PERP, bars_of, dataset_of, funding_of
from tests.kit.players import puppet
from tests.research.runs import played, summary_of
from tests.research.test_walk_forward import run as walked

from veracity.data.dataset import Dataset
from veracity.data.gaps import Gap
from veracity.domain.policies import REALITY_WEIGHTS
from veracity.domain.summary_models import Statistics
from veracity.research import reality_evidence
from veracity.research.lookahead import Leak, Verdict
from veracity.research.multiple_testing import correct
from veracity.research.reality_evidence import Evidence
from veracity.research.reality_score import ONE, Component, reality_score
from veracity.simulator.costs import CostModel

REAL = CostModel(fee_taker=1, half_spread=1, impact=1, latency_submit_ns=1, participation_max=ONE // 10)


def components(*shares: float | None) -> dict[str, Component]:
    """Components in the order of the policy."""
    return {
        name: Component(None if share is None else round(share * ONE), "file", "text")
        for name, share in zip(REALITY_WEIGHTS, shares, strict=True)
    }


GIVEN = (1, 1, 1, 0.5, 0.9, 0.6, 1, 1)


@pytest.mark.ticket("T-225")
def test_the_score_is_the_weighted_sum_whatever_the_order_of_the_mapping() -> None:
    given = components(*GIVEN)
    assert reality_score(given).score == 87
    assert reality_score(dict(reversed(given.items()))).score == 87


@pytest.mark.ticket("T-225")
def test_what_is_unknown_counts_as_nothing_and_stays_in_the_denominator() -> None:
    assert reality_score(components(1, 1, 1, 0.5, 0.9, 0.6, None, 1)).score == 82


@pytest.mark.ticket("T-225")
def test_a_run_that_looks_ahead_scores_nothing_but_one_that_nobody_checked_does() -> None:
    failed = reality_score(components(1, 1, 0, 0.5, 0.9, 0.6, 1, 1))
    assert (failed.score, failed.veto) == (0, "no_lookahead")
    unknown = reality_score(components(1, 1, None, 0.5, 0.9, 0.6, 1, 1))
    assert (unknown.score, unknown.veto) == (72, None)


@pytest.mark.ticket("T-225")
def test_the_sum_is_cut_off_not_rounded() -> None:
    """The least that a component may lack costs the whole point; floats would have rounded it away."""
    given = components(*[1.0] * 8)
    given["reproducibility"] = Component(ONE - 1, "file", "text")
    assert reality_score(given).score == 99
    assert reality_score(components(*[1.0] * 8)).score == 100


def test_the_weights_are_the_published_ones_and_a_caller_has_no_say() -> None:
    assert list(REALITY_WEIGHTS.values()) == [20, 15, 15, 15, 15, 10, 5, 5]
    with pytest.raises(ValueError, match="the policy names"):
        reality_score({})
    with pytest.raises(ValueError, match="not between"):
        reality_score(components(1.1, *GIVEN[1:]))


def test_switching_a_cost_off_never_raises_the_score() -> None:
    dataset = dataset_of({BTC: bars_of([100_00] * 3)})
    whole = reality_evidence.costs(REAL, dataset)
    assert (whole.value, whole.explanation) == (ONE, "every cost is in the model")
    for off in ("fee_taker", "half_spread", "impact", "latency_submit_ns"):
        less = reality_evidence.costs(
            CostModel(
                **{
                    name: getattr(REAL, name) * (name != off)
                    for name in REAL.__struct_fields__
                    if isinstance(getattr(REAL, name), int)
                }
            ),
            dataset,
        )
        assert less.value is not None
        assert less.value < ONE
    assert reality_evidence.costs(FREE, dataset).value == ONE // 6  # spot pays no funding


def test_a_perpetual_without_funding_lacks_a_cost() -> None:
    bars = bars_of([100_00] * 3)
    without = dataset_of({PERP: bars})
    with_it = dataset_of({PERP: bars}, funding={PERP: funding_of([])})
    assert "funding" in reality_evidence.costs(REAL, without).explanation
    assert reality_evidence.costs(REAL, with_it).value == ONE


def test_missing_bars_and_unchecked_files_lower_the_quality() -> None:
    (data,) = dataset_of({BTC: bars_of([100_00] * 90)}).instruments
    assert reality_evidence.data_quality(Dataset((data,), "d" * 64)).value == ONE
    holey = replace(data, gaps=(Gap(0, 1, 10),))
    assert reality_evidence.data_quality(Dataset((holey,), "d" * 64)).value == ONE * 9 // 10
    unlisted = replace(data, unchecked=("row_count",), zero_volume=9)
    assert reality_evidence.data_quality(Dataset((unlisted,), "d" * 64)).value == ONE * 9 // 20


def test_what_nobody_looked_at_is_unknown_and_says_how_to_look() -> None:
    bars = bars_of([100_00, 101_00, 102_00])
    results = played({BTC: bars}, puppet("a", (1_000,)))
    file = reality_evidence.reality_file(
        Evidence(summary_of(results), REAL, dataset_of({BTC: bars}), None, ())
    )
    unknown = {one.name: one.explanation for one in file.components if one.value is None}
    assert list(unknown) == ["no_lookahead", "out_of_sample", "multiple_testing", "stress_survival"]
    assert "veracity walkforward" in unknown["out_of_sample"]
    assert (
        file.score == 20 + 15 + 0 + 2
    )  # costs, data, no trades enough, half for the code's hash: floor(37.55)


def test_one_leak_is_a_failure() -> None:
    leak = Leak("feature", "a", 1, 1, "feature 0", "1", "2", 3)
    assert reality_evidence.no_lookahead(Verdict(9, 3, 1, (leak,))).value == 0
    assert reality_evidence.no_lookahead(Verdict(9, 3, 1, ())).value == ONE


def test_a_share_that_was_made_smaller_says_from_what() -> None:
    """Twelve trials on 400 minutes: the ratio alone is another number than the points stand for."""
    waves = np.sin(np.arange(400.0)) * 1e-4 + 1e-5
    found = correct(waves[:, None], trades=[1], trials=12, periods_per_year=525_600, seed=1)
    assert found.dsr.value is not None
    assert found.min_backtest_years.value is not None
    bars = bars_of([100_00, 101_00, 102_00])
    summary = summary_of(played({BTC: bars}, puppet("a", (1_000,))))
    evidence = Evidence(summary, REAL, dataset_of({BTC: bars}), None, (found,))
    part = reality_evidence.multiple_testing(evidence)
    years = 400 / 525_600
    assert part.value == int(found.dsr.value * years / found.min_backtest_years.value * ONE)
    assert part.explanation == (
        f"deflated Sharpe ratio {found.dsr.value:.2f} after 12 trials, times {years:.2f} of the "
        f"{found.min_backtest_years.value:.2f} years that they need"
    )
    assert found.periods_needed.value is not None
    needed = math.ceil(found.periods_needed.value)
    assert reality_evidence.sample_size(evidence).explanation == (
        f"1 of 100 round trips; 400 returns, of which {needed:,} are needed (MinTRL)"
    )


def test_trials_made_since_a_walk_forward_have_a_say_in_it() -> None:
    """Judged by 3 trials it is worth more than by the 300 that are known now; where they are the same 3, it alone counts."""
    waves = (np.sin(np.arange(400.0)) * 1e-4 + 1e-5)[:, None]
    few, many = (
        correct(waves, trades=[1], trials=count, periods_per_year=525_600, seed=1) for count in (3, 300)
    )
    file = walked()[0].model_copy(update={"statistics": few})
    bars = bars_of([100_00, 101_00, 102_00])
    summary = summary_of(played({BTC: bars}, puppet("a", (1_000,))))

    def part(own: Statistics) -> Component:
        found = Evidence(summary, REAL, dataset_of({BTC: bars}), None, (own,), walk_forward=file)
        return reality_evidence.multiple_testing(found)

    assert part(few).source == "walkforward.json"
    assert part(few).explanation.startswith(f"deflated Sharpe ratio {few.dsr.value:.2f} after 3 trials")
    assert part(many).source == "results/statistics.json"
    assert part(many).explanation.startswith(f"deflated Sharpe ratio {many.dsr.value:.2f} after 300 trials")
    assert (part(many).value or 0) < (part(few).value or 0)


def test_one_trial_needs_no_years_and_its_ratio_counts_whole() -> None:
    found = correct(
        np.sin(np.arange(400.0))[:, None] + 0.1, trades=[1], trials=1, periods_per_year=365, seed=1
    )
    bars = bars_of([100_00, 101_00, 102_00])
    summary = summary_of(played({BTC: bars}, puppet("a", (1_000,))))
    part = reality_evidence.multiple_testing(Evidence(summary, REAL, dataset_of({BTC: bars}), None, (found,)))
    assert found.dsr.value is not None
    assert part.value == int(found.dsr.value * ONE)
    assert part.explanation == f"deflated Sharpe ratio {found.dsr.value:.2f} after 1 trial"

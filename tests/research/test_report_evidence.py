"""The parts of the page that say how far to believe it: each from its file, none without."""

import json
import re
from typing import Any

import pytest
from tests.kit.backtest import FREE
from tests.kit.market import BTC, bars_of, dataset_of, usd
from tests.kit.players import puppet
from tests.research.runs import played, summary_of
from tests.research.test_stress import plan as stress_plan
from tests.research.test_stress import run as stressed
from tests.research.test_walk_forward import run as walked

from veracity.research import reality_evidence, run_statistics, strata_files
from veracity.research.reality_evidence import Evidence
from veracity.research.report import NO_PANELS, Origin, render
from veracity.research.report_evidence import Panels, SweepPanel, _each, _short
from veracity.research.report_evidence_charts import sweep_figure
from veracity.research.sweep_axes import Axis
from veracity.simulator.costs import CostModel

BARS = bars_of([100_00 + 30 * (n % 7) for n in range(400)])
ORIGIN = Origin("test", "run", "[run]\n")
PARTS = ["regimes", "hours", "sweep", "surface", "folds", "stress", "statistics", "reality"]


def trial(number: int, fast: str, slow: str, seed: str, net: int | None) -> dict[str, Any]:
    metrics = None if net is None else {"net": usd(net), "fees": usd(1), "fills": 4}
    params = {"strategies.a.params.fast": fast, "strategies.a.params.slow": slow, "run.seed": seed}
    return {"trial": number, "params": params, "status": "ok" if metrics else "refused", "metrics": metrics}


SWEEP = SweepPanel(
    "sweep-1",
    "grid",
    (
        Axis("strategies.a.params.fast", ("1", "2")),
        Axis("strategies.a.params.slow", ("2", "3")),
        Axis("run.seed", ("1", "2")),
    ),
    [
        trial(0, "1", "2", "1", 5),
        trial(1, "1", "2", "2", 7),
        trial(2, "1", "3", "1", -4),
        trial(3, "2", "2", "1", None),
        trial(4, "2", "3", "2", 9),
    ],
)


@pytest.fixture(scope="module")
def panels() -> Panels:
    results = played({BTC: BARS}, puppet("a", (1_000, 0, 0) * 130))
    dataset = dataset_of({BTC: BARS})
    judged = run_statistics.statistics_file(results, "0" * 16, seed=1, trials=12)
    assert judged is not None
    file = walked(cross_validation=(6, 2))[0]
    stress = stressed(stress_plan([100_00] * 6, CostModel(half_spread=1_000_000)))
    found = tuple(one.statistics for one in judged.strategies)
    evidence = Evidence(summary_of(results), FREE, dataset, False, found, None, file, stress)
    return Panels(
        strata_files.regimes_file(results, dataset, "0" * 16),
        strata_files.hours_file(results, "0" * 16),
        judged,
        reality_evidence.reality_file(evidence),
        file,
        stress,
        SWEEP,
    )


def page(panels: Panels) -> str:
    results = played({BTC: BARS}, puppet("a", (1_000, 0, 0) * 130))
    return render(summary_of(results), results, dataset_of({BTC: BARS}), (), ORIGIN, panels)


def sections(text: str) -> list[str]:
    return re.findall(r'<section id="(\w+)"', text)


def test_every_file_has_its_part_between_the_refusals_and_the_provenance(panels: Panels) -> None:
    found = sections(page(panels))
    assert found[found.index("denials") + 1 : found.index("provenance")] == PARTS


def test_a_file_that_is_not_there_leaves_its_part_out() -> None:
    assert not set(PARTS) & set(sections(page(NO_PANELS)))


def test_the_verdict_stands_above_its_numbers_with_its_reason(panels: Panels) -> None:
    text = page(panels)
    assert "a: untrustworthy." in text
    assert "at least one would look significant at 5 % in 46 % of all cases" in text  # 1 - 0.95^12
    assert "12 trials were made on 0.00 years of data" in text


def test_what_was_judged_by_fewer_trials_than_are_known_by_now_is_not_trusted_any_more(
    panels: Panels,
) -> None:
    assert panels.walk_forward is not None
    trusted = panels.walk_forward.statistics.model_copy(
        update={"trials": 11, "verdict": "trustworthy", "reasons": ("It was.",)}
    )
    text = page(panels._replace(walk_forward=panels.walk_forward.model_copy(update={"statistics": trusted})))
    assert "the best of the grid: unknown." in text
    assert "It was. Judged by 11 trials, and 12 are known by now: walk forward again." in text
    newest = trusted.model_copy(update={"trials": 12})
    text = page(panels._replace(walk_forward=panels.walk_forward.model_copy(update={"statistics": newest})))
    assert "the best of the grid: trustworthy." in text
    assert "known by now" not in text


def test_the_verdict_and_the_score_are_seen_first(panels: Panels) -> None:
    top = page(panels).split("</header>")[0]
    assert panels.reality is not None
    assert '<a href="#statistics">untrustworthy</a>' in top
    assert f'<a href="#reality">{panels.reality.score} of 100</a>' in top


def test_a_measure_without_a_value_says_why_where_its_meaning_stands(panels: Panels) -> None:
    text = page(panels)
    assert "<td>none</td>" in text
    assert "There is only one trial: nothing was chosen. How often the best trial" in text


def test_hours_folds_and_surface_are_drawn_from_their_files(panels: Panels) -> None:
    text = page(panels)
    data = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text)
    assert data is not None
    figures = {one["id"]: one for one in json.loads(data.group(1))}
    assert panels.hours is not None
    assert panels.walk_forward is not None
    hours = panels.hours.strategies[0].hours
    assert figures["hours-chart-a"]["data"][0]["y"] == [float(row.pnl.text) for row in hours]
    assert figures["folds-chart"]["data"][0]["y"] == [
        float(fold.net.text) for fold in panels.walk_forward.folds
    ]
    assert panels.stress is not None
    assert panels.regimes is not None
    ran = [one for one in (panels.stress.base, *panels.stress.scenarios) if one.net is not None]
    assert figures["stress-chart"]["data"][0]["x"] == [one.name for one in ran]
    regimes = panels.regimes.strategies[0].rows
    assert figures["regimes-chart-a"]["data"][0]["y"] == [float(row.pnl.text) for row in regimes]
    surface = figures["surface-chart"]["data"][0]
    assert (surface["y"], surface["x"]) == (["1", "3", "2"], ["a", "b"])
    assert surface["z"][1][0] == max(max(row) for row in surface["z"])


def test_a_sweep_shows_the_best_of_each_place_and_of_all_and_leaves_what_did_not_run_empty(
    panels: Panels,
) -> None:
    figure = sweep_figure(SWEEP, "USDT")["data"][0]
    assert (figure["y"], figure["x"]) == (["1", "2"], ["2", "3"])
    assert figure["z"] == [[7.0, -4.0], [None, 9.0]]
    part = page(panels).split('<section id="sweep"')[1].split("</section>")[0]
    assert "5 trials by grid search: 4 ran, 3 of them won." in part
    assert re.findall(r'scope="row">(\d+)</th>', part) == ["4", "1", "0", "2"]
    assert "fast 2, slow 3, seed 2" in part


def test_a_sweep_of_one_parameter_is_drawn_as_bars_and_what_did_not_run_has_none() -> None:
    rows = [{"trial": 0, "params": {"run.seed": "1"}, "metrics": {"net": usd(2)}}]
    figure = sweep_figure(SweepPanel("s", "grid", (Axis("run.seed", ("1", "2")),), rows), "USDT")["data"][0]
    assert (figure["type"], figure["x"], figure["y"]) == ("bar", ["1", "2"], [2.0, None])


def test_the_score_and_every_component_are_shown_in_full(panels: Panels) -> None:
    text = page(panels)
    assert panels.reality is not None
    assert f"{panels.reality.score} of 100" in text
    for one in panels.reality.components:
        assert one.name.replace("_", " ") in text
        assert f"of {one.weight}</td>" in text


def test_a_ratio_says_what_its_returns_are_of_and_small_ones_keep_a_digit(panels: Panels) -> None:
    assert _each(365) == "daily returns"
    assert _each(24 * 365) == "hourly returns"
    assert _each(365 * 96) == "15-minute returns"
    assert (_short(None), _short(0.0), _short(0.01471), _short(-0.00004)) == (
        "none", "0.0000", "0.0147", "-4e-05",
    )  # fmt: skip
    assert "1-minute returns; 95 % interval" in page(panels)


def test_both_ratios_of_a_fold_are_of_a_year_as_the_sentence_above_them_is(panels: Panels) -> None:
    assert panels.walk_forward is not None
    part = page(panels).split('<section id="folds"')[1].split("</section>")[0]
    assert "Sharpe on train, a year" in part
    assert "Sharpe on test, a year" in part
    known = [one.train_sharpe_annual.value for one in panels.walk_forward.folds]
    assert panels.walk_forward.joined.train_sharpe_annual.value == pytest.approx(
        sum(one for one in known if one is not None) / len(known)
    )


def test_a_chart_of_money_names_the_currency(panels: Panels) -> None:
    text = page(panels)
    data = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text)
    assert data is not None
    figures = {one["id"]: one for one in json.loads(data.group(1))}
    for name in ("folds-chart", "stress-chart", "hours-chart-a", "regimes-chart-a", "costs-chart-a"):
        assert figures[name]["layout"]["yaxis"]["title"]["text"].endswith("USDT"), name
    assert "Net over the parameters, on all data, USDT" in text

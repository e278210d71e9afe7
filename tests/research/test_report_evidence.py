"""The parts of the page that say how far to believe it: each from its file, none without."""

import json
import re

import pytest
from tests.kit.backtest import FREE
from tests.kit.market import BTC, bars_of, dataset_of
from tests.kit.players import puppet
from tests.research.runs import played, summary_of
from tests.research.test_stress import plan as stress_plan
from tests.research.test_stress import run as stressed
from tests.research.test_walk_forward import run as walked

from veracity.research import reality_evidence, run_statistics, strata_files
from veracity.research.reality_evidence import Evidence
from veracity.research.report import NO_PANELS, Origin, render
from veracity.research.report_evidence import Panels
from veracity.simulator.costs import CostModel

BARS = bars_of([100_00 + 30 * (n % 7) for n in range(400)])
ORIGIN = Origin("test", "run", "[run]\n")
PARTS = ["regimes", "hours", "surface", "folds", "stress", "statistics", "reality"]


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
    assert "12 trials were made on 0.00 years of data" in text


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


def test_the_score_and_every_component_are_shown_in_full(panels: Panels) -> None:
    text = page(panels)
    assert panels.reality is not None
    assert f"{panels.reality.score} of 100" in text
    for one in panels.reality.components:
        assert one.name.replace("_", " ") in text
        assert f"of {one.weight}</td>" in text

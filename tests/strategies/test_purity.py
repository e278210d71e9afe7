"""`decide` is a function of its arguments, and of nothing else (specs/strategies/interface.md, S-133)."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.kit.market import BTC, MINUTE, PERP, bars_of, instrument
from tests.kit.script import Script
from tests.strategies.desk import SETTINGS, library
from tests.strategies.purity import impurities

import veracity.strategies
from veracity.domain.market import AuxSeries
from veracity.simulator.chance import draw
from veracity.strategies.interface import Memo, Row, Window, columns_of
from veracity.strategies.registry import REGISTRY

SOURCES = sorted(Path(veracity.strategies.__file__).parent.glob("*.py"))


def window(closes: list[int]) -> Window:
    """Two equal legs and one settlement a bar."""
    bars = bars_of(closes)
    rates = np.asarray([close % 300_000 for close in closes], dtype=np.int64)
    series = AuxSeries(bars.ts, rates, bars.ts)
    return Window((bars, bars), bars.ts + MINUTE, {"funding_rate": series, "open_interest": series})


def params_of(name: str) -> object:
    strategy = REGISTRY[name]
    return strategy.bind(SETTINGS[name], instrument(PERP if name == "funding_carry" else BTC))


def questions(name: str, count: int) -> Iterator[tuple[Row, int, Memo]]:
    """Rows of its own features on a rough market, with positions and memos that it may meet."""
    closes = [draw(381, number) % 9_000 + 1_000 for number in range(count)]
    columns = columns_of(REGISTRY[name].features(window(closes), params_of(name)))
    for number, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        bits = draw(382, number)
        beside = (bits // 8 % 4, 0) if REGISTRY[name].needs_regime else ()
        yield (*row, *beside), (-1_000, 0, 1_000)[bits % 3], (1,) if bits & 4 else ()


@pytest.mark.ticket("T-381")
@pytest.mark.parametrize("name", list(REGISTRY))
def test_the_same_question_has_the_same_answer_whatever_was_asked_between(name: str) -> None:
    decide, params = REGISTRY[name].decide, params_of(name)
    asked = list(questions(name, 500))
    first = [decide(params, *question) for question in asked]
    second = [decide(params, *question) for question in asked]
    for question in [*asked[::-1], *asked]:
        decide(params, *question)
    third = [decide(params, *question) for question in asked]
    assert first == second == third
    assert len(asked) == 500
    assert len(set(first)) > 1


@pytest.mark.ticket("T-381")
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_strategy_reaches_for_clock_file_chance_or_memory(path: Path) -> None:
    assert impurities(path.read_text(encoding="utf-8")) == []


def test_planted_impurities_are_found_by_line() -> None:
    planted = (
        "import math\nimport time\nfrom os import path\nCACHE = {}\nSEEN: list[int] = list()\nLIMIT = 3\n"
    )
    planted += "def decide(row):\n    global LIMIT\n    open('x')\n    return time.time()\n"
    told = "a module-level value that can change"
    assert impurities(planted) == [
        "2: time",
        "3: os",
        f"4: {told}",
        f"5: {told}",
        "8: global",
        "9: open",
        "10: time.time",
    ]


@pytest.mark.parametrize("name", list(REGISTRY))
def test_a_thousand_decisions_leave_the_state_as_it_was(name: str) -> None:
    """The engine's step is asked and not applied; the state's hash says whether anything moved."""
    legs = (PERP, BTC) if name == "funding_carry" else (BTC,)
    script = Script(library(name, *legs)).ticks(100_00, legs[0])
    before, steps = script.hash, 0
    for row, _, _ in questions(name, 1_000):
        own = (
            row[:-2] if REGISTRY[name].needs_regime else row
        )  # the engine itself adds the regime and its age
        script.engine.turn(script.state, name[:12], own)
        steps += 1
        assert script.hash == before
    assert steps == 1_000

"""The benchmark of the journal judges just what it measures."""

import json
import shutil
from pathlib import Path

import pytest
from bench.journal import rate
from bench.journal.rate import Cost, Found, Memory, Pace, Restarted, Sizes
from bench.machine import Machine

PEERS = {"veracity": 850, "fio": 1000, "sqlite3": 850, "lmdb": 1, "rocksdict": 1}
GROUPS = PEERS | {"veracity": 200_000}
FAST = Found(
    PEERS,
    0.85,
    GROUPS,
    Pace(1, 200_000),
    Pace(1, 1_000_000),
    Pace(1, 300_000),
    Memory(2048, 30.0, 46.0),
    Restarted(1_000_000, 2, Cost(9.0, 1.0)),
    Machine(16_000_000, 1.0),
)


def test_what_is_measured_is_what_is_judged_and_printed(tmp_path: Path) -> None:
    if shutil.which("fio") is None:
        pytest.skip("fio is not installed")
    sizes = Sizes(commits=2, rounds=1, records=200, events=80, memory_mb=1, restart_events=80)
    found = rate.measure(tmp_path, sizes)
    printed = json.loads(json.dumps(rate.document(found, rate.below(found))))
    assert found.restart.events == printed["restart"]["events"] > 30
    assert printed["restart"]["cpu_s"] == round(found.restart.seconds.cpu_s, 3) > 0
    assert printed["below"] == rate.below(found)
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_is_just_what_is_stated_is_not_below() -> None:
    assert rate.below(FAST) == []


@pytest.mark.parametrize(
    ("slow", "line"),
    [
        (FAST._replace(fio_share=0.84), "share of fio's commits: 0.84, held to 0.85"),
        (FAST._replace(commits=PEERS | {"sqlite3": 851}), "commits beside sqlite3: 850.00, held to 851.00"),
        (
            FAST._replace(groups=GROUPS | {"veracity": 199_999}),
            "records a second in groups: 199,999.00, held to 200,000.00",
        ),
        (
            FAST._replace(scan=Pace(9_000_000, 999_999)),
            "records scanned a second: 999,999.00, held to 1,000,000.00",
        ),
        (
            FAST._replace(fold=Pace(9_000_000, 299_999)),
            "events folded a second: 299,999.00, held to 300,000.00",
        ),
        (
            FAST._replace(memory=Memory(2048, 30.0, 46.1)),
            "MB that a long journal takes more: 16.10, held to 16.00",
        ),
        (
            FAST._replace(restart=Restarted(1_000_000, 2, Cost(0.1, 1.01))),
            "seconds of a restart: 1.01, held to 1.00",
        ),
    ],
)
def test_each_figure_that_is_below_is_named(slow: Found, line: str) -> None:
    assert rate.below(slow) == [line]


def test_the_share_is_that_of_rounds_and_not_of_disks_that_were_not_the_same() -> None:
    """In each round the journal reaches nine tenths; the medians alone would say 1.8, for the disk was slow in the second half."""
    found = {"veracity": [900.0, 900.0, 450.0], "fio": [1_000.0, 500.0, 500.0]}
    assert rate.share(found, "fio") == 0.9
    assert rate.medians(found) == {"veracity": 900, "fio": 500}


def test_a_machine_of_half_the_speed_is_held_to_half_of_what_is_interpreted_and_to_all_of_the_rest() -> None:
    half = FAST._replace(machine=Machine(8_000_000, 0.5))
    assert rate.below(half._replace(scan=Pace(1, 500_000), fold=Pace(1, 150_000))) == []
    assert rate.below(half._replace(scan=Pace(1, 499_999), groups=GROUPS | {"veracity": 199_999})) == [
        "records a second in groups: 199,999.00, held to 200,000.00",
        "records scanned a second: 499,999.00, held to 500,000.00",
    ]

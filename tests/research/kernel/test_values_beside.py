"""Values beside the bars, compiled and event by event: who is told what, how old it is, and what is denied for it (S-132)."""

from dataclasses import replace

import numpy as np
import pytest
from tests.kit.doubles import RecordingJournal
from tests.kit.market import BTC, MINUTE, PERP, START, aux_of, bars_of, dataset_of, funding_of, usd
from tests.kit.players import NO_LIMITS, PUPPET, Player, player
from tests.kit.script import IDENTITY
from tests.research.kernel.agreement import agree

from veracity.data.aux_series import AuxData
from veracity.domain.events import FeedChanged, IntentDenied, OrderSubmitted
from veracity.engine.margin import Margin
from veracity.guards.view import RiskLimits
from veracity.research.kernel.run import Kernel
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel
from veracity.strategies.interface import UNKNOWN, Decision, Memo, Row, Window

BARS = 400
COSTS = CostModel(fee_taker=500_000, latency_submit_ns=20 * 10**9, latency_ack_ns=30 * 10**9)


def every(minutes: int, first: int = 0, late: int = 0, count: int = 20) -> list[tuple[int, int, int]]:
    """A value each so many minutes, known `late` seconds after it was observed."""
    stamps = [START + (first + minutes * number) * MINUTE for number in range(count)]
    return [(ts + late * 10**9, 7 * number - 50, ts) for number, ts in enumerate(stamps)]


def plan(one: Player, *series: AuxData, other: tuple[AuxData, ...] = ()) -> Plan:
    walk = 10_000 + np.cumsum(np.random.default_rng(11).integers(-20, 21, BARS))
    settled = [(START + 60 * MINUTE * number, 100_000 - 90_000 * number, 10_000) for number in range(1, 7)]
    bars = bars_of(walk.tolist())
    dataset = dataset_of({PERP: bars, BTC: bars}, {PERP: funding_of(settled)}, aux={PERP: series, BTC: other})
    return Plan(IDENTITY, dataset, [one.bound], [one.started], COSTS, True)


def restless(limits: RiskLimits = NO_LIMITS, margin: Margin | None = None) -> Player:
    """In and out again every few bars."""
    targets = tuple((0, 1_000, 1_000, 2_000, 0)[bar % 5] for bar in range(BARS))
    made = player(
        "a",
        PERP,
        params=(1,),
        strategy=replace(PUPPET, features=lambda *_: (np.array(targets),)),
        limits=limits,
    )
    return Player(made.bound._replace(margin=margin), made.started)


def outcome(made: Plan, half: Kernel) -> tuple[int, set[str]]:
    """How many orders both paths send, and what the event path says where it denies one."""
    agree(made, half)
    journal = RecordingJournal()
    simulate(made, journal)
    denied = {event.detail.partition(":")[0] for event in journal.events if isinstance(event, IntentDenied)}
    return sum(isinstance(event, OrderSubmitted) for event in journal.events), denied


def turns(made: Plan) -> list[tuple[str, str]]:
    """Which series went stale, and which came back."""
    journal = RecordingJournal()
    simulate(made, journal)
    return [(event.feed, event.reason) for event in journal.events if isinstance(event, FeedChanged)]


@pytest.mark.parametrize("late", [0, 45, 3_600])
def test_a_critical_series_is_missing_fresh_and_stale_at_the_same_bars(late: int, half: Kernel) -> None:
    limits = RiskLimits(critical_aux=("interest",), aux_ttl_ns={"interest": 20 * MINUTE})
    made = plan(restless(limits), aux_of("interest", every(29, first=9, late=late)))
    orders, denied = outcome(made, half)
    assert "interest missing" in denied
    assert "interest stale" in denied
    assert (orders > 20) == (late < 3_600)
    # What is older than it may be when it comes was never fresh, and so does not go stale.
    assert turns(made)[:2] == ([("interest", "stale"), ("interest", "fresh")] if late < 3_600 else [])


def test_each_of_several_series_of_two_instruments_is_told_apart(half: Kernel) -> None:
    ttl = {"index": 15 * MINUTE, "funding_rate": 200 * MINUTE, "interest": 70 * MINUTE}
    limits = RiskLimits(critical_aux=("interest", "funding_rate", "index"), aux_ttl_ns=ttl)
    made = plan(
        restless(limits),
        aux_of("unused", every(3)),
        aux_of("index", every(20, first=1, late=90)),
        aux_of("interest", every(60, first=4, count=4)),
        other=(aux_of("interest", every(1, count=300)),),
    )
    orders, denied = outcome(made, half)
    assert denied >= {"interest missing", "interest stale", "index stale", "funding_rate missing"}
    assert orders > 5
    assert {*turns(made)} >= {("interest", "stale"), ("index", "stale"), ("index", "fresh")}


def test_values_that_nobody_asks_for_only_count(half: Kernel) -> None:
    orders, denied = outcome(plan(restless(), aux_of("unused", every(7))), half)
    assert (orders > 100, denied) == (True, set())


def test_interest_is_charged_alike_with_values_between_the_hours(half: Kernel) -> None:
    made = plan(restless(margin=Margin(5_000_000, 0, 900_000, 800_000)), aux_of("unused", every(30, late=1)))
    assert outcome(made, half)[0] > 100


def _shown(params: tuple[int, ...], row: Row, position: int, memo: Memo) -> Decision:
    """Long while the value that it is shown is positive; UNKNOWN is not."""
    _, value, age = row
    if value != UNKNOWN and value > 0 and age >= 0:
        return params[0], 0, memo
    return 0, 0, memo


def _closes(window: Window, params: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    return (window.legs[0].close,)


def test_an_optional_series_is_shown_alike_with_its_revisions(half: Kernel) -> None:
    told = sorted(
        [
            *every(30, first=4, late=60),
            *[(ts + 600 * 10**9, -value, ts) for ts, value, _ in every(30, first=4)],
        ]
    )
    strategy = replace(PUPPET, features=_closes, decide=_shown, optional=("interest",))
    limits = RiskLimits(aux_ttl_ns={"interest": 25 * MINUTE})
    one = player("a", PERP, strategy=strategy, params=(1_000,), limits=limits, cash=usd(100_000))
    orders, _ = outcome(plan(one, aux_of("interest", told)), half)
    assert orders > 8

"""Whatever is asked, the gate lets through at most that (specs/risk/rulebook.md, S-095)."""

import pytest
from msgspec.structs import replace
from tests.guards.books import book, intent, judged, working
from tests.kit.market import BTC, ETH, START, usd
from tests.kit.players import player
from tests.kit.script import Script

from veracity.domain.canonical import canonical_json
from veracity.domain.events import IntentCreated, IntentDenied, Purpose, Side
from veracity.engine.core import Engine
from veracity.engine.gate import Approved, Refused
from veracity.guards.view import RiskLimits
from veracity.simulator.chance import draw
from veracity.state.apply import apply

CASES = 10_000


def limits_of(bits: int) -> RiskLimits:
    """Limits around what the cases ask for; each is set in half of them."""
    return RiskLimits(
        max_exposure=usd(bits % 900) if bits & 1 << 40 else None,
        max_position={BTC: (bits >> 10) % 9_000} if bits & 1 << 41 else {},
        daily_loss=(bits >> 20) % 10**8 + 1 if bits & 1 << 42 else None,
        trades_per_day=(bits >> 30) % 5 if bits & 1 << 43 else None,
        cooldown_ns=(bits >> 5) % 100 if bits & 1 << 44 else None,
        stale_ns=(bits >> 15) % 100 + 1 if bits & 1 << 45 else None,
    )


@pytest.mark.ticket("T-268")
def test_what_leaves_the_gate_is_at_most_what_was_asked_and_never_more_than_the_position() -> None:
    wrong: list[object] = []
    refused = reduced = closed = 0
    for number in range(CASES):
        bits, more = draw(268, 2 * number), draw(268, 2 * number + 1)
        held = more % 12_001 - 6_000
        side: Side = "buy" if more & 1 << 50 else "sell"
        purposes: tuple[Purpose, ...] = ("open", "increase", "reduce", "close")
        wanted = intent(side, (more >> 20) % 8_000 + 1, purpose=purposes[more >> 60 & 3])
        leaving = working("o-1", "sell" if held > 0 else "buy", (bits >> 25) % 3_000 + 1, purpose="reduce")
        state = book(
            {BTC: 100_00, ETH: 50_00},
            {BTC: held, ETH: more % 500},
            orders=[leaving] if more & 1 << 51 else [],
            rules={"lot": 100 if bits & 1 << 46 else 1},
            entries=more % 4,
            loss_ts=START - more % 99,
        )
        state.markets[BTC].ts -= bits % 99
        verdict = judged(state, wanted, limits_of(bits))
        if isinstance(verdict, Refused):
            refused += 1
            continue
        reduced += verdict.qty < wanted.qty
        kept_the_intent = verdict.intent == wanted and 0 < verdict.qty <= wanted.qty
        if wanted.purpose in ("reduce", "close"):
            closed += 1
            free = abs(held) - (leaving.qty if state.orders else 0)
            kept_the_intent &= verdict.qty <= free and (held > 0) == (side == "sell")
        if not kept_the_intent:
            wrong.append((number, verdict))
    assert wrong == []
    assert refused + reduced >= 1_000
    assert min(refused, reduced, closed) >= 500


@pytest.mark.ticket("T-268")
def test_two_closes_of_one_step_do_not_add_up_to_more_than_the_position() -> None:
    state = book({BTC: 100_00}, {BTC: 1_000})
    first = judged(state, intent("sell", 700, purpose="reduce"))
    assert isinstance(first, Approved)
    second = [
        judged(state, intent("sell", qty, purpose="close", number=2), reserved=[first]) for qty in (300, 301)
    ]
    assert [type(verdict) for verdict in second] == [Approved, Refused]


@pytest.mark.ticket("T-273")
def test_an_instrument_that_is_not_listed_is_denied_by_its_name() -> None:
    """A strategy was given SOLUSDT, but only BTCUSDT and ETHUSDT are listed."""
    stray = player("c", "SOLUSDT")
    script = Script(player("a"), player("b", ETH)).ticks(100_00).ticks(50_00, ETH)
    apply(script.state, replace(stray.started, seq=script.state.seq + 1, ts=script.now))
    before = canonical_json(script.state)
    step = Engine([stray.bound]).turn(script.state, "c", (1_000,))
    created, denied = step.events
    assert isinstance(created, IntentCreated)
    assert isinstance(denied, IntentDenied)
    assert (denied.rule, denied.ticket) == ("listing", "T-273")
    assert denied.detail == "SOLUSDT is not listed: cannot judge, so deny"
    assert step.effects == ()
    seq = script.state.seq
    for event in step.events:
        apply(script.state, event)
    assert script.state.seq == seq + 2
    assert script.state.accounts["c"].refusals == {"SOLUSDT listing": 1}
    script.state.seq, script.state.accounts["c"].refusals = seq, {}
    assert canonical_json(script.state) == before

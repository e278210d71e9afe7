"""The guards together: their order, their composition, their purity (specs/risk/rulebook.md, S-095)."""

import subprocess
import sys

import pytest
from tests.guards.books import approved_qty, book, buys, intent, judged, view
from tests.kit.market import BTC, MINUTE, START, usd
from tests.kit.process import SEARCHED

from veracity.domain.canonical import canonical_json
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import encode_event
from veracity.domain.machines import Mode
from veracity.domain.policies import RULEBOOK
from veracity.engine.gate import Approved, Refused
from veracity.guards.rulebook import GUARDS, Guard, in_order
from veracity.guards.view import GuardView, RiskLimits, VolatilityLimits

LIMITS = RiskLimits(
    max_exposure=usd(400),
    max_position={BTC: 6_000},
    daily_loss=50_000_000,
    trades_per_day=3,
    cooldown_ns=MINUTE,
    stale_ns=MINUTE,
    order_rate=1,
    order_rate_ns=MINUTE,
    drawdown=100_000_000,
    critical_aux=("funding_rate",),
    aux_ttl_ns={"funding_rate": MINUTE},
    price_jump=10**8,
    price_band=10**8,
    slippage=5_000_000,
    volatility=VolatilityLimits(window=2, pause=20_000_000, resume=10_000_000, dwell=3),
)


HOPELESS: dict[str, GuardView] = {
    "kill_file": view(mode=Mode.HALTED, mode_reason="kill_file: seen"),
    "safe_mode": view(mode=Mode.SAFE),
    "error_breaker": view(breaker="open"),
    "stale_data": view(last=None),
    "critical_aux": view(),
    "price_sanity": view(last=0),
    "drift_halt": view(drift="major"),
    "slippage_halt": view(slip_worst=10**9),
    "trades_per_day": view(entries_today=3),
    "order_rate": view(order_times=[START]),
    "cooldown": view(loss_ts=START),
    "daily_loss": view(equity=0),
    "drawdown": view(peak=usd(20_000)),
    "volatility_pause": view(),
    "max_position": view(position=6_000),
    "max_exposure": view(exposure=usd(400)),
    "min_notional": view(last=None),
}
"""What each rule denies where its limit is one of LIMITS."""


def moved(rule: str, before: str) -> list[str]:
    """The rulebook with `rule` moved ahead of `before`."""
    rest = [name for name in RULEBOOK if name != rule]
    at = rest.index(before)
    return [*rest[:at], rule, *rest[at:]]


@pytest.mark.ticket("T-279")
@pytest.mark.parametrize("order", [list(RULEBOOK), moved("max_exposure", "max_position")])
def test_cuts_compose_and_the_smaller_one_wins(order: list[str]) -> None:
    """10 are cut to 6 by the position's limit and to 4 by 400 of exposure at 100.00."""
    limits = RiskLimits(max_exposure=usd(400), max_position={BTC: 6_000})
    verdict = judged(book({BTC: 100_00}), intent("buy", 10_000), limits, guards=in_order(order))
    assert approved_qty(verdict) == 4_000


@pytest.mark.ticket("T-279")
@pytest.mark.parametrize(("minimum", "fits"), [(400, 4_000), (401, None)])
def test_what_the_cuts_leave_is_judged_by_the_minimum(minimum: int, fits: int | None) -> None:
    limits = RiskLimits(max_exposure=usd(400), max_position={BTC: 6_000})
    state = book({BTC: 100_00}, rules={"notional_min": usd(minimum)})
    verdict = judged(state, intent("buy", 10_000), limits)
    assert approved_qty(verdict) == fits
    if isinstance(verdict, Refused):
        assert verdict.rule == "min_notional"


def test_the_last_cut_is_named_on_the_order() -> None:
    verdict = judged(book({BTC: 100_00}), intent("buy", 10_000), RiskLimits(max_exposure=usd(400)))
    assert isinstance(verdict, Approved)
    assert verdict.clamped_by == "max_exposure"
    whole = judged(book({BTC: 100_00}), intent("buy", 4_000), RiskLimits(max_exposure=usd(400)))
    assert isinstance(whole, Approved)
    assert whole.clamped_by is None


IN_A_PROCESS = """
import importlib, sys
for name in sys.argv[1].split():
    importlib.import_module(f"veracity.guards.{name}")
import msgspec
from veracity.domain.events import decode_event
from veracity.engine.gate import Gate
from veracity.guards.rulebook import GUARDS, Guard, in_order
from veracity.guards.view import RiskLimits
from veracity.state.model import EngineState
state = msgspec.json.decode(sys.stdin.readline(), type=EngineState)
intent = decode_event(sys.stdin.readline().encode())
limits = RiskLimits(stale_ns=1, daily_loss=10**7, max_position={"BTCUSDT": 0})
for guards in (GUARDS, in_order(sys.argv[2].split())):
    verdict = Gate(guards, {"a": limits}).judge(intent, state, ())
    print(verdict.rule, verdict.ticket)
"""


@pytest.mark.ticket("T-280")
@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_rulebook_decides_which_of_three_broken_rules_answers(hash_seed: str) -> None:
    """In a process of its own, with the guards imported against the alphabet."""
    state = book({BTC: 100_00}, cash=usd(9_000))
    state.ts += MINUTE
    backwards = " ".join(sorted(RULEBOOK, reverse=True))
    done = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, backwards, " ".join(moved("daily_loss", "stale_data"))],
        input=canonical_json(state) + b"\n" + encode_event(intent("buy", 1)),
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": SEARCHED},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().splitlines() == ["stale_data T-258", "daily_loss T-254"]


@pytest.mark.ticket("T-281")
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.rule)
def test_a_guard_answers_the_same_twice_and_changes_nothing(guard: object) -> None:
    assert guard in GUARDS
    check = next(one.check for one in GUARDS if one is guard)
    views = [
        view(),
        view(position=5_500, exposure=usd(390), entries_today=3, loss_ts=START, equity=usd(9_500)),
        view(last=None, equity=None, exposure=None),
        view(last_ts=START - 2 * MINUTE, ts=START),
        view(
            mode=Mode.SAFE,
            free=5_500,
            aux={"funding_rate": START},
            drift="severe",
            slip_worst=5_000_001,
            order_times=[START - MINUTE, START],
            peak=usd(20_000),
            squares=[10**15, 10**15],
            paused=True,
            previous=80_00,
        ),
        view(
            mode=Mode.HALTED, mode_reason="kill_file: seen", breaker="half_open", probing=True, bid=0, ask=0
        ),
    ]
    other = view(position=-1, exposure=1, entries_today=1, loss_ts=START - MINUTE)
    wanted = buys(1_000)
    before = [canonical_json(one) for one in [*views, wanted]]
    first = [check(wanted, one, LIMITS) for one in views]
    second = []
    for one in views:
        check(buys(7), other, RiskLimits())
        second.append(check(wanted, one, LIMITS))
    assert second == first
    assert [canonical_json(one) for one in [*views, wanted]] == before


def test_every_guard_names_its_ticket_and_can_deny() -> None:
    assert [guard.rule for guard in GUARDS] == list(RULEBOOK)
    tickets = {guard.rule: guard.ticket for guard in GUARDS}
    assert tickets == {
        "kill_file": "T-277",
        "safe_mode": "T-275",
        "error_breaker": "T-261",
        "stale_data": "T-258",
        "critical_aux": "T-274",
        "price_sanity": "T-272",
        "drift_halt": "T-259",
        "slippage_halt": "T-260",
        "trades_per_day": "T-255",
        "order_rate": "S-098",
        "cooldown": "T-256",
        "daily_loss": "T-254",
        "drawdown": "S-097",
        "volatility_pause": "T-257",
        "max_position": "T-283",
        "max_exposure": "T-253",
        "min_notional": "T-137",
    }
    for guard in GUARDS:
        verdict = guard.check(buys(1), HOPELESS[guard.rule], LIMITS)
        assert type(verdict).__name__ == "Denied", guard.rule


@pytest.mark.parametrize("guard", [guard for guard in GUARDS if guard.limits], ids=lambda guard: guard.rule)
def test_a_rule_without_its_limits_has_no_objection_and_so_is_not_asked(guard: Guard) -> None:
    assert guard.check(buys(1), HOPELESS[guard.rule], RiskLimits()) is None
    assert not guard.is_set(RiskLimits())
    for name in guard.limits:
        assert guard.is_set(RiskLimits(**{name: 0})), name


def test_a_limit_of_nothing_is_a_limit_and_a_rule_that_needs_none_is_always_asked() -> None:
    by_rule = {guard.rule: guard for guard in GUARDS}
    assert by_rule["trades_per_day"].is_set(RiskLimits(trades_per_day=0))
    assert by_rule["stale_data"].is_set(RiskLimits())


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ([*RULEBOOK, "max_exposure"], "max_exposure: named twice"),
        ([rule for rule in RULEBOOK if rule != "cooldown"], "cooldown: left out"),
        ([*RULEBOOK, "luck"], "luck: no such guard"),
    ],
)
def test_an_order_that_does_not_name_each_guard_once_is_refused(rules: list[str], told: str) -> None:
    with pytest.raises(OperatorFault) as refused:
        in_order(rules)
    assert refused.value.why == told
    assert refused.value.exit_code is ExitCode.CONFIG

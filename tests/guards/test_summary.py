"""What the rules did in a run (specs/risk/reporting.md, S-106)."""

import pytest
from tests.kit.market import BTC, MINUTE, usd
from tests.kit.players import player
from tests.kit.says import filled, halt, resume
from tests.kit.script import Script

from veracity.domain.events import IntentDenied
from veracity.domain.machines import Mode
from veracity.domain.policies import RULEBOOK
from veracity.guards.summary import Budget, RiskBlock, RiskFold
from veracity.guards.view import RiskLimits
from veracity.runtime.replay import fold
from veracity.state.model import EngineState

LIMITS = RiskLimits(
    daily_loss=50_000_000,
    drawdown=200_000_000,
    trades_per_day=10,
    cooldown_ns=5 * MINUTE,
    max_exposure=usd(2_000),
    slippage=10_000_000,
)


def lost() -> Script:
    """10 bought at 100.00 and sold at 57.00: 430 of the 500 that a day may lose; then 4 wishes inside the cooldown, and,
    after it, 2 that have no room: 20 are held at 100.00."""
    script = Script(player("a", limits=LIMITS)).ticks(100_00)
    script.wants("a", 10_000).hears(filled(script.order, 10_000)).ticks(57_00)
    script.wants("a", 0).hears(filled(script.order, 10_000, 57_00, side="sell", trade="2"))
    for _ in range(4):
        script.ticks(57_00).wants("a", 1_000)
    script.ticks(100_00).wants("a", 20_000).hears(filled(script.order, 20_000, trade="3"))
    for _ in range(2):
        script.ticks(100_00).wants("a", 20_001)
    return script


def risk_of(script: Script, limits: RiskLimits, state: EngineState | None = None) -> RiskBlock:
    """The block of a conversation with the strategy `a`; with `state` of what it was folded to."""
    risk = RiskFold()
    for event in script.journal.events:
        risk.take(event)
    return risk.block(script.state if state is None else state, {"a": limits})


@pytest.mark.ticket("T-288")
def test_denials_by_rule_the_worst_loss_and_what_is_left() -> None:
    script = lost()
    risk = risk_of(script, LIMITS).strategies["a"]
    assert {rule: count for rule, count in risk.denied.items() if count} == {"cooldown": 4, "max_exposure": 2}
    assert list(risk.denied) == list(RULEBOOK)
    budgets = {budget.rule: budget for budget in risk.budgets}
    assert budgets["daily_loss"] == Budget("daily_loss", usd(500), usd(430), usd(70))
    assert budgets["trades_per_day"] == Budget("trades_per_day", 10, 2, 8)
    assert budgets["drawdown"] == Budget("drawdown", usd(2_000), usd(430), usd(1_570))
    assert budgets["slippage_halt"] == Budget("slippage_halt", 10_000_000, 0, 10_000_000)


@pytest.mark.ticket("T-288")
def test_the_block_of_a_run_and_that_of_its_journal_are_equal_and_recount_its_denials() -> None:
    script, live = Script(player("a", limits=LIMITS)), RiskFold()
    script = lost()
    for event in script.journal.events:
        live.take(event)
    block = live.block(script.state, {"a": LIMITS})
    again = fold(script.journal.records, ())
    assert risk_of(script, LIMITS, again) == block
    recount = [event.rule for event in script.all(IntentDenied)]
    assert {rule: recount.count(rule) for rule in RULEBOOK} == block.strategies["a"].denied


@pytest.mark.ticket("T-288")
def test_the_time_in_each_mode_adds_up_to_the_run() -> None:
    script = Script(player("a")).ticks(100_00).hears(halt()).ticks(100_00).ticks(100_00)
    script.hears(resume()).ticks(100_00, BTC)
    modes = risk_of(script, RiskLimits()).modes
    assert {mode: ns for mode, ns in modes.items() if ns} == {
        Mode.RUNNING: 2 * MINUTE,
        Mode.HALTED: 2 * MINUTE,
    }
    assert list(modes) == list(Mode)

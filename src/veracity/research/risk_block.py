"""The block `risk` of summary.json, made from what the guards' own fold found (specs/risk/reporting.md S-106)."""

from veracity.domain.summary_models import ModeTime, RiskBlock, RiskBudget, RuleCount, StrategyRisk
from veracity.guards import summary as guards


def risk_block(found: guards.RiskBlock) -> RiskBlock:
    """The block as its schema has it."""
    return RiskBlock(
        modes=tuple(ModeTime(mode=mode.value, ns=ns) for mode, ns in found.modes.items()),
        strategies=tuple(_strategy(name, risk) for name, risk in found.strategies.items()),
    )


def _strategy(name: str, risk: guards.StrategyRisk) -> StrategyRisk:
    rules = (*risk.denied, *(rule for rule in risk.rehearsed if rule not in risk.denied))
    return StrategyRisk(
        strategy_id=name,
        rules=tuple(
            RuleCount(rule=rule, denied=risk.denied.get(rule, 0), rehearsed=risk.rehearsed.get(rule, 0))
            for rule in rules
        ),
        budgets=tuple(RiskBudget(**budget._asdict()) for budget in risk.budgets),
    )

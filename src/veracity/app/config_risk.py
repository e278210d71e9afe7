"""The limits of a config in whole units, how they relate, and the order of the rules."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from veracity.app.config_findings import Findings
from veracity.app.config_lines import Path
from veracity.app.config_problems import did_you_mean
from veracity.data.dataset import Source
from veracity.domain.amounts import MONEY_SCALE, RATE_SCALE
from veracity.domain.config_models import RiskConfig, RulebookConfig, VolatilityConfig
from veracity.domain.policies import ABSOLUTE, RULEBOOK
from veracity.domain.regimes import REGIME
from veracity.domain.time import NS_PER_SECOND
from veracity.guards.rulebook import wrong_order
from veracity.guards.view import RiskLimits, VolatilityLimits
from veracity.strategies.interface import Strategy


def check_rulebook(config: RulebookConfig, findings: Findings) -> None:
    """Add what is wrong with the order of the rules and with those in dry run."""
    if config.order is not None:
        for number, rule in enumerate(config.order):
            if rule not in RULEBOOK:
                findings.add(("risk", "order", number), f"no rule {rule}", hint=did_you_mean(rule, RULEBOOK))
        wrong = [problem for problem in wrong_order(config.order) if not problem.endswith("no such guard")]
        if wrong:
            hint = "a config may give the rules another order, and drop none of them"
            findings.add(("risk", "order"), "is no order of the rulebook", "; ".join(wrong), hint)
    for number, rule in enumerate(config.dry_run):
        path = ("risk", "dry_run", number)
        if rule in ABSOLUTE:
            findings.add(path, f"{rule} cannot be in dry run", "it is what the operator said")
        elif rule not in RULEBOOK:
            findings.add(path, f"no rule {rule}", hint=did_you_mean(rule, RULEBOOK))


def limits_of(
    config: RiskConfig, used: Sequence[Source], strategy: Strategy | None, path: Path, findings: Findings
) -> RiskLimits:
    """One strategy's limits; `used` are its legs that can be traded."""
    aux, optional = ((), ()) if strategy is None else (strategy.aux, strategy.optional)
    beside = used[0].aux if used else ()
    aux += tuple(one.name for one in beside if one.critical and one.name not in aux)
    rates = ("daily_loss", "drawdown", "price_jump", "price_band", "slippage")
    fractions = {
        name: findings.units_or_none((*path, name), getattr(config, name), RATE_SCALE) for name in rates
    }
    _check_pairs(config, used, path, findings)
    for name in config.aux_ttl_s:
        if name not in (*aux, *optional):
            why = "the strategy decides on no such series"
            findings.add(
                (*path, "aux_ttl_s", name), "is not used", why, did_you_mean(name, (*aux, *optional))
            )
    return RiskLimits(
        **fractions,
        max_exposure=findings.units_or_none((*path, "max_exposure"), config.max_exposure, MONEY_SCALE),
        leverage_max=findings.units((*path, "leverage_max"), config.leverage_max, RATE_SCALE),
        max_position=_positions(config.max_position, used, path, findings),
        daily_loss_remedy=config.daily_loss_remedy,
        trades_per_day=config.trades_per_day,
        order_rate=config.order_rate,
        order_rate_ns=(config.order_rate_s or 0) * NS_PER_SECOND,
        cooldown_ns=None if config.cooldown_s is None else config.cooldown_s * NS_PER_SECOND,
        stale_ns=None if config.stale_s is None else config.stale_s * NS_PER_SECOND,
        critical_aux=aux,
        aux_ttl_ns=_ages(config, strategy, used),
        volatility=_volatility(config.volatility, (*path, "volatility"), findings),
    )


def _ages(config: RiskConfig, strategy: Strategy | None, used: Sequence[Source]) -> dict[str, int]:
    """The time to live of each series that has one, its own or the strategy's; a regime's is the interval of its bars where the config has none."""
    ages = {one.name: one.max_age_ns for one in used[0].aux if one.max_age_ns is not None} if used else {}
    ages |= {name: seconds * NS_PER_SECOND for name, seconds in sorted(config.aux_ttl_s.items())}
    if strategy is not None and strategy.needs_regime and used:
        ages.setdefault(REGIME, used[0].interval_ns)
    return ages


def _positions(
    written: Mapping[str, Decimal], used: Sequence[Source], path: Path, findings: Findings
) -> dict[str, int]:
    scales = {source.symbol: source.qty_scale for source in used}
    positions = {}
    for symbol, value in written.items():
        if symbol in scales:
            positions[symbol] = findings.units(
                (*path, "max_position", symbol), value, scales[symbol], "qty_scale"
            )
        elif used:
            findings.add((*path, "max_position", symbol), "is not a leg", hint=did_you_mean(symbol, scales))
    return positions


def _check_pairs(config: RiskConfig, used: Sequence[Source], path: Path, findings: Findings) -> None:
    """Limits that mean nothing alone, or against each other."""
    for name, other in (("order_rate", "order_rate_s"), ("order_rate_s", "order_rate")):
        if getattr(config, name) is not None and getattr(config, other) is None:
            findings.add((*path, name), f"needs {other}", "a rate is a number of orders in a time")
    slowest = max((source.interval_ns for source in used), default=0)
    if config.stale_s is not None and config.stale_s * NS_PER_SECOND < slowest:
        why = f"a bar takes {slowest // NS_PER_SECOND} s, so every price would be stale before the next"
        findings.add((*path, "stale_s"), f"{config.stale_s} s are too short", why)


def _volatility(config: VolatilityConfig | None, path: Path, findings: Findings) -> VolatilityLimits | None:
    if config is None:
        return None
    if config.resume > config.pause:
        why = f"resume is {config.resume}, pause is {config.pause}"
        findings.add(
            (*path, "resume"), "must be at most pause", why, "a pause ends on calmer bars than it began on"
        )
    pause, resume = (
        findings.units((*path, name), getattr(config, name), RATE_SCALE) for name in ("pause", "resume")
    )
    return VolatilityLimits(config.window, pause, resume, config.dwell)

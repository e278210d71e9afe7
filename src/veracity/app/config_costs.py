"""The costs of a config in whole units: rates, latencies, and the tiers of the fee schedule that it names."""

from collections.abc import Iterable
from typing import Final

from veracity.app.config_findings import Findings
from veracity.app.config_problems import did_you_mean
from veracity.domain.amounts import MONEY_SCALE, RATE_ONE, RATE_SCALE, rate_ceil
from veracity.domain.config_models import CostsConfig
from veracity.domain.events import InstrumentKind
from veracity.domain.policies import FEES, Schedule
from veracity.domain.time import NS_PER_MS, NS_PER_SECOND
from veracity.simulator.costs import CostModel, FeeTier

RATES: Final = (
    "fee_taker",
    "fee_maker",
    "half_spread",
    "volatility_share",
    "impact",
    "participation_max",
    "queue_ahead",
    "touch_share",
)


def resolve(config: CostsConfig, kinds: Iterable[InstrumentKind], findings: Findings) -> CostModel:
    """The cost model; what is wrong is added to `findings`. `kinds` are those of the config's instruments."""
    if config.latency_samples_ms and config.latency_jitter_ms:
        findings.add(
            ("costs", "latency_jitter_ms"),
            "cannot stand beside latency_samples_ms",
            "both say what is added to a latency",
            "leave one of them out",
        )
    return CostModel(
        **{name: findings.units(("costs", name), getattr(config, name), RATE_SCALE) for name in RATES},
        latency_submit_ns=config.latency_submit_ms * NS_PER_MS,
        latency_cancel_ns=config.latency_cancel_ms * NS_PER_MS,
        latency_jitter_ns=config.latency_jitter_ms * NS_PER_MS,
        latency_ack_ns=config.latency_ack_ms * NS_PER_MS,
        latency_samples_ns=tuple(sorted(sample * NS_PER_MS for sample in config.latency_samples_ms)),
        limit_ttl_ns=config.limit_ttl_s * NS_PER_SECOND,
        fee_tiers=_tiers(config, sorted(set(kinds)), findings),
    )


def _tiers(config: CostsConfig, kinds: list[InstrumentKind], findings: Findings) -> tuple[FeeTier, ...]:
    """The tiers of the named venue for the products that are traded; nothing gets a default rate."""
    if config.fees is None:
        for name in ("fee_currency", "fee_balance"):
            if getattr(config, name):
                findings.add(("costs", name), "has no effect", "no venue is named", 'fees = "binance"')
        return ()
    venues = {one.venue for one in FEES}
    if config.fees not in venues:
        hint = did_you_mean(config.fees, venues)
        findings.add(("costs", "fees"), "no fee schedule of this venue", f'it is "{config.fees}"', hint)
        return ()
    found: list[FeeTier] = []
    for kind in kinds:
        schedule = max(
            (one for one in FEES if (one.venue, one.product) == (config.fees, kind)),
            key=lambda one: one.valid_from,
            default=None,
        )
        if schedule is None:
            why = f"{config.fees} has no schedule for {kind}"
            findings.add(("costs", "fees"), "a product is not in the schedule", why)
            continue
        if config.fee_currency not in (None, schedule.discount_currency):
            why = f"{config.fees} gives its discount for {schedule.discount_currency}"
            findings.add(("costs", "fee_currency"), "fees are not paid in this currency", why)
        found += _of(
            schedule, kind, 0 if config.fee_currency is None else schedule.discount, config.fee_balance
        )
    return tuple(found)


def _of(schedule: Schedule, kind: InstrumentKind, discount: int, balance: int) -> list[FeeTier]:
    """Tiers that the account's `balance` admits, with the discount taken off; a rate is rounded up, a rebate has none."""
    left = RATE_ONE - discount
    return [
        FeeTier(
            kind,
            volume * 10**MONEY_SCALE,
            rate_ceil(maker, left) if maker > 0 else maker,
            rate_ceil(taker, left),
        )
        for volume, balance_min, maker, taker in schedule.tiers
        if balance_min <= balance
    ]

"""What trading costs in the simulator: one frozen set of whole numbers. Rates are in 10^-9."""

from typing import NamedTuple

import msgspec

from veracity.domain.events import InstrumentKind


class FeeTier(NamedTuple):
    """Rates of one product from a traded value (10^-8) of 30 days on."""

    kind: InstrumentKind
    volume_min: int
    maker: int
    taker: int


class CostModel(msgspec.Struct, frozen=True, gc=False):
    """Costs and limits of one run; zeros mean a frictionless market, which no report calls realistic."""

    fee_taker: int = 0  # rate of the notional
    fee_maker: int = 0  # rate of the notional
    half_spread: int = 0  # rate of the price, paid on every market order
    volatility_share: int = 0  # rate of the bar's range, paid on every market order
    impact: int = 0  # rate of the bar's range at a participation of 100 %; grows with its square root
    participation_max: int | None = None  # largest share of a bar's volume for one strategy; None: no limit
    latency_submit_ns: int = 0  # from decision to the venue
    latency_cancel_ns: int = 0  # from a cancel to the venue
    latency_jitter_ns: int = 0  # largest random addition to any message, uniform, seeded
    latency_ack_ns: int = 0  # from the venue back to us: every report is known that much later
    latency_samples_ns: tuple[int, ...] = ()  # measured additions, rising; a message draws between them
    queue_ahead: int = 0  # rate of the arrival bar's volume that waits before a resting order at its price
    touch_share: int = 0  # rate of a bar's volume that trades at its high or low; 0: a touch fills nothing
    limit_ttl_ns: int = 0  # how long a limit order stays at the venue; 0: until it is cancelled
    fills_late_bars: int = 0  # a market order trades that many bars after it arrived: for stress runs
    fee_tiers: tuple[FeeTier, ...] = ()  # a venue's schedule; it takes the place of the two rates

"""What trading costs in the simulator: one frozen set of whole numbers. Rates are in 10^-9."""

import msgspec


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
    latency_jitter_ns: int = 0  # largest random addition to either, uniform, seeded

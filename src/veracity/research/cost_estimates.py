"""What trading costs by the models of others and by the data, to hold a config's costs against (`veracity costs`).

Floats for people: no strategy, fill or sum uses them; what a fill pays is `simulator.slippage`. Shares and rates are
fractions (0.01 is 1 %), quantities and volumes any unit that is the same for both.

Volume share: zipline's VolumeShareSlippage, which LEAN and pybroker repeat: quadratic, so it understates small orders.
Almgren, Thum, Hauptmann & Li 2005, "Direct estimation of equity market impact", Risk 18(7): calibrated on US equities.
Corwin & Schultz 2012, "A simple way to estimate bid-ask spreads from daily high and low prices", J. of Finance 67(2).
Funding: Binance's formula since 2025-09-18; before that the rate was not divided by 8 / N.
"""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.domain.market import Bars
from veracity.research.metrics import Ratio, ratio, unknown

GAMMA: Final = 0.314
"""Almgren et al.: coefficient of the permanent impact."""
ETA: Final = 0.142
"""Almgren et al.: coefficient of the temporary impact."""
CLAMP: Final = 0.0005
"""Farthest that interest may pull a funding rate from the premium in eight hours."""
INTEREST: Final = 0.0001
"""Interest in a funding rate of eight hours, for most contracts."""
FUNDING_HOURS: Final = 8
SKEW: Final = 3 - 2 * math.sqrt(2)
Floats = NDArray[np.float64]


class Filled(NamedTuple):
    """What a model lets one bar fill, and at which price."""

    qty: float
    price: float


def volume_share(
    price: float, sign: int, qty: float, volume: float, *, limit: float = 0.025, factor: float = 0.1
) -> Filled:
    """At most `limit` of the bar's volume, at price * (1 + sign * factor * share^2); `sign` 1 buys, -1 sells."""
    filled = min(qty, limit * volume)
    share = filled / volume if volume else 0.0
    return Filled(filled, price * (1 + sign * factor * share**2))


class Impact(NamedTuple):
    """Fractions of the price: what stays in the market, what passes, and what an order pays on average."""

    permanent: float
    temporary: float
    cost: float


def almgren(volatility: float, share: float, days: float, turnover: float = 1.0) -> Impact:
    """Impact of trading `share` of a day's volume within `days`, at a daily `volatility`.

    `turnover` is the inverse of the share of all coins that a day trades; 1 where that means nothing, as for coins.
    I = gamma sigma share turnover^(1/4); K = eta sigma |share / days|^(3/5); J = I / 2 + K.
    """
    permanent = GAMMA * volatility * share * turnover**0.25
    temporary = ETA * volatility * abs(share / days) ** 0.6
    return Impact(permanent, temporary, permanent / 2 + temporary)


def square_root(volatility: float, share: float, factor: float = 1.0) -> float:
    """Impact of `share` of a day's volume, a fraction of the price: Y sigma sqrt(Q / V), Toth et al. 2011 (N-22)."""
    return factor * volatility * math.sqrt(share)


def pair_spread(high: Floats, low: Floats, next_high: Floats, next_low: Floats) -> Floats:
    """Corwin and Schultz's spread of each two bars that follow each other, a fraction of the price; it may be negative."""
    beta = np.log(high / low) ** 2 + np.log(next_high / next_low) ** 2
    gamma = np.log(np.maximum(high, next_high) / np.minimum(low, next_low)) ** 2
    alpha = (np.sqrt(2 * beta) - np.sqrt(beta)) / SKEW - np.sqrt(gamma / SKEW)
    found: Floats = 2 * np.expm1(alpha) / (1 + np.exp(alpha))
    return found


def corwin_schultz(bars: Bars) -> Ratio:
    """Mean spread over all pairs of bars, a fraction of the price; negatives count as 0.

    A bar that begins beyond the close before is moved back to it first: a jump between two bars is no range.
    """
    if len(bars.ts) < 2:
        return unknown("fewer than 2 bars")
    high, low, close = (column.astype(np.float64) for column in (bars.high, bars.low, bars.close))
    jump = np.maximum(low[1:] - close[:-1], 0) + np.minimum(high[1:] - close[:-1], 0)
    spreads = pair_spread(high[:-1], low[:-1], high[1:] - jump, low[1:] - jump)
    return ratio(float(np.maximum(spreads, 0.0).mean()))


def funding_rate(premium: float, interest: float = INTEREST, hours: int = FUNDING_HOURS) -> float:
    """[P + clamp(I - P, -0.05 %, 0.05 %)] / (8 / N): what longs pay at a settlement each N hours, before caps."""
    pulled = premium + max(-CLAMP, min(CLAMP, interest - premium))
    return pulled * hours / FUNDING_HOURS

"""Follows the trend while the market is calm, buys what fell too far while it is wild, and stands aside in between.

The rules are those of momentum and mean_reversion, by their own functions; which of them is asked follows from the
volatility regime that the engine keeps of the leading leg. Without a regime it opens nothing and keeps what it has. A change of
regime flips nothing: the rule that is asked next sees the position, and each of the two goes through flat.
"""

from typing import NamedTuple

from veracity.domain.instruments import Instrument
from veracity.domain.regimes import CODE, HIGH_VOL, LOW_VOL, MID_VOL, REGIME
from veracity.strategies import mean_reversion, momentum
from veracity.strategies.interface import Decision, Memo, Row, Settings, Strategy, Told, Window

LOW, MID, HIGH = CODE[LOW_VOL], CODE[MID_VOL], CODE[HIGH_VOL]
HOLD, NO_SIDE = 0, 5
BEHIND = 2
"""Its reasons behind `hold`: those of momentum, then, this much further on, those of mean_reversion."""


class Params(NamedTuple):
    """What momentum and mean_reversion are bound to, in one tuple of whole numbers; one size for both."""

    fast: int
    slow: int
    length: int
    entry_milli: int
    exit_milli: int
    qty: int

    def trend(self) -> momentum.Params:
        """The part of momentum."""
        return momentum.Params(self.fast, self.slow, self.qty)

    def reversion(self) -> mean_reversion.Params:
        """The part of mean_reversion."""
        return mean_reversion.Params(self.length, self.entry_milli, self.exit_milli, self.qty)


def bind(settings: Settings, instrument: Instrument) -> Params:
    """The settings of momentum (`fast`, `slow`) and of mean_reversion (`length`, `entry_z`, `exit_z`), and one `qty`."""
    trend = momentum.bind(settings, instrument)
    reversion = mean_reversion.bind(settings, instrument)
    return Params(
        trend.fast, trend.slow, reversion.length, reversion.entry_milli, reversion.exit_milli, trend.qty
    )


def warmup(params: Params) -> int:
    """Both rules need their windows; the regime's own warm-up is the engine's, and UNKNOWN as long."""
    return max(momentum.warmup(params.trend()), mean_reversion.warmup(params.reversion()))


def features(window: Window, params: Params) -> tuple[Told, ...]:
    """Those of momentum, then that of mean_reversion."""
    return (
        *momentum.features(window, params.trend()),
        *mean_reversion.features(window, params.reversion()),
    )


def decide(params: Params, row: Row, position: int, memo: Memo) -> Decision:
    """Ask the rule of the regime; in the middle leave, and where the regime is unknown keep what there is."""
    fast, slow, score, regime, _ = row
    if regime == LOW:
        return momentum.decide(params.trend(), (fast, slow), position, memo)
    if regime == HIGH:
        target, reason, memo = mean_reversion.decide(params.reversion(), (score,), position, memo)
        return target, reason if reason == HOLD else reason + BEHIND, memo
    if regime == MID and position != 0:
        return 0, NO_SIDE, memo
    return position, HOLD, memo


STRATEGY = Strategy(
    "vol_regime_switch", 1,
    (*momentum.STRATEGY.reasons, *mean_reversion.STRATEGY.reasons[1:], "mid_regime"),
    (REGIME,), 1, bind, warmup, features, decide, optional=(REGIME,),
)  # fmt: skip

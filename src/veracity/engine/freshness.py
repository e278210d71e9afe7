"""When a series beside the bars goes stale, and when it comes back (specs/data/aux.md, S-132).

It is said once each: stale with the first bar of its instrument that is known later than its newest value lives, fresh with
the value that ends that. Whether it was said before follows from the newest bar, so the state keeps nothing for it.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from veracity.domain.events import AuxUpdated, BarClosed, FeedChanged, FundingRatePublished, MarketFact
from veracity.domain.regimes import REGIME
from veracity.domain.time import TS_NEVER
from veracity.guards.view import RiskLimits
from veracity.state.model import FUNDING, EngineState, aux_key

STALE: Final = "stale"
FRESH: Final = "fresh"


class Turn(NamedTuple):
    """A series that went stale, or came back."""

    series: str
    symbol: str
    reason: str
    age: int
    ttl: int


class Freshness:
    """The series that have a time to live, of all strategies; where two give one another, the shorter counts."""

    def __init__(self, limits: Iterable[tuple[str, RiskLimits]]) -> None:
        """`limits` are those of each strategy, with the symbol of its leading leg."""
        self._ttl: Final[dict[str, dict[str, int]]] = {}
        for symbol, given in limits:
            for series, ttl in timed(given).items():
                here = self._ttl.setdefault(symbol, {})
                here[series] = min(ttl, here.get(series, ttl))

    def __bool__(self) -> bool:
        """Whether any series has one."""
        return bool(self._ttl)

    def turns(self, state: EngineState, fact: MarketFact) -> list[Turn]:
        """What turns with the fact, which is not folded yet."""
        if isinstance(fact, BarClosed):
            return list(self._gone_stale(state, fact))
        series = FUNDING if isinstance(fact, FundingRatePublished) else fact.series
        observed = fact.value_ts if isinstance(fact, AuxUpdated) else fact.ts
        ttl, before = self._ttl.get(fact.symbol, {}).get(series), state.aux.get(aux_key(series, fact.symbol))
        if ttl is None or before is None:
            return []
        was_stale = before.ts + ttl < state.markets[fact.symbol].ts
        age = fact.ts - observed
        return [Turn(series, fact.symbol, FRESH, age, ttl)] if was_stale and 0 <= age <= ttl else []

    def _gone_stale(self, state: EngineState, bar: BarClosed) -> Iterable[Turn]:
        said = state.markets[bar.symbol].ts
        for series, ttl in self._ttl.get(bar.symbol, {}).items():
            known = state.aux.get(aux_key(series, bar.symbol))
            if known is not None and said <= known.ts + ttl < bar.ts:
                yield Turn(series, bar.symbol, STALE, bar.ts - known.ts, ttl)

    def until(self, state: EngineState) -> int:
        """A bar known before this time turns none of them."""
        until: int = TS_NEVER
        for symbol, here in self._ttl.items():
            said = state.markets[symbol].ts
            for series, ttl in here.items():
                known = state.aux.get(aux_key(series, symbol))
                if known is not None and said <= known.ts + ttl < until - 1:
                    until = known.ts + ttl + 1
        return until


def timed(limits: RiskLimits) -> Mapping[str, int]:
    """The time to live of each series that has one, but for the regime, which says itself when it changes."""
    return {series: ttl for series, ttl in limits.aux_ttl_ns.items() if series != REGIME}


def feed_changed(seq: int, ts: int, turn: Turn) -> FeedChanged:
    """The event, its words included."""
    detail = f"it is {turn.age} ns old, the limit is {turn.ttl}"
    return FeedChanged(
        seq=seq, ts=ts, feed=turn.series, symbol=turn.symbol, missing=0, reason=turn.reason, detail=detail
    )

"""The volatility regime of an instrument that a strategy decides by: judged when a bar is closed, journaled where it changes
(specs/backtest/evaluation.md, S-076; specs/core-engine/failures.md, S-015)."""

from veracity.domain.events import RegimeChanged, RegimeLabel
from veracity.domain.regimes import UNKNOWN, label_after, rank_of, regime_or_unknown
from veracity.engine.draft import Draft
from veracity.state.model import EngineState, RegimeWatch


def changes(watch: RegimeWatch) -> bool:
    """Whether the newest bar, folded by now, has another label than the one before it."""
    return _judged(watch)[0] != watch.label


def watch(draft: Draft, symbol: str) -> None:
    """Add the change of label that the newest bar of `symbol`, folded by now, leads to."""
    kept = draft.state.markets[symbol].regime
    if kept is None:
        return
    label, rank = _judged(kept)
    if label != kept.label:
        draft.add(
            RegimeChanged(
                seq=draft.seq,
                ts=draft.ts,
                symbol=symbol,
                regime_from=kept.label,
                regime_to=label,
                rank=rank,
            )
        )


def regime_of(state: EngineState, symbol: str, ttl_ns: int | None) -> RegimeLabel:
    """The regime that is known of `symbol` now: that of its newest bar, while this is no older than `ttl_ns`."""
    market = state.markets[symbol]
    published = None if market.regime is None else market.regime.label
    return regime_or_unknown(published, state.ts - market.ts, ttl_ns)


def _judged(watch: RegimeWatch) -> tuple[RegimeLabel, int | None]:
    """The label of the newest bar, and its rank where it was ranked. Unknown comes at once: no dwell keeps an old label
    alive on bars that cannot be judged."""
    if len(watch.sums) <= watch.history:
        return UNKNOWN, None
    if watch.label != UNKNOWN and watch.held < watch.dwell:
        return watch.label, None
    rank = rank_of(watch.sums[-1], watch.sums[:-1])
    return label_after(watch.label, rank), rank

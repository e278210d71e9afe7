"""When a volatility pause begins and ends: decided on each bar that somebody watches, journaled where it changes."""

from veracity.domain.events import VolatilityChanged
from veracity.engine.draft import Draft
from veracity.guards.volatility_pause import holds, mean_square
from veracity.state.model import accounts_in_order


def watch(draft: Draft, symbol: str) -> None:
    """Add the pauses that the newest bar of `symbol`, folded by now, begins or ends."""
    squares = draft.state.markets[symbol].squares
    for account in accounts_in_order(draft.state):
        limits = account.risk.volatility.get(symbol)
        if limits is None:
            continue
        paused = holds(squares, limits, limits.paused)
        if paused is not limits.paused:
            draft.add(
                VolatilityChanged(
                    seq=draft.seq,
                    ts=draft.ts,
                    strategy_id=account.strategy_id,
                    symbol=symbol,
                    paused=paused,
                    mean_square=mean_square(squares, limits.window),
                )
            )

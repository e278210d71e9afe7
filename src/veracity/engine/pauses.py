"""When a volatility pause begins and ends: decided on each bar that somebody watches, journaled where it changes."""

from veracity.domain.events import VolatilityChanged
from veracity.engine.draft import Draft
from veracity.guards.volatility_pause import holds, mean_square
from veracity.state.model import Account, EngineState, accounts_in_order


def any_changes(state: EngineState, symbol: str) -> bool:
    """Whether the newest bar of `symbol`, folded by now, begins or ends a pause of any account."""
    if state.markets[symbol].squares_max:
        for account in state.holders.get(symbol, ()):
            if _changes(state, account, symbol):
                return True
    return False


def watch(draft: Draft, symbol: str) -> None:
    """Add the pauses that the newest bar of `symbol`, folded by now, begins or ends."""
    state = draft.state
    for account in accounts_in_order(state):
        if not _changes(state, account, symbol):
            continue
        limits = account.risk.volatility[symbol]
        draft.add(
            VolatilityChanged(
                seq=draft.seq,
                ts=draft.ts,
                strategy_id=account.strategy_id,
                symbol=symbol,
                paused=not limits.paused,
                mean_square=mean_square(state.markets[symbol].squares, limits.window),
            )
        )


def _changes(state: EngineState, account: Account, symbol: str) -> bool:
    limits = account.risk.volatility.get(symbol)
    return (
        limits is not None
        and holds(state.markets[symbol].squares, limits, limits.paused) is not limits.paused
    )

"""When a volatility pause begins and ends: decided on each bar that somebody watches, journaled where it changes. So is
the regime of an instrument."""

from veracity.domain.events import VolatilityChanged
from veracity.engine import regimes
from veracity.engine.draft import Draft
from veracity.guards.volatility_pause import holds, mean_square
from veracity.state.model import Account, EngineState, accounts_in_order


def any_changes(state: EngineState, symbol: str) -> bool:
    """Whether the newest bar of `symbol`, folded by now, begins or ends a pause of any account, or changes its regime."""
    market = state.markets[symbol]
    if market.regime is not None and regimes.changes(market.regime):
        return True
    if market.squares_max:
        for account in state.holders.get(symbol, ()):
            if _changes(state, account, symbol):
                return True
    return False


def watch(draft: Draft, symbol: str) -> None:
    """Add the change of regime that the newest bar of `symbol`, folded by now, leads to, and the pauses that it begins or
    ends."""
    state = draft.state
    regimes.watch(draft, symbol)
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

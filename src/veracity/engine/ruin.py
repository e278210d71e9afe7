"""A strategy whose account is flat and too poor for the smallest order is stopped, once and for this run.

Asked again it would be refused again, on every bar to the end; and an operator has to hear of it.
"""

from typing import Final

from veracity.domain.amounts import rate_floor
from veracity.domain.events import IntentDenied, StrategyStopped
from veracity.engine.draft import Draft
from veracity.state.model import Account

RUINED: Final = "ruined"


def stop_if_ruined(draft: Draft, account: Account, leverage_max: int | None) -> None:
    """Add the stop where the step refused an intent of `account` and no order that it could pay is large enough.

    Without a leverage limit (a rate of 10^-9) nobody says how much the account may buy, so it is never too poor.
    """
    refused = bool(draft.events) and isinstance(draft.events[-1], IntentDenied)
    if not refused or leverage_max is None or not _is_flat(account):
        return
    room = rate_floor(account.cash, leverage_max)
    for leg in account.legs:
        least = _smallest_order(draft, leg.symbol)
        if least is not None and room < least:
            draft.add(
                StrategyStopped(
                    seq=draft.seq,
                    ts=draft.ts,
                    strategy_id=account.strategy_id,
                    reason=RUINED,
                    detail=f"the account may buy for {room}, the smallest order of {leg.symbol} is worth {least}",
                )
            )
            return


def _is_flat(account: Account) -> bool:
    return not account.open_orders and all(position.qty == 0 for position in account.positions.values())


def _smallest_order(draft: Draft, symbol: str) -> int | None:
    """Money value of one lot at the last price, or the venue's minimum where that is more; None without a price."""
    last = draft.state.markets[symbol].last
    instrument = draft.state.instruments[symbol]
    return None if last is None else max(instrument.notional(last, instrument.lot), instrument.notional_min)

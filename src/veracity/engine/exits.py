"""How everything is closed: on a command, on severe drift, or when the data ends. Cancel first; then close.

An exit is state: from `exit_begun` on each round cancels what still works, closes what nothing works on, and ends
with `exit_ended` when nothing is held. So it outlives a cancel that takes its time, a partial fill and a restart.
"""

from collections.abc import Collection, Mapping
from typing import Final

from veracity.domain.events import CheckpointMarked, DataEnded, ExitBegun, ExitEnded, RunFinished
from veracity.domain.machines import ModeOn
from veracity.engine import modes
from veracity.engine.cancels import cancel_all, cancel_working
from veracity.engine.decisions import Wish, close_leg, has_open_orders
from veracity.engine.draft import Draft
from veracity.engine.gate import Gate
from veracity.state.hash import state_hash
from veracity.state.model import ALL_SYMBOLS, Account, EngineState, accounts_in_order, working_qty

FORCED_CLOSE: Final = "forced_close"
"""Reason of the intents that close what a strategy still holds when its data ends."""


def begin_close_all(draft: Draft, reason: str) -> None:
    """Add the exit from everything; nothing where it is under way already."""
    if ALL_SYMBOLS not in draft.state.exits:
        draft.add(ExitBegun(seq=draft.seq, ts=draft.ts, symbol=None, reason=reason))


def exit_round(draft: Draft, gate: Gate) -> None:
    """One round of every exit under way: cancels of all of them first, then closes, then what is over."""
    if not modes.allows(draft.mode_now, "close"):
        return
    state = draft.state
    exits = sorted(state.exits.items())
    reasons = {symbol: reason for key, reason in exits for symbol in _symbols(state, key)}
    close_out(draft, gate, reasons)
    for key, reason in exits:
        if not _is_left(state, _symbols(state, key)):
            draft.add(ExitEnded(seq=draft.seq, ts=draft.ts, symbol=key or None, reason=reason))


def close_out(draft: Draft, gate: Gate, reasons: Mapping[str, str]) -> None:
    """Cancel every open order on the symbols that is not closing already; on legs without one, close the position.

    `reasons` says by symbol why.
    """
    state = draft.state
    legs = [
        (account, leg.symbol)
        for account in accounts_in_order(state)
        for leg in account.legs
        if leg.symbol in reasons
        and account.positions[leg.symbol].qty + working_qty(state, account, leg.symbol) != 0
    ]
    busy = [has_open_orders(draft, account, symbol) for account, symbol in legs]
    for (account, symbol), is_busy in zip(legs, busy, strict=True):
        if is_busy:
            cancel_working(draft, account, reasons[symbol], symbol)
    for (account, symbol), is_busy in zip(legs, busy, strict=True):
        if not is_busy:
            wish = Wish(symbol, -account.positions[symbol].qty, "close")
            close_leg(draft, gate, account, wish, reasons[symbol])


def data_ended(draft: Draft, gate: Gate, ended: DataEnded, close: bool) -> None:
    """One round of ending a run; asked again after its effects, until the run is finished.

    Cancels what works, then (where `close`) closes what is held, then finishes.
    """
    if draft.state.orders:
        cancel_all(draft, ended.reason)
        return
    if close and _is_left(draft.state, draft.state.instruments):
        close_out(draft, gate, dict.fromkeys(draft.state.instruments, FORCED_CLOSE))
        return
    modes.change(draft, ModeOn.STOP, ended.reason, "")
    finish(draft, ended.reason)


def finish(draft: Draft, reason: str) -> None:
    """Add that the run is over."""
    draft.add(RunFinished(seq=draft.seq, ts=draft.ts, reason=reason))


def mark_checkpoint(draft: Draft) -> None:
    """Add the hash of the state as it is now."""
    assert not draft.events, "a checkpoint hashes the state before its step, so it is alone in it"
    draft.add(CheckpointMarked(seq=draft.seq, ts=draft.ts, state_hash=state_hash(draft.state)))


def _symbols(state: EngineState, key: str) -> Collection[str]:
    return state.instruments if key == ALL_SYMBOLS else (key,)


def _is_left(state: EngineState, symbols: Collection[str]) -> bool:
    """Whether anything is held, or may still trade, on `symbols`."""
    return any(_holds(account, symbols) for account in state.accounts.values()) or any(
        order.symbol in symbols for order in state.orders.values()
    )


def _holds(account: Account, symbols: Collection[str]) -> bool:
    return any(position.qty for symbol, position in account.positions.items() if symbol in symbols)

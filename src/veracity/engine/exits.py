"""How everything is closed: on a command, or when the data ends. Cancel first; close when nothing works any more."""

from typing import Final

from veracity.domain.events import CheckpointMarked, DataEnded, RunFinished
from veracity.domain.ids import event_seq
from veracity.domain.machines import ModeOn
from veracity.engine import modes
from veracity.engine.decisions import cancel, pursue
from veracity.engine.draft import Draft
from veracity.engine.gate import Gate
from veracity.state.hash import state_hash
from veracity.state.model import accounts_in_order

FORCED_CLOSE: Final = "forced_close"
"""Reason of the intents that close what a strategy still holds when its data ends."""


def close_all(draft: Draft, gate: Gate, reason: str) -> None:
    """Cancel every open order; on legs without one, close the position."""
    for account in accounts_in_order(draft.state):
        pursue(draft, gate, account, 0, reason, ())


def cancel_all(draft: Draft, reason: str) -> None:
    """Ask to cancel every open order of every account, oldest first."""
    for order in sorted(draft.state.orders.values(), key=lambda order: event_seq(order.order_id)):
        cancel(draft, order, reason)


def data_ended(draft: Draft, gate: Gate, ended: DataEnded, close: bool) -> None:
    """One round of ending a run; asked again after its effects, until the run is finished.

    Cancels what works, then (where `close`) closes what is held, then finishes.
    """
    if draft.state.orders:
        cancel_all(draft, ended.reason)
        return
    if close and any(p.qty for account in draft.state.accounts.values() for p in account.positions.values()):
        close_all(draft, gate, FORCED_CLOSE)
        return
    modes.change(draft, ModeOn.STOP, ended.reason, "")
    draft.add(RunFinished(seq=draft.seq, ts=draft.ts, reason=ended.reason))


def mark_checkpoint(draft: Draft) -> None:
    """Add the hash of the state as it is now."""
    assert not draft.events, "a checkpoint hashes the state before its step, so it is alone in it"
    draft.add(CheckpointMarked(seq=draft.seq, ts=draft.ts, state_hash=state_hash(draft.state)))

"""How everything is closed: on a command, or when the data ends. Cancel first; close when nothing works any more."""

from typing import Final

from veracity.domain.events import CheckpointMarked, DataEnded, RunFinished
from veracity.domain.machines import ModeOn
from veracity.engine import modes
from veracity.engine.decisions import cancel_working, pursue
from veracity.engine.draft import Draft
from veracity.engine.gate import Gate
from veracity.state.hash import state_hash

FORCED_CLOSE: Final = "forced_close"
"""Reason of the intents that close what a strategy still holds when its data ends."""


def close_all(draft: Draft, gate: Gate, reason: str) -> None:
    """Cancel every open order; on legs without one, close the position."""
    for account in draft.state.accounts.values():
        pursue(draft, gate, account, 0, reason, ())


def cancel_all(draft: Draft, reason: str) -> None:
    """Ask to cancel every open order of every account."""
    for account in draft.state.accounts.values():
        cancel_working(draft, account, reason)


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

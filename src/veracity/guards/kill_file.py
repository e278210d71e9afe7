"""A kill file stops everything but the way out (specs/risk/modes.md, S-105). It is not forgotten when the file is gone."""

from typing import Final

from veracity.domain.events import TraceId
from veracity.domain.machines import Mode, mode_allows
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-277"
CAUSE: Final = "kill_file"
"""Reason code of the halt that a kill file causes."""


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where the engine is not halted by a kill file, or the intent closes."""
    if view.mode is not Mode.HALTED or view.mode_reason.partition(":")[0] != CAUSE:
        return None
    if mode_allows(view.mode, intent.purpose):
        return None
    return Denied(f"a kill file halted the engine: it does not allow to {intent.purpose}")

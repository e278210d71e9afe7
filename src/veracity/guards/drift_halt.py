"""No new risk where the own book and the venue's differ (specs/risk/halts.md, S-102); a severe difference demands the
close of the symbol that it is about. Which severity demands what is the table of specs/policies/drift_answers.yaml.
"""

from typing import Final

from veracity.domain.events import TraceId
from veracity.domain.policies import DRIFT_ANSWERS
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-259"


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where the worst unresolved difference demands nothing."""
    answer = DRIFT_ANSWERS[view.drift]
    if answer == "nothing":
        return None
    return Denied(f"the book of {intent.symbol} differs from the venue's: severity {view.drift}", answer)

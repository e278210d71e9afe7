"""A door to the policies that are generated from specs/policies/."""

from veracity_generated.policies import breaker
from veracity_generated.policies.data import DATA_CHECKS
from veracity_generated.policies.drift_answers import DRIFT_ANSWERS
from veracity_generated.policies.fees import FEES, Schedule
from veracity_generated.policies.journal import JOURNAL
from veracity_generated.policies.reality_score import REALITY_VETOES, REALITY_WEIGHTS
from veracity_generated.policies.retry import RETRY, Retry
from veracity_generated.policies.rulebook import ABSOLUTE, RULEBOOK
from veracity_generated.policies.stress import STRESS, Scenario
from veracity_generated.policies.supervisor import SUPERVISION, Supervision

__all__ = [
    "ABSOLUTE",
    "DATA_CHECKS",
    "DRIFT_ANSWERS",
    "FEES",
    "JOURNAL",
    "REALITY_VETOES",
    "REALITY_WEIGHTS",
    "RETRY",
    "RULEBOOK",
    "STRESS",
    "SUPERVISION",
    "Retry",
    "Scenario",
    "Schedule",
    "Supervision",
    "breaker",
]

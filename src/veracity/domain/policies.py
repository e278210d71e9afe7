"""A door to the policies that are generated from specs/policies/."""

from veracity_generated.policies.drift_answers import DRIFT_ANSWERS
from veracity_generated.policies.journal import JOURNAL
from veracity_generated.policies.rulebook import ABSOLUTE, RULEBOOK

__all__ = ["ABSOLUTE", "DRIFT_ANSWERS", "JOURNAL", "RULEBOOK"]

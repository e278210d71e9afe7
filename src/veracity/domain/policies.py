"""A door to the policies that are generated from specs/policies/."""

from veracity_generated.policies.rulebook import RULEBOOK

__all__ = ["RULEBOOK"]

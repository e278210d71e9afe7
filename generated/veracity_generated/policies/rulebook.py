# Generated from specs/policies/rulebook.yaml.
# Do not edit: change the source, then run `make gen`.
"""The risk rulebook: guards in the order in which the gate asks them."""

from typing import Final

RULEBOOK: Final[tuple[str, ...]] = (
    "stale_data",
    "trades_per_day",
    "cooldown",
    "daily_loss",
    "max_position",
    "max_exposure",
    "min_notional",
)

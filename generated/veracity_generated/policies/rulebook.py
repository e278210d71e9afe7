# Generated from specs/policies/rulebook.yaml.
# Do not edit: change the source, then run `make gen`.
"""The risk rulebook: guards in the order in which the gate asks them."""

from typing import Final

RULEBOOK: Final[tuple[str, ...]] = (
    "kill_file",
    "safe_mode",
    "error_breaker",
    "stale_data",
    "critical_aux",
    "price_sanity",
    "drift_halt",
    "slippage_halt",
    "trades_per_day",
    "order_rate",
    "cooldown",
    "daily_loss",
    "drawdown",
    "volatility_pause",
    "max_position",
    "max_exposure",
    "min_notional",
)

ABSOLUTE: Final[tuple[str, ...]] = ("kill_file", "safe_mode")
"""Rules that are asked of every intent, before the mode."""

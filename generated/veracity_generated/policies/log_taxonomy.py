# Generated from specs/policies/log_taxonomy.yaml.
# Do not edit: change the source, then run `make gen`.
"""The log taxonomy: level and component of every event kind."""

from typing import Final, Literal, TypeAlias

Level: TypeAlias = Literal["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

LEVELS: Final[tuple[Level, ...]] = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")

TAXONOMY: Final[dict[str, tuple[Level, str]]] = {
    "bar_closed": ("DEBUG", "data"),
    "funding_rate_published": ("DEBUG", "data"),
    "run_started": ("INFO", "engine"),
    "run_finished": ("INFO", "engine"),
    "instrument_listed": ("INFO", "engine"),
    "strategy_started": ("INFO", "strategy"),
    "strategy_stopped": ("WARN", "strategy"),
    "memo_updated": ("INFO", "strategy"),
    "intent_created": ("INFO", "strategy"),
    "intent_denied": ("WARN", "risk"),
    "order_submitted": ("INFO", "execution"),
    "order_accepted": ("INFO", "execution"),
    "order_rejected": ("WARN", "execution"),
    "order_filled": ("INFO", "execution"),
    "order_cancelled": ("INFO", "execution"),
    "order_expired": ("WARN", "execution"),
    "order_outcome_unknown": ("ERROR", "execution"),
    "cancel_requested": ("INFO", "execution"),
    "cancel_rejected": ("WARN", "execution"),
    "report_refused": ("WARN", "execution"),
    "fill_dropped": ("WARN", "execution"),
    "fill_quarantined": ("ERROR", "execution"),
    "fee_charged": ("INFO", "accounting"),
    "funding_paid": ("INFO", "accounting"),
    "mode_changed": ("WARN", "engine"),
    "day_rolled": ("INFO", "engine"),
    "checkpoint_marked": ("INFO", "journal"),
}

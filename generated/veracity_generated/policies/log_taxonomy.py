# Generated from specs/policies/log_taxonomy.yaml.
# Do not edit: change the source, then run `make gen`.
"""The log taxonomy: code, level, component, class and logged fields of every event kind and notice."""

from typing import Final, Literal, NamedTuple, TypeAlias

Level: TypeAlias = Literal["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

LogCode: TypeAlias = Literal[
    "MKT-001",
    "MKT-002",
    "RUN-001",
    "RUN-002",
    "RUN-003",
    "RUN-004",
    "RUN-007",
    "INT-003",
    "INT-001",
    "INT-002",
    "INT-004",
    "SAF-010",
    "SAF-011",
    "SAF-020",
    "SAF-021",
    "ORD-001",
    "ORD-002",
    "ORD-003",
    "ORD-004",
    "ORD-005",
    "ORD-006",
    "ORD-007",
    "ORD-008",
    "ORD-009",
    "ORD-010",
    "ORD-011",
    "ORD-012",
    "ACC-001",
    "ACC-002",
    "ACC-003",
    "ACC-004",
    "SAF-001",
    "RUN-005",
    "RUN-006",
    "MKT-003",
    "ORD-013",
    "ORD-014",
    "SAF-012",
    "SAF-002",
    "REC-001",
    "REC-002",
    "SAF-003",
    "SAF-004",
    "SAF-005",
    "FED-001",
    "SAF-006",
    "FED-002",
    "RUN-008",
    "REC-003",
    "REC-004",
    "REC-005",
]

LEVELS: Final[tuple[Level, ...]] = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL")


class Entry(NamedTuple):
    """One kind of line as the log knows it."""

    code: LogCode
    level: Level
    component: str
    protected: bool  # never left out, whatever the log's budget
    fields: tuple[str, ...]  # beside those that every line has where they apply


TAXONOMY: Final[dict[str, Entry]] = {
    "bar_closed": Entry(
        "MKT-001", "DEBUG", "data", False, ("open_ts", "open", "high", "low", "close", "volume")
    ),
    "funding_rate_published": Entry("MKT-002", "DEBUG", "data", False, ("rate", "mark")),
    "run_started": Entry(
        "RUN-001", "INFO", "engine", True, ("config_hash", "dataset_hash", "code_hash", "seed")
    ),
    "run_finished": Entry("RUN-002", "INFO", "engine", True, ("reason",)),
    "instrument_listed": Entry(
        "RUN-003",
        "INFO",
        "engine",
        True,
        (
            "instrument_kind",
            "base",
            "quote",
            "price_scale",
            "qty_scale",
            "tick",
            "lot",
            "notional_min",
            "interval_ns",
        ),
    ),
    "strategy_started": Entry(
        "RUN-004",
        "INFO",
        "strategy",
        True,
        ("strategy", "version", "config_hash", "legs", "currency", "cash"),
    ),
    "strategy_stopped": Entry("RUN-007", "WARN", "strategy", True, ("reason", "detail")),
    "memo_updated": Entry("INT-003", "INFO", "strategy", False, ("memo",)),
    "intent_created": Entry(
        "INT-001",
        "INFO",
        "strategy",
        True,
        ("side", "qty", "order_kind", "limit_price", "purpose", "target", "reason", "features"),
    ),
    "intent_denied": Entry("INT-002", "WARN", "risk", True, ("rule", "ticket", "detail")),
    "denial_rehearsed": Entry("INT-004", "INFO", "risk", True, ("rule", "ticket", "detail")),
    "volatility_watched": Entry("SAF-010", "INFO", "risk", True, ("window", "pause", "resume", "dwell")),
    "volatility_changed": Entry("SAF-011", "WARN", "risk", True, ("paused", "mean_square")),
    "regime_watched": Entry("SAF-020", "INFO", "risk", True, ("window", "history", "dwell")),
    "regime_changed": Entry("SAF-021", "INFO", "risk", True, ("regime_from", "regime_to", "rank")),
    "order_submitted": Entry(
        "ORD-001",
        "INFO",
        "execution",
        True,
        ("order_id", "side", "qty", "order_kind", "limit_price", "purpose", "clamped_by"),
    ),
    "order_accepted": Entry("ORD-002", "INFO", "execution", True, ("order_id", "venue_order_id")),
    "order_rejected": Entry("ORD-003", "WARN", "execution", True, ("order_id", "detail")),
    "order_filled": Entry(
        "ORD-004",
        "INFO",
        "execution",
        True,
        (
            "order_id",
            "trade_id",
            "side",
            "price",
            "qty",
            "liquidity",
            "latency_cost",
            "spread_cost",
            "impact_cost",
            "rounding_cost",
        ),
    ),
    "order_cancelled": Entry("ORD-005", "INFO", "execution", True, ("order_id", "detail")),
    "order_expired": Entry("ORD-006", "WARN", "execution", True, ("order_id", "detail")),
    "order_outcome_unknown": Entry("ORD-007", "ERROR", "execution", True, ("order_id", "detail")),
    "cancel_requested": Entry("ORD-008", "INFO", "execution", True, ("order_id", "reason")),
    "cancel_rejected": Entry("ORD-009", "WARN", "execution", True, ("order_id", "detail")),
    "report_refused": Entry(
        "ORD-010", "WARN", "execution", True, ("order_id", "report", "order_state", "detail")
    ),
    "fill_dropped": Entry(
        "ORD-011", "WARN", "execution", True, ("order_id", "trade_id", "side", "price", "qty")
    ),
    "fill_quarantined": Entry(
        "ORD-012",
        "ERROR",
        "execution",
        True,
        ("order_id", "trade_id", "side", "price", "qty", "liquidity", "fee", "fee_rate", "reason"),
    ),
    "fee_charged": Entry("ACC-001", "INFO", "accounting", True, ("order_id", "trade_id", "amount", "rate")),
    "funding_paid": Entry("ACC-002", "INFO", "accounting", True, ("position", "rate", "mark", "amount")),
    "borrow_charged": Entry(
        "ACC-003", "INFO", "accounting", True, ("asset", "due_ts", "owed", "rate", "amount")
    ),
    "position_liquidated": Entry(
        "ACC-004", "WARN", "accounting", True, ("position", "price", "fee", "rate", "equity", "maintenance")
    ),
    "mode_changed": Entry("SAF-001", "WARN", "engine", True, ("reason", "detail")),
    "day_rolled": Entry("RUN-005", "INFO", "engine", True, ("day",)),
    "checkpoint_marked": Entry("RUN-006", "INFO", "journal", True, ("state_hash",)),
    "aux_updated": Entry("MKT-003", "DEBUG", "data", False, ("series", "value_ts", "value")),
    "fill_adopted": Entry(
        "ORD-013",
        "WARN",
        "execution",
        True,
        ("order_id", "trade_id", "side", "price", "qty", "fee", "reason", "detail"),
    ),
    "fill_discarded": Entry(
        "ORD-014", "WARN", "execution", True, ("order_id", "trade_id", "reason", "detail")
    ),
    "command_received": Entry(
        "SAF-012",
        "WARN",
        "engine",
        True,
        ("command_id", "command", "trade_id", "reason", "detail", "blocked"),
    ),
    "command_refused": Entry("SAF-002", "WARN", "engine", True, ("command", "mode", "reason", "detail")),
    "drift_found": Entry(
        "REC-001", "ERROR", "reconcile", True, ("subject", "severity", "local", "venue", "detail")
    ),
    "drift_cleared": Entry("REC-002", "INFO", "reconcile", True, ("detail",)),
    "clock_checked": Entry("SAF-003", "WARN", "engine", True, ("offset_ns", "trusted")),
    "exit_begun": Entry("SAF-004", "WARN", "engine", True, ("reason",)),
    "exit_ended": Entry("SAF-005", "INFO", "engine", True, ("reason",)),
    "venue_called": Entry("FED-001", "INFO", "execution", False, ("call", "ok", "detail")),
    "breaker_changed": Entry(
        "SAF-006", "WARN", "risk", True, ("state_from", "state_to", "until", "reason", "detail")
    ),
    "feed_changed": Entry("FED-002", "WARN", "data", True, ("feed", "missing", "reason", "detail")),
}

NOTICES: Final[dict[str, Entry]] = {
    "run_failed": Entry("RUN-008", "FATAL", "engine", True, ("fault", "message")),
    "recovery_finished": Entry(
        "REC-003",
        "INFO",
        "journal",
        True,
        ("mode", "snapshot_seq", "records_read", "torn_bytes", "state_hash"),
    ),
    "snapshot_written": Entry("REC-004", "INFO", "journal", True, ("file", "bytes", "sha256", "state_hash")),
    "wal_torn_tail": Entry(
        "REC-005", "WARN", "journal", True, ("segment", "offset", "torn_bytes", "torn_file")
    ),
}

"""What the log says of each kind of event: a stable code, level, component, and which of its fields (S-018, S-033).

Level and component come from specs/policies/log_taxonomy.yaml. A field that is not listed here is not logged: a new
field of an event stays out of the log until somebody has looked at it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple, get_args

from veracity.domain.errors import EngineFault
from veracity.domain.events import Event
from veracity_generated.policies.log_taxonomy import LEVELS, TAXONOMY, Level


class Entry(NamedTuple):
    """One kind of event as the log knows it."""

    code: str  # three capitals, a hyphen, three digits; never renumbered, never given to another kind
    level: Level
    component: str
    protected: bool  # never left out, whatever the log's budget
    fields: tuple[str, ...]  # beside those that every line has where they apply

    @property
    def in_event_log(self) -> bool:
        """Whether the kind is written to events.jsonl."""
        return LEVELS.index(self.level) >= LEVELS.index("INFO")


class _Row(NamedTuple):
    code: str
    fields: tuple[str, ...]
    protected: bool = True


_ROWS: Final[Mapping[str, _Row]] = {
    "run_started": _Row("RUN-001", ("config_hash", "dataset_hash", "code_hash", "seed")),
    "run_finished": _Row("RUN-002", ("reason",)),
    "instrument_listed": _Row(
        "RUN-003",
        (
            "instrument_kind", "base", "quote", "price_scale", "qty_scale", "tick", "lot", "notional_min",
            "interval_ns",
        ),
    ),
    "strategy_started": _Row("RUN-004", ("strategy", "version", "config_hash", "legs", "currency", "cash")),
    "day_rolled": _Row("RUN-005", ("day",)),
    "strategy_stopped": _Row("RUN-007", ("reason", "detail")),
    "checkpoint_marked": _Row("RUN-006", ("state_hash",)),
    "bar_closed": _Row("MKT-001", ("open_ts", "open", "high", "low", "close", "volume"), protected=False),
    "funding_rate_published": _Row("MKT-002", ("rate", "mark"), protected=False),
    "intent_created": _Row(
        "INT-001", ("side", "qty", "order_kind", "limit_price", "purpose", "target", "reason", "features")
    ),
    "intent_denied": _Row("INT-002", ("rule", "ticket", "detail")),
    "memo_updated": _Row("INT-003", ("memo",), protected=False),
    "order_submitted": _Row(
        "ORD-001", ("order_id", "side", "qty", "order_kind", "limit_price", "purpose", "clamped_by")
    ),
    "order_accepted": _Row("ORD-002", ("order_id", "venue_order_id")),
    "order_rejected": _Row("ORD-003", ("order_id", "detail")),
    "order_filled": _Row(
        "ORD-004",
        (
            "order_id", "trade_id", "side", "price", "qty", "liquidity", "latency_cost", "spread_cost",
            "impact_cost", "rounding_cost",
        ),
    ),
    "order_cancelled": _Row("ORD-005", ("order_id", "detail")),
    "order_expired": _Row("ORD-006", ("order_id", "detail")),
    "order_outcome_unknown": _Row("ORD-007", ("order_id", "detail")),
    "cancel_requested": _Row("ORD-008", ("order_id", "reason")),
    "cancel_rejected": _Row("ORD-009", ("order_id", "detail")),
    "report_refused": _Row("ORD-010", ("order_id", "report", "order_state", "detail")),
    "fill_dropped": _Row("ORD-011", ("order_id", "trade_id", "side", "price", "qty")),
    "fill_quarantined": _Row(
        "ORD-012", ("order_id", "trade_id", "side", "price", "qty", "liquidity", "fee", "fee_rate", "reason")
    ),
    "fee_charged": _Row("ACC-001", ("order_id", "trade_id", "amount", "rate")),
    "funding_paid": _Row("ACC-002", ("position", "rate", "mark", "amount")),
    "mode_changed": _Row("SAF-001", ("reason", "detail")),
}  # fmt: skip


class Taxonomy:
    """The entries of all kinds of events, each kind exactly once."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        """Raises EngineFault where a kind of the Event union has no entry, an entry no kind, or two the same code."""
        wanted, given = event_kinds(), tuple(entries)
        odd = sorted({*wanted} ^ {*given})
        if odd:
            raise EngineFault(f"log taxonomy and event kinds differ in: {', '.join(odd)}")
        codes = [entry.code for entry in entries.values()]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise EngineFault(f"two kinds have the log code {', '.join(twice)}")
        self._entries = dict(entries)

    def entry(self, kind: str) -> Entry:
        """What the log says of `kind`. Raises EngineFault where it does not know the kind: a code is never guessed."""
        try:
            return self._entries[kind]
        except KeyError:
            raise EngineFault(f"the log taxonomy has no entry for {kind!r}") from None


def event_kinds() -> tuple[str, ...]:
    """The kinds of the Event union."""
    return tuple(str(member.__struct_config__.tag) for member in get_args(Event))


def standard() -> Taxonomy:
    """The taxonomy of this version."""
    return Taxonomy(
        {
            kind: Entry(row.code, *TAXONOMY[kind], row.protected, row.fields)
            for kind, row in _ROWS.items()
            if kind in TAXONOMY
        }
    )

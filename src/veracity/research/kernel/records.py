"""What the compiled loop works on: records of 64-bit numbers, one array each, and the world that holds them.

A record's fields have the names that the engine's own structs have, so the engine's functions take either.
`NONE` (the smallest number) stands for what is not known.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from veracity.domain.amounts import INT64_MAX
from veracity.domain.events import OrderKind
from veracity.domain.market import Column
from veracity.engine.margin import Margin
from veracity.simulator.fees import DAYS_KEPT
from veracity.state.model import ORDER_TIMES_MAX

NONE: Final = -INT64_MAX - 1
"""What is not known: the smallest number, which no amount can be."""

SCAN: Final = ("params", "columns", "start", "stop", "expected", "memo", "decision")
"""What a strategy's scan takes: params, columns, memory and decision are addresses. It answers the first row in start..stop on
which the strategy wants something else, or `stop`; what it said there, or last, is in `decision`: target, reason, memo."""
LEGS_MAX: Final = 2
COLUMNS_MAX: Final = 16
COLUMN_WIDTH: Final = (
    3  # of a column: where it begins; of a moving sum: where its ends and its begins lie, and its factor
)
COLUMN, SUM, NARROW = "column", "sum", "narrow sum"  # kinds of a column
TIERS_MAX: Final = 16
AUX_MAX: Final = 4
PARAMS_MAX: Final = 16
MEMO_MAX: Final = 8
ORDERS_MAX: Final = 2 * LEGS_MAX  # a flip sends two on each leg, and no more follow until they are done

OPEN, INCREASE, REDUCE, CLOSE = 0, 1, 2, 3  # purposes
MARKET, LIMIT, POST_ONLY = 0, 1, 2  # kinds of an order, as they stand in
ORDER_KINDS: Final[tuple[OrderKind, ...]] = ("market", "limit", "post_only")
ARRIVE, MATCH, CANCEL, REST, EXPIRE, TELL = 0, 1, 2, 3, 4, 5  # what the venue has to do
FIRST, NORMAL, LAST = 0, 1, 2  # its rank among what is to be done at the same time
OWN, HEARS, LATE, LATE_HEARS = (
    0,
    1,
    2,
    3,
)  # whose delays: of orders, of reports about them, and of what comes too late
BARS, SETTLEMENT, VALUE = 0, 1, 2  # kinds of a segment
ROLLS, SAMPLES, MISSES = 1, 2, 4  # what its first bar does, as bits
ENDS: Final = 8  # instead of SAMPLES: that sample shows what the run comes to

DONE, LOG_FULL, TASKS_FULL, DRAWS_USED, TOO_LARGE, BAD_REASON, NO_END, GOES_ON = range(8)
"""Why a run stopped. The second to the fourth only want more room: it goes on where it was. The last one waits for its turn."""

# Kinds of a log row, with what stands in it behind kind, seq and ts.
INTENT: Final = 0  # leg, delta, purpose, target, reason, row, kind, limit
DENIED: Final = 1  # intent, leg, rule
SUBMITTED: Final = 2  # intent, leg, delta, purpose, rule that clamped it or NONE, kind, limit
ACCEPTED: Final = 3  # order, intent, piece
FILLED: Final = 4  # order, intent, leg, trade, delta, price, latency, spread, impact, rounding
FEE: Final = 5  # order, intent, trade, amount, rate
CANCEL_REQUESTED: Final = 6  # order, intent, reason
CANCELLED: Final = 7  # order, intent
CANCEL_REJECTED: Final = 8  # order, intent
REPORT_REFUSED: Final = 9  # order, intent, kind of the report, or NONE: of a refused cancel
MEMO: Final = 10  # values
DAY: Final = 11  # day
FUNDING: Final = 12  # leg, position, rate, mark, amount
STOPPED: Final = 13  # leg, room, least
STOP: Final = 14  # whether the run was halted
FINISHED: Final = 15
CHECKPOINT: Final = 16
GAP: Final = 17  # instrument, missing
PAUSED: Final = 18  # leg, paused, mean square
MADE: Final = 19  # as FILLED, of an order that rested
REJECTED: Final = 20  # order, intent
EXPIRED: Final = 21  # order, intent
BORROWED: Final = 22  # asset (0: the account's currency, then each leg's), due, owed, rate, amount
LIQUIDATED: Final = 23  # leg, position, price, fee, rate, equity, maintenance
REHEARSED: Final = 24  # intent, leg, rule
HALTED: Final = 26  # order, trade, slip, limit
LABELLED: Final = 25  # label before, after, rank
TURNED: Final = 27  # slot of a series, whether it is fresh, age
LOG_WIDTH: Final = 13
SEGMENT_WIDTH: Final = 8
BYTES: Final = 8
ROWS_A_BAR: Final = 64  # log rows that one turn may need, beside those of the hours in a gap of the data, and
ROWS_A_TASK: Final = 5  # what one piece of the venue's work may need
MESSAGES_A_BAR: Final = 8 * ORDERS_MAX  # orders, cancels and reports

RULES_MAX: Final = 32
MODE_RULE: Final = RULES_MAX - 1  # what the mode of the run does not allow: behind all guards
TIMES: Final = ORDER_TIMES_MAX + ORDERS_MAX
"""Times of opening orders that are kept: as many as the state has, and those of one step that is judged."""
LABEL_WIDTH: Final = 4  # of a change of label: row of the bar, label before and after, rank
CHANGE_WIDTH: Final = 3  # of a volatility pause that begins or ends: row of the bar, paused, mean square
SAID: Final = -3  # what passes of an intent whose refusal was said often enough to be left out

FORCED_CLOSE: Final = -1  # reason: the data ended
BY_VENUE: Final = -2  # reason: the account is liquidated
OF_RULE: Final = -3  # reason: this less a rule's number, which demands it
DEMANDED: Final = -2  # what passes of an intent where the rule that refuses it demands to close what is held


COST_FIELDS: Final = (
    *("fee_taker", "fee_maker", "half_spread", "volatility_share", "impact", "participation_max"),
    *("latency_submit_ns", "latency_cancel_ns", "latency_ack_ns", "latency_jitter_ns", "fills_late_bars"),
    *("queue_ahead", "touch_share", "limit_ttl_ns"),
)
"""Fields of the cost model that the compiled loop knows."""

LIMIT_FIELDS: Final = (
    *("max_exposure", "leverage_max", "daily_loss", "trades_per_day", "cooldown_ns", "stale_ns"),
    *("drawdown", "order_rate", "order_rate_ns", "price_jump", "price_band", "slippage", "volatility_window"),
)
"""Limits that the compiled gate keeps, and `max_position` by leg."""


def _dtype(*names: str) -> Any:
    return np.dtype([(name, np.int64) for name in names], align=True)


ADDRESSES: Final = (
    *("bar_ts", "high", "low", "close", "bar", "first", "bars", "interval", "rate", "mark", "segments"),
    *("scan", "rows", "draws", "log", "samples", "task"),
)
WORLD: Final = _dtype(
    *ADDRESSES,
    *("ts", "facts", "events", "segment", "at", "day", "due", "pieces", "trades", "closes"),
    *(
        "tape_over",
        "orders",
        "staged",
        "tasks",
        "log_count",
        "sample_count",
        "logging",
        "phase",
        "refused",
        "rounds",
    ),
    *("legs", "trigger", "warmup", "close_at_end", "reasons", "qty_max", "memo", "trips", "traded"),
    *("asked", "ahead", "at_once", "stopped"),
    *(
        "segment_count",
        "log_rows",
        "task_rows",
        "draw_count",
        "turn_rows",
        "settles_aux",
        "labels",
        "label_now",
        "label_aux",
        "halted",
        "entry",
        "leave",
        "offset_ticks",
    ),
)
"""Where everything is that does not lie beside it (`layout`), and what the loop knows of itself."""
BAR: Final = _dtype("ts", "end_ts", "open", "high", "low", "close", "volume", "_")
"""A bar under the names of `veracity.simulator.tape.TapeBar`, as wide as a line of the processor's cache."""
BAR_BYTES: Final = BAR.itemsize
ACCOUNT: Final = _dtype(
    *("cash", "fees", "funding", "fills", "loss_ts", "stopped", "entries", "equity_start", "peak"),
    *("interest", "borrow_ts", "slip_worst"),
)
POSITION: Final = _dtype("qty", "basis", "realized", "fees")
LAST_FILL: Final = _dtype("qty", "closed", "net", "leg", "waits")
LEG: Final = _dtype(
    *("instrument", "is_perp", "weight", "tick", "lot", "factor", "notional_min", "interval_ns"),
    *("last", "last_ts", "row", "refused", "known", "change", "paused", "taken_ts", "taken"),
)  # fmt: skip
ORDER: Final = _dtype(
    *(
        "seq",
        "intent",
        "leg",
        "sign",
        "qty",
        "filled",
        "purpose",
        "cancelling",
        "decided",
        "reference",
        "after_tape",
        "arrival",
        "leaves",  # quantity that the venue may still trade
        "gone",  # whether the venue is done with it
        "told",  # when the last report about it is known
        "accepted",
        "kind",
        "limit",
        "bar",  # row in which it may trade next, and
        "queue",  # quantity before it at its price, of a resting order
    )
)
ORDER_WIDTH: Final = ORDER.itemsize // BYTES
STAGED: Final = _dtype(
    "seq",
    "intent",
    "leg",
    "sign",
    "qty",
    "purpose",
    "allowed",
    "rule",
    "kind",
    "limit",
    "rehearsed",
    "own",
    "own_rule",
    "row",
)
COSTS: Final = _dtype(*COST_FIELDS)
LIMITS: Final = np.dtype(
    [(name, np.int64) for name in (*LIMIT_FIELDS, "daily_loss_remedy", "dry_run")]
    + [
        ("max_position", np.int64, (LEGS_MAX,)),
        (
            "critical_aux",
            np.int64,
            (AUX_MAX,),
        ),  # numbers of series; behind the last AUX_MAX, which is never old
        ("aux_ttl_ns", np.int64, (AUX_MAX + 1,)),
    ],
    align=True,
)
TASK: Final = _dtype(
    *("ts", "rank", "piece", "kind", "order", "intent", "closed"),
    *("what", "number", "qty", "price", "late", "spread", "impact", "rounding", "fee", "rate"),
)
"""A piece of the venue's work; the second row is what a report tells that is known later."""
TASK_WIDTH: Final = 7
TOLD_WIDTH: Final = TASK.itemsize // BYTES
MARGIN: Final = _dtype(*Margin._fields)
TIER: Final = np.dtype(
    [(name, np.int64, (TIERS_MAX,)) for name in ("volume_min", "maker", "taker")], align=True
)
"""The tiers of one leg's product, the lowest first; behind the last one come such that nobody reaches."""
AUX: Final = np.dtype([("ts", np.int64, (AUX_MAX + 1,)), ("series", np.int64, (AUX_MAX,))], align=True)
"""When the newest value of each series that is watched (`encoding.slots_of`) was observed, and which series of the dataset it is, or NONE."""
TURNOVER: Final = np.dtype([("newest", np.int64), ("days", np.int64, (DAYS_KEPT,))], align=True)


class Tape(NamedTuple):
    """All instruments' bars and settlements, one after the other; instrument m's begin at `first[m]`."""

    bar_ts: Column
    high: Column
    low: Column
    close: Column
    bar: Any  # records of BAR: all of a bar in one line of the processor's cache, which a fill needs
    first: Column
    bars: Column
    interval: Column
    rate: Column
    mark: Column
    segments: Column  # rows of kind, instrument, first bar or settlement, how many, fact before it, ts, bits, bars missing before it
    # or, of a value beside the bars: kind, series, its number, 1, fact before it, ts, 0, when it was observed


class Rules(NamedTuple):
    """The venue's rules for an instrument, under the names of `veracity.domain.instruments.Instrument`."""

    tick: int
    lot: int
    notional_min: int
    interval_ns: int
    factor: int


class View(NamedTuple):
    """`veracity.guards.view.GuardView` in numbers."""

    ts: int
    instrument: Rules
    last: int
    last_ts: int
    position: int
    opening: int
    equity: int
    equity_day_start: int
    exposure: int
    entries_today: int
    loss_ts: int
    previous: int
    slip_worst: int
    order_times: int  # where the ring of times lies: `gate.newest` reads it
    peak: int
    aux: Any  # when each critical series was observed, by its number
    squares: int  # how many there are
    paused: int
    bid: int
    ask: int

"""Events by hand: one order's life, and the log lines of any events."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from veracity.domain.events import (
    Event,
    FeeCharged,
    IntentCreated,
    OrderAccepted,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
)
from veracity.forensics.event_log import EventLog
from veracity.forensics.redact import Redactor

RUN = "0123456789abcdef"
INTENT, ORDER = "01234567-sma-1", "01234567-sma-2"


def intent(seq: int = 1, intent_id: str = INTENT, **changes: Any) -> IntentCreated:
    """The wish to buy 3 units."""
    values = {
        "ts": 1,
        "strategy_id": "sma",
        "symbol": "BTCUSDT",
        "side": "buy",
        "qty": 3,
        "order_kind": "market",
        "limit_price": None,
        "purpose": "open",
        "target": 3,
        "reason": "sma_cross_up",
        "features": (7, 5),
    }
    return IntentCreated(seq=seq, intent_id=intent_id, **values | changes)


def submitted(seq: int = 2, order_id: str = ORDER, intent_id: str = INTENT, **changes: Any) -> OrderSubmitted:
    """The order of the intent."""
    values = {
        "ts": 2,
        "strategy_id": "sma",
        "symbol": "BTCUSDT",
        "side": "buy",
        "qty": 3,
        "order_kind": "market",
        "limit_price": None,
        "purpose": "open",
        "clamped_by": None,
    }
    return OrderSubmitted(seq=seq, order_id=order_id, intent_id=intent_id, **values | changes)


def accepted(seq: int = 3, order_id: str = ORDER, intent_id: str = INTENT) -> OrderAccepted:
    """The venue takes it."""
    return OrderAccepted(seq, 3, order_id, intent_id, "v-1")


def rejected(seq: int = 3, detail: str = "-2010 insufficient balance") -> OrderRejected:
    """The venue refuses it, in its own words."""
    return OrderRejected(seq, 3, ORDER, INTENT, detail)


def filled(seq: int = 4, qty: int = 3, trade: str = "t-1", **changes: Any) -> OrderFilled:
    """It trades at 100.00."""
    values = {
        "ts": 4,
        "order_id": ORDER,
        "intent_id": INTENT,
        "strategy_id": "sma",
        "symbol": "BTCUSDT",
        "side": "buy",
        "price": 100_00,
        "liquidity": "taker",
        "latency_cost": 0,
        "spread_cost": None,
        "impact_cost": None,
        "rounding_cost": None,
    }
    return OrderFilled(seq=seq, trade_id=trade, qty=qty, **values | changes)


def fee(seq: int = 5) -> FeeCharged:
    """Its commission."""
    return FeeCharged(seq, 4, ORDER, INTENT, "sma", "t-1", 15, 500_000)


def logged(folder: Path, events: Iterable[Event], redactor: Redactor | None = None) -> list[dict[str, Any]]:
    """The lines that the events make."""
    path = folder / "events.jsonl"
    with EventLog(path, RUN, redactor=redactor) as log:
        for event in events:
            log.emit(event)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

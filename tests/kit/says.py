"""What a venue or an operator can say, in few words. `NOW` stands for the script's own time."""

from typing import Any

from veracity.domain.events import (
    AdoptFillRequested,
    CancelAllRequested,
    CancelConfirmed,
    CancelRefused,
    ClockSampled,
    ClockTicked,
    CloseAllRequested,
    CloseOnlyRequested,
    DataEnded,
    DiscardFillRequested,
    DriftReported,
    DriftResolved,
    FillReported,
    HaltRequested,
    KillFileSeen,
    OrderAcked,
    OrderExpiryReported,
    OrderRefused,
    OutcomeUnknownReported,
    ResumeRequested,
    SafeModeRequested,
    Side,
    StopRequested,
    TradeConfirmed,
    VenueCallEnded,
)

NOW = 0


def acked(order_id: str) -> OrderAcked:
    return OrderAcked(NOW, order_id, f"venue-{order_id}"[:64])


def refused(order_id: str, detail: str = "-2010 insufficient balance") -> OrderRefused:
    return OrderRefused(NOW, order_id, detail)


def filled(
    order_id: str,
    qty: int,
    price: int = 100_00,
    *,
    trade: str = "1",
    side: Side = "buy",
    symbol: str = "BTCUSDT",
    fee: int = 0,
    **changes: Any,
) -> FillReported:
    """A fill without known costs besides the fee."""
    said: dict[str, Any] = {
        "liquidity": "taker",
        "fee_rate": 0,
        "latency_cost": None,
        "spread_cost": None,
        "impact_cost": None,
        "rounding_cost": None,
    }
    return FillReported(
        ts=NOW,
        order_id=order_id,
        symbol=symbol,
        trade_id=trade,
        side=side,
        price=price,
        qty=qty,
        fee=fee,
        **said | changes,
    )


def cancelled(order_id: str) -> CancelConfirmed:
    return CancelConfirmed(NOW, order_id, "cancelled as asked")


def cancel_refused(order_id: str) -> CancelRefused:
    return CancelRefused(NOW, order_id, "-2011 unknown order")


def expired(order_id: str) -> OrderExpiryReported:
    return OrderExpiryReported(NOW, order_id, "expired")


def lost(order_id: str) -> OutcomeUnknownReported:
    return OutcomeUnknownReported(NOW, order_id, "no answer within 5 s")


def halt(detail: str = "by hand") -> HaltRequested:
    return HaltRequested(NOW, "operator", detail)


def resume(detail: str = "checked") -> ResumeRequested:
    return ResumeRequested(NOW, "operator", detail)


def close_only(detail: str = "by hand") -> CloseOnlyRequested:
    return CloseOnlyRequested(NOW, "operator", detail)


def safe_mode(detail: str = "by hand") -> SafeModeRequested:
    return SafeModeRequested(NOW, "operator", detail)


def stop(detail: str = "by hand") -> StopRequested:
    return StopRequested(NOW, "operator", detail)


def cancel_all(detail: str = "by hand") -> CancelAllRequested:
    return CancelAllRequested(NOW, "operator", detail)


def close_all(detail: str = "by hand") -> CloseAllRequested:
    return CloseAllRequested(NOW, "operator", detail)


def drift(symbol: str, severity: str = "major", local: int = 500, venue: int = 498) -> DriftReported:
    return DriftReported(NOW, symbol, "position", severity, local, venue, "cycle 1")  # type: ignore[arg-type]


def agreed(symbol: str) -> DriftResolved:
    return DriftResolved(NOW, symbol, "cycle 2")


def clock(*offsets_ns: int) -> ClockSampled:
    return ClockSampled(NOW, offsets_ns)


def called(*, ok: bool, banned_until: int | None = None) -> VenueCallEnded:
    return VenueCallEnded(NOW, "submit", ok, banned_until, "200" if ok else "timeout")


def ticked() -> ClockTicked:
    return ClockTicked(NOW)


def kill_file(detail: str = "/run/veracity/KILL exists") -> KillFileSeen:
    return KillFileSeen(NOW, detail)


def adopt(symbol: str, trade_id: str, strategy_id: str = "a") -> AdoptFillRequested:
    return AdoptFillRequested(NOW, symbol, trade_id, strategy_id, "operator", "seen at the venue")


def discard(symbol: str, trade_id: str) -> DiscardFillRequested:
    return DiscardFillRequested(NOW, symbol, trade_id, "operator", "of another program")


def confirmed(order_id: str, symbol: str, trade_id: str) -> TradeConfirmed:
    return TradeConfirmed(NOW, order_id, symbol, trade_id, "trades_since")


def data_ended(reason: str = "data_ended") -> DataEnded:
    return DataEnded(NOW, reason)

"""An event in words that a trader reads: decimals instead of units, and what matters of it in one line."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from veracity.domain.amounts import MONEY_SCALE, RATE_SCALE, units_text
from veracity.domain.events import (
    BarClosed,
    CheckpointMarked,
    Event,
    FeeCharged,
    FillDropped,
    FillQuarantined,
    FundingPaid,
    FundingRatePublished,
    InstrumentListed,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderAccepted,
    OrderFilled,
    OrderSubmitted,
    RunStarted,
    StrategyStarted,
)
from veracity.domain.instruments import Instrument
from veracity.domain.time import ts_text

LEFT_OUT: Final = frozenset({"seq", "ts", "kind"})
HASH_DIGITS: Final = 12


class Words:
    """Says what events mean; learns each instrument's decimals from the record that lists it, or from a snapshot."""

    def __init__(self) -> None:
        self._listed: dict[str, InstrumentListed | Instrument] = {}

    def know(self, instruments: Mapping[str, Instrument]) -> None:
        """Those that a snapshot has: the records that listed them may be gone."""
        self._listed |= instruments

    def hear(self, event: Event) -> None:
        """Take note of what later events need. Every event from the first on, shown or not."""
        if isinstance(event, InstrumentListed):
            self._listed[event.symbol] = event

    def say(self, event: Event) -> str:
        """The event in one line, without its seq and time."""
        sayer = _SAYERS.get(type(event))
        return _plain(event) if sayer is None else sayer(self, event)

    def _intent(self, event: IntentCreated) -> str:
        return f"wants to {event.side} {self._what(event)}, to {event.purpose}: {event.reason}"

    def _order(self, event: OrderSubmitted) -> str:
        clamped = f", made smaller by {event.clamped_by}" if event.clamped_by else ""
        return f"{event.order_kind} order to {event.side} {self._what(event)}{clamped}"

    def _fill(self, event: OrderFilled | FillDropped | FillQuarantined) -> str:
        why = f", {event.reason}" if isinstance(event, FillQuarantined) else ""
        price = self.price(event.symbol, event.price)
        qty = self.qty(event.symbol, event.qty)
        return f"{event.side} {qty} {event.symbol} at {price}, trade {event.trade_id}{why}"

    def _settlement(self, event: FundingRatePublished) -> str:
        return f"{event.symbol} settles at {rate(event.rate)}, mark {self.price(event.symbol, event.mark)}"

    def _bar(self, event: BarClosed) -> str:
        prices = (self.price(event.symbol, at) for at in (event.open, event.high, event.low, event.close))
        return f"{event.symbol} {' '.join(prices)}"

    def _what(self, event: IntentCreated | OrderSubmitted) -> str:
        at = "" if event.limit_price is None else f" at {self.price(event.symbol, event.limit_price)}"
        return f"{self.qty(event.symbol, event.qty)} {event.symbol}{at}"

    def price(self, symbol: str, units: int) -> str:
        """A price with its instrument's decimals; units where the instrument was not listed."""
        listed = self._listed.get(symbol)
        return f"{units} units" if listed is None else units_text(units, listed.price_scale)

    def qty(self, symbol: str, units: int) -> str:
        """A quantity with its instrument's decimals; units where the instrument was not listed."""
        listed = self._listed.get(symbol)
        return f"{units} units" if listed is None else units_text(units, listed.qty_scale)


def money(units: int) -> str:
    """An amount of money, at least two decimals."""
    whole, _, decimals = units_text(units, MONEY_SCALE).partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def rate(units: int) -> str:
    """A rate in percent."""
    text = units_text(units, RATE_SCALE - 2)
    return f"{text.rstrip('0').rstrip('.')} %"


def time(event: Event) -> str:
    """When the event was known."""
    return ts_text(event.ts)


def _plain(event: Event) -> str:
    fields: dict[str, Any] = msgspec.structs.asdict(event)
    return " ".join(f"{name}={_value(value)}" for name, value in fields.items() if name not in LEFT_OUT)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(_value(item) for item in value)}]"
    if isinstance(value, msgspec.Struct):
        return ":".join(_value(item) for item in msgspec.structs.astuple(value))
    return "-" if value is None or value == "" else str(value)


def _mode(_: Words, event: ModeChanged) -> str:
    detail = f" ({event.detail})" if event.detail else ""
    return f"{event.mode_from} to {event.mode_to}: {event.reason}{detail}"


def _run(_: Words, event: RunStarted) -> str:
    digits = slice(HASH_DIGITS)
    return f"run {event.run_id}, config {event.config_hash[digits]}, data {event.dataset_hash[digits]}"


def _strategy(_: Words, event: StrategyStarted) -> str:
    cash = f"{money(event.cash)} {event.currency}"
    return f"{event.strategy_id} is {event.strategy} version {event.version} with {cash}"


_SAYERS: Final[Mapping[type[Event], Callable[[Words, Any], str]]] = {
    IntentCreated: Words._intent,
    OrderSubmitted: Words._order,
    OrderFilled: Words._fill,
    FillDropped: Words._fill,
    FillQuarantined: Words._fill,
    FundingRatePublished: Words._settlement,
    BarClosed: Words._bar,
    ModeChanged: _mode,
    RunStarted: _run,
    StrategyStarted: _strategy,
    IntentDenied: lambda _, event: f"denied by {event.rule} ({event.ticket}): {event.detail}",
    OrderAccepted: lambda _, event: f"the venue has it as {event.venue_order_id}",
    FeeCharged: lambda _, event: f"fee {money(event.amount)} for trade {event.trade_id}, {rate(event.rate)}",
    FundingPaid: lambda _, event: f"funding {money(event.amount)} on {event.symbol}, rate {rate(event.rate)}",
    CheckpointMarked: lambda _, event: f"state hash {event.state_hash}",
}
"""Kinds that have words of their own; every other one shows its fields."""

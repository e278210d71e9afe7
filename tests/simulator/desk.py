"""A simulated exchange alone: orders in, reports out, no engine. Prices have 2 decimals, quantities 3."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from tests.kit.market import BTC, MINUTE, START, instrument

from veracity.domain.events import FillReported, OrderKind, OrderSubmitted, Side, VenueReport
from veracity.domain.market import Bars
from veracity.domain.time import TS_NEVER
from veracity.engine.effects import CancelOrder, SubmitOrder
from veracity.simulator.costs import CostModel
from veracity.simulator.exchange import SimulatedExchange
from veracity.simulator.tape import Tape

FREE = CostModel()
Kind = TypeVar("Kind")
Candle = tuple[int, int, int, int, int]
"""Open, high, low, close, volume."""


def candles(
    rows: Sequence[Candle], *, start: int = START, interval: int = MINUTE, without: Sequence[int] = ()
) -> Bars:
    """Bars of `rows`, one an interval; those numbered in `without` are missing from the data."""
    kept = [number for number in range(len(rows)) if number not in without]
    stamps = np.asarray([start + interval * number for number in kept], dtype=np.int64)
    columns = np.asarray([rows[number] for number in kept], dtype=np.int64).reshape(-1, 5).T
    return Bars(stamps, *(np.ascontiguousarray(column) for column in columns))


def steady(opens: Sequence[int], volume: int = 1_000_000) -> Bars:
    """Bars that open at `opens` and do not move until the next one."""
    return candles([(price, price, price, price, volume) for price in opens])


def minute(number: int, nanoseconds: int = 0) -> int:
    """When bar `number` opens, and some time after."""
    return START + number * MINUTE + nanoseconds


class Desk:
    """Sends orders to one exchange and collects what it says."""

    def __init__(
        self, bars: Bars, costs: CostModel = FREE, *, seed: int = 1, tick: int = 1, lot: int = 1
    ) -> None:
        rules = instrument(BTC, tick=tick, lot=lot)
        self.exchange = SimulatedExchange({BTC: Tape(rules, bars)}, costs, seed)
        self.reports: list[VenueReport] = []

    def sends(
        self,
        order_id: str,
        side: Side,
        qty: int,
        at: int,
        *,
        strategy_id: str = "a",
        kind: OrderKind = "market",
        limit: int | None = None,
    ) -> None:
        """The engine submits an order at `at`."""
        order = OrderSubmitted(
            seq=1,
            ts=at,
            order_id=order_id,
            intent_id=f"intent-{order_id}",
            strategy_id=strategy_id,
            symbol=BTC,
            side=side,
            qty=qty,
            order_kind=kind,
            limit_price=limit,
            purpose="open",
            clamped_by=None,
        )
        self.exchange.perform(SubmitOrder(order), at)

    def cancels(self, order_id: str, at: int) -> None:
        """The engine asks for a cancel at `at`."""
        self.exchange.perform(CancelOrder(order_id), at)

    def hears(self, until: int = TS_NEVER - 1) -> list[VenueReport]:
        """The reports up to `until`, oldest first."""
        heard: list[VenueReport] = []
        while (report := self.exchange.next_report(until)) is not None:
            heard.append(report)
        self.reports += heard
        return heard

    def all(self, kind: type[Kind]) -> list[Kind]:
        """All reports of a kind so far."""
        return [report for report in self.reports if isinstance(report, kind)]

    def fills(self, order_id: str | None = None) -> list[FillReported]:
        """All fills so far, of one order or of all."""
        self.hears()
        return [fill for fill in self.all(FillReported) if order_id in (None, fill.order_id)]

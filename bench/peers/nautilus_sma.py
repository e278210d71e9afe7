# mypy: ignore-errors
"""The task in nautilus_trader. A quote at each open is what orders meet; a bar at each close is what is decided on.

Its venue fills a market order at the quote that it has. So an order is a nanosecond under way, and the quote of the next bar's
open, bid and ask alike, comes two nanoseconds after the close.
"""

from decimal import Decimal

import nautilus_trader
import pandas as pd
import task
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import Bar, BarType, QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("SIM")
MINUTE_NS = 60_000_000_000


class Cross(Strategy):
    """Long while the fast average is above the slow one; sums of whole ticks over the last closes."""

    def __init__(self, instrument, bar_type):
        super().__init__(StrategyConfig())
        self.instrument, self.bar_type = instrument, bar_type
        self.closes, self.held, self.fills = [], False, 0
        self.fast = self.slow = 0
        self.qty = instrument.make_qty(Decimal(str(task.QTY)))

    def on_start(self):
        """Hear bars."""
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar):
        """Decide at the close."""
        closes = self.closes
        closes.append(round(float(bar.close) / task.TICK))
        count = len(closes)
        self.fast += closes[-1] - (closes[-1 - task.FAST] if count > task.FAST else 0)
        self.slow += closes[-1] - (closes[-1 - task.SLOW] if count > task.SLOW else 0)
        if count < task.SLOW:
            return
        fast, slow = self.fast * task.SLOW, self.slow * task.FAST
        if not self.held and fast > slow:
            self._send(OrderSide.BUY)
        elif self.held and fast < slow:
            self._send(OrderSide.SELL)

    def _send(self, side):
        self.held = side == OrderSide.BUY
        self.submit_order(self.order_factory.market(self.instrument.id, side, self.qty))

    def on_order_filled(self, event):
        """Count what traded."""
        self.fills += 1


def run(frame: pd.DataFrame):
    """The engine with its data."""
    instrument = CurrencyPair(
        instrument_id=InstrumentId(Symbol("BTCUSDT"), VENUE),
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        price_precision=2,
        size_precision=3,
        price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"),
        maker_fee=Decimal(str(task.FEE)),
        taker_fee=Decimal(str(task.FEE)),
        ts_event=0,
        ts_init=0,
    )
    engine = BacktestEngine(
        BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
    )
    engine.add_venue(
        VENUE,
        OmsType.NETTING,
        AccountType.CASH,
        starting_balances=[Money(task.CASH, USDT)],
        latency_model=LatencyModel(base_latency_nanos=1),
        bar_execution=False,
    )
    engine.add_instrument(instrument)
    bar_type = BarType.from_str("BTCUSDT.SIM-1-MINUTE-LAST-EXTERNAL")
    stamps = frame["ts"].astype("datetime64[ns, UTC]").astype("int64").tolist()
    columns = (frame[name].tolist() for name in ("open", "high", "low", "close", "volume"))
    data = []
    room = instrument.make_qty(1_000)
    for ts, opened, high, low, close, volume in zip(stamps, *columns, strict=True):
        price = instrument.make_price(opened)
        data.append(QuoteTick(instrument.id, price, price, room, room, ts + 2, ts + 2))
        prices = (instrument.make_price(price) for price in (opened, high, low, close))
        known = ts + MINUTE_NS
        data.append(Bar(bar_type, *prices, instrument.make_qty(volume), known, known))
    engine.add_data(data, sort=False)
    strategy = Cross(instrument, bar_type)
    engine.add_strategy(strategy)
    last = float(frame["close"].iloc[-1])

    def go() -> tuple[int, float]:
        engine.run()
        account = engine.cache.account_for_venue(VENUE)
        cash, coins = (account.balance_total(one) for one in (USDT, BTC))
        held = 0.0 if coins is None else float(coins)
        return strategy.fills, float(cash) + held * last

    return go


task.main("nautilus_trader", nautilus_trader.__version__, run)

# mypy: ignore-errors
"""The task in backtrader."""

import backtrader as bt
import pandas as pd
import task


class Cross(bt.Strategy):
    """Long while the fast average is above the slow one."""

    def __init__(self) -> None:
        ticks = self.data.ticks
        self.fast = bt.indicators.SumN(ticks, period=task.FAST)
        self.slow = bt.indicators.SumN(ticks, period=task.SLOW)
        self.fills = 0

    def notify_order(self, order) -> None:
        """Count what traded."""
        self.fills += order.status == order.Completed

    def next(self) -> None:
        """Decide at the close; the order trades at the next open."""
        fast, slow = self.fast[0] * task.SLOW, self.slow[0] * task.FAST
        if not self.position:
            if fast > slow:
                self.buy(size=task.QTY)
        elif fast < slow:
            self.close()


class Ticks(bt.feeds.PandasData):
    """Bars with the close in whole ticks beside them."""

    lines = ("ticks",)
    params = (("ticks", "ticks"), ("openinterest", None))


def run(frame: pd.DataFrame):
    """The engine with its data."""
    bars = frame.assign(ticks=(frame["close"] / task.TICK).round())
    bars.index = pd.DatetimeIndex(frame["ts"]).tz_localize(None)
    engine = bt.Cerebro(stdstats=False)
    engine.adddata(Ticks(dataname=bars.drop(columns="ts")))
    engine.addstrategy(Cross)
    engine.broker.setcash(task.CASH)
    engine.broker.setcommission(commission=task.FEE)

    def go() -> tuple[int, float]:
        (cross,) = engine.run()
        return cross.fills, float(engine.broker.getvalue())

    return go


task.main("backtrader", bt.__version__, run)

# mypy: ignore-errors
"""The task in backtesting.py. It trades whole units: prices are those of 0.1, and a unit is bought."""

import warnings

import backtesting
import pandas as pd
import task

warnings.filterwarnings("ignore")


class Cross(backtesting.Strategy):
    """Long while the fast average is above the slow one."""

    def init(self) -> None:
        """Averages of whole ticks; never NaN, or it would leave out the first bar on which both are known."""
        ticks = pd.Series(self.data.Close / task.QTY / task.TICK).round()
        self.fast = self.I(lambda: ticks.rolling(task.FAST).sum().fillna(0) * task.SLOW, name="fast")
        self.slow = self.I(
            lambda: ticks.rolling(task.SLOW).sum().fillna(float("inf")) * task.FAST, name="slow"
        )

    def next(self) -> None:
        """Decide at the close; the order trades at the next open."""
        if not self.position:
            if self.fast[-1] > self.slow[-1]:
                self.buy(size=1)
        elif self.fast[-1] < self.slow[-1]:
            self.position.close()


def run(frame: pd.DataFrame):
    """Columns by the names that it wants."""
    bars = (
        frame[["open", "high", "low", "close"]]
        .mul(task.QTY)
        .set_axis(["Open", "High", "Low", "Close"], axis=1)
    )
    bars["Volume"] = frame["volume"]
    bars.index = pd.DatetimeIndex(frame["ts"]).tz_localize(None)
    engine = backtesting.Backtest(bars, Cross, cash=task.CASH, commission=task.FEE)

    def go() -> tuple[int, float]:
        told = engine.run()
        held = len(told["_strategy"].trades)
        return 2 * int(told["# Trades"]) + held, float(told["Equity Final [$]"])

    return go


task.main("backtesting.py", backtesting.__version__, run)

# mypy: ignore-errors
"""The task in vectorbt: averages, crossings and portfolio, all vectorised."""

import numpy as np
import pandas as pd
import task
import vectorbt as vbt


def run(frame: pd.DataFrame):
    """Signals are counted; they act one bar later, at its open."""
    ticks = (frame["close"] / task.TICK).round()

    def go() -> tuple[int, float]:
        fast, slow = vbt.MA.run(ticks, task.FAST).ma, vbt.MA.run(ticks, task.SLOW).ma
        above, below = (fast > slow).to_numpy(), (fast < slow).to_numpy()
        buy, sell = (np.concatenate(([False], side[:-1])) for side in (above, below))
        held = vbt.Portfolio.from_signals(
            frame["close"],
            buy,
            sell,
            price=frame["open"],
            size=task.QTY,
            fees=task.FEE,
            init_cash=task.CASH,
            freq="1min",
        )
        return len(held.orders.records), float(held.final_value())

    return go


task.main("vectorbt", vbt.__version__, run, warm=True)

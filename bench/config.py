"""The configs that benchmarks and proofs begin with: one market, and a strategy on it, the SMA task where none is named."""

from pathlib import Path
from typing import Final

FREE: Final = """\
[costs]
fee_taker = 0.0005
half_spread = 0
latency_submit_ms = 0
"""
"""The task's own costs: 5 bp of fees and nothing else."""
SMA: Final = """\
[[strategies]]
id = "sma"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 1000000
[strategies.params]
fast = 10
slow = 50
qty = 0.1
"""
TEXT: Final = """\
[run]
label = "{label}"
[[instruments]]
symbol = "BTCUSDT"
kind = "spot"
base = "BTC"
quote = "USDT"
price_scale = 2
qty_scale = 3
tick = 0.01
lot = 0.001
interval = "1m"
bars = "{bars}"
{costs}{strategy}[report]
baselines = false
"""


def task_config(label: str, bars: Path, costs: str = "", strategy: str = SMA) -> str:
    """A strategy on that file of bars, with these costs, or the default ones."""
    return TEXT.format(label=label, bars=bars.resolve(), costs=costs, strategy=strategy)

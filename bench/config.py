"""The config of the SMA task, as a run and a sweep take it: one text for every benchmark that begins with a config."""

from pathlib import Path
from typing import Final

FREE: Final = """\
[costs]
fee_taker = 0.0005
half_spread = 0
latency_submit_ms = 0
"""
"""The task's own costs: 5 bp of fees and nothing else."""
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
{costs}[[strategies]]
id = "sma"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 1000000
[strategies.params]
fast = 10
slow = 50
qty = 0.1
[report]
baselines = false
"""


def task_config(label: str, bars: Path, costs: str = "") -> str:
    """The task on that file of bars, with these costs, or the default ones."""
    return TEXT.format(label=label, bars=bars.resolve(), costs=costs)

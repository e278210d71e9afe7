"""The task as every contender gets it, and the line that each prints. It imports nothing of veracity: peers run it too.

SMA(10) against SMA(50) of the close, level signal, market orders at the next open; 0.1 a trade, fee 5 bp, cash 1,000,000, an
open position marked at the last close. Averages are taken of whole ticks, so that a tie is a tie in every engine.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]

FAST, SLOW, QTY, FEE, CASH = 10, 50, 0.1, 0.0005, 1_000_000
TICK = 0.01


def main(
    peer: str,
    version: str,
    run: Callable[[pd.DataFrame], Callable[[], tuple[int, float]]],
    warm: bool = False,
) -> None:
    """Prepare the engine on the first bars of a file, run it, and print what came out; only the run is measured.

    With `warm` it runs once before, on as many bars: a compiler's time is told apart (`seconds_first`).
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bars", type=int, required=True)
    arguments = parser.parse_args()
    frame = (
        pd.read_parquet(arguments.data / "bars_1000000.parquet").iloc[: arguments.bars].reset_index(drop=True)
    )
    first = None
    if warm:
        begin = time.perf_counter()
        run(frame)()
        first = time.perf_counter() - begin
    go = run(frame)
    begin, begin_cpu = time.perf_counter(), time.process_time()
    fills, equity = go()
    line: dict[str, Any] = {
        "peer": peer,
        "version": version,
        "bars": len(frame),
        "seconds": round(time.perf_counter() - begin, 4),
        "seconds_cpu": round(time.process_time() - begin_cpu, 4),
        "seconds_first": None if first is None else round(first, 2),
        "fills": fills,
        "final_equity": round(equity, 6),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(line))

"""One run that is always the same: its state hash and the SHA-256 of its journal, as a program and as a function.

Three instruments, four strategies, costs, jitter, partial fills and funding, so that much could come in another order.
"""

import hashlib
import json

from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, bars_of, dataset_of, funding_of
from tests.kit.players import DIARIST, player, puppet

from veracity.simulator.costs import CostModel
from veracity.state.hash import state_hash
from veracity.strategies import momentum

COSTS = CostModel(
    fee_taker=500_000,
    half_spread=100_000,
    impact=50_000_000,
    participation_max=100_000_000,
    latency_submit_ns=20 * 10**9,
    latency_cancel_ns=10 * 10**9,
    latency_jitter_ns=50 * 10**9,
)
BARS = 300


def run() -> SmallRun:
    closes = {
        PERP: [100_00 + 40 * (bar * bar % 17) for bar in range(BARS)],
        BTC: [100_00 + 30 * (bar * 7 % 23) for bar in range(BARS)],
        ETH: [50_00 + 20 * (bar * 5 % 19) for bar in range(BARS)],
    }
    market = {symbol: bars_of(prices, volume=20_000) for symbol, prices in closes.items()}
    settlements = [(START + MINUTE * 30 * number, 100_000 * (-1) ** number, 101_00) for number in range(1, 9)]
    players = [
        puppet("d", (3_000, 3_000, -1_500, 0) * 75, PERP, BTC),
        puppet("c", (500, 900, 900) * 100, ETH, strategy=DIARIST),
        puppet("b", (0, 2_500, -2_500) * 100, BTC),
        player("a", ETH, strategy=momentum.STRATEGY, params=momentum.Params(3, 9, 1_000)),
    ]
    return run_small_backtest(dataset_of(market, {PERP: funding_of(settlements)}), players, costs=COSTS)


def fingerprint(done: SmallRun) -> dict[str, str | int]:
    """What must be equal: the state hash, the journal's bytes, and how many records that was."""
    journal = hashlib.sha256(b"\n".join(record.payload for record in done.records)).hexdigest()
    return {"state": state_hash(done.state), "journal": journal, "records": len(done.records)}


if __name__ == "__main__":
    print(json.dumps(fingerprint(run())))

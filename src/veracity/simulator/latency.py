"""How long a message takes to the venue (specs/backtest/latency.md): a constant, and a seeded uniform jitter."""

from veracity.simulator.chance import draw
from veracity.simulator.costs import CostModel


def submit_arrival(ts: int, costs: CostModel, seed: int, message: int) -> int:
    """When message number `message` of the run, an order sent at `ts`, is at the venue."""
    return ts + costs.latency_submit_ns + _jitter(costs, seed, message)


def cancel_arrival(ts: int, costs: CostModel, seed: int, message: int) -> int:
    """When message number `message` of the run, a cancel sent at `ts`, is at the venue."""
    return ts + costs.latency_cancel_ns + _jitter(costs, seed, message)


def _jitter(costs: CostModel, seed: int, message: int) -> int:
    if costs.latency_jitter_ns == 0:
        return 0
    return draw(seed, message) % (costs.latency_jitter_ns + 1)

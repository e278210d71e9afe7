"""How long a message takes to the venue (specs/backtest/costs.md, S-071): a constant, and a seeded uniform jitter.

`bits` are the message's own 64 random bits (veracity.simulator.chance); without jitter they do not matter.
"""

from veracity.simulator.costs import CostModel


def submit_arrival(ts: int, costs: CostModel, bits: int) -> int:
    """When an order sent at `ts` is at the venue; never before `ts`."""
    return ts + costs.latency_submit_ns + bits % (costs.latency_jitter_ns + 1)


def cancel_arrival(ts: int, costs: CostModel, bits: int) -> int:
    """When a cancel sent at `ts` is at the venue; never before `ts`."""
    return ts + costs.latency_cancel_ns + bits % (costs.latency_jitter_ns + 1)

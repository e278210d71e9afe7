"""How long a message takes (specs/backtest/costs.md, S-071): a constant for its leg, and what a draw adds to it.

The addition is uniform up to the jitter, or lies between two measured samples: the inverse of their distribution with
straight lines between them. `bits` are the message's own 64 random bits (veracity.simulator.chance); where nothing
is random they do not matter.
"""

from typing import Final, Literal, TypeAlias

import msgspec

from veracity.simulator.costs import CostModel

Leg: TypeAlias = Literal["submit", "cancel", "ack"]
BITS: Final = 64


class LatencyModel(msgspec.Struct, frozen=True, gc=False):
    """The delays of one run, in nanoseconds; none is below zero."""

    submit_ns: int
    cancel_ns: int
    ack_ns: int
    jitter_ns: int
    samples_ns: tuple[int, ...]  # rising

    @classmethod
    def of(cls, costs: CostModel) -> "LatencyModel":
        """The latencies of a cost model."""
        return cls(
            costs.latency_submit_ns,
            costs.latency_cancel_ns,
            costs.latency_ack_ns,
            costs.latency_jitter_ns,
            costs.latency_samples_ns,
        )

    @property
    def is_random(self) -> bool:
        """Whether a message's bits matter."""
        return self.jitter_ns > 0 or bool(self.samples_ns)

    def arrival_ns(self, start_ns: int, leg: Leg, bits: int) -> int:
        """When a message that leaves at `start_ns` arrives; never before that."""
        constant = self.submit_ns if leg == "submit" else self.cancel_ns if leg == "cancel" else self.ack_ns
        added = interpolated(self.samples_ns, bits) if self.samples_ns else bits % (self.jitter_ns + 1)
        return start_ns + constant + added


def interpolated(samples: tuple[int, ...], bits: int) -> int:
    """The value at the share bits / 2^64 of the way from the first to the last of the rising `samples`."""
    place = bits * (len(samples) - 1)
    index, rest = place >> BITS, place & ((1 << BITS) - 1)
    if rest == 0:
        return samples[index]
    return samples[index] + ((samples[index + 1] - samples[index]) * rest >> BITS)

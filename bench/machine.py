"""How fast this machine runs plain Python, beside every figure of a benchmark: so a slow machine is told from slow code.

The stated rates come from a machine that does LOOPS_STATED rounds of the loop below in a second. A figure of the
interpreter's is held to as much of its stated rate as the machine reaches of that, at most to all of it; what is
compiled or waits for a disk is held to the stated rate itself.
"""

import time
from typing import Final, NamedTuple

LOOPS_STATED: Final = 16_000_000
LOOPS: Final = 2_000_000


class Machine(NamedTuple):
    """Plain Python here: rounds of the loop in a CPU second, and how much that is of the stated machine's, at most 1."""

    loops_per_s: int
    share: float

    def as_dict(self) -> dict[str, float]:
        """For the JSON of a benchmark."""
        return {"loops_per_s": self.loops_per_s, "share_of_stated": round(self.share, 3)}


def plain_python() -> Machine:
    """Measure it, over about as long as a benchmark takes: whoever runs beside slows both alike."""
    begin = time.process_time()
    total = 0
    for number in range(LOOPS):
        total += number * number
    rate = round(LOOPS / (time.process_time() - begin))
    return Machine(rate, min(1.0, rate / LOOPS_STATED))

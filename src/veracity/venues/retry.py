"""How a call that changes nothing is tried again: by the policy's numbers, on a clock that is handed in (S-012).

An order is never sent through here: whoever cannot know whether a call was done must ask, not repeat.
"""

from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeVar

from veracity.domain.errors import VenueFault
from veracity.domain.policies import Retry

Answer = TypeVar("Answer")

PERCENT: Final = 100


class Refusal(VenueFault):
    """A definite no: the same call would be refused again."""


class Exhausted(VenueFault):
    """Every attempt failed; the last one's fault is the cause."""

    def __init__(self, attempts: int, waited_ns: int, last: VenueFault) -> None:
        super().__init__(f"{attempts} attempts failed, the last one with: {last}")
        self.attempts = attempts
        self.waited_ns = waited_ns


class Waiting(Protocol):
    """A clock that can be waited on."""

    def sleep(self, ns: int) -> None:
        """Come back after `ns` nanoseconds."""


def waits(policy: Retry, draw: Callable[[int], int]) -> Iterator[int]:
    """The waits in nanoseconds after each failure: base * factor^n, lengthened by up to the policy's jitter, at most its
    cap, and never shorter than the one before. `draw(n)` is a whole number from 0 to n - 1."""
    wait, before = policy.base_ns, 0
    while True:
        spread = wait * policy.jitter_percent // PERCENT
        before = min(policy.cap_ns, max(before, wait + draw(spread + 1)))
        yield before
        wait = min(policy.cap_ns, wait * policy.factor)


def retried(
    call: Callable[[], Answer], policy: Retry, clock: Waiting, draw: Callable[[int], int] = lambda n: 0
) -> Answer:
    """What `call` answers, tried at most `policy.attempts` times, the first one counted.

    Raises Refusal as it comes, at once, and Exhausted where every attempt failed.
    """
    waited, pauses = 0, waits(policy, draw)
    for attempt in range(1, policy.attempts + 1):
        try:
            return call()
        except Refusal:
            raise
        except VenueFault as fault:
            if attempt == policy.attempts:
                raise Exhausted(attempt, waited, fault) from fault
        pause = next(pauses)
        clock.sleep(pause)
        waited += pause
    raise AssertionError("a policy has at least one attempt")

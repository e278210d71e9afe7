# Generated from specs/policies/retry.yaml.
# Do not edit: change the source, then run `make gen`.
"""Which calls are tried again, how often and how far apart."""

from typing import Final, NamedTuple


class Retry(NamedTuple):
    """How one kind of call is tried again."""

    attempts: int  # calls in all, the first one counted
    base_ns: int  # wait after the first failure
    factor: int
    cap_ns: int  # longest wait
    jitter_percent: int  # most by which a wait is lengthened


RETRY: Final[dict[str, Retry]] = {
    "venue_read": Retry(5, 250000000, 2, 2000000000, 20),
    "data_feed": Retry(8, 1000000000, 2, 60000000000, 20),
    "alert": Retry(3, 100000000, 2, 1000000000, 20),
}

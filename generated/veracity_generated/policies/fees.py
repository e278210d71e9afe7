# Generated from specs/policies/fees.yaml.
# Do not edit: change the source, then run `make gen`.
"""Commission by venue and product."""

from typing import Final, NamedTuple


class Schedule(NamedTuple):
    """Rates of one product of a venue; tiers are (volume_min in whole quote units, maker, taker in 10^-9)."""

    venue: str
    product: str
    valid_from: str
    discount_currency: str
    discount: int
    tiers: tuple[tuple[int, int, int], ...]


FEES: Final[tuple[Schedule, ...]] = (
    Schedule(
        "binance",
        "spot",
        "2022-01-01",
        "BNB",
        250000000,
        (
            (0, 1000000, 1000000),
            (1000000, 900000, 1000000),
            (5000000, 800000, 1000000),
            (20000000, 400000, 600000),
        ),
    ),
    Schedule(
        "binance",
        "perp",
        "2022-01-01",
        "BNB",
        100000000,
        (
            (0, 200000, 500000),
            (15000000, 160000, 400000),
            (50000000, 140000, 350000),
            (100000000, 120000, 320000),
        ),
    ),
)

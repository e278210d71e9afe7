# Generated from specs/policies/fees.yaml.
# Do not edit: change the source, then run `make gen`.
"""Commission by venue and product."""

from typing import Final, NamedTuple


class Schedule(NamedTuple):
    """Rates of one product of a venue; tiers are (volume_min in whole quote units, balance_min of the coin,
    maker, taker in 10^-9)."""

    venue: str
    product: str
    valid_from: str
    discount_currency: str
    discount: int
    tiers: tuple[tuple[int, int, int, int], ...]


FEES: Final[tuple[Schedule, ...]] = (
    Schedule(
        "binance",
        "spot",
        "2022-06-01",
        "BNB",
        250000000,
        (
            (0, 0, 1000000, 1000000),
            (1000000, 25, 900000, 1000000),
            (5000000, 100, 800000, 1000000),
            (20000000, 250, 700000, 1000000),
            (120000000, 500, 200000, 400000),
        ),
    ),
    Schedule("binance", "perp", "2023-01-01", "BNB", 100000000, ((0, 0, 200000, 500000),)),
)

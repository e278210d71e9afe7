"""How much of an order one bar can fill (specs/backtest/partial_fills.md): a share of the bar's volume, whole lots."""

from veracity.domain.amounts import RATE_ONE, step_floor


def fillable(leaves: int, volume: int, participation_max: int, lot: int) -> int:
    """Quantity that trades in a bar of `volume`, 0 where not even one lot does."""
    if participation_max == RATE_ONE and leaves <= volume:
        return leaves
    return min(leaves, step_floor(volume * participation_max // RATE_ONE, lot))

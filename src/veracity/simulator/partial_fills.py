"""How much of an order one bar can fill (specs/backtest/costs.md, S-073): a share of the bar's volume, whole lots."""

from veracity.domain.amounts import rate_floor, step_floor


def fillable(leaves: int, volume: int, taken: int, participation_max: int | None, lot: int) -> int:
    """Quantity that trades in a bar of `volume` of which we have `taken` so far: whole lots of what is left of our
    share, 0 where not even one lot is; all of `leaves` where there is no limit (`participation_max` is None).
    """
    if participation_max is None:
        return leaves
    return min(leaves, max(0, step_floor(rate_floor(volume, participation_max) - taken, lot)))

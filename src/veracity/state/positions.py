"""How a fill changes a position. Exact: what a close releases from the basis is rounded, what stays is the rest."""

from veracity.domain.amounts import share_floor
from veracity.state.model import LastFill, Position


def book_fill(position: Position, delta: int, price: int, factor: int) -> int:
    """Trade the signed quantity `delta` at `price`; answers the money that it realised.

    Opening and increasing add to the basis. Reducing releases the closed share of the basis; closing all of it
    releases all of it. A flip closes what is held and opens the rest at `price`.
    """
    assert delta != 0
    held = position.qty
    closing = closed_part(held, delta)
    if closing == 0:
        position.qty += delta
        position.basis += delta * price * factor
        return 0
    sign = 1 if delta > 0 else -1
    released = share_floor(position.basis, closing, abs(held))
    realized = -sign * closing * price * factor - released
    position.qty += sign * closing
    position.basis -= released
    position.realized += realized
    opening = delta - sign * closing
    if opening:
        position.qty = opening
        position.basis = opening * price * factor
    return realized


def closed_part(held: int, delta: int) -> int:
    """How much of a trade of `delta` closes a position of `held`; unsigned."""
    return min(abs(held), abs(delta)) if held and (held > 0) != (delta > 0) else 0


def release_fees(position: Position, closed: int) -> int:
    """Take the closed share of the entry's fees out of a position that is not booked yet; answers that money."""
    if closed == 0:
        return 0
    released = share_floor(position.fees, closed, abs(position.qty))
    position.fees -= released
    return released


def book_fee(position: Position, fill: LastFill, fee: int) -> int:
    """Put the opening share of a fill's fee to its position; answers what the closed part won or lost in the end."""
    opening = share_floor(fee, fill.qty - fill.closed, fill.qty)
    position.fees += opening
    return fill.net - (fee - opening)

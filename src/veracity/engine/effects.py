"""What the engine asks of the world. An effect is performed after the events that explain it are journaled."""

from typing import TypeAlias

import msgspec

from veracity.domain.events import OrderSubmitted


class SubmitOrder(msgspec.Struct, frozen=True, gc=False):
    """Send this order to the venue, once."""

    order: OrderSubmitted


class CancelOrder(msgspec.Struct, frozen=True, gc=False):
    """Ask the venue to cancel this order; `by_venue`: it cancels by itself, so no message travels."""

    order_id: str
    by_venue: bool = False


Effect: TypeAlias = SubmitOrder | CancelOrder

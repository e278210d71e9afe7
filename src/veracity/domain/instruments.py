"""An instrument: what is traded, in which units, and by which of the venue's rules."""

import msgspec

from veracity.domain.amounts import MONEY_SCALE, Money, notional_factor, step_floor
from veracity.domain.events import InstrumentKind, InstrumentListed


class Instrument(msgspec.Struct, frozen=True, gc=False):
    """Scales and rules of one instrument; amounts in its own price and quantity units, money in 10^-8 quote."""

    symbol: str
    kind: InstrumentKind
    base: str
    quote: str
    price_scale: int
    qty_scale: int
    tick: int
    lot: int
    notional_min: int
    interval_ns: int
    factor: int  # money units per price unit and quantity unit: a notional is price * qty * factor, exactly

    @classmethod
    def listed(cls, event: InstrumentListed) -> "Instrument":
        """The instrument that `event` lists."""
        return cls(
            symbol=event.symbol,
            kind=event.instrument_kind,
            base=event.base,
            quote=event.quote,
            price_scale=event.price_scale,
            qty_scale=event.qty_scale,
            tick=event.tick,
            lot=event.lot,
            notional_min=event.notional_min,
            interval_ns=event.interval_ns,
            factor=notional_factor(event.price_scale, event.qty_scale),
        )

    def notional(self, price: int, qty: int) -> Money:
        """Exact value of `qty` at `price`; signed as `qty` is."""
        return Money(price * qty * self.factor)

    def qty_floor(self, money: int, price: int) -> int:
        """The largest quantity on the lot grid whose notional at `price` is at most `money`; 0 where there is none."""
        assert price > 0, price
        return max(0, step_floor(money // (price * self.factor), self.lot))


def scales_fit(price_scale: int, qty_scale: int) -> bool:
    """Whether notionals of these scales are whole money units."""
    return price_scale + qty_scale <= MONEY_SCALE

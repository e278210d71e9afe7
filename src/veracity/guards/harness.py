"""What every guard has to keep, in a form that tests a new one in a few lines.

case = GuardCase.of(my_rule.check, RiskLimits(trades_per_day=3))
case.edge("entries_today", 3, denied_at_limit=True)
assert case.answer(entries_today=0) is None
"""

from typing import Any, NamedTuple

from msgspec.structs import replace

from veracity.domain.canonical import canonical_json
from veracity.domain.events import InstrumentListed
from veracity.domain.instruments import Instrument
from veracity.guards.view import Check, Clamped, Denied, GuardView, Intended, RiskLimits

SYMBOL = "BTCUSDT"
NOW = 1_675_209_600 * 10**9
MONEY = 10_000 * 10**8


class GuardCase(NamedTuple):
    """One guard with its limits, on a calm view: a price just seen, nothing held, an equity of 10,000 all day."""

    check: Check
    limits: RiskLimits
    view: GuardView

    @classmethod
    def of(cls, check: Check, limits: RiskLimits, **fields: Any) -> "GuardCase":
        """A case whose view is calm but for `fields`."""
        listed = InstrumentListed(1, 0, SYMBOL, "spot", "BTC", "USDT", 2, 3, 1, 1, 0, 60 * 10**9)
        calm = GuardView(
            ts=NOW,
            instrument=Instrument.listed(listed),
            last=100_00,
            last_ts=NOW,
            position=0,
            opening=0,
            equity=MONEY,
            equity_day_start=MONEY,
            exposure=0,
            entries_today=0,
            loss_ts=None,
            peak=MONEY,
        )
        return cls(check, limits, replace(calm, **fields))

    def answer(self, qty: int = 1_000, **fields: Any) -> Denied | Clamped | None:
        """What the guard says to an order of `qty` on the view with `fields`.

        Raises AssertionError where it says something else when it is asked again, changes what it was shown, or
        answers with more than was asked, or nothing.
        """
        view, intended = replace(self.view, **fields), Intended(SYMBOL, qty, None)
        shown = canonical_json([view, intended])
        first = self.check(intended, view, self.limits)
        self.check(intended._replace(qty=qty + 1), self.view, RiskLimits())
        again = self.check(intended, view, self.limits)
        assert again == first, f"asked again it says {again}, not {first}"
        assert canonical_json([view, intended]) == shown, "it changed what it was shown"
        if isinstance(first, Clamped):
            assert 0 < first.qty < qty, f"asked for {qty} it lets {first.qty} pass"
        return first

    def edge(self, field: str, limit: int, *, denied_at_limit: bool) -> None:
        """Check the answers one unit below, at, and one above a limit of a field that grows towards it.

        Raises AssertionError where one of them is wrong.
        """
        found = [isinstance(self.answer(**{field: limit + step}), Denied) for step in (-1, 0, 1)]
        assert found == [False, denied_at_limit, True], f"around {limit} it denies {found}"

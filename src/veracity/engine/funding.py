"""What a settlement costs each position (S-075)."""

from veracity.domain.amounts import funding_floor
from veracity.domain.events import FundingPaid, FundingRatePublished
from veracity.engine.draft import Draft
from veracity.state.model import accounts_in_order


def settle(draft: Draft, published: FundingRatePublished) -> list[FundingPaid]:
    """Add the funding of every position held at the stamp, on the mark price and the paid rate of that settlement.

    Answers what it added.
    """
    paid = []
    factor = draft.state.instruments[published.symbol].factor
    for account in accounts_in_order(draft.state):
        position = account.positions.get(published.symbol)
        if position is not None and position.qty:
            payment = FundingPaid(
                seq=draft.seq,
                ts=draft.ts,
                strategy_id=account.strategy_id,
                symbol=published.symbol,
                position=position.qty,
                rate=published.rate,
                mark=published.mark,
                amount=funding_floor(position.qty, published.mark, factor, published.rate),
            )
            draft.add(payment)
            paid.append(payment)
    return paid

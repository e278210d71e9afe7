"""Fills put straight into the state: an order and its whole fill, as the journal would have them."""

from tests.kit.script import Script

from veracity.domain.events import FeeCharged, Liquidity, OrderFilled, OrderSubmitted, Purpose, Side
from veracity.domain.ids import event_id
from veracity.engine.draft import Draft


def trade(
    script: Script,
    side: Side,
    qty: int,
    price: int,
    *,
    strategy_id: str = "a",
    symbol: str = "BTCUSDT",
    fee: int = 0,
    purpose: Purpose = "open",
    parts: tuple[int, ...] = (),
) -> str:
    """Book a trade of `qty` at `price`, in `parts` where they are given; answers the order id."""
    draft = Draft(script.state, script.now)
    order_id = event_id(script.state.run_id, strategy_id, draft.seq)
    intent_id = event_id(script.state.run_id, strategy_id, draft.seq - 1)
    draft.add(
        OrderSubmitted(
            draft.seq,
            script.now,
            order_id,
            intent_id,
            strategy_id,
            symbol,
            side,
            qty,
            "market",
            None,
            purpose,
            None,
        )
    )
    for number, part in enumerate(parts or (qty,)):
        trade_id = f"{order_id}-{number}"
        draft.add(_filled(draft, order_id, intent_id, strategy_id, symbol, trade_id, side, price, part))
    if fee:
        trade_id = f"{order_id}-0"
        draft.add(FeeCharged(draft.seq, script.now, order_id, intent_id, strategy_id, trade_id, fee, 0))
    script.loop.commit(draft.step())
    return order_id


def _filled(
    draft: Draft,
    order_id: str,
    intent_id: str,
    strategy_id: str,
    symbol: str,
    trade_id: str,
    side: Side,
    price: int,
    qty: int,
) -> OrderFilled:
    taker: Liquidity = "taker"
    return OrderFilled(
        draft.seq,
        draft.ts,
        order_id,
        intent_id,
        strategy_id,
        symbol,
        trade_id,
        side,
        price,
        qty,
        taker,
        None,
        None,
        None,
        None,
    )

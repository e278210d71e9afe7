import msgspec
import pytest

from veracity.domain.events import DayRolled, OrderFilled, decode_event, encode_event

FILL = OrderFilled(
    seq=8,
    ts=60,
    order_id="o-1",
    intent_id="i-1",
    strategy_id="a",
    symbol="BTCUSDT",
    trade_id="77",
    side="buy",
    price=100_00,
    qty=2_000,
    liquidity="taker",
    latency_cost=None,
    spread_cost=0,
    impact_cost=None,
    rounding_cost=None,
)


def test_an_events_bytes_are_its_kind_and_its_fields_in_the_order_of_the_schema() -> None:
    assert (
        encode_event(DayRolled(seq=7, ts=60, day=19_390))
        == b'{"kind":"day_rolled","seq":7,"ts":60,"day":19390}'
    )


def test_an_event_comes_back_as_it_was() -> None:
    assert decode_event(encode_event(FILL)) == FILL


@pytest.mark.parametrize(
    "payload",
    [
        b'{"kind":"day_rolled","ts":60,"day":19390}',  # no seq
        b'{"kind":"day_rolled","seq":0,"ts":60,"day":19390}',  # the first is 1
        b'{"kind":"day_rolled","seq":7,"ts":60,"day":19390,"note":"x"}',
        b'{"kind":"day_rolled","seq":7.5,"ts":60,"day":19390}',
        b'{"kind":"day_turned","seq":7,"ts":60,"day":19390}',
        b'{"seq":7,"ts":60,"day":19390}',
        encode_event(msgspec.structs.replace(FILL, qty=0)),  # a fill of nothing is none
        encode_event(msgspec.structs.replace(FILL, side="BUY")),
    ],
)
def test_what_the_schema_does_not_allow_is_no_event(payload: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_event(payload)

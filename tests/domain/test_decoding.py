"""A record is decoded with every bound of its schema checked, the patterns of its texts too, which msgspec does not see."""

import json
import re
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect

from veracity.domain import decoding
from veracity.domain.decoding import Decoder
from veracity.domain.events import BarClosed, Event, decode_event, encode_event

BAR = BarClosed(7, 2_000, "BTC-USDT", 1_000, 10, 12, 9, 11, 5)


def with_symbol(symbol: str) -> bytes:
    return encode_event(msgspec.structs.replace(BAR, symbol=symbol))


@pytest.mark.parametrize("symbol", ["btc", "BTC\n", "", "\nBTC", "B" * 33, "BTC USDT", "-BTC"])
def test_a_text_that_does_not_match_its_pattern_is_refused_with_its_place(symbol: str) -> None:
    for _ in range(2):  # what was refused once is not remembered
        with pytest.raises(msgspec.ValidationError, match=r"matching regex .* - at `\$\.symbol`"):
            decode_event(with_symbol(symbol))
    assert decode_event(with_symbol("B" * 32)).symbol == "B" * 32  # type: ignore[union-attr]


def test_a_text_that_matches_in_one_field_is_not_believed_in_another() -> None:
    submitted = (
        b'{"kind":"order_submitted","seq":10,"ts":5,"order_id":"%b","intent_id":"r-a-9","strategy_id":"%b","symbol":"BTC",'
        b'"side":"buy","qty":1,"order_kind":"market","limit_price":null,"purpose":"open","clamped_by":null}'
    )
    assert decode_event(submitted % (b"0011-a-10", b"a")).seq == 10
    with pytest.raises(msgspec.ValidationError, match=r"strategy_id"):
        decode_event(submitted % (b"0011-a-10", b"0011-a-10"))


def test_a_text_in_a_list_and_one_in_a_struct_in_it_are_judged() -> None:
    started = (
        b'{"kind":"strategy_started","seq":3,"ts":5,"strategy_id":"a","strategy":"puppet","version":1,"config_hash":"%b",'
        b'"legs":[{"symbol":"BTC","weight":1},{"symbol":"%b","weight":-1}],"currency":"USDT","cash":5}'
    )
    decode_event(started % (b"c" * 64, b"ETH"))
    with pytest.raises(msgspec.ValidationError, match=r"at `\$\.legs\[1\]\.symbol`"):
        decode_event(started % (b"c" * 64, b"eth"))


def test_null_is_no_text_and_a_text_in_its_place_is_judged() -> None:
    begun = b'{"kind":"mode_changed","seq":3,"ts":5,"mode_from":"running","mode_to":"halted","reason":"%b","detail":"%b"}'
    decode_event(begun % (b"kill_file", b"found"))
    with pytest.raises(msgspec.ValidationError, match=r"at `\$\.detail`"):
        decode_event(begun % (b"kill_file", b"two\\u001b lines"))
    with pytest.raises(msgspec.ValidationError, match=r"at `\$\.reason`"):
        decode_event(begun % (b"Kill File", b"found"))


def test_what_is_remembered_is_bounded_and_forgetting_changes_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "REMEMBERED_MAX", 3)
    decoder = Decoder[Event](Event)
    ((_, known, _),) = decoder._judged[BarClosed]
    for number in range(10):
        assert decoder.decode(with_symbol(f"S{number}")) == msgspec.structs.replace(BAR, symbol=f"S{number}")
        assert len(known) <= 3
        with pytest.raises(msgspec.ValidationError):
            decoder.decode(with_symbol(f"s{number}"))


def texts_of(info: Any, path: str) -> list[str]:
    """Where in a type there are texts with a pattern, by a walk of the test's own over its JSON description."""
    match info:
        case inspect.Metadata(extra={"pattern": _}):
            return [path]
        case inspect.Metadata(type=inner):
            return texts_of(inner, path)
        case inspect.UnionType(types=types):
            return [place for one in types for place in texts_of(one, path)]
        case inspect.VarTupleType(item_type=item):
            return texts_of(item, f"{path}[]")
        case inspect.StructType(fields=fields):
            return [place for one in fields for place in texts_of(one.type, f"{path}.{one.encode_name}")]
        case _:
            return []


@pytest.mark.parametrize("struct", get_args(Event), ids=lambda one: one.__name__)
def test_every_text_with_a_pattern_is_judged(struct: Any) -> None:
    places = texts_of(inspect.type_info(struct), "$")
    judged = {field.path for _, _, field in Decoder[Any](struct)._judged[struct]}
    assert judged == {f"$.{place[2:].partition('[')[0].partition('.')[0]}" for place in places}
    assert "pattern" not in json.dumps(msgspec.json.schema(struct))  # msgspec searches none


# ---------------------------------------------------------------- many together

SUBMITTED = (
    b'{"kind":"order_submitted","seq":10,"ts":5,"order_id":"%b","intent_id":"r-a-9","strategy_id":"a","symbol":"%b",'
    b'"side":"buy","qty":1,"order_kind":"market","limit_price":null,"purpose":"open","clamped_by":null}'
)


def test_many_payloads_decode_to_what_each_of_them_does_alone() -> None:
    payloads = [SUBMITTED % (b"r-a-%d" % number, b"BTC") for number in range(5)] + [with_symbol("ETH")] * 3
    assert Decoder[Event](Event).decode_all(payloads) == [decode_event(payload) for payload in payloads]
    assert Decoder[Event](Event).decode_all([]) == []


@pytest.mark.parametrize(
    ("order_id", "symbol"),
    [
        (b"r-A-1", b"BTC"),
        (b"", b"BTC"),
        (b"r" * 37, b"BTC"),
        (b"r\\u00e9", b"BTC"),
        (b"r", b"btc"),
        (b"r\\n", b"BTC"),
    ],
)
def test_one_text_among_many_that_does_not_match_is_refused(order_id: bytes, symbol: bytes) -> None:
    good = SUBMITTED % (b"r" * 36, b"BTC")
    decoder = Decoder[Event](Event)
    for _ in range(2):  # what was refused once is not remembered
        with pytest.raises(msgspec.ValidationError, match="matching regex"):
            decoder.decode_all([good, SUBMITTED % (order_id, symbol), good])
    assert len(decoder.decode_all([good] * 3)) == 3


@given(st.lists(st.text("ab09_-AZ.\n\u00e9\ud800", max_size=7), min_size=1, max_size=4))
def test_texts_that_are_judged_together_match_as_each_of_them_does(texts: list[str]) -> None:
    pattern = r"^[a-z0-9_-]{2,5}\Z"
    written = decoding._Written.of(pattern)
    assert written is not None
    assert written.has_all(texts) == all(re.search(pattern, text) for text in texts)


@pytest.mark.parametrize(
    "pattern", [r"^[^a]{1,2}\Z", r"^[a-z]{1,2}$", r"[a-z]{1,2}\Z", r"^[a-z][0-9]{1,2}\Z", ""]
)
def test_a_pattern_that_says_more_than_characters_and_length_is_left_to_a_search(pattern: str) -> None:
    assert decoding._Written.of(pattern) is None

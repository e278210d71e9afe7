import re

import pytest
from tests.app.configs import GOOD, loaded, refused

from veracity.domain.errors import ExitCode
from veracity.domain.ids import ID_LENGTH_MAX, event_id, event_seq, run_id, trade_key

RUN = "0123456789abcdef"
BINANCE_ALPHABET = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")  # newClientOrderId, binance-spot-api-docs


@pytest.mark.ticket("T-246")
def test_a_run_id_is_16_hex_digits_of_config_dataset_code_and_seed() -> None:
    # printf '{"code":"c","config":"a","dataset":"b","seed":7}' | sha256sum
    assert run_id("a", "b", "c", 7) == "0c74a0a57ebc1339"


@pytest.mark.ticket("T-246")
@pytest.mark.parametrize(
    "changed", [("x", "b", "c", 7), ("a", "x", "c", 7), ("a", "b", "x", 7), ("a", "b", "c", 8)]
)
def test_a_run_id_changes_with_each_of_its_four_parts(changed: tuple[str, str, str, int]) -> None:
    assert run_id(*changed) != run_id("a", "b", "c", 7)


def test_parts_of_a_run_id_cannot_be_exchanged() -> None:
    assert run_id("a", "b", "c", 7) != run_id("b", "a", "c", 7)


@pytest.mark.ticket("T-040")
def test_client_order_ids_of_long_names_do_not_meet_and_give_back_their_seq() -> None:
    ids = {
        event_id(RUN, name, seq): seq for name in ("momentum_aaa", "momentum_aab") for seq in range(1, 1_001)
    }
    assert len(ids) == 2_000
    assert all(BINANCE_ALPHABET.fullmatch(made) for made in ids)
    assert all(event_seq(made) == seq for made, seq in ids.items())


@pytest.mark.ticket("T-040")
def test_the_longest_client_order_id_has_35_characters() -> None:
    longest = event_id(RUN, "momentum_aaa", 9_999_999_999_999)
    assert longest == "01234567-momentum_aaa-9999999999999"
    assert len(longest) == 35 <= ID_LENGTH_MAX
    assert event_seq(longest) == 9_999_999_999_999


def test_a_strategy_id_of_13_characters_is_refused_and_one_of_12_is_not(tmp_path: object) -> None:
    kept = loaded(tmp_path, GOOD.replace('id = "sma"', 'id = "momentum_aaa"'))
    assert [bound.strategy_id for bound in kept.bound_strategies()] == ["momentum_aaa"]
    (fault,) = refused(tmp_path, GOOD.replace('id = "sma"', 'id = "momentum_aaab"'))
    assert fault.exit_code is ExitCode.CONFIG
    assert "momentum_aaab" in str(fault)


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "web_9f3c",
        "01234567-a",
        "01234567-a-0",
        "01234567-a-01",
        "01234567-a-١",  # a digit, but not one of ours
        "0123456-a-1",
        "01234567-A-1",
        "01234567-a-12345678901234",
        "x-TKT5PX2F-01234567-a-1",
        "01234567-a-1\n",
    ],
)
def test_an_id_of_another_hand_has_no_seq(foreign: str) -> None:
    with pytest.raises(ValueError, match="is not an id of this engine"):
        event_seq(foreign)


def test_a_trade_key_needs_the_symbol() -> None:
    assert trade_key("BTCUSDT", "77") == "BTCUSDT 77"
    assert trade_key("BTCUSDT", "77") != trade_key("ETHUSDT", "77")


@pytest.mark.ticket("T-039")
def test_the_strategy_and_the_seq_are_in_the_id() -> None:
    run = "0123456789abcdef"
    assert event_id(run, "a", 7) == "01234567-a-7"
    assert len({event_id(run, name, seq) for name in "abc" for seq in (7, 8)}) == 6

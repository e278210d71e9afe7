import pytest

from veracity.domain.time import (
    NS_PER_DAY,
    NS_PER_HOUR,
    NS_PER_MINUTE,
    NS_PER_MS,
    NS_PER_SECOND,
    NS_PER_US,
    TS_NEVER,
    day_of,
    interval_ns,
    ts_text,
)

FEBRUARY_2 = 19_390 * NS_PER_DAY  # 2023-02-02T00:00:00Z


def test_units_of_time_are_whole_nanoseconds() -> None:
    assert (NS_PER_US, NS_PER_MS, NS_PER_SECOND) == (1_000, 1_000_000, 1_000_000_000)
    assert (NS_PER_MINUTE, NS_PER_HOUR) == (60_000_000_000, 3_600_000_000_000)
    assert (NS_PER_DAY, TS_NEVER) == (86_400_000_000_000, 9_223_372_036_854_775_807)


def test_midnight_belongs_to_the_new_day() -> None:
    assert day_of(FEBRUARY_2) == 19_390
    assert day_of(FEBRUARY_2 - 1) == 19_389


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1s", 10**9),
        ("5m", 5 * NS_PER_MINUTE),
        ("1h", NS_PER_HOUR),
        ("8h", 8 * NS_PER_HOUR),
        ("1d", NS_PER_DAY),
    ],
)
def test_a_bar_length_is_a_number_and_a_unit(text: str, ns: int) -> None:
    assert interval_ns(text) == ns


@pytest.mark.parametrize("text", ["", "m", "0m", "-1m", "1w", "1 m", "1.5h", "١m"])
def test_anything_else_is_no_bar_length(text: str) -> None:
    with pytest.raises(ValueError, match="is not a bar length"):
        interval_ns(text)


def test_a_bar_is_no_longer_than_time_itself() -> None:
    assert interval_ns("106751d") == 106_751 * NS_PER_DAY
    with pytest.raises(ValueError, match="is too long for a bar length"):
        interval_ns("106752d")


@pytest.mark.parametrize(
    ("ts", "text"),
    [
        (FEBRUARY_2, "2023-02-02T00:00:00Z"),
        (FEBRUARY_2 - 1, "2023-02-01T23:59:59.999999999Z"),
        (FEBRUARY_2 + 500_000_000, "2023-02-02T00:00:00.5Z"),
    ],
)
def test_a_stamp_is_shown_in_utc_without_losing_a_nanosecond(ts: int, text: str) -> None:
    assert ts_text(ts) == text

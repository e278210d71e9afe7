"""A stamp in text says which instant it is, or it is refused."""

import time

import pytest

from veracity.data.stamps import NaiveStamp, parse_stamp


@pytest.mark.ticket("T-228")
def test_an_offset_is_applied_and_the_hours_around_a_clock_change_are_contiguous():
    assert parse_stamp("2023-07-01T01:00:00+01:00") == 1_688_169_600_000_000_000
    assert parse_stamp("2023-07-01T00:00:00Z") == 1_688_169_600_000_000_000
    hours = ["2023-03-26T00:00:00+00:00", "2023-03-26T02:00:00+01:00", "2023-03-26T03:00:00+01:00"]
    stamps = [parse_stamp(hour) for hour in hours]
    assert [later - stamps[0] for later in stamps] == [0, 3_600 * 10**9, 7_200 * 10**9]


@pytest.mark.ticket("T-228")
def test_a_stamp_without_an_offset_is_refused_by_name():
    with pytest.raises(NaiveStamp, match="2023-07-01T00:00:00 has no offset from UTC"):
        parse_stamp("2023-07-01T00:00:00")


@pytest.mark.ticket("T-228")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_the_zone_of_the_machine_does_not_matter(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert parse_stamp("2023-07-01T01:00:00+01:00") == 1_688_169_600_000_000_000
        assert parse_stamp("2023-07-01T00:00:00Z") == 1_688_169_600_000_000_000
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1678543200", 1_678_543_200_000_000_000),
        ("1678543200000", 1_678_543_200_000_000_000),
        ("1678543200000001", 1_678_543_200_000_001_000),
        ("1678543200000000001", 1_678_543_200_000_000_001),
    ],
)
def test_the_number_of_digits_tells_the_unit_of_an_epoch_stamp(text, ns):
    assert parse_stamp(text) == ns


@pytest.mark.parametrize(
    ("text", "rest"), [("00.5Z", 500_000_000), ("00.000000001Z", 1), ("00.123456789Z", 123_456_789)]
)
def test_every_decimal_of_a_second_counts(text, rest):
    assert parse_stamp(f"1970-01-01T00:00:{text}") == rest


@pytest.mark.parametrize(
    "text", ["12345", "2023-13-01T00:00:00Z", "2023-02-01", "yesterday", "-1678543200", "１" * 10]
)
def test_what_is_no_stamp_is_refused(text):
    with pytest.raises(ValueError):
        parse_stamp(text)


def test_a_negative_offset_is_added():
    assert parse_stamp("1970-01-01T00:00:00-00:30") == 1_800_000_000_000


@pytest.mark.parametrize("text", ["9223372036854775807", "2262-04-11T23:47:16.854775807Z"])
def test_the_last_stamp_is_the_last_that_64_bits_of_nanoseconds_hold(text):
    assert parse_stamp(text) == 2**63 - 1


@pytest.mark.parametrize(
    "text",
    [
        "9223372036854775808",
        "2262-04-11T23:47:16.854775808Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+01:00",
        "1969-12-31T23:59:59.999999999Z",
    ],
)
def test_a_stamp_outside_of_1970_to_2262_is_refused(text):
    with pytest.raises(ValueError, match="is not between 1970 and 2262"):
        parse_stamp(text)

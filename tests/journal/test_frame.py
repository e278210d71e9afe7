"""One line, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.journal.journals import RUN_ID, crc32c

from veracity.domain.errors import EngineFault
from veracity.domain.events import SegmentOpened
from veracity.journal import frame
from veracity.journal.batch import Record
from veracity.journal.errors import JournalVersionMismatch
from veracity.journal.frame import (
    chain_crc,
    decode_head,
    encode,
    encode_all,
    encode_head,
    looks_like_record,
    may_be_torn,
    stated_seq,
    take,
)

HEAD = SegmentOpened(
    format_version=2,
    run_id=RUN_ID,
    segment=2,
    seq_first=82242,
    chain="2559d19d",
    code_version="0.1.0",
    schema_version=1,
)


def lines(*records: tuple[int, bytes], previous: int = 0) -> bytes:
    data = b""
    for seq, payload in records:
        line, previous = encode(seq, payload, previous)
        data += line
    return data


def test_a_line_is_length_seq_crc_payload_newline() -> None:
    line, crc = encode(26, b'{"seq":26}', 0)
    assert crc == crc32c(b'0000000a 000000000000001a {"seq":26}')
    assert line == b'0000000a 000000000000001a %08x {"seq":26}\n' % crc


@given(st.binary(max_size=200), st.integers(0, 2**32 - 1))
def test_the_checksum_is_crc32c_that_goes_on_from_the_record_before(data: bytes, previous: int) -> None:
    assert chain_crc(previous, data) == crc32c(data, previous)


@given(st.lists(st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"")), min_size=1), st.booleans())
def test_many_lines_are_the_lines_of_each(payloads: list[bytes], after_sync: bool) -> None:
    seqs = list(range(2**31, 2**31 + len(payloads)))
    one_by_one, previous = b"", 77
    for number, (seq, payload) in enumerate(zip(seqs, payloads, strict=True)):
        line, previous = encode(seq, payload, previous, after_sync=after_sync and number == 0)
        one_by_one += line
    assert encode_all(seqs, payloads, 77, after_sync=after_sync) == (one_by_one, previous)


def test_a_seq_beyond_32_bits_has_its_16_digits() -> None:
    line, _ = encode(2**63 - 1, b"{}", 0)
    assert line[9:25] == b"7fffffffffffffff"
    (record,) = take(line, chain=0, seq_last=2**32, offset=0).records
    assert record.seq == 2**63 - 1


def test_a_payload_with_a_newline_would_be_two_lines() -> None:
    with pytest.raises(EngineFault, match="seq 3: the payload holds a newline"):
        encode(3, b'{"a":\n1}', 0)


def test_take_gives_every_whole_record_with_its_place() -> None:
    data = lines((5, b"{}"), (9, b'{"a":1}'), previous=77)
    first, second = take(data, chain=77, seq_last=4, offset=1000).records
    assert first == Record(5, b"{}", crc32c(b"00000002 0000000000000005 {}", 77), 1000)
    assert second == Record(9, b'{"a":1}', crc32c(b'00000007 0000000000000009 {"a":1}', first.crc), 1038)


@pytest.mark.parametrize("skipped", [0, 1, 2, 3])
def test_what_is_behind_some_records_of_a_batch_keeps_its_places(skipped: int) -> None:
    batch = take(lines((5, b"{}"), (9, b'{"a":1}'), (10, b"[]")), chain=0, seq_last=4, offset=1000).records
    assert list(batch.behind(skipped)) == list(batch)[skipped:]
    assert [batch.up_to(seq) for seq in (4, 5, 8, 9, 10, 11)] == [0, 1, 1, 2, 3, 3]


@pytest.mark.parametrize("missing", [1, 2, 30, 43])
def test_take_leaves_a_record_that_is_not_all_there(missing: int) -> None:
    data = lines((1, b"{}"), (2, b'{"a":1}'))
    taken = take(data[:-missing], chain=0, seq_last=0, offset=0)
    assert ([record.seq for record in taken.records], taken.used, taken.flaw) == ([1], 38, "")


@pytest.mark.parametrize(
    ("at", "byte", "flaw"),
    [
        (0, b"g", "the header is not hex"),
        (24, b"z", "the header is not hex"),
        (0, b"f", "the length 4026531842 is over 1048576"),
        (24, b"0", "seq 0 does not rise"),
        (24, b"2", "the checksum is wrong"),
        (8, b"_", "the checksum is wrong"),
        (25, b"\t", "the checksum is wrong"),
        (30, b"-", "the checksum is wrong"),
        (34, b"_", "the checksum is wrong"),
        (35, b"[", "the checksum is wrong"),
        (37, b"\r", "the line does not end where its length says"),
    ],
)
def test_take_says_what_is_wrong(at: int, byte: bytes, flaw: str) -> None:
    line = lines((1, b"{}"))
    taken = take(line[:at] + byte + line[at + 1 :], chain=0, seq_last=0, offset=0)
    assert (list(taken.records), taken.used, taken.flaw) == ([], 0, flaw)


def test_an_upper_case_digit_of_a_checksum_is_damage() -> None:
    line = lines((3, b"{}"))
    digits = line[26:34]
    assert digits != digits.upper()
    assert (
        take(line.replace(digits, digits.upper()), chain=0, seq_last=0, offset=0).flaw
        == "the checksum is wrong"
    )


def test_a_seq_may_leave_a_gap_and_may_not_stay() -> None:
    data = lines((7, b"{}"))
    assert take(data, chain=0, seq_last=6, offset=0).records
    assert take(data, chain=0, seq_last=3, offset=0).records
    assert take(data, chain=0, seq_last=7, offset=0).flaw == "seq 7 does not rise"


def test_every_proper_beginning_of_a_line_may_be_torn_and_the_line_may_not() -> None:
    line = lines((8, b'{"a":1}'))
    assert all(may_be_torn(line[:kept], seq_last=7) for kept in range(1, len(line)))
    assert not may_be_torn(line, seq_last=7)
    assert not may_be_torn(line[:-1] + b"X", seq_last=7)  # all its bytes, another last one


@pytest.mark.parametrize(
    "rest",
    [
        b"\x00" * 20,
        b"0000000g",
        b"0000000A",
        b"00000007_",
        b"00000007 0000000000000008x",
        b"00100001",  # longer than any record
        b"00000007 0000000000000007 ",  # not above seq 7
        b"00000007 0000000000000008 1234567x",
        b"00000007 0000000000000008 12345678.",
        b'00000009 0000000000000008 12345678 {"a":1}\n',  # ended before its length
    ],
)
def test_what_no_writer_begins_is_not_torn(rest: bytes) -> None:
    assert not may_be_torn(rest, seq_last=7)


def test_the_longest_record_may_be_torn() -> None:
    assert may_be_torn(b"00100000", seq_last=7)


def test_a_head_has_seq_0_and_a_checksum_of_its_own() -> None:
    line, crc = encode_head(HEAD)
    payload = (
        b'{"kind":"segment_opened","format_version":2,"run_id":"00112233445566ff","segment":2,"seq_first":82242,'
        b'"chain":"2559d19d","code_version":"0.1.0","schema_version":1}'
    )
    assert crc == crc32c(b"000000a3 0000000000000000 " + payload)
    assert line == b"000000a3 0000000000000000 %08x %b\n" % (crc, payload)
    assert decode_head(payload, where="wal/00000002.wal") == HEAD


def test_a_head_that_breaks_its_schema_is_our_bug() -> None:
    head = SegmentOpened(
        format_version=1,
        run_id="run 7",
        segment=1,
        seq_first=1,
        chain="0" * 8,
        code_version="",
        schema_version=1,
    )
    with pytest.raises(EngineFault, match="run_id"):
        encode_head(head)


def test_a_head_without_a_version_is_refused() -> None:
    with pytest.raises(JournalVersionMismatch, match=f"no head of journal format {frame.FORMAT_VERSION}"):
        decode_head(b'{"kind":"segment_opened"}', where="wal/00000001.wal")


def test_a_line_looks_like_a_record_by_its_header_and_length_and_heads_are_none() -> None:
    line = encode(7, b'{"seq":7}', 0)[0].rstrip(b"\n")
    assert looks_like_record(line)
    assert looks_like_record(line[:-1] + b"?")  # the checksum is not looked at
    assert not looks_like_record(line[:-1])
    assert not looks_like_record(line + b" ")
    assert not looks_like_record(b'{"seq":7}')
    assert not looks_like_record(encode_head(HEAD)[0].rstrip(b"\n"))


def test_the_stated_seq_is_the_header_s_and_of_no_header_there_is_none() -> None:
    assert stated_seq(encode(1_000, b"{}", 0)[0]) == 1_000
    assert stated_seq(b"{}\n") is None

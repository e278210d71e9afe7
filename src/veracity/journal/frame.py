"""One record is one line of text and one frame (specs/journal/format.md).

    llllllll ssssssssssssssss cccccccc payload\\n

8 hex digits: bytes of payload. 16: seq. 8: CRC-32C over the first 26 bytes of the line and the payload, seeded with
the value of the record before. So a record proves itself and that nothing before it was lost, doubled or moved. The
payload holds no newline; a line's newline is its last byte on disk, so a line that has one was written whole.

The byte behind the length is a bar instead of a space in the first record that was written after a sync had returned:
`llllllll|ssss...`. It says that everything before it was durable. So a hole before such a line is rot, and a hole that
no such line follows can be a write that the power cut short (`tail.py`).

A segment's first line is its head: seq 0, seeded with 0, so that it proves itself; the chain goes on through it, for it
carries the value of the last record of the segment before.
"""

import re
import struct
import sys
from binascii import unhexlify
from collections.abc import Sequence
from io import BytesIO
from itertools import accumulate
from operator import add, lt
from typing import Final, NamedTuple

import msgspec
from google_crc32c import extend

from veracity.domain.decoding import Decoder
from veracity.domain.errors import EngineFault
from veracity.domain.events import SegmentOpened
from veracity.domain.policies import JOURNAL
from veracity.journal.batch import FRAMING_BYTES, Batch
from veracity.journal.errors import JournalVersionMismatch

FORMAT_VERSION: Final = 2
HEAD_SEQ: Final = 0
SEQ_MAX: Final = (1 << 63) - 1

PAYLOAD_BYTES_MAX: Final = (
    JOURNAL.payload_bytes_max
)  # S-037; checked before anything is allocated for a payload
COVERED_BYTES: Final = 26  # of the header, by the checksum
HEADER_BYTES: Final = FRAMING_BYTES - 1
FRAME_BYTES_MAX: Final = HEADER_BYTES + PAYLOAD_BYTES_MAX + 1
HEAD_BYTES_MAX: Final = 4096
NEWLINE: Final = 0x0A
SHAPES_MAX: Final = 4096  # sizes of lines that are remembered

_SMALLEST: Final = b"00000000 0000000000000000 00000000 "
_HEADER: Final = re.compile(rb"([0-9a-f]{8})[ |]([0-9a-f]{16}) ([0-9a-f]{8}) ")


class Taken(NamedTuple):
    """What `take` found: whole good records, the bytes they fill, and why the next frame cannot be right.

    An empty `flaw` means that the next frame is only not all there.
    """

    records: Batch
    used: int
    flaw: str


def chain_crc(previous: int, covered: bytes) -> int:
    """CRC-32C of a record's covered bytes (length, seq, payload), seeded with the previous record's value."""
    crc: int = extend(previous, covered)
    return crc


def check_payload(seq: int, payload: bytes) -> None:
    """Raises EngineFault where the payload cannot be a record's."""
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise EngineFault(f"seq {seq}: a payload of {len(payload)} bytes is over {PAYLOAD_BYTES_MAX}")
    if NEWLINE in payload:
        raise EngineFault(f"seq {seq}: the payload holds a newline, so it would not be one line")


def encode(seq: int, payload: bytes, previous: int, *, after_sync: bool = False) -> tuple[bytes, int]:
    """The line of one record and its chain value. Raises EngineFault as `check_payload`.

    `after_sync`: everything before this line is durable.
    """
    check_payload(seq, payload)
    return encode_all([seq], [payload], previous, after_sync=after_sync)


def encode_all(
    seqs: Sequence[int], payloads: Sequence[bytes], previous: int, *, after_sync: bool = False
) -> tuple[bytes, int]:
    """The lines of records whose payloads were checked, and the last one's chain value.

    `after_sync`: everything before the first line is durable.
    """
    count = len(seqs)
    if count == 1:  # as below, for what a commit of one record waits for
        covered = (b"%08x|%016x " if after_sync else b"%08x %016x ") % (len(payloads[0]), seqs[0])
        crc: int = extend(previous, covered + payloads[0])
        return b"%b%08x %b\n" % (covered, crc, payloads[0]), crc
    numbers = [0] * (2 * count)
    numbers[::2], numbers[1::2] = map(len, payloads), seqs
    headers = list(struct.unpack("26s" * count, b"%08x %016x " * count % tuple(numbers)))
    if after_sync:
        headers[0] = headers[0].replace(b" ", b"|", 1)
    crcs = list(accumulate(map(add, headers, payloads), extend, initial=previous))
    del crcs[0]
    parts = [b"\n"] * (4 * count)
    parts[::4], parts[1::4], parts[2::4] = headers, struct.unpack("9s" * count, _stated(crcs)), payloads
    return b"".join(parts), crcs[-1]


def take(window: bytes, *, chain: int, seq_last: int, offset: int, limit: int = sys.maxsize) -> Taken:
    """The whole records at the start of `window`, at most `limit` of them.

    `chain` and `seq_last` are those of the record before; `offset` is the window's place in its file.
    """
    if limit == sys.maxsize:
        whole = _take_whole(window, chain=chain, seq_last=seq_last, offset=offset)
        if whole is not None:
            return whole
    seqs: list[int] = []
    payloads: list[bytes] = []
    crcs: list[int] = []
    start = 0
    flaw = ""
    last = len(window) - 1
    while start + HEADER_BYTES <= last and len(seqs) < limit:
        # int() also reads " 1", "+1" and "1_0"; the checksum covers these very bytes, so no writer's line has them.
        try:
            length = int(window[start : start + 8], 16)
            seq = int(window[start + 9 : start + 25], 16)
        except ValueError:
            flaw = "the header is not hex"
            break
        if length > PAYLOAD_BYTES_MAX:
            flaw = f"the length {length} is over {PAYLOAD_BYTES_MAX}"
            break
        if seq <= seq_last:
            flaw = f"seq {seq} does not rise"
            break
        body = start + HEADER_BYTES
        newline = body + length
        if newline > last:
            break
        payload = window[body:newline]
        crc = chain_crc(chain, window[start : start + COVERED_BYTES] + payload)
        if window[start + COVERED_BYTES : body] != b"%08x " % crc:
            flaw = "the checksum is wrong"
            break
        if window[newline] != NEWLINE:
            flaw = "the line does not end where its length says"
            break
        seqs.append(seq)
        payloads.append(payload)
        crcs.append(crc)
        chain = crc
        seq_last = seq
        start = newline + 1
    return Taken(Batch(seqs, payloads, crcs, offset), start, flaw)


class _Shapes(dict[int, str]):
    """Of each size of a line, what it is made of: what the checksum covers of the header, the checksum, the payload, the newline."""

    def __missing__(self, size: int) -> str:
        if len(self) >= SHAPES_MAX:
            self.clear()
        self[size] = shape = f"{COVERED_BYTES}s{HEADER_BYTES - COVERED_BYTES}s{size - FRAMING_BYTES}sx"
        return shape


_shapes: Final = _Shapes()


def _take_whole(window: bytes, *, chain: int, seq_last: int, offset: int) -> Taken | None:
    """All lines of `window` up to its last newline, checked together; None unless every one is good.

    The same checks as line by line, each over all lines at once and none of them in Python's own loop: four times as fast.
    A flaw is left to `take`, which names it.
    """
    used = window.rfind(b"\n") + 1
    sizes = list(map(len, BytesIO(window).readlines()))  # half of what split() takes
    if used < len(window):
        sizes.pop()
    if not sizes or min(sizes) < FRAMING_BYTES:
        return None
    # Not struct.unpack: it would keep the last hundred shapes of whole windows.
    parts = struct.Struct("".join(map(_shapes.__getitem__, sizes))).unpack_from(window)
    covered, payloads = parts[::3], parts[2::3]
    crcs = list(accumulate(map(add, covered, payloads), extend, initial=chain))
    del crcs[0]
    if _stated(crcs) != b"".join(parts[1::3]):
        return None
    numbers = b"".join(covered).translate(None, b" |")
    if len(numbers) != 24 * len(sizes):
        return None
    try:
        fields = struct.unpack(">" + "IQ" * len(sizes), unhexlify(numbers))
    except ValueError:
        return None
    lengths, seqs = fields[::2], fields[1::2]
    if lengths != tuple(map(len, payloads)) or (
        used > PAYLOAD_BYTES_MAX and max(lengths) > PAYLOAD_BYTES_MAX
    ):
        return None
    if seqs[0] <= seq_last:
        return None
    # Most journals leave out no seq, and a range is compared in half the time.
    if seqs != tuple(range(seqs[0], seqs[0] + len(seqs))) and not all(map(lt, seqs, seqs[1:])):
        return None
    return Taken(Batch(seqs, payloads, crcs, offset), used, "")


def _stated(crcs: Sequence[int]) -> bytes:
    """Chain values as their lines state them, each with the space behind it."""
    return f"{struct.pack(f'>{len(crcs)}I', *crcs).hex(' ', 4)} ".encode()


def may_be_torn(rest: bytes, *, seq_last: int) -> bool:
    """Whether `rest`, all that follows the last good record, is the beginning of one record that was never finished.

    A write that was cut off leaves a prefix of a line, so a newline, a header of other characters or a line that has
    all its bytes is something else: damage.
    """
    if NEWLINE in rest:
        return False
    header = _HEADER.match(rest[:HEADER_BYTES] + _SMALLEST[len(rest) :])
    if header is None:
        return False
    # Digits that are not there count as zeros, so each number is the least that it can have been.
    length, seq = int(header[1], 16), int(header[2], 16)
    if length > PAYLOAD_BYTES_MAX or (seq <= seq_last and len(rest) >= COVERED_BYTES):
        return False
    return len(rest) <= HEADER_BYTES + length


def stated_seq(line: bytes) -> int | None:
    """The seq that `line`'s header states; None where it is no header."""
    header = _HEADER.match(line)
    return int(header[2], 16) if header else None


def looks_like_record(line: bytes) -> bool:
    """Whether `line`, without its newline, has a header, the length that this states, and is no head."""
    header = _HEADER.match(line)
    return (
        header is not None
        and int(header[1], 16) == len(line) - HEADER_BYTES
        and int(header[2], 16) != HEAD_SEQ
    )


class _Versioned(msgspec.Struct):
    """The one field of a head that every version has."""

    format_version: int


_head_encoder: Final = msgspec.json.Encoder()
_head_decoder: Final[Decoder[SegmentOpened]] = Decoder(SegmentOpened)


def encode_head(head: SegmentOpened) -> tuple[bytes, int]:
    """The first line of a segment and its chain value, with a checksum of its own. Raises EngineFault where the head breaks its schema."""
    payload = _head_encoder.encode(head)
    try:
        _head_decoder.decode(payload)  # msgspec checks on decode only
    except msgspec.ValidationError as error:
        raise EngineFault(f"segment head: {error}") from error
    return encode(HEAD_SEQ, payload, 0)


def decode_head(payload: bytes, *, where: str, version: int = FORMAT_VERSION) -> SegmentOpened:
    """The head that a checked `payload` holds. Raises JournalVersionMismatch for any version but `version`."""
    try:
        stated = msgspec.json.decode(payload, type=_Versioned).format_version
        if stated == version:
            return _head_decoder.decode(payload)
    except msgspec.MsgspecError as error:
        raise JournalVersionMismatch(
            f"this is no head of journal format {version}", where=where, why=str(error)
        ) from error
    if stated < version:
        hint = "`veracity wal upgrade` rewrites it and keeps a backup"
    else:
        hint = "read it with the version that wrote it, or a newer one"
    raise JournalVersionMismatch(
        f"journal format {stated} cannot be read",
        where=where,
        why=f"this version reads {version}",
        hint=hint,
    )


def head_version(payload: bytes) -> int | None:
    """The format version that a head states; None where it is no head."""
    try:
        return msgspec.json.decode(payload, type=_Versioned).format_version
    except msgspec.MsgspecError:
        return None

"""The sink: when the file is made, what reaches it, and what a hostile text cannot do to it."""

import errno
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.forensics.events import RUN, fee, filled, intent, logged, rejected, submitted

from veracity.domain.errors import OperatorFault
from veracity.forensics import audit
from veracity.forensics.line_file import LineFile, harmless
from veracity.forensics.redact import Redactor

FORGED = '{"schema":"veracity.log/1","kind":"order_filled","seq":9,"qty":1}'
HOSTILE = f"no\r\n{FORGED}\n\u2028{FORGED}\u2029\x00\x1b[31m\x9b31m\x85\x7f\u202e\ufeff\u2066end"


def test_no_file_is_made_before_the_first_line_and_the_first_line_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    sink = LineFile(path, Redactor())
    assert not path.exists()
    sink.append(b"{}")
    assert path.read_bytes() == b"{}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sink.close()


def test_a_file_without_a_line_is_never_made(tmp_path: Path) -> None:
    with LineFile(tmp_path / "a.jsonl", Redactor()):
        pass
    assert list(tmp_path.iterdir()) == []


def test_lines_go_out_in_blocks_and_the_last_block_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with LineFile(path, Redactor(), lines_buffered=3) as sink:
        sizes = []
        for number in range(6):
            sink.append(str(number).encode())
            sizes.append(path.read_bytes().count(b"\n"))
    assert sizes == [1, 1, 1, 4, 4, 4]
    assert path.read_bytes() == b"0\n1\n2\n3\n4\n5\n"


def test_lines_reach_the_disk_also_when_the_writer_dies(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"

    def die() -> None:
        with LineFile(path, Redactor()) as sink:
            sink.append(b"1")
            sink.append(b"2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die()
    assert path.read_bytes() == b"1\n2\n"


def test_a_file_that_is_there_is_not_continued(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("kept\n", encoding="utf-8")
    with pytest.raises(OperatorFault, match="there is something already"):
        LineFile(path, Redactor()).append(b"{}")
    assert path.read_text(encoding="utf-8") == "kept\n"


def test_short_writes_are_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, bytes(data[:5])))
    with LineFile(tmp_path / "a.jsonl", Redactor()) as sink:
        sink.append(b"0123456789abcdef")
    assert (tmp_path / "a.jsonl").read_bytes() == b"0123456789abcdef\n"


@pytest.mark.ticket("T-083")
def test_a_block_that_failed_half_way_is_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    sink = LineFile(path, Redactor(), lines_buffered=2)
    sink.append(b"1")
    sink.append(b"2")
    system = os.write
    room = iter([2])

    def full_disk(file: int, data: memoryview) -> int:
        try:
            return system(file, data[: next(room)])
        except StopIteration:
            raise OSError(errno.ENOSPC, "No space left on device") from None

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full_disk)
        with pytest.raises(OSError, match="No space left"):
            sink.append(b"3")
    sink.close()
    assert path.read_bytes() == b"1\n2\n"


def test_a_hostile_venue_message_stays_one_harmless_line_of_the_event_log(tmp_path: Path) -> None:
    lines = logged(tmp_path, [intent(), submitted(), rejected(3, HOSTILE)])
    assert [line["kind"] for line in lines] == ["intent_created", "order_submitted", "order_rejected"]
    assert lines[-1]["detail"] == HOSTILE
    content = (tmp_path / "events.jsonl").read_bytes()
    assert content.count(b"\n") == 3
    assert [byte for byte in content.replace(b"\n", b"") if byte < 0x20] == []
    assert len(content.decode().splitlines()) == 3  # splitlines also ends lines at U+2028, U+0085 and others
    assert [char for char in content.decode() if char in HOSTILE and not 0x20 <= ord(char) < 0x7F] == [
        "\n"
    ] * 3


@pytest.mark.ticket("T-083")
def test_a_hostile_venue_message_stays_one_harmless_line_of_the_audit_trail(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit.write([intent(), submitted(), rejected(3, HOSTILE)], path, RUN)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert json.loads(lines[1])["reason"] == HOSTILE
    assert audit.verify_chain(path) == 2


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_harmless_json_means_the_same(text: str) -> None:
    encoded = json.dumps(text, ensure_ascii=False).encode()
    safe = harmless(encoded)
    assert json.loads(safe) == text
    assert not {"\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\u202e", "\ufeff"} & set(safe.decode())


def test_ordinary_words_of_any_language_stay_as_they_are() -> None:
    text = '{"detail":"Größe ✓ 数量 😀"}'.encode()
    assert harmless(text) == text


def test_all_lines_of_an_orders_life_are_appended_in_order(tmp_path: Path) -> None:
    lines = logged(tmp_path, [intent(), submitted(), filled(3), fee(4)])
    assert [line["seq"] for line in lines] == [1, 2, 3, 4]

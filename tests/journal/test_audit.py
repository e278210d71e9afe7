"""The digest chain notices what a reader cannot see."""

from pathlib import Path

import pytest
from tests.journal.journals import (
    RUN_ID,
    FailingFiles,
    Killed,
    change,
    new_journal,
    numbered,
    profile,
    resumed,
    write_journal,
)
from tests.journal.test_tail import abandon

from veracity.journal.audit import Chain, audit, read_digests, sha256_of
from veracity.journal.compress import compress_closed
from veracity.journal.errors import JournalDamaged, JournalDead
from veracity.journal.recover import truncate_tail
from veracity.journal.segments import DIGESTS_NAME, opened_directory
from veracity.journal.writer import JournalWriter

SMALL = profile(400, live=True)


def live_journal(directory: Path, count: int = 20) -> Path:
    journal = new_journal(directory, profile=SMALL)
    add(journal, count)
    journal.close()
    return directory


def add(journal: JournalWriter, count: int) -> None:
    for seq, payload in numbered(count):
        journal.append(seq, payload)
        journal.barrier()


def digests(directory: Path) -> list[tuple[str, str, int, int]]:
    with opened_directory(directory) as opened:
        return [(line.kind, line.name, line.seq_first, line.seq_last) for line in read_digests(opened, "wal")]


@pytest.mark.ticket("T-112")
def test_every_closed_segment_is_noted_once_with_its_seqs(tmp_path: Path) -> None:
    directory = live_journal(tmp_path / "wal")
    names = sorted(path.name for path in directory.glob("*.wal"))
    begun, *lines = digests(directory)
    assert begun == ("begun", RUN_ID, 1, 1)
    assert [line[1] for line in lines] == names[:-1]
    assert [line[2] for line in lines] == [1, *(line[3] + 1 for line in lines[:-1])]
    assert audit(directory).findings == []


@pytest.mark.ticket("T-112")
def test_a_closed_segment_that_was_removed_or_changed_is_noticed(tmp_path: Path) -> None:
    directory = live_journal(tmp_path / "wal")
    third = directory / "00000003.wal"
    data = third.read_bytes()
    third.write_bytes(data.replace(b"seq", b"SEQ", 1))
    assert [(one.name, one.what) for one in audit(directory).findings] == [
        ("00000003.wal", "is not the file that was closed: its SHA-256 differs")
    ]
    third.unlink()
    (found,) = audit(directory).findings
    seqs = {name: (first, last) for _, name, first, last in digests(directory)}
    assert (found.name, found.what) == (
        "00000003.wal",
        "removed, with seq {} to {}".format(*seqs["00000003.wal"]),
    )


def test_a_changed_line_of_the_chain_breaks_it(tmp_path: Path) -> None:
    directory = live_journal(tmp_path / "wal")
    chain = directory / DIGESTS_NAME
    lines = chain.read_bytes().splitlines(keepends=True)
    chain.write_bytes(b"".join(lines[1:]))
    with pytest.raises(JournalDamaged, match="the digest chain is broken"):
        audit(directory)
    chain.write_bytes(b"".join([lines[0].replace(b'"seq_last":', b'"seq_last":1'), *lines[1:]]))
    with pytest.raises(JournalDamaged, match="the digest chain is broken"):
        audit(directory)


def test_a_digest_that_cannot_be_written_is_as_fatal_as_a_record(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal", profile=SMALL)
    files = FailingFiles(1, OSError(28, "No space left on device"), "create")
    journal._files = files
    with pytest.raises(JournalDead):
        add(journal, 20)
    with pytest.raises(JournalDead):
        journal.append(99, b"{}")


def test_a_rotation_that_was_killed_before_its_digest_is_noted_at_the_next_start(tmp_path: Path) -> None:
    """F12."""
    for at in range(1, 60):
        directory = tmp_path / f"{at}"
        journal = new_journal(directory, profile=SMALL)
        files = FailingFiles(at)
        journal._files = journal._space._files = files
        try:
            add(journal, 8)
        except Killed:
            abandon(journal)
        else:
            break
        truncate_tail(directory)
        resumed(directory, profile=SMALL).close()
        assert audit(directory).findings == [], at
    assert at > 15


def test_a_repair_is_noted_with_who_and_when_and_once(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal", profile=SMALL._replace(witness_records=0))
    add(journal, 8)
    abandon(journal)
    last = max((tmp_path / "wal").glob("*.wal"))
    data = last.read_bytes().rstrip(b"\0")
    last.write_bytes(data[:-2])
    for _ in range(2):
        truncate_tail(tmp_path / "wal", who="operator", ts=1_700_000_000_000_000_000)
    with opened_directory(tmp_path / "wal") as opened:
        acts = [line for line in read_digests(opened, "wal") if line.kind == "repair"]
        (kept,) = (tmp_path / "wal").glob("*.torn-*")
        assert [(act.name, act.ts, act.seq_first) for act in acts] == [
            ("operator", 1_700_000_000_000_000_000, 8)
        ]
        assert acts[0].sha256 == sha256_of(kept.name, opened, "wal")


def test_compressed_segments_keep_their_digests(tmp_path: Path) -> None:
    directory = live_journal(tmp_path / "wal")
    compress_closed(directory)
    assert audit(directory).findings == []
    packed = directory / "00000002.wal.zst"
    change(packed, 20, b"\xff")
    (found,) = audit(directory).findings
    assert found.name == "00000002.wal"


def test_a_last_line_of_which_a_disk_kept_the_end_alone_was_never_finished(tmp_path: Path) -> None:
    """F11: behind it stands nothing, so no sync of it can have returned; with a line behind it, it is damage."""
    directory = live_journal(tmp_path / "wal")
    chain = directory / DIGESTS_NAME
    whole = chain.read_bytes()
    *before, last = whole.splitlines(keepends=True)
    for lost in (1, 40, len(last) - 1):
        chain.write_bytes(b"".join(before) + bytes(lost) + last[lost:])
        assert len(audit(directory).lines) == len(before)
    chain.write_bytes(b"".join([*before[:-1], bytes(40) + before[-1][40:], last]))
    with pytest.raises(JournalDamaged, match="the digest chain is broken"):
        audit(directory)


# ---------------------------------------------------------------- no chain


@pytest.mark.ticket("T-112")
def test_digests_that_were_deleted_are_told_from_digests_that_nobody_made(tmp_path: Path) -> None:
    live, batch = live_journal(tmp_path / "live"), write_journal(tmp_path / "batch", numbered(20))
    (live / DIGESTS_NAME).unlink()
    gone = audit(live)
    assert (gone.chain, [one.name for one in gone.findings]) == (Chain.GONE, [DIGESTS_NAME])
    assert "is gone" in gone.findings[0].what
    assert audit(batch, keeps=False) == (Chain.NONE, [], [])
    assert audit(batch) == (Chain.UNKNOWN, [], [])
    assert audit(batch, keeps=True).chain is Chain.GONE


def test_what_left_no_file_but_a_segment_is_judged_by_what_the_run_says(tmp_path: Path) -> None:
    """Without the witness too, only the run's manifest knows that a live writer was here."""
    live = live_journal(tmp_path / "live")
    (live / DIGESTS_NAME).unlink()
    (live / "witness").unlink()
    assert audit(live).chain is Chain.UNKNOWN
    assert audit(live, keeps=True).chain is Chain.GONE


def test_a_start_without_its_digests_begins_new_ones_and_the_audit_keeps_saying_so(tmp_path: Path) -> None:
    live = live_journal(tmp_path / "live", 8)
    (live / DIGESTS_NAME).unlink()
    for _ in range(2):
        resumed(live, profile=SMALL).close()
        found = audit(live)
        assert digests(live)[0] == ("begun", RUN_ID, 9, 9)
        assert [one.what for one in found.findings] == [
            "was begun anew at seq 9: the digests of what came before are gone"
        ]


def test_a_live_journal_has_its_chain_before_it_has_a_segment(tmp_path: Path) -> None:
    """A kill at any call of a beginning leaves no segment without a chain."""
    for at in range(1, 40):
        directory = tmp_path / f"{at}"
        try:
            new_journal(directory, profile=SMALL, files=FailingFiles(at)).close()
        except Killed:
            assert audit(directory, keeps=True).chain in (Chain.NONE, Chain.KEPT), at
        else:
            break
    assert at > 8

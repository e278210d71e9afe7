"""From the format before to this one and back, with the old journal kept byte for byte (F14)."""

from pathlib import Path

import pytest
from tests.journal.journals import (
    RUN_ID,
    FailingFiles,
    Killed,
    everything,
    numbered,
    parse,
    records_of,
    resumed,
    write_journal,
    write_segment,
)

from veracity.domain.errors import ExitCode
from veracity.journal.audit import audit
from veracity.journal.errors import JournalDamaged, JournalUnsafe, JournalVersionMismatch
from veracity.journal.frame import encode
from veracity.journal.upgrade import upgrade, version_of

COUNT = 30


def old_journal(directory: Path) -> Path:
    """Three segments as format 1 wrote them: no mark, no zeros."""
    directory.mkdir(mode=0o700)
    chain = 0
    for number, first in enumerate(range(1, COUNT + 1, 10), start=1):
        head = (
            b'{"kind":"segment_opened","format_version":1,"run_id":"%b","segment":%d,"seq_first":%d,"chain":"%08x",'
            b'"code_version":"0.1.0","schema_version":1}' % (RUN_ID.encode(), number, first, chain)
        )
        lines = [(0, head), *numbered(first + 9)[first - 1 :]]
        write_segment(directory / f"{number:08d}.wal", lines)
        chain = 0
        for seq, payload in lines:
            _, chain = encode(seq, payload, chain)
    return directory


@pytest.mark.ticket("T-116")
def test_an_older_journal_is_refused_upgraded_and_its_original_kept(tmp_path: Path) -> None:
    wal = old_journal(tmp_path / "wal")
    before = everything(wal)
    with pytest.raises(
        JournalVersionMismatch, match="`veracity wal upgrade` rewrites it and keeps a backup"
    ) as refusal:
        records_of(wal)
    assert refusal.value.exit_code is ExitCode.UNSAFE
    assert everything(wal) == before
    done = upgrade(wal, who="operator", ts=7)
    assert (done.version_before, done.version_after, done.records) == (1, 2, COUNT)
    assert done.backup == tmp_path / "wal.v1"
    kept = everything(tmp_path / "wal.v1")
    assert kept == before
    assert records_of(wal) == parse(wal) == numbered(COUNT)
    journal = resumed(wal)
    journal.append(COUNT + 1, b"{}")
    journal.close()
    assert records_of(wal) == [*numbered(COUNT), (COUNT + 1, b"{}")]


def test_the_way_back_is_the_same_tool(tmp_path: Path) -> None:
    wal = old_journal(tmp_path / "wal")
    before = everything(wal)
    upgrade(wal)
    (tmp_path / "wal.v1").rename(tmp_path / "kept")
    back = upgrade(wal, to=1)
    assert (back.version_before, back.version_after, back.backup) == (2, 1, tmp_path / "wal.v2")
    assert everything(wal) == before


def test_a_journal_of_this_version_is_left_alone(tmp_path: Path) -> None:
    wal = write_journal(tmp_path / "wal", numbered(3))
    before = everything(wal)
    assert upgrade(wal)[1:] == (2, 0, None)
    assert everything(wal) == before
    assert version_of(wal) == 2


def test_a_kill_at_any_file_call_leaves_a_journal_that_the_next_call_finishes(tmp_path: Path) -> None:
    """F12."""
    for at in range(1, 100):
        root = tmp_path / f"{at}"
        root.mkdir()
        wal = old_journal(root / "wal")
        before = everything(wal)
        try:
            upgrade(wal, files=FailingFiles(at))
        except Killed:
            pass
        else:
            break
        if not wal.exists():
            with pytest.raises(JournalUnsafe, match="an upgrade of the journal was killed"):
                resumed(wal)
        upgrade(wal)
        assert records_of(wal) == numbered(COUNT), at
        kept = everything(root / "wal.v1")
        assert kept == before
    assert at > 15


def test_a_damaged_or_newer_journal_is_not_rewritten(tmp_path: Path) -> None:
    wal = old_journal(tmp_path / "wal")
    path = wal / "00000002.wal"
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"seq":15', b'"seq":16'))
    before = everything(wal)
    with pytest.raises(JournalDamaged, match="the checksum is wrong"):
        upgrade(wal)
    assert everything(wal) == before
    assert not (tmp_path / "wal.v1").exists()
    with pytest.raises(JournalVersionMismatch, match="journal format 3 cannot be written"):
        upgrade(wal, to=3)


def test_a_backup_is_never_written_over(tmp_path: Path) -> None:
    wal = old_journal(tmp_path / "wal")
    (tmp_path / "wal.v1").mkdir()
    with pytest.raises(JournalUnsafe, match="a backup of this version is there already"):
        upgrade(wal)


def test_an_upgraded_journal_has_the_digests_of_every_segment_that_it_wrote(tmp_path: Path) -> None:
    wal = old_journal(tmp_path / "wal")
    upgrade(wal, who="operator", ts=7)
    found = audit(wal)
    assert found.findings == []
    assert [line.kind for line in found.lines] == ["begun", "segment", "segment", "upgrade"]

"""When snapshots are taken, and which of them stay."""

import errno
from pathlib import Path

import pytest
from tests.journal.journals import FailingFiles, everything, records_of
from tests.kit.script import Script
from tests.runtime.lived import lived, proved, records

from veracity.domain.time import NS_PER_DAY
from veracity.journal.audit import audit
from veracity.journal.errors import JournalDead, JournalLocked
from veracity.journal.snapshots import Snapshot, roll
from veracity.journal.writer import JournalWriter


def seqs(names: list[str]) -> list[int]:
    return [int(name[:19]) for name in names]


@pytest.mark.ticket("T-126")
def test_the_newest_three_stay(tmp_path: Path) -> None:
    place = lived(tmp_path, records(1000), every=100, keep=3)
    assert seqs(place.names()) == [800, 900, 1000]


@pytest.mark.ticket("T-126")
def test_the_last_one_that_proves_itself_is_never_removed(tmp_path: Path) -> None:
    place = lived(tmp_path, records(1000), every=100, keep=4)
    assert seqs(place.names()) == [700, 800, 900, 1000]
    for name in place.names()[1:]:
        path = place.snapshots / name
        path.write_bytes(path.read_bytes()[:-3])
    assert roll(place.snapshots, 3) == []
    assert [one.header.seq for one in proved(place)] == [700]
    assert roll(place.snapshots, 1) == []
    assert seqs(place.names()) == [700, 800, 900, 1000]


def test_a_day_change_and_the_end_take_one_too(tmp_path: Path) -> None:
    script = Script().ticks(100_00).ticks(100_00)
    script.ticks(100_00, after=NS_PER_DAY)
    script.ticks(100_00)
    place = lived(tmp_path, script.journal.records, every=1_000, keep=9)
    taken = seqs(place.names())
    (rolled,) = [seq for seq, payload in script.journal.records if b'"kind":"day_rolled"' in payload]
    assert taken == [rolled, script.state.seq]


def test_a_snapshot_never_knows_more_than_the_journal(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def heard(written: Snapshot) -> None:
        durable = b"".join(path.read_bytes() for path in (tmp_path / "wal").glob("*.wal"))
        told.append(
            (
                written.header.record_seq,
                durable.count(b'{"kind":') - len(list((tmp_path / "wal").glob("*.wal"))),
            )
        )

    lived(tmp_path, records(50), every=10, on_written=heard)
    assert [known for known, _ in told] == [10, 20, 30, 40, 50]
    assert all(known <= durable for known, durable in told)


@pytest.mark.ticket("T-072")
@pytest.mark.parametrize("call", ["write", "sync", "replace"])
def test_a_snapshot_that_could_not_be_written_is_not_told_of_and_ends_the_run(
    tmp_path: Path, call: str
) -> None:
    told: list[Snapshot] = []
    files = FailingFiles(1, OSError(errno.EIO, "Input/output error"), call)
    with pytest.raises(JournalDead, match="cannot write the snapshot: Input/output error"):
        lived(tmp_path, records(12), every=10, on_written=told.append, files=files)
    assert told == []
    assert not any(name.endswith(".snapshot") for name in everything(tmp_path / "snapshots"))


@pytest.mark.ticket("T-072")
def test_every_snapshot_that_stays_was_told_of_once_with_its_sum(tmp_path: Path) -> None:
    from hashlib import sha256

    told: list[Snapshot] = []
    place = lived(tmp_path, records(60), every=10, keep=3, on_written=told.append)
    sums = {one.name: one.sha256 for one in told}
    assert len(told) == len(sums) == 6
    for name in place.names():
        assert sha256((place.snapshots / name).read_bytes()).hexdigest() == sums[name]


def test_segments_that_were_closed_are_compressed_behind_a_snapshot(tmp_path: Path) -> None:
    told, kept = records(1000), lived(tmp_path / "plain", records(1000), every=100)
    place = lived(tmp_path / "packed", told, every=100, compress=True)
    names = sorted(everything(kept.wal))
    segments = [name for name in names if name.endswith(".wal")]
    assert len(segments) > 5
    packed = [name for name in sorted(everything(place.wal)) if ".wal" in name]
    assert packed == [*(f"{name}.zst" for name in segments[:-1]), segments[-1]]
    assert records_of(place.wal) == records_of(kept.wal)
    assert place.restart().report.state_hash == kept.restart().report.state_hash
    assert audit(place.wal).findings == []


def refusing(wal: Path, **_: object) -> None:
    raise JournalLocked("another keeper has the journal", where=str(wal))


@pytest.mark.parametrize("against", ["a full disk", "another keeper"])
def test_what_stands_against_compressing_stands_against_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, against: str
) -> None:
    if against == "a full disk":
        monkeypatch.setattr(JournalWriter, "has_room", lambda _: False)
    else:
        monkeypatch.setattr("veracity.runtime.snapshots.compress_closed", refusing)
    place = lived(tmp_path, records(1000), every=100, compress=True)
    assert list(place.wal.glob("*.zst")) == []
    assert [(one.seq, one.payload) for one in records(1000)] == records_of(place.wal)


def test_a_compression_that_fails_is_raised_by_the_next_call(tmp_path: Path) -> None:
    with pytest.raises(JournalDead, match="cannot compress: Input"):
        lived(
            tmp_path,
            records(1000),
            every=100,
            compress=True,
            files=FailingFiles(1, OSError(errno.EIO, "Input/output error"), "unlink"),
        )

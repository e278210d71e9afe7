"""A scrub finds planted rot in what nobody reads, beside a running writer."""

from pathlib import Path

import pytest
from tests.journal.journals import change, everything, resumed
from tests.runtime.lived import RUN_ID, lived, records

from veracity.journal.compress import compress_closed
from veracity.journal.scrub import scrub


@pytest.mark.ticket("T-114")
@pytest.mark.parametrize("packed", [False, True])
def test_every_planted_flip_in_a_closed_segment_is_found_with_its_place(tmp_path: Path, packed: bool) -> None:
    place = lived(tmp_path, records(120), every=50)
    closed = sorted(path.name for path in place.wal.glob("*.wal"))[:-1]
    if packed:
        compress_closed(place.wal)
    assert scrub(place.wal, place.snapshots).findings == []
    for name in closed:
        path = place.wal / (f"{name}.zst" if packed else name)
        whole = path.read_bytes()
        for at in range(0, len(whole), len(whole) // 5):
            change(path, at, bytes([whole[at] ^ 16]))
            found = scrub(place.wal, place.snapshots)
            assert [one.name for one in found.findings] == [path.name], at
            if not packed:
                (one,) = found.findings
                assert one.offset <= at <= one.offset + 700
            path.write_bytes(whole)


def test_a_scrub_beside_a_writer_counts_what_is_closed_and_writes_nothing(tmp_path: Path) -> None:
    place = lived(tmp_path, records(120), every=50)
    journal = resumed(place.wal, RUN_ID)
    before = everything(place.wal)
    slept: list[float] = []
    found = scrub(place.wal, place.snapshots, sleep=slept.append, bytes_per_second=1000)
    assert found.findings == []
    assert found.segments == len(list(place.wal.glob("*.wal"))) - 1
    assert found.snapshots == 3
    assert sum(slept) == pytest.approx(found.bytes_read / 1000)
    assert everything(place.wal) == before
    journal.close()


@pytest.mark.ticket("T-115")
def test_a_damaged_snapshot_is_found(tmp_path: Path) -> None:
    place = lived(tmp_path, records(60), every=20)
    name = place.names()[1]
    change(place.snapshots / name, 200, b"~")
    assert [(one.name, one.what) for one in scrub(place.wal, place.snapshots).findings] == [
        (name, "its SHA-256 does not match")
    ]

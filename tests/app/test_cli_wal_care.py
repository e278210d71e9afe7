"""`veracity wal scrub|compact|upgrade|audit|repair --mode salvage` on the journal of a day that was really traded."""

from pathlib import Path

import pytest
from bench.journal import day
from tests.app.cli_kit import veracity
from tests.app.test_cli_wal import document
from tests.journal.journals import everything

from veracity.journal.reader import read
from veracity.journal.snapshots import SnapshotHeader, write_snapshot
from veracity.runtime.replay import follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.state.schema import SCHEMA_VERSION
from veracity.state.snapshot import take

CLOSED = ["00000001.wal", "00000002.wal", "00000003.wal"]


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day's journal of four segments, three of them closed."""
    place = tmp_path_factory.mktemp("traded")
    day.live(place)
    assert [path.name for path in sorted((place / "wal").glob("*.wal"))] == [*CLOSED, "00000004.wal"]
    return place / "wal"


@pytest.fixture
def wal(traded: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    copy = tmp_path / "wal"
    copy.mkdir(mode=0o700)
    for path in traded.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
        (copy / path.name).chmod(0o600)
    return copy


def snapshot(wal: Path, before: str, *, spoiled: bool = False) -> str:
    """A snapshot of the state behind the last record of the segments before `before`; its file's name."""
    first = int((wal / before).read_bytes().splitlines()[1][9:25], 16)
    records = [record for record in read(wal) if record.seq < first]
    state = EngineState()
    for _ in follow(state, records):
        pass
    header = SnapshotHeader(
        format_version=1,
        run_id=day.IDENTITY.run_id,
        schema_version=SCHEMA_VERSION,
        seq=state.seq,
        record_seq=state.seq,
        chain=f"{records[-1].crc:08x}",
        state_hash="0" * 64 if spoiled else state_hash(state),
    )
    return write_snapshot(wal.parent / "snapshots", header, take(state)).name


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


# ---------------------------------------------------------------- scrub


def test_scrub_reads_what_is_closed_and_changes_nothing(wal: Path) -> None:
    before = everything(wal)
    said = veracity("wal", "scrub", wal, "--json")
    found = document(said, "wal_scrub")
    assert said.code == 0
    assert (found["segments"], found["findings"]) == (3, [])
    assert found["bytes"] == sum(len(before[name]) for name in CLOSED)
    assert everything(wal) == before
    assert "all good" in veracity("wal", "scrub", wal).out


def test_scrub_names_every_bad_file_with_its_offset(wal: Path) -> None:
    name = snapshot(wal, CLOSED[2])
    flip(wal / CLOSED[1], 900)
    flip(wal.parent / "snapshots" / name, 200)
    said = veracity("wal", "scrub", wal, "--fast", "--json")
    found = document(said, "wal_scrub")["findings"]
    assert said.code == 5
    assert [one["name"] for one in found] == [CLOSED[1], name]
    assert 0 < found[0]["offset"] <= 900
    assert "00000002.wal" in veracity("wal", "scrub", wal).out


# ---------------------------------------------------------------- compact


def test_compact_removes_what_a_snapshot_covers_and_the_state_stays(wal: Path) -> None:
    name = snapshot(wal, CLOSED[2])
    whole = document(veracity("wal", "replay", wal, "--json"), "wal_replay")
    said = veracity("wal", "compact", wal, "--json")
    done = document(said, "wal_compact")
    assert (said.code, done["snapshot"], done["removed"]) == (0, name, CLOSED[:2])
    assert set(done["kept"]) == {CLOSED[2], "00000004.wal"}
    assert done["compressed"] == [CLOSED[2]]
    assert (wal / f"{CLOSED[2]}.zst").stat().st_size > 0
    assert not (wal / CLOSED[2]).exists()
    rest = document(veracity("wal", "replay", wal, "--json"), "wal_replay")
    assert (rest["seq"], rest["state_hash"]) == (whole["seq"], whole["state_hash"])
    verified = veracity("wal", "verify", wal, "--json")
    assert (verified.code, document(verified, "wal_verify")["segments"]) == (0, 2)
    first = document(veracity("wal", "show", wal, "--json", "--limit", 1), "wal_records")["records"][0]
    assert first["seq"] > 1  # what is left can be looked at
    acts = document(veracity("wal", "audit", wal, "--json"), "wal_digests")["acts"]
    assert [act["act"] for act in acts] == ["compaction"]
    assert document(veracity("wal", "compact", wal, "--json"), "wal_compact")["removed"] == []


def test_compact_leaves_every_snapshot_a_place_to_restart_from(wal: Path) -> None:
    """Under the newest snapshot, one rotten sector in it would have cost the journal."""
    older, newer = snapshot(wal, CLOSED[1]), snapshot(wal, "00000004.wal")
    whole = document(veracity("wal", "replay", wal, "--json"), "wal_replay")["state_hash"]
    done = document(veracity("wal", "compact", wal, "--json"), "wal_compact")
    assert (done["snapshot"], done["removed"]) == (older, CLOSED[:1])
    flip(wal.parent / "snapshots" / newer, 900)
    assert document(veracity("wal", "replay", wal, "--json"), "wal_replay")["state_hash"] == whole


def test_compact_goes_on_under_the_next_snapshot_and_not_under_one_that_nothing_proves(wal: Path) -> None:
    first, next_one = snapshot(wal, CLOSED[1]), snapshot(wal, CLOSED[2])
    kept, aside = wal.parent / "snapshots", wal.parent
    (kept / next_one).rename(aside / next_one)
    assert document(veracity("wal", "compact", wal, "--json"), "wal_compact")["removed"] == CLOSED[:1]
    (aside / next_one).rename(kept / next_one)
    (kept / first).rename(aside / first)
    refused = veracity("wal", "compact", wal)
    assert (refused.code, "no older snapshot is left to prove it by" in refused.err) == (5, True)
    (aside / first).rename(kept / first)
    done = document(veracity("wal", "compact", wal, "--json"), "wal_compact")
    assert (done["snapshot"], done["removed"]) == (next_one, [f"{CLOSED[1]}.zst"])


def test_compact_removes_nothing_where_the_snapshot_is_not_the_fold(wal: Path) -> None:
    snapshot(wal, CLOSED[2], spoiled=True)
    before = everything(wal)
    said = veracity("wal", "compact", wal)
    assert said.code == 5
    assert "nothing was removed" in said.err
    kept = {name: data for name, data in everything(wal).items() if name in before}
    assert kept == before


def test_compact_without_a_snapshot_is_told_with_2(wal: Path) -> None:
    said = veracity("wal", "compact", wal)
    assert said.code == 2
    assert "there is no snapshot that proves itself" in said.err


# ---------------------------------------------------------------- audit of the digests


def test_audit_without_an_id_agrees_with_the_files(wal: Path) -> None:
    said = veracity("wal", "audit", wal, "--json")
    found = document(said, "wal_digests")
    assert (said.code, found["findings"]) == (0, [])
    assert found["digests"] >= 3


@pytest.mark.parametrize("what", ["removed", "changed"])
def test_audit_notices_a_closed_segment_that_was_removed_or_changed(wal: Path, what: str) -> None:
    if what == "removed":
        (wal / CLOSED[1]).unlink()
    else:
        flip(wal / CLOSED[1], 900)
    said = veracity("wal", "audit", wal, "--json")
    (finding,) = document(said, "wal_digests")["findings"]
    assert (said.code, finding["name"]) == (5, CLOSED[1])
    assert "removed" in finding["what"] if what == "removed" else "SHA-256 differs" in finding["what"]


def test_audit_says_that_digests_are_gone_and_that_it_cannot_know_and_neither_is_well(wal: Path) -> None:
    (wal / "digests.jsonl").unlink()
    said = veracity("wal", "audit", wal, "--json")
    found = document(said, "wal_digests")
    assert (said.code, found["chain"], found["findings"][0]["name"]) == (5, "gone", "digests.jsonl")
    assert "BROKEN      digests.jsonl: is gone" in veracity("wal", "audit", wal).out
    assert "digests.jsonl: is gone" in veracity("wal", "verify", wal).out
    (wal / "witness").unlink()
    said = veracity("wal", "audit", wal, "--json")
    assert (said.code, document(said, "wal_digests")["chain"]) == (5, "unknown")
    assert "nothing says whether there ever were any" in veracity("wal", "audit", wal).out


def test_audit_of_a_run_asks_its_manifest_whether_its_writer_kept_digests(copy: Path) -> None:
    """`copy` is a backtest's, whose end marker has the sums of its files."""
    said = veracity("wal", "audit", copy, "--json")
    assert (said.code, document(said, "wal_digests")["chain"]) == (0, "none")
    manifest = copy / "manifest.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"backtest"', '"paper"'), encoding="utf-8"
    )
    said = veracity("wal", "audit", copy, "--json")
    assert (said.code, document(said, "wal_digests")["chain"]) == (5, "gone")


def test_audit_says_who_repaired_what(wal: Path) -> None:
    last = wal / "00000004.wal"
    last.write_bytes(last.read_bytes()[:-3])
    (wal / "witness").unlink()  # it saw the record acknowledged
    assert veracity("wal", "repair", wal).code == 0
    (act,) = document(veracity("wal", "audit", wal, "--json"), "wal_digests")["acts"]
    assert (act["act"], act["ts"] > 0, act["who"] != "") == ("repair", True, True)
    assert "repair" in veracity("wal", "audit", wal).out


# ---------------------------------------------------------------- upgrade


@pytest.mark.ticket("T-116")
def test_upgrade_goes_back_and_forward_and_keeps_each_old_one_byte_for_byte(wal: Path) -> None:
    original = everything(wal)
    state = document(veracity("wal", "replay", wal, "--json"), "wal_replay")["state_hash"]
    back = document(veracity("wal", "upgrade", wal, "--to", 1, "--json"), "wal_upgrade")
    assert (back["version_before"], back["version_after"]) == (2, 1)
    assert everything(Path(back["backup"])) == original
    said = veracity("wal", "verify", wal)
    assert said.code == 7
    assert "journal format 1 cannot be read: this version reads 2" in said.err
    assert "veracity wal upgrade" in said.err
    Path(back["backup"]).rename(wal.parent / "first")
    forward = document(veracity("wal", "upgrade", wal, "--json"), "wal_upgrade")
    assert (forward["version_before"], forward["version_after"], forward["records"]) == (
        1,
        2,
        back["records"],
    )
    assert document(veracity("wal", "replay", wal, "--json"), "wal_replay")["state_hash"] == state
    assert "nothing to do" in veracity("wal", "upgrade", wal).out


def test_upgrade_to_an_unknown_version_is_refused_with_7(wal: Path) -> None:
    before = everything(wal)
    assert veracity("wal", "upgrade", wal, "--to", 9).code == 7
    assert everything(wal) == before


# ---------------------------------------------------------------- damage that a witness tells, and salvage


def test_a_last_record_that_rotted_is_no_torn_tail_where_the_witness_saw_it(wal: Path) -> None:
    last = wal / "00000004.wal"
    last.write_bytes(last.read_bytes()[:-3])
    before = everything(wal)
    said = veracity("wal", "verify", wal, "--json")
    found = document(said, "wal_verify")
    assert (said.code, found["end"], found["class"]) == (5, "torn", "rot")
    assert found["acknowledged"] > found["seq_last"]
    assert "the witness saw seq" in veracity("wal", "verify", wal).out
    assert veracity("wal", "repair", wal).code == 5
    assert everything(wal) == before


def test_salvage_shows_what_stands_behind_the_damage_and_changes_nothing(wal: Path) -> None:
    flip(wal / CLOSED[1], 900)
    before = everything(wal)
    said = veracity("wal", "repair", wal, "--mode", "salvage", "--json")
    found = document(said, "wal_salvage")
    assert said.code == 5
    assert found["damage"]["segment"] == CLOSED[1]
    good = found["seq_last"]
    assert [stray["seq"] for stray in found["strays"]] == list(
        range(good + 2, found["strays"][-1]["seq"] + 1)
    )
    assert everything(wal) == before
    assert (
        f"then        {wal}/{CLOSED[1]}: the checksum is wrong"
        in veracity("wal", "repair", wal, "--mode", "salvage").out
    )

"""From the disk back to the engine: what is believed, what is refused, and what a person is told."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from tests.journal.journals import change, everything, line_ends
from tests.journal.journals import told as words
from tests.kit.doubles import RecordingVenue
from tests.kit.players import player
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.runtime.lived import RUN_ID, Place, hashes, lived, proved, records

from veracity.domain.errors import EngineFault, ExitCode
from veracity.domain.events import OrderFilled
from veracity.domain.machines import NoSuchTransition, RecoveryOn, RecoveryStep
from veracity.domain.orders import State
from veracity.engine.core import Engine
from veracity.journal.errors import JournalDamaged, JournalTorn, JournalUnsafe
from veracity.journal.reader import scan
from veracity.journal.recover import Mode
from veracity.journal.snapshots import encode_snapshot, newest_valid
from veracity.journal.writer import JournalWriter
from veracity.runtime.loop import Loop
from veracity.runtime.recovery import SnapshotMismatch, take_over
from veracity.state import snapshot as state_snapshot
from veracity.state.hash import state_hash

ROOT = Path(__file__).parents[2]


def damage_snapshot(place: Place, name: str) -> None:
    path = place.snapshots / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def hash_after(place: Place, **options: Any) -> str:
    """State hash after a restart, or the refusal in words."""
    return words(lambda: state_hash(place.restart(**options).state))


def told(place: Place) -> dict[str, object]:
    """recovery.json, which keeps its schema."""
    report = json.loads((place.root / "recovery.json").read_text())
    schemas = ROOT / "schemas"
    schema = json.loads((schemas / "reports/recovery.schema.json").read_text())
    common = json.loads((schemas / "common.schema.json").read_text())
    schema["$defs"] |= common["$defs"]
    text = json.dumps(schema).replace("common.schema.json#/$defs", "#/$defs")
    Draft202012Validator(json.loads(text)).validate(report)
    return report


def test_a_process_that_was_killed_behind_the_head_of_its_journal_is_gone_on_with(tmp_path: Path) -> None:
    """It had the writer's lock and no record yet; the head is its only line."""
    place = Place(tmp_path)
    JournalWriter.create(place.wal, RUN_ID, code_version="0.1.0", schema_version=1).close()
    found = place.restart()
    journal = take_over(place.wal, found, RUN_ID, code_version="0.1.0", schema_version=1)
    assert (journal.since, found.since.seq, found.start.step) == (found.since, 0, RecoveryStep.TAKEN_OVER)
    journal.close()


def test_a_restart_goes_on_from_the_newest_snapshot(tmp_path: Path) -> None:
    place = lived(tmp_path, records(250), every=100, close=False)
    assert [int(name[:19]) for name in place.names()] == [100, 200]
    found = place.restart(reports=tmp_path)
    assert state_hash(found.state) == hashes(250)[250]
    assert found.since.seq == 250
    report = told(place)
    assert (report["outcome"], report["damage"], report["snapshot_seq"]) == ("recovered", "none", 200)
    assert report["records_read"] == 150  # folded from the one before, which proves it
    assert report["state_hash"] == hashes(250)[250]


@pytest.mark.ticket("T-115")
def test_each_snapshot_holds_the_hash_of_the_fold_up_to_its_seq(tmp_path: Path) -> None:
    place = lived(tmp_path, records(1000), every=100, keep=10)
    found = proved(place)
    assert [one.header.seq for one in found] == list(range(1000, 0, -100))
    for one in found:
        assert one.header.state_hash == hashes(1000)[one.header.seq]
        assert state_hash(state_snapshot.restore(one.content)) == one.header.state_hash


@pytest.mark.ticket("T-115")
def test_a_snapshot_with_one_changed_byte_is_passed_over_for_the_older(tmp_path: Path) -> None:
    """F19, at every byte."""
    place = lived(tmp_path, records(30), every=10, keep=3)
    newest = place.snapshots / place.names()[-1]
    whole = newest.read_bytes()
    for at in range(0, len(whole), 97):
        newest.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert [one.header.seq for one in proved(place)] == [20, 10], at
    found = place.restart(reports=tmp_path)
    assert state_hash(found.state) == hashes(30)[30]
    assert told(place)["snapshot_seq"] == 20
    assert told(place)["snapshots_passed_over"] == [
        {"name": newest.name, "why": "its SHA-256 does not match"}
    ]


def test_without_a_snapshot_that_proves_itself_all_is_folded(tmp_path: Path) -> None:
    """F19: missing or damaged, each of them."""
    place = lived(tmp_path, records(35), every=10, keep=3)
    for name in place.names():
        damage_snapshot(place, name)
    assert state_hash(place.restart().state) == hashes(35)[35]
    for path in place.snapshots.iterdir():
        path.unlink()
    assert state_hash(place.restart().state) == hashes(35)[35]
    place.snapshots.rmdir()
    found = place.restart(reports=tmp_path)
    assert state_hash(found.state) == hashes(35)[35]
    assert (told(place)["snapshot"], told(place)["records_read"]) == (None, 35)


@pytest.mark.ticket("T-129")
@pytest.mark.parametrize("consistent", [True, False])
def test_a_snapshot_that_differs_from_the_fold_by_one_unit_of_cash_stops_the_restart(
    tmp_path: Path, consistent: bool
) -> None:
    """F19: its checksum holds; with its own hashes made anew, or not."""
    place = lived(tmp_path, records(250), every=100)
    newest = proved(place)[0]
    state = state_snapshot.restore(newest.content)
    state.accounts["a"].cash += 1
    if consistent:
        content = state_snapshot.take(state)
        header = newest.header.__class__(
            *(getattr(newest.header, name) for name in newest.header.__struct_fields__[:-1]),
            state_hash(state),
        )
    else:
        content, header = newest.content.replace(b'"cash":', b'"cash":1', 1), newest.header
    (place.snapshots / newest.name).write_bytes(encode_snapshot(header, content))
    before = everything(place.wal), everything(place.snapshots)
    with pytest.raises(SnapshotMismatch) as refusal:
        place.restart(mode=Mode.TRUNCATE_TAIL, reports=tmp_path)
    assert isinstance(refusal.value, EngineFault)
    assert refusal.value.exit_code is ExitCode.FINDING
    assert newest.name in str(refusal.value)
    assert f"seq {newest.header.seq}" in str(refusal.value)
    assert hashes(250)[250] in str(refusal.value)
    if consistent:
        assert state_hash(state) in str(refusal.value)
    assert (everything(place.wal), everything(place.snapshots)) == before
    assert (told(place)["outcome"], told(place)["state_hash"]) == ("refused", None)


def test_a_snapshot_beyond_the_journal_proves_that_records_were_lost(tmp_path: Path) -> None:
    """F19: what it holds was acknowledged; reading falls back, trading is refused."""
    place = lived(tmp_path, records(250), every=100, close=False)
    (place.wal / "witness").unlink()
    segments = sorted(place.wal.glob("*.wal"))
    for path in segments[2:]:
        path.unlink()
    with pytest.raises(JournalDamaged, match="acknowledged records are missing") as refusal:
        place.restart(mode=Mode.TRUNCATE_TAIL, reports=tmp_path)
    assert refusal.value.damage == "gap"
    assert told(place)["damage"] == "gap"
    left = scan(place.wal).seq_last
    reading = newest_valid(place.snapshots, run_id=RUN_ID, schema_version=1, seq_last=left)
    assert [int(one.name[:19]) > left for one in reading.passed_over] == [True] * len(reading.passed_over)
    assert reading.passed_over
    assert reading.snapshot is None or reading.snapshot.header.record_seq <= left


@pytest.mark.ticket("T-099")
def test_strict_refuses_a_torn_end_and_truncate_tail_repairs_it_once(tmp_path: Path) -> None:
    place = lived(tmp_path, records(25), every=10, close=False)
    last = max(place.wal.glob("*.wal"))
    data = last.read_bytes()
    start, end = line_ends(data)[-2:]
    last.write_bytes(data[: end - 5] + b"\0" * (len(data) - end + 5))
    (place.wal / "witness").unlink()
    before = everything(place.wal)
    with pytest.raises(JournalTorn):
        place.restart(reports=tmp_path)
    assert everything(place.wal) == before
    assert (told(place)["outcome"], told(place)["damage"]) == ("refused", "torn_tail")
    assert told(place)["step"] == "torn"
    assert "truncate-tail" in (tmp_path / "recovery.txt").read_text()

    assert (
        hash_after(place, mode=Mode.TRUNCATE_TAIL, reports=tmp_path, who="operator", ts=7) == hashes(25)[24]
    )
    report = told(place)
    assert (report["outcome"], report["torn_bytes"], report["seq_last"]) == ("repaired", end - 5 - start, 24)
    assert report["step"] == "folded"  # the venue is asked next
    assert (place.wal / str(report["torn_file"])).read_bytes() == data[start : end - 5]
    repaired = everything(place.wal)
    for mode in (Mode.STRICT, Mode.TRUNCATE_TAIL):
        assert hash_after(place, mode=mode, reports=tmp_path) == hashes(25)[24]
        assert told(place)["outcome"] == "recovered"
    assert everything(place.wal) == repaired


@pytest.mark.ticket("T-100")
def test_rot_in_the_middle_is_refused_with_a_page_that_says_where(tmp_path: Path) -> None:
    place = lived(tmp_path, records(40), every=1_000, segment_bytes=1 << 20)
    path = place.wal / "00000001.wal"
    data = bytearray(path.read_bytes())
    offset = line_ends(bytes(data))[11]
    data[offset + 50] ^= 1
    path.write_bytes(data)
    for one in place.snapshots.iterdir():
        one.unlink()
    before = everything(place.wal)
    for mode in (Mode.STRICT, Mode.TRUNCATE_TAIL):
        with pytest.raises(JournalDamaged) as refusal:
            place.restart(mode=mode, reports=tmp_path)
        assert refusal.value.exit_code is ExitCode.FINDING
        report = told(place)
        assert (report["outcome"], report["damage"], report["state_hash"]) == ("refused", "rot", None)
        assert report["step"] == "chosen"
        assert (report["segment"], report["offset"], report["seq_last"]) == ("00000001.wal", offset, 11)
        assert report["records_later"] == 28
        page = (tmp_path / "recovery.txt").read_text()
        assert f"00000001.wal, byte {offset}" in page
        assert "28 lines of which look like whole records" in page
        assert f"`veracity wal repair {place.wal} --mode salvage`" in page
        assert "Next: send no order." in page
    assert everything(place.wal) == before


@pytest.mark.ticket("T-106")
def test_the_report_lists_the_orders_to_ask_for(tmp_path: Path) -> None:
    script = Script().ticks(100_00).wants("a", 3_000)
    script.hears(acked(script.order))
    place = lived(tmp_path, script.journal.records)
    found = place.restart(reports=tmp_path)
    assert told(place)["orders_open"] == [script.order]
    assert found.state.accounts["a"].positions == {} or all(
        not held.qty for held in found.state.accounts["a"].positions.values()
    )
    assert script.order in (tmp_path / "recovery.txt").read_text()


def test_what_a_refused_start_did_not_read_is_unknown_and_not_nothing(tmp_path: Path) -> None:
    """A page that said "no orders" would be believed at night."""
    script = Script().ticks(100_00).wants("a", 3_000)
    script.hears(acked(script.order))
    place = lived(tmp_path, script.journal.records)
    first = place.wal / "00000001.wal"
    whole = first.read_bytes()
    change(first, line_ends(whole)[2] + 40, b"!")
    with pytest.raises(JournalDamaged):
        place.restart(reports=tmp_path)
    assert told(place)["orders_open"] is None
    page = (tmp_path / "recovery.txt").read_text()
    assert "any order of this run may be open at the venue" in page
    assert f"seq {told(place)['seq_last'] + 1} to {script.state.seq} of it cannot be read" in page

    first.write_bytes(whole)
    first.chmod(0o644)
    with pytest.raises(JournalUnsafe):
        place.restart(reports=tmp_path)
    report, page = told(place), (tmp_path / "recovery.txt").read_text()
    assert (report["damage"], report["acknowledged"], report["orders_open"]) == ("unknown", None, None)
    assert "damage:            unknown: it was refused before this was read" in page
    assert f"`chmod 0600 {first}`; then start again" in page


@pytest.mark.ticket("T-106")
def test_a_fill_that_was_made_while_the_process_was_down_comes_behind_the_head_and_once(
    tmp_path: Path,
) -> None:
    script = Script().ticks(100_00).wants("a", 3_000)
    script.hears(acked(script.order))
    place = lived(tmp_path, script.journal.records)
    head = len(script.journal.records)
    found = place.restart()
    order = found.state.orders[script.order]
    assert (order.state, order.filled, found.start.step) == (State.ACCEPTED, 0, RecoveryStep.FOLDED)
    with pytest.raises(NoSuchTransition):
        found.start.to(RecoveryOn.ANSWER)  # there is no place for an answer yet
    journal = take_over(place.wal, found, RUN_ID, code_version="0.1.0", schema_version=1)
    assert found.start.step is RecoveryStep.TAKEN_OVER  # the venue is asked before anything is sent
    venue = RecordingVenue()
    loop = Loop(
        Engine([player("a").bound]),
        found.state,
        journal,
        venue,
        barrier_before_effects=True,
        journal_facts=True,
    )
    answer = replace(filled(script.order, 3_000), ts=found.state.ts)
    loop.hear(answer)
    loop.hear(answer)
    journal.close()
    again = place.restart(on_event=(events := []).append)
    fills = [event for event in events if isinstance(event, OrderFilled)]
    assert [(fill.order_id, fill.qty, fill.seq > head) for fill in fills] == [(script.order, 3_000, True)]
    assert again.state.accounts["a"].positions["BTCUSDT"].qty == 3_000
    assert venue.effects == []


def test_a_journal_that_another_went_on_in_is_not_taken_over(tmp_path: Path) -> None:
    place = lived(tmp_path, records(25))
    found, others = place.restart(), place.restart()
    other = take_over(place.wal, others, RUN_ID, code_version="0.1.0", schema_version=1)
    other.append(26, b"{}")
    other.close()
    with pytest.raises(JournalUnsafe, match="another process went on in the journal, up to seq 26"):
        take_over(place.wal, found, RUN_ID, code_version="0.1.0", schema_version=1)
    assert (found.start.step, others.start.step) == (RecoveryStep.REFUSED, RecoveryStep.TAKEN_OVER)


def test_an_empty_directory_restarts_to_a_new_state(tmp_path: Path) -> None:
    """F06."""
    (tmp_path / "wal").mkdir(mode=0o700)
    found = Place(tmp_path).restart(reports=tmp_path)
    assert (state_hash(found.state), found.since.seq) == (hashes(1)[0], 0)
    assert told(Place(tmp_path))["outcome"] == "recovered"


def test_another_run_is_not_gone_on_from(tmp_path: Path) -> None:
    place = lived(tmp_path, records(25), every=10)
    with pytest.raises(JournalUnsafe, match=f"the journal is of run {RUN_ID}") as refusal:
        place.restart(run_id="f" * 16, reports=tmp_path)
    assert refusal.value.exit_code is ExitCode.UNSAFE
    assert {one["why"] for one in told(place)["snapshots_passed_over"]} == {f"it is of run {RUN_ID}"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["link", "hard link", "fifo", "directory", "mode"])
def test_a_snapshot_that_is_no_plain_file_of_ours_is_refused_and_not_passed_over(
    tmp_path: Path, kind: str
) -> None:
    """F16, F15: whoever put it there may have put more there."""
    place = lived(tmp_path, records(25), every=10)
    newest, elsewhere = place.snapshots / place.names()[-1], tmp_path / "elsewhere"
    if kind == "hard link":
        elsewhere.hardlink_to(newest)
    elif kind == "mode":
        newest.chmod(0o644)
    else:
        newest.rename(elsewhere)
    if kind == "link":
        newest.symlink_to(elsewhere)
    elif kind == "fifo":
        os.mkfifo(newest, 0o600)
    elif kind == "directory":
        newest.mkdir(mode=0o600)
    with pytest.raises(JournalUnsafe, match=newest.name) as refusal:
        place.restart()
    assert refusal.value.exit_code is ExitCode.UNSAFE

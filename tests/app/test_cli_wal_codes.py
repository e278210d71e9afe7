"""What `wal verify` and `wal replay` answer to a script: exit code, place and hash."""

from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.test_cli_wal import document
from tests.journal.journals import change, everything, line_ends, write_journal
from tests.runtime.test_replay_orders import three_intents, written

FIRST = "00000001.wal"


def forty(directory: Path) -> Path:
    """A journal of forty real events."""
    event = '{"kind":"strategy_stopped","seq":%d,"ts":1,"strategy_id":"a","reason":"told","detail":""}'
    return write_journal(directory, [(seq, (event % seq).encode()) for seq in range(1, 41)])


@pytest.mark.ticket("T-100")
def test_verify_answers_5_with_the_place_of_one_changed_byte_in_record_12_of_40(tmp_path: Path) -> None:
    wal = forty(tmp_path / "wal")
    whole = veracity("wal", "verify", wal, "--json")
    assert (whole.code, document(whole, "wal_verify")["records"]) == (0, 40)
    begins = line_ends((wal / FIRST).read_bytes())[11]
    change(wal / FIRST, begins + 40, b"!")
    before = everything(wal)
    said = veracity("wal", "verify", wal, "--json")
    found = document(said, "wal_verify")
    damage = found["damage"]
    assert (said.code, found["good"], found["records"]) == (5, False, 11)
    assert (damage["segment"], damage["offset"], damage["seq_read"]) == (FIRST, begins, 12)
    assert damage["records_later"] == 28
    assert everything(wal) == before
    for_people = veracity("wal", "verify", wal)
    assert for_people.code == 5
    assert f"record 12 at byte {begins} (seq 12, after seq 11), 28 later records" in for_people.out


@pytest.mark.ticket("T-117")
def test_verify_answers_7_where_others_may_read_or_write_and_0_where_they_may_not(tmp_path: Path) -> None:
    wal = forty(tmp_path / "wal")
    assert veracity("wal", "verify", wal).out.splitlines()[-1] == "whole"
    for path, mode, wanted in ((wal / FIRST, 0o644, 0o600), (wal, 0o770, 0o700)):
        path.chmod(mode)
        said = veracity("wal", "verify", wal, "--json")
        assert said.code == 7
        assert f"mode {mode:04o}, wanted {wanted:04o}" in said.document["message"]
        path.chmod(wanted)
    assert veracity("wal", "verify", wal).code == 0


@pytest.mark.ticket("T-104")
def test_replay_answers_with_the_outcome_of_each_intent_and_the_hash_of_the_run(tmp_path: Path) -> None:
    script = three_intents()
    wal = written(tmp_path / "wal", script.journal.records)
    said = veracity("wal", "replay", wal, "--json")
    found = document(said, "wal_replay")
    assert said.code == 0
    assert (found["state_hash"], found["seq"], found["facts"]) == (script.hash, script.state.seq, 0)
    outcomes = {kind: found["kinds"][kind] for kind in ("intent_created", "order_submitted", "intent_denied")}
    assert outcomes == {"intent_created": 3, "order_submitted": 2, "intent_denied": 1}
    assert f"state hash  {script.hash}" in veracity("wal", "replay", wal).out
    for until in (script.state.seq - 1, script.state.seq - 4):
        before = document(veracity("wal", "replay", wal, "--until", until, "--json"), "wal_replay")
        assert (before["seq"], before["ends"], before["until"]) == (until, "until", until)

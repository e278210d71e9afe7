"""`veracity wal` on real run directories: whole, torn, damaged, growing, and not there."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from tests.app.cli_kit import Said, veracity
from tests.app.real_runs import environment, events_of
from tests.journal.journals import everything, line_ends
from tests.kit.process import PATIENCE_S, SEARCHED

from veracity.app.backtest import RunOutcome
from veracity.domain.events import CheckpointMarked, OrderFilled, OrderSubmitted
from veracity.state.schema import SCHEMA_VERSION

FIRST = "00000001.wal"

WRITER = """
import os, sys, time
from pathlib import Path
from veracity.journal.writer import JournalWriter
journal = JournalWriter.create(Path(sys.argv[1]), "00112233445566ff", code_version="0.1.0", schema_version=1)
for seq in range(1, 4):
    journal.append(seq, b'{"kind":"run_finished","seq":%d,"ts":%d,"reason":"done"}' % (seq, seq))
journal.barrier()
print("ready", flush=True)
for line in sys.stdin:
    seq = int(line)
    journal.append(seq, b'{"kind":"run_finished","seq":%d,"ts":%d,"reason":"more"}' % (seq, seq))
    journal.barrier()
"""


def document(said: Said, schema: str) -> dict[str, Any]:
    """The document that a command printed, of the schema that it should be."""
    content = said.document
    assert content["schema"] == f"veracity.{schema}/1"
    return content


def tear(run: Path) -> int:
    """Take the last three bytes; how many of the last record are left."""
    path = run / "wal" / FIRST
    data = path.read_bytes()
    os.truncate(path, len(data) - 3)
    return len(data) - 3 - line_ends(data)[-2]


def spoil(run: Path, record: int) -> int:
    """Flip a bit in the payload of a record; where that record begins."""
    path = run / "wal" / FIRST
    data = bytearray(path.read_bytes())
    begins = line_ends(bytes(data))[record - 1]
    data[begins + 40] ^= 1
    path.write_bytes(data)
    return begins


# ---------------------------------------------------------------- verify


def test_a_whole_journal_is_whole(small: RunOutcome) -> None:
    events = events_of(small.run_dir)
    said = veracity("wal", "verify", small.run_dir, "--json")
    found = document(said, "wal_verify")
    assert said.code == 0
    assert (found["good"], found["end"], found["writer"], found["damage"]) == (True, "clean", None, None)
    assert (found["records"], found["seq_last"]) == (len(events), events[-1].seq)
    assert found["kinds"]["order_filled"] == sum(isinstance(event, OrderFilled) for event in events) > 0
    assert sum(found["kinds"].values()) == len(events)
    assert veracity("wal", "verify", small.run_dir).out.splitlines()[-1] == "whole"


def test_the_journal_itself_may_be_named(small: RunOutcome) -> None:
    assert veracity("wal", "verify", small.run_dir / "wal").code == 0


def test_a_bit_in_the_middle_is_found_with_its_place(copy: Path) -> None:
    begins = spoil(copy, 9)
    before = everything(copy / "wal")
    said = veracity("wal", "verify", copy, "--json")
    found = document(said, "wal_verify")
    assert (said.code, found["good"], found["end"], found["records"]) == (5, False, "damaged", 8)
    damage = found["damage"]
    assert (damage["segment"], damage["offset"], damage["record"]) == (FIRST, begins, 9)
    assert damage["torn"] is False
    for_people = veracity("wal", "verify", copy)
    assert for_people.code == 5
    assert f"record 9 at byte {begins}" in for_people.out
    assert "DAMAGED" in for_people.out
    assert everything(copy / "wal") == before


def test_a_torn_tail_is_a_finding_that_names_the_repair(copy: Path) -> None:
    tear(copy)
    said = veracity("wal", "verify", copy)
    assert said.code == 5
    assert "DAMAGED     torn_tail" in said.out
    assert f"wal repair {copy}" in said.out


@pytest.mark.parametrize(("mode", "code"), [(0o600, 0), (0o644, 7)])
def test_files_that_others_may_read_are_refused_with_7(copy: Path, mode: int, code: int) -> None:
    (copy / "wal" / FIRST).chmod(mode)
    said = veracity("wal", "verify", copy, "--json")
    assert said.code == code
    if code:
        assert said.document["schema"] == "veracity.error/1"
        assert "mode 0644, wanted 0600" in said.document["message"]


def test_a_record_that_is_no_event_is_found(tmp_path: Path) -> None:
    from tests.journal.journals import write_journal

    records = [(1, b'{"kind":"run_finished","seq":1,"ts":1,"reason":"ok"}'), (2, b"{}")]
    write_journal(tmp_path / "wal", records, schema_version=SCHEMA_VERSION)
    said = veracity("wal", "verify", tmp_path / "wal", "--json")
    assert said.code == 5
    assert document(said, "wal_verify")["unknown"].startswith("record 2 (seq 2) is no event of a known kind")


# ---------------------------------------------------------------- beside a writer


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A journal and the process that writes it; a number on its stdin is one more record."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "wal")],
        env={"PYTHONPATH": SEARCHED},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield tmp_path / "wal", process
        finally:
            process.kill()


def test_verify_takes_no_lock_and_says_who_writes(growing: tuple[Path, subprocess.Popen[str]]) -> None:
    wal, process = growing
    said = veracity("wal", "verify", wal, "--json")
    found = document(said, "wal_verify")
    assert (said.code, found["writer"], found["records"]) == (0, process.pid, 3)
    assert f"process {process.pid} is writing it" in veracity("wal", "verify", wal).out


def test_a_killed_writer_is_no_writer_any_more(growing: tuple[Path, subprocess.Popen[str]]) -> None:
    wal, process = growing
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=PATIENCE_S)
    found = document(veracity("wal", "verify", wal, "--json"), "wal_verify")
    assert (found["good"], found["writer"], found["records"]) == (True, None, 3)


def test_repair_is_refused_while_the_journal_is_written(growing: tuple[Path, subprocess.Popen[str]]) -> None:
    wal, _ = growing
    before = everything(wal)
    said = veracity("wal", "repair", wal)
    assert said.code == 7
    assert "another writer has the journal" in said.err
    assert everything(wal) == before


def test_tail_follows_what_is_written(growing: tuple[Path, subprocess.Popen[str]]) -> None:
    wal, process = growing
    words = [
        sys.executable,
        "-m",
        "veracity.app.cli",
        "wal",
        "tail",
        str(wal),
        "-n",
        "1",
        "--follow",
        "--json",
    ]
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        assert process.stdin is not None
        giving_up = Timer(PATIENCE_S, follower.kill)  # then there is no line to read
        giving_up.start()
        try:
            assert json.loads(follower.stdout.readline())["seq"] == 3
            for seq in (4, 7):
                process.stdin.write(f"{seq}\n")
                process.stdin.flush()
                assert json.loads(follower.stdout.readline())["seq"] == seq
            follower.send_signal(signal.SIGTERM)
            assert follower.wait(timeout=PATIENCE_S) == 143
        finally:
            giving_up.cancel()
            follower.kill()


# ---------------------------------------------------------------- show and tail


def seqs(said: Said) -> list[int]:
    return [event["seq"] for event in document(said, "wal_records")["records"]]


def test_show_filters_by_kind_range_strategy_and_intent(small: RunOutcome) -> None:
    events = events_of(small.run_dir)
    submitted = [event for event in events if isinstance(event, OrderSubmitted)]
    show = ("wal", "show", small.run_dir, "--json")
    assert seqs(veracity(*show)) == [event.seq for event in events]
    assert seqs(veracity(*show, "--kind", "order_submitted")) == [event.seq for event in submitted]
    first, last = submitted[0].seq, submitted[-1].seq
    inside = [event.seq for event in events if first <= event.seq <= last]
    assert seqs(veracity(*show, "--seq", f"{first}..{last}")) == inside
    assert seqs(veracity(*show, "--seq", f"{first}")) == [first]
    order = submitted[0]
    theirs = [event.seq for event in submitted if event.strategy_id == order.strategy_id]
    assert seqs(veracity(*show, "--strategy", order.strategy_id, "--kind", "order_submitted")) == theirs
    assert len(theirs) < len(submitted)
    mine = [event.seq for event in events if getattr(event, "intent_id", None) == order.intent_id]
    assert seqs(veracity(*show, "--corr", order.intent_id)) == mine
    assert len(mine) >= 4  # intent, order, accepted, filled


def test_an_order_belongs_to_its_strategy_in_every_record(small: RunOutcome) -> None:
    """order_accepted names no strategy; its id does."""
    said = veracity("wal", "show", small.run_dir, "--json", "--kind", "order_accepted", "--strategy", "trend")
    accepted = document(said, "wal_records")["records"]
    assert accepted
    assert all(event["order_id"].split("-")[1] == "trend" for event in accepted)


def test_show_speaks_in_decimals(small: RunOutcome) -> None:
    fill = next(event for event in events_of(small.run_dir) if isinstance(event, OrderFilled))
    line = veracity("wal", "show", small.run_dir, "--seq", fill.seq).out
    assert line.split()[0] == str(fill.seq)
    assert "order_filled" in line
    assert f"at {fill.price // 100}.{fill.price % 100:02d}, trade {fill.trade_id}" in line


def test_limit_says_that_there_is_more(small: RunOutcome) -> None:
    said = veracity("wal", "show", small.run_dir, "--json", "--limit", 2)
    assert document(said, "wal_records")["more"] is True
    assert len(seqs(said)) == 2
    assert "--limit 2 stopped here" in veracity("wal", "show", small.run_dir, "--limit", 2).err


def test_tail_shows_the_last(small: RunOutcome) -> None:
    events = events_of(small.run_dir)
    assert seqs(veracity("wal", "tail", small.run_dir, "--json", "-n", 3)) == [
        event.seq for event in events[-3:]
    ]


def test_show_ends_at_the_damage_with_5(copy: Path) -> None:
    spoil(copy, 9)
    said = veracity("wal", "show", copy)
    assert said.code == 5
    assert len(said.out.splitlines()) == 8
    assert "the checksum is wrong: record 9" in said.err
    for_scripts = veracity("wal", "show", copy, "--json")
    shown = document(for_scripts, "wal_records")  # stdout is one document, the error in it
    assert (for_scripts.code, for_scripts.err) == (5, "")
    assert (len(shown["records"]), shown["error"]["code"]) == (8, 5)
    assert shown["error"]["message"] == "the checksum is wrong"
    assert "record 9" in shown["error"]["errors"][0]["why"]
    assert document(veracity("wal", "show", copy, "--json", "--limit", 7), "wal_records")["error"] is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("show", "--kind", "order_fild"), "did you mean order_filled?"),
        (("show", "--seq", "9..3"), "ends before it begins"),
        (("show", "--seq", "a..b"), "write it like 100..200"),
        (("show", "--seq", ".."), "write it like 100..200"),
        (("tail", "-n", "-1"), "-1 is not in the range"),
        (("replay", "--until", "0"), "0 is not in the range"),
    ],
)
def test_wrong_arguments_are_told_with_2(small: RunOutcome, words: tuple[str, ...], why: str) -> None:
    verb, *rest = words
    said = veracity("wal", verb, small.run_dir, *rest)
    assert said.code == 2
    assert why in said.err


@pytest.mark.parametrize("verb", ["verify", "show", "tail", "replay", "repair"])
def test_a_run_that_is_not_there_is_told_with_2(verb: str, tmp_path: Path) -> None:
    said = veracity("wal", verb, "nowhere", "--run-dir", tmp_path, "--json")
    assert (said.code, said.document["code"]) == (2, 2)


# ---------------------------------------------------------------- audit


def test_audit_explains_an_order_from_any_of_its_names(small: RunOutcome) -> None:
    events = events_of(small.run_dir)
    fill = next(event for event in events if isinstance(event, OrderFilled))
    found = document(veracity("wal", "audit", small.run_dir, fill.intent_id, "--json"), "wal_audit")
    assert found["corr_id"] == fill.intent_id
    assert (found["fate"], found["broken"]) == ("filled", [])
    assert found["filled"] == found["qty"] > 0
    kinds = [event["kind"] for event in found["chain"]]
    assert kinds[:4] == ["intent_created", "order_submitted", "order_accepted", "order_filled"]
    fees = [event["amount"] for event in found["chain"] if event["kind"] == "fee_charged"]
    assert found["fees"] == sum(fees)
    assert [event["kind"] for event in found["before"]] == ["run_started", "strategy_started", "mode_changed"]
    for name in (fill.order_id, str(fill.seq), f"trade:{fill.trade_id}"):
        again = document(veracity("wal", "audit", small.run_dir, name, "--json"), "wal_audit")
        assert again["chain"] == found["chain"]


def test_audit_of_an_unknown_id_is_told_with_2(small: RunOutcome) -> None:
    said = veracity("wal", "audit", small.run_dir, "no-such-order")
    assert said.code == 2
    assert "no record has the id 'no-such-order'" in said.err
    said = veracity("wal", "audit", small.run_dir, "1")
    assert said.code == 2
    assert "seq 1 belongs to no intent: it is RunStarted" in said.err


def test_audit_finds_a_chain_that_lacks_a_link(tmp_path: Path) -> None:
    from tests.journal.journals import write_journal

    ids = '"order_id":"00112233-a-2","intent_id":"00112233-a-1"'
    fill = (
        f'{{"kind":"order_filled","seq":5,"ts":5,{ids},"strategy_id":"a","symbol":"BTCUSDT","trade_id":"9",'
        '"side":"buy","price":100,"qty":3,"liquidity":"taker","latency_cost":null,"spread_cost":null,'
        '"impact_cost":null,"rounding_cost":null}'
    )
    write_journal(tmp_path / "wal", [(5, fill.encode())])
    said = veracity("wal", "audit", tmp_path / "wal", "trade:9", "--json")
    assert said.code == 5
    assert document(said, "wal_audit")["broken"] == [
        "no intent_created: nothing says why",
        "a fill without an order of ours",
        "more was filled (3) than ordered (0)",
    ]


# ---------------------------------------------------------------- replay


def test_replay_folds_to_the_state_of_the_run(small: RunOutcome) -> None:
    events = events_of(small.run_dir)
    marked = events[-1]
    assert isinstance(marked, CheckpointMarked)
    found = document(veracity("wal", "replay", small.run_dir, "--json"), "wal_replay")
    assert found["last_checkpoint"] == {"seq": marked.seq, "state_hash": marked.state_hash}
    assert (found["seq"], found["ends"], found["mode"]) == (marked.seq, "clean", "stopped")
    assert found["facts"] == marked.seq - len(events)


def test_replay_until_a_seq_is_the_state_at_that_seq(small: RunOutcome) -> None:
    """Also between two records, where the dataset's facts are: each seq has another state."""
    fill = [event for event in events_of(small.run_dir) if isinstance(event, OrderFilled)][-1]
    hashes = set()
    for until in (fill.seq - 10, fill.seq - 1, fill.seq, fill.seq + 1):
        found = document(veracity("wal", "replay", small.run_dir, "--until", until, "--json"), "wal_replay")
        assert (found["seq"], found["ends"]) == (until, "until")
        assert (fill.order_id in found["open_orders"]) == (until == fill.seq - 1)
        hashes.add(found["state_hash"])
    assert len(hashes) == 4


def test_replay_loads_no_strategy_and_writes_nothing(copy: Path) -> None:
    program = (
        "import sys; from veracity.app.cli.main import cli\n"
        "try: cli(sys.argv[1:])\n"
        "except SystemExit as done: assert done.code == 0, done.code\n"
        "import json; names = [name.split('.') for name in sys.modules]\n"
        "print(json.dumps([name[2] for name in names if name[:2] == ['veracity', 'strategies'] and name[2:]]))"
    )
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-c", program, "wal", "replay", str(copy)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded.isdisjoint({"registry", "momentum", "mean_reversion", "funding_carry", "buy_and_hold"})
    assert "interface" in loaded  # the feed's types
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*")} == before


def test_replay_without_the_run_says_that_the_facts_are_missing(small: RunOutcome, tmp_path: Path) -> None:
    shutil.copytree(small.run_dir / "wal", tmp_path / "wal")
    said = veracity("wal", "replay", tmp_path / "wal")
    assert said.code == 2
    assert "the journal leaves market facts out, and it is not in a run directory" in said.err


def test_replay_refuses_another_dataset_with_4(copy: Path) -> None:
    bars = copy.parent / "bars.parquet"
    import pyarrow.parquet as pq

    table = pq.read_table(bars)
    pq.write_table(table.slice(0, table.num_rows - 1), bars)
    said = veracity("wal", "replay", copy)
    assert said.code == 4
    assert "the dataset is not the one of the run" in said.err


def test_replay_refuses_damage_with_5(copy: Path) -> None:
    spoil(copy, 9)
    assert veracity("wal", "replay", copy).code == 5


# ---------------------------------------------------------------- repair


def test_repair_keeps_the_torn_bytes_aside_and_is_done_once(copy: Path) -> None:
    torn = tear(copy)
    said = veracity("wal", "repair", copy, "--json")
    found = document(said, "wal_repair")
    assert (said.code, found["repaired"], found["damage"]["torn"]) == (0, True, True)
    assert len(Path(found["kept"]).read_bytes()) == torn
    assert veracity("wal", "verify", copy).code == 0
    before = everything(copy / "wal")
    again = document(veracity("wal", "repair", copy, "--json"), "wal_repair")
    assert (again["repaired"], again["kept"]) == (False, None)
    assert "nothing to repair" in veracity("wal", "repair", copy).out
    assert everything(copy / "wal") == before


def test_repair_refuses_damage_and_changes_nothing(copy: Path) -> None:
    spoil(copy, 9)
    before = everything(copy / "wal")
    assert veracity("wal", "repair", copy).code == 5
    assert everything(copy / "wal") == before

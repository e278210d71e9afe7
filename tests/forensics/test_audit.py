"""The audit trail: one line a change of state, in order, and no line can be changed unseen."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest
from tests.forensics.events import RUN, accepted, filled, intent, submitted
from tests.forensics.runs import ROOT, bundled_run, journal, lines
from tests.kit.players import player
from tests.kit.says import acked, cancel_all, cancelled, halt, lost, refused, resume
from tests.kit.says import filled as fills
from tests.kit.script import Script

from veracity.domain.errors import OperatorFault
from veracity.domain.events import IntentDenied, OrderOutcomeUnknown
from veracity.forensics import audit


def scripted_day() -> tuple[Script, dict[str, str]]:
    """Three mode changes and eleven changes of four orders; answers the script and a short name for each order."""
    script = Script(*(player(name) for name in "abcd")).ticks(100_00)  # recovering to running: 1
    script.wants("a", 3)
    first = script.order
    script.hears(acked(first)).hears(fills(first, 1, trade="1")).hears(fills(first, 2, trade="2"))
    script.hears(fills(first, 2, trade="2"))  # a duplicate: dropped, no change
    script.wants("b", 3)
    second = script.order
    script.hears(cancel_all())
    script.hears(acked(second))  # after the cancel: stays cancel_pending
    script.hears(cancelled(second)).hears(fills(second, 1, trade="3"))  # quarantined, no change
    script.wants("c", 3)
    third = script.order
    script.hears(refused(third)).hears(halt()).hears(resume())
    script.wants("d", 3)
    script.hears(lost(script.order))
    return script, {
        first: "first",
        second: "second",
        third: "third",
        script.order: "fourth",
        "engine": "engine",
    }


@pytest.mark.ticket("T-049")
def test_a_day_of_3_mode_changes_and_11_order_changes_leaves_14_lines(tmp_path: Path) -> None:
    script, names = scripted_day()
    path = tmp_path / "audit.jsonl"
    audit.write(script.journal.events, path, script.state.run_id)
    told = lines(path)
    assert [(names[line["subject"]], line["from"], line["to"], line["reason"]) for line in told] == [
        ("engine", "recovering", "running", "run_started"),
        ("first", "created", "submitted", "as_told"),
        ("first", "submitted", "accepted", "accept"),
        ("first", "accepted", "partially_filled", "fill"),
        ("first", "partially_filled", "filled", "fill"),
        ("second", "created", "submitted", "as_told"),
        ("second", "submitted", "cancel_pending", "operator"),
        ("second", "cancel_pending", "cancelled", "cancelled as asked"),
        ("third", "created", "submitted", "as_told"),
        ("third", "submitted", "rejected", "-2010 insufficient balance"),
        ("engine", "running", "halted", "operator: by hand"),
        ("engine", "halted", "running", "operator: checked"),
        ("fourth", "created", "submitted", "as_told"),
        ("fourth", "submitted", "unknown", "no answer within 5 s"),
    ]
    by_seq = {event.seq: event for event in script.journal.events}
    seqs = [line["seq"] for line in told]
    assert seqs == sorted(set(seqs))
    for line in told:
        event = by_seq[line["seq"]]
        assert line["ts"] == event.ts
        assert line["subject"] == getattr(event, "order_id", "engine")


@pytest.mark.ticket("T-049")
def test_the_trail_of_a_run_ends_each_order_as_its_journal_does() -> None:
    run_dir = bundled_run().run_dir
    told = lines(run_dir / "audit.jsonl")
    ends = {line["subject"]: line["to"] for line in told}
    records = journal(run_dir)
    ordered = {record["order_id"]: record["qty"] for record in records if record["kind"] == "order_submitted"}
    traded = dict.fromkeys(ordered, 0)
    for record in records:
        if record["kind"] == "order_filled":
            traded[record["order_id"]] += record["qty"]
    cancelled_ids = {record["order_id"] for record in records if record["kind"] == "order_cancelled"}
    assert len(ordered) > 10
    assert ends == {"engine": "stopped"} | {
        order_id: "cancelled" if order_id in cancelled_ids else "filled" for order_id in ordered
    }
    assert all(traded[order_id] == ordered[order_id] for order_id in ordered if order_id not in cancelled_ids)
    assert audit.verify_chain(run_dir / "audit.jsonl") == len(told)


def test_a_denied_intent_gives_its_reason_to_no_order(tmp_path: Path) -> None:
    denied = IntentDenied(2, 2, intent().intent_id, "sma", "BTCUSDT", "cooldown", "T-256", "wait")
    path = tmp_path / "audit.jsonl"
    audit.write([intent(), denied, submitted(3)], path, RUN)
    assert [line["reason"] for line in lines(path)] == ["submit"]


def test_each_line_carries_the_sum_of_the_line_before(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit.write([intent(), submitted(), accepted(), filled(4)], path, RUN)
    raw = path.read_bytes().splitlines()
    sums = ["0" * 64, *(hashlib.sha256(line).hexdigest() for line in raw)]
    assert [json.loads(line)["prev"] for line in raw] == sums[:3]
    assert audit.verify_chain(path) == 3


@pytest.mark.parametrize(
    ("damage", "line", "why"),
    [
        (lambda raw: [raw[0], raw[1].replace(b"accepted", b"rejected"), *raw[2:]], 3, "it does not follow"),
        (lambda raw: [raw[0], *raw[2:]], 2, "it does not follow"),
        (lambda raw: raw[1:], 1, "it does not follow"),
        (lambda raw: [raw[0], raw[0], *raw[1:]], 2, "it does not follow"),
        (lambda raw: [raw[0], raw[2], raw[1]], 2, "it does not follow"),
        (lambda raw: [raw[0], b"no json", raw[2]], 2, "it is no audit line"),
    ],
    ids=["changed", "removed", "first removed", "put in", "swapped", "no json"],
)
def test_a_line_that_was_tampered_with_is_named(tmp_path: Path, damage, line: int, why: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "audit.jsonl"
    audit.write([intent(), submitted(), accepted(), filled(4)], path, RUN)
    path.write_bytes(b"".join(one + b"\n" for one in damage(path.read_bytes().splitlines())))
    with pytest.raises(OperatorFault) as finding:
        audit.verify_chain(path)
    assert finding.value.exit_code == 5
    assert finding.value.where == f"{path}:{line}"
    assert finding.value.why.startswith(why)


def test_every_line_satisfies_its_schema(tmp_path: Path) -> None:
    schema = json.loads((ROOT / "schemas/logs/audit_line.schema.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    path = tmp_path / "audit.jsonl"
    audit.write(
        [intent(), submitted(), OrderOutcomeUnknown(3, 3, submitted().order_id, intent().intent_id, "?")],
        path,
        RUN,
    )
    told = [*lines(path), *lines(bundled_run().run_dir / "audit.jsonl")]
    assert [error.message for line in told for error in validator.iter_errors(line)] == []
    for bad in ({"seq": 1.5}, {"note": "x"}, {"to": "melted"}, {"prev": "0"}):
        assert list(validator.iter_errors(told[0] | bad)) != []


def test_a_trail_without_a_change_makes_no_file(tmp_path: Path) -> None:
    audit.write([intent()], tmp_path / "audit.jsonl", RUN)
    assert not (tmp_path / "audit.jsonl").exists()
    (tmp_path / "audit.jsonl").touch()
    assert audit.verify_chain(tmp_path / "audit.jsonl") == 0

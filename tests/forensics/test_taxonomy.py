"""The log taxonomy: every kind once, each with a code of its own, and no guessing."""

import re
from pathlib import Path

import pytest
from tests.forensics.events import RUN, accepted, intent, submitted
from tests.forensics.log_schema import document
from tests.forensics.runs import TAXONOMY, bundled_run, lines

from veracity.domain.errors import EngineFault
from veracity.forensics.event_log import EventLog
from veracity.forensics.taxonomy import Entry, Taxonomy, event_kinds, standard

FAMILIES = {"RUN", "MKT", "INT", "ORD", "ACC", "SAF", "FED", "REC", "LOG", "OPS"}


def entries() -> dict[str, Entry]:
    return {kind: standard().entry(kind) for kind in event_kinds()}


@pytest.mark.ticket("T-052")
def test_every_line_carries_its_kind_with_the_code_and_component_of_the_policy() -> None:
    told = {line["kind"]: line for line in lines(bundled_run().run_dir / "events.jsonl")}
    assert len(told) >= 12
    said = {kind: (line["code"], line["component"], line["level"]) for kind, line in told.items()}
    rows = TAXONOMY["kinds"]
    assert said == {kind: (rows[kind]["code"], rows[kind]["component"], rows[kind]["level"]) for kind in told}
    assert len({line["code"] for line in told.values()}) == len(told)
    assert all(re.fullmatch(r"[A-Z]{3}-[0-9]{3}", line["code"]) for line in told.values())


def test_the_door_gives_the_policy_s_entries() -> None:
    assert {kind: entry._asdict() for kind, entry in entries().items()} == {
        kind: {
            "code": row["code"],
            "level": row["level"],
            "component": row["component"],
            "protected": row["class"] == "protected",
            "fields": tuple(row["fields"]),
        }
        for kind, row in TAXONOMY["kinds"].items()
    }


def test_codes_are_unique_and_of_a_known_family() -> None:
    codes = [entry.code for entry in entries().values()]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[A-Z]{3}-[0-9]{3}", code) and code[:3] in FAMILIES for code in codes)


def test_codes_that_were_given_once_are_frozen() -> None:
    """Logs of years are searched by code: a line here may be added, never changed."""
    assert {kind: entry.code for kind, entry in entries().items()} == {
        "run_started": "RUN-001",
        "run_finished": "RUN-002",
        "instrument_listed": "RUN-003",
        "strategy_started": "RUN-004",
        "day_rolled": "RUN-005",
        "checkpoint_marked": "RUN-006",
        "strategy_stopped": "RUN-007",
        "bar_closed": "MKT-001",
        "funding_rate_published": "MKT-002",
        "intent_created": "INT-001",
        "intent_denied": "INT-002",
        "memo_updated": "INT-003",
        "order_submitted": "ORD-001",
        "order_accepted": "ORD-002",
        "order_rejected": "ORD-003",
        "order_filled": "ORD-004",
        "order_cancelled": "ORD-005",
        "order_expired": "ORD-006",
        "order_outcome_unknown": "ORD-007",
        "cancel_requested": "ORD-008",
        "cancel_rejected": "ORD-009",
        "report_refused": "ORD-010",
        "fill_dropped": "ORD-011",
        "fill_quarantined": "ORD-012",
        "fee_charged": "ACC-001",
        "funding_paid": "ACC-002",
        "borrow_charged": "ACC-003",
        "position_liquidated": "ACC-004",
        "mode_changed": "SAF-001",
        "denial_rehearsed": "INT-004",
        "volatility_watched": "SAF-010",
        "volatility_changed": "SAF-011",
        "regime_watched": "SAF-020",
        "regime_changed": "SAF-021",
        "aux_updated": "MKT-003",
        "fill_adopted": "ORD-013",
        "fill_discarded": "ORD-014",
        "command_refused": "SAF-002",
        "command_received": "SAF-012",
        "drift_found": "REC-001",
        "drift_cleared": "REC-002",
        "clock_checked": "SAF-003",
        "exit_begun": "SAF-004",
        "exit_ended": "SAF-005",
        "venue_called": "FED-001",
        "breaker_changed": "SAF-006",
        "feed_changed": "FED-002",
    }


@pytest.mark.ticket("T-052")
def test_a_missing_an_extra_and_a_doubled_entry_are_refused() -> None:
    good = entries()
    without = {kind: entry for kind, entry in good.items() if kind != "order_filled"}
    with pytest.raises(EngineFault, match="differ in: order_filled"):
        Taxonomy(without)
    with pytest.raises(EngineFault, match="differ in: order_melted"):
        Taxonomy(good | {"order_melted": good["order_filled"]._replace(code="ORD-099")})
    with pytest.raises(EngineFault, match="two kinds have the log code ORD-004"):
        Taxonomy(good | {"order_accepted": good["order_filled"]})


@pytest.mark.ticket("T-052")
def test_an_unknown_kind_raises_instead_of_getting_a_guessed_code(tmp_path: Path) -> None:
    with pytest.raises(EngineFault, match="no entry for 'order_melted'"):
        standard().entry("order_melted")

    class Melted(type(accepted()), frozen=True, tag_field="kind", tag="order_melted"):  # type: ignore[misc]
        pass

    log = EventLog(tmp_path / "events.jsonl", RUN)
    with pytest.raises(EngineFault, match="no entry for 'order_melted'"):
        log.emit(Melted(3, 3, "o", "i", "v"))
    log.close()
    assert not (tmp_path / "events.jsonl").exists()


def test_only_market_data_and_memory_may_be_left_out_under_pressure() -> None:
    assert {kind for kind, entry in entries().items() if not entry.protected} == {
        "bar_closed",
        "funding_rate_published",
        "aux_updated",
        "memo_updated",
        "venue_called",
    }


def test_a_kind_whose_level_the_policy_lowers_leaves_the_event_log(tmp_path: Path) -> None:
    quiet = entries()
    quiet["intent_created"] = quiet["intent_created"]._replace(level="DEBUG")
    with EventLog(tmp_path / "events.jsonl", RUN, taxonomy=Taxonomy(quiet)) as log:
        log.emit(intent())
        log.emit(submitted())
    assert (tmp_path / "events.jsonl").read_text(encoding="utf-8").count("\n") == 1


def test_a_notice_has_a_code_of_its_own_and_the_fields_that_its_schema_lists() -> None:
    notices = {kind: standard().notice(kind) for kind in TAXONOMY["notices"]}
    assert {kind: entry.code for kind, entry in notices.items()} == {
        "recovery_finished": "REC-003",
        "run_failed": "RUN-008",
        "snapshot_written": "REC-004",
        "wal_torn_tail": "REC-005",
    }
    definitions = document("logs/event_line.schema.json")["$defs"]
    for kind, entry in notices.items():
        assert tuple(definitions[kind]["required"]) == entry.fields
    with pytest.raises(EngineFault, match="no notice 'order_filled'"):
        standard().notice("order_filled")

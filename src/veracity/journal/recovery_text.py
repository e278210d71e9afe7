"""The page of a recovery for the person who has to act on it."""

from typing import Final

from veracity.domain.recovery_models import RecoveryReport

VERDICTS: Final = {
    "recovered": "Recovered: the journal is whole, and the run goes on.",
    "repaired": "Repaired: the last write was never finished. It was set aside, nothing acknowledged is lost, and the run goes on.",
    "refused": "REFUSED: the run does not start, nothing was sent, and no record was changed.",
}
UNKNOWN: Final = "unknown: it was refused before this was read"


def page(report: RecoveryReport) -> str:
    """The report in lines of text: the verdict first, what to do last."""
    rows = [
        ("step reached", f"{report.step} (mode {report.mode})"),
        ("damage", report.damage if report.damage != "unknown" else UNKNOWN),
        ("where", report.fault or "nowhere"),
        ("last good record", _place(report)),
        ("acknowledged", _acknowledged(report)),
        ("not believed", _not_believed(report)),
        ("set aside", f"{report.torn_bytes} bytes in {report.torn_file}" if report.torn_file else "nothing"),
        ("snapshot", _snapshot(report)),
        *(("passed over", f"{one.name}: {one.why}") for one in report.snapshots_passed_over),
        (
            "records",
            f"{report.records_read} {'folded' if report.state_hash else 'read and good, none folded'}",
        ),
        ("state hash", report.state_hash or "unknown: nothing was folded"),
        ("orders to ask for", _orders(report)),
    ]
    head = [f"Recovery of {report.wal}", VERDICTS[report.outcome], ""]
    lines = [f"{name + ':':<19}{value}" for name, value in rows]
    return "\n".join([*head, *lines, "", f"Next: {report.next_step}", ""])


def _place(report: RecoveryReport) -> str:
    if report.damage == "unknown":
        return UNKNOWN
    place = f"{report.segment}, byte {report.offset}" if report.segment else "there is no segment"
    return f"seq {report.seq_last} ({place})" if report.seq_last else f"none ({place})"


def _acknowledged(report: RecoveryReport) -> str:
    if report.acknowledged is None:
        return UNKNOWN if report.damage == "unknown" else "unknown: there is no witness"
    lost = report.acknowledged - report.seq_last
    missing = f"; seq {report.seq_last + 1} to {report.acknowledged} of it cannot be read" if lost > 0 else ""
    return f"at least up to seq {report.acknowledged}{missing}"


def _not_believed(report: RecoveryReport) -> str:
    if report.damage == "unknown":
        return UNKNOWN
    if report.outcome != "refused" or report.damage == "none":
        return (
            "nothing" if not report.torn_bytes else f"the {report.torn_bytes} bytes of the unfinished write"
        )
    return f"all behind the last good record, {report.records_later} lines of which look like whole records"


def _snapshot(report: RecoveryReport) -> str:
    if report.snapshot is not None:
        return f"{report.snapshot} (seq {report.snapshot_seq})"
    return "none: folded from the first record" if report.state_hash else "none was used"


def _orders(report: RecoveryReport) -> str:
    if report.orders_open is None:
        return "unknown: nothing was folded, so any order of this run may be open at the venue"
    return ", ".join(report.orders_open) or "none"

"""The page of a recovery for the person who has to act on it."""

from veracity.domain.recovery_models import RecoveryReport


def page(report: RecoveryReport) -> str:
    """The report in lines of text, what to do last."""
    lines = [f"Recovery of {report.wal}: {report.outcome} (mode {report.mode})", ""]
    snapshot = (
        f"{report.snapshot} (seq {report.snapshot_seq})"
        if report.snapshot
        else "none: folded from the first record"
    )
    rows = [
        ("step reached", report.step),
        ("damage", report.damage),
        ("where", report.fault or "nowhere"),
        ("ended in", f"{report.segment or 'no segment'}, byte {report.offset}"),
        ("last record", f"seq {report.seq_last}"),
        ("acknowledged", f"up to seq {report.acknowledged}" if report.acknowledged else "no witness"),
        ("set aside", f"{report.torn_bytes} bytes in {report.torn_file}" if report.torn_file else "nothing"),
        ("lost behind it", f"{report.records_later} lines that look like records"),
        ("snapshot", snapshot),
        *(("passed over", f"{one.name}: {one.why}") for one in report.snapshots_passed_over),
        ("records folded", str(report.records_read)),
        ("state hash", report.state_hash or "none"),
        ("orders to ask for", ", ".join(report.orders_open) or "none"),
    ]
    lines += [f"{name + ':':<19}{value}" for name, value in rows]
    return "\n".join([*lines, "", f"Next: {report.next_step}", ""])

"""One ingest: read, log what is worth a line, and store, or refuse with every reason (`veracity data ingest`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from veracity.data.ingest import Collected, Wanted, collect, publish
from veracity.data.manifest import FileEntry
from veracity.domain.errors import OperatorFaults
from veracity.forensics.line_file import harmless

LOG_SCHEMA: Final = "veracity.ingest_line/1"


def ingest(
    wanted: Wanted,
    out: Path,
    log: Path | None = None,
    threads: int = 1,
    heard: Callable[[int, int], None] | None = None,
) -> tuple[FileEntry, Collected]:
    """Make the dataset `out`; its entry in the manifest, and what was collected for it.

    The log, `out` with `.log.jsonl` behind its name where none is given, tells each gap and each file whose columns are others;
    it is written whether the files are accepted or not. Raises OperatorFaults (exit code 4) where any file is refused, and then
    there is no `out`; OperatorFault as `collect` and `publish` do.
    """
    collected = collect(wanted, threads, heard)
    _write_log(log or out.with_name(f"{out.name}.log.jsonl"), collected.records)
    if collected.faults:
        raise OperatorFaults.of(list(collected.faults))
    return publish(collected, out), collected


def _write_log(path: Path, records: tuple[dict[str, Any], ...]) -> None:
    """A line a record; a log that is there goes on."""
    if not records:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [msgspec.json.encode({"schema": LOG_SCHEMA, **record}) for record in records]
    with path.open("ab") as file:
        file.write(harmless(b"\n".join([*lines, b""])))

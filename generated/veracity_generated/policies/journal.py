# Generated from specs/policies/journal.yaml.
# Do not edit: change the source, then run `make gen`.
"""The numbers of the journal: caps, sizes, cadences."""

from typing import Final, NamedTuple


class JournalPolicy(NamedTuple):
    """How large, how often, how many."""

    payload_bytes_max: int
    segment_bytes: int
    preallocate_bytes: int
    reserve_bytes: int
    low_water_bytes: int
    slow_sync_ms: int
    witness_records: int
    snapshot_events: int
    snapshots_kept: int
    scrub_bytes_per_second: int


JOURNAL: Final = JournalPolicy(
    payload_bytes_max=1048576,
    segment_bytes=67108864,
    preallocate_bytes=1048576,
    reserve_bytes=1048576,
    low_water_bytes=268435456,
    slow_sync_ms=1000,
    witness_records=1000,
    snapshot_events=100000,
    snapshots_kept=3,
    scrub_bytes_per_second=33554432,
)

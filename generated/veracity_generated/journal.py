# Generated from schemas/journal/ by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The records of schemas/journal/ and their union."""

from typing import Annotated, TypeAlias

from msgspec import Meta
from veracity_generated.base import Record

from .common import RunId, Seq


class SegmentOpened(Record, frozen=True, tag_field="kind", tag="segment_opened"):
    """First record of a journal segment."""

    format_version: Annotated[int, Meta(description="Version of the journal format.", ge=1, le=1000000)]
    run_id: RunId
    segment: Annotated[
        int, Meta(description="Number of the segment in its run; the first is 1.", ge=1, le=1000000000)
    ]
    seq_first: Annotated[Seq, Meta(description="First seq that this segment may hold.")]
    chain: Annotated[
        str,
        Meta(
            description="Chain value of the previous segment's last record, 8 hex digits; zeros for the first.",
            extra={"pattern": "^[0-9a-f]{8}\\Z"},
        ),
    ]
    code_version: Annotated[str, Meta(description="Version of the code that wrote it.", max_length=64)]
    schema_version: Annotated[int, Meta(description="Version of the event schemas.", ge=1, le=1000000)]


JournalRecord: TypeAlias = SegmentOpened

# Generated from schemas/reports/wal_compact.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_compact.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr


class WalCompact(BaseModel):
    """What `veracity wal compact --json` prints."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_compact/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.wal_compact/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    snapshot: Annotated[
        StrictStr | None,
        Field(
            description="The snapshot that covers what was removed; null where the run goes on from all its records."
        ),
    ]
    removed: Annotated[tuple[StrictStr, ...], Field(description="Segments that are gone, oldest first.")]
    kept: Annotated[dict[str, StrictStr], Field(description="Why each of the rest stays, by segment.")]
    compressed: Annotated[
        tuple[StrictStr, ...], Field(description="Segments that stay and were compressed now, oldest first.")
    ]

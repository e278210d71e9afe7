# Generated from schemas/reports/wal_scrub.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_scrub.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr


class ScrubFinding(BaseModel):
    """A bad file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="The file.")]
    offset: Annotated[StrictInt, Field(description="Where in it, as it was written.", ge=0)]
    what: Annotated[StrictStr, Field(description="What is wrong.")]


class WalScrub(BaseModel):
    """What `veracity wal scrub --json` prints."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_scrub/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.wal_scrub/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    segments: Annotated[StrictInt, Field(description="Closed segments that were read.", ge=0)]
    snapshots: Annotated[StrictInt, Field(description="Snapshots that were read.", ge=0)]
    records: Annotated[StrictInt, Field(description="Records in the segments.", ge=0)]
    bytes: Annotated[StrictInt, Field(description="Bytes that were read.", ge=0)]
    findings: Annotated[tuple[ScrubFinding, ...], Field(description="Every bad file.")]

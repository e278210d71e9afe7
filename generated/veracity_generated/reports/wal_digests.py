# Generated from schemas/reports/wal_digests.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_digests.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr


class Act(BaseModel):
    """What an operator did."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    act: Annotated[StrictStr, Field(description="repair, compaction, upgrade or resume.")]
    who: Annotated[StrictStr, Field(description="Who did it.")]
    ts: Annotated[StrictInt, Field(description="When, nanoseconds UTC; 0 where nobody said.", ge=0)]
    seq_first: Annotated[StrictInt, Field(description="First seq that it is about.", ge=0)]
    seq_last: Annotated[StrictInt, Field(description="Last seq that it is about.", ge=0)]


class AuditFinding(BaseModel):
    """A disagreement."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="The file.")]
    what: Annotated[StrictStr, Field(description="What is wrong.")]


class WalDigests(BaseModel):
    """What `veracity wal audit RUN --json` prints without an id: the chain of digests against the files."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_digests/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.wal_digests/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    digests: Annotated[StrictInt, Field(description="Lines of the chain.", ge=0)]
    acts: Annotated[tuple[Act, ...], Field(description="What operators did, oldest first.")]
    findings: Annotated[
        tuple[AuditFinding, ...], Field(description="Every disagreement between the chain and the files.")
    ]

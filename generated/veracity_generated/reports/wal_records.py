# Generated from schemas/reports/wal_records.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_records.schema.json."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr


class Ended(BaseModel):
    """The fault with which reading ended, as veracity.error/1 has it (docs/exit-codes.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: Annotated[StrictInt, Field(description="Exit code of the command.")]
    message: Annotated[StrictStr, Field(description="What is wrong.")]
    errors: Annotated[tuple[dict[str, Any], ...], Field(description="Each fault: where, what, why, hint.")]


class Recorded(BaseModel):
    """An event as it was recorded (schemas/events/)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WalRecords(BaseModel):
    """What `veracity wal show` and `tail` print with --json: records as they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_records/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.wal_records/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    records: Annotated[tuple[Recorded, ...], Field(description="The records that were selected, in order.")]
    more: Annotated[StrictBool, Field(description="Whether --limit left some out.")]
    error: Annotated[
        Ended | None, Field(description="Why the records end where they do; null where they were all read.")
    ]

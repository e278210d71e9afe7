# Generated from schemas/reports/wal_audit.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_audit.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr


class Recorded(BaseModel):
    """An event as it was recorded (schemas/events/)."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WalAudit(BaseModel):
    """What `veracity wal audit RUN ID --json` prints: the chain of records of one intent."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_audit/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.wal_audit/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    corr_id: Annotated[
        StrictStr, Field(description="The intent, which is the correlation id of all that followed.")
    ]
    fate: Annotated[StrictStr, Field(description="What became of it, in words.")]
    qty: Annotated[
        StrictInt,
        Field(description="Quantity ordered, in units of the instrument; 0 where no order was made.", ge=0),
    ]
    filled: Annotated[StrictInt, Field(description="Quantity filled, in units of the instrument.", ge=0)]
    fees: Annotated[StrictInt, Field(description="Fees, in units of 10^-8 of the account's currency.")]
    broken: Annotated[
        tuple[StrictStr, ...], Field(description="Links that a whole chain has and this one lacks.")
    ]
    before: Annotated[
        tuple[Recorded, ...], Field(description="What it was decided in: run, strategy, newest mode and bar.")
    ]
    chain: Annotated[
        tuple[Recorded, ...], Field(description="The records of the intent and its order, in order.")
    ]

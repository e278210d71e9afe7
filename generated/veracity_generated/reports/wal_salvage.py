# Generated from schemas/reports/wal_salvage.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_salvage.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from typing_extensions import TypeAliasType

SeqRead = TypeAliasType(
    "SeqRead",
    Annotated[
        StrictInt,
        Field(description="What the bad record says of itself; null where that cannot be read.", ge=0),
    ],
)


class Damage(BaseModel):
    """Where a journal stops being good."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    what: Annotated[StrictStr, Field(description="What is wrong.")]
    torn: Annotated[
        StrictBool, Field(description="Whether it is only a last record that was never finished.")
    ]
    segment: Annotated[StrictStr, Field(description="File in which reading ended.")]
    offset: Annotated[
        StrictInt, Field(description="Byte in that file where the first bad record begins.", ge=0)
    ]
    record: Annotated[
        StrictInt,
        Field(
            description="Number of that record in the journal, heads not counted; 0 for a segment's head.",
            ge=0,
        ),
    ]
    seq_after: Annotated[
        StrictInt, Field(description="Last good seq before it; 0 where there is none.", ge=0)
    ]
    seq_read: Annotated[
        SeqRead | None,
        Field(description="What the bad record says of itself; null where that cannot be read."),
    ]
    records_later: Annotated[
        StrictInt, Field(description="Lines behind it that still look like records.", ge=0)
    ]


class Stray(BaseModel):
    """A line that looks like a record."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    segment: Annotated[StrictStr, Field(description="The file.")]
    seq: Annotated[StrictInt, Field(description="The seq that it states.", ge=0)]
    payload: Annotated[StrictStr, Field(description="What it says.")]


class WalSalvage(BaseModel):
    """What `veracity wal repair --mode salvage --json` prints: what is left of a damaged journal, for a person to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_salvage/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.wal_salvage/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    records: Annotated[StrictInt, Field(description="Good records before the damage.", ge=0)]
    seq_last: Annotated[StrictInt, Field(description="Seq of the last of them.", ge=0)]
    damage: Annotated[
        Damage | None, Field(description="Where the journal stops being good; null where it does not.")
    ]
    strays: Annotated[
        tuple[Stray, ...],
        Field(description="What stands behind the damage and looks like records. Nothing proves them."),
    ]

# Generated from schemas/reports/wal_verify.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_verify.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from typing_extensions import TypeAliasType


class BadFile(BaseModel):
    """A file that is not as it was written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="The file.")]
    why: Annotated[StrictStr, Field(description="What is wrong with it.")]


DamageClass = TypeAliasType(
    "DamageClass",
    Annotated[
        Literal["none", "torn_tail", "rot", "gap", "foreign"],
        Field(description="Kinds of damage.", title="DamageClass"),
    ],
)


End = TypeAliasType(
    "End",
    Annotated[Literal["clean", "torn", "damaged"], Field(description="How a journal ends.", title="End")],
)


FormatVersion = TypeAliasType(
    "FormatVersion", Annotated[StrictInt, Field(description="Version of the journal's format.", ge=1)]
)


KindsAdditionalProperty = TypeAliasType("KindsAdditionalProperty", Annotated[StrictInt, Field(ge=0)])


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


Writer = TypeAliasType(
    "Writer",
    Annotated[StrictInt, Field(description="Process that writes it now; null where nobody does.", ge=1)],
)


class WalVerify(BaseModel):
    """What `veracity wal verify --json` prints: whether every byte of a journal is as its writer wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_verify/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.wal_verify/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    good: Annotated[
        StrictBool,
        Field(
            description="Whether nothing is wrong; a last record that its writer is writing now is nothing wrong."
        ),
    ]
    end: Annotated[End, Field(description="How the journal ends.")]
    writer: Annotated[Writer | None, Field(description="Process that writes it now; null where nobody does.")]
    run_id: Annotated[
        StrictStr | None,
        Field(description="Run that the journal is of; null where no segment has a good head."),
    ]
    format_version: Annotated[FormatVersion | None, Field(description="Version of the journal's format.")]
    segments: Annotated[StrictInt, Field(description="Segments with a good head.", ge=0)]
    records: Annotated[StrictInt, Field(description="Good records, heads not counted.", ge=0)]
    seq_last: Annotated[StrictInt, Field(description="Seq of the last of them; 0 where there is none.", ge=0)]
    chain: Annotated[
        StrictStr, Field(description="Chain value of the last good record.", pattern="^[0-9a-f]{8}$")
    ]
    bytes: Annotated[StrictInt, Field(description="Size of all segments.", ge=0)]
    kinds: Annotated[dict[str, KindsAdditionalProperty], Field(description="Records by kind of event.")]
    unknown: Annotated[
        StrictStr | None,
        Field(description="The first record that is no event of a known kind; null where each is one."),
    ]
    acknowledged: Annotated[
        StrictInt,
        Field(
            description="Seq of the last record that the witness saw acknowledged; 0 without a witness.", ge=0
        ),
    ]
    class_: Annotated[
        DamageClass,
        Field(
            alias="class",
            description="What is wrong with the records, by the break, the bytes behind it and the witness.",
        ),
    ]
    snapshots: Annotated[StrictInt, Field(description="Snapshots that prove themselves.", ge=0)]
    bad_files: Annotated[
        tuple[BadFile, ...],
        Field(description="Snapshots and closed segments that are not as they were written."),
    ]
    damage: Annotated[Damage | None, Field(description="Where it stops being good; null where it does not.")]

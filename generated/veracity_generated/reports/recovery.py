# Generated from schemas/reports/recovery.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/recovery.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr
from typing_extensions import TypeAliasType

from ..document_types import Hash, OrderId

Acknowledged = TypeAliasType(
    "Acknowledged",
    Annotated[
        StrictInt,
        Field(
            description="Seq of the last record that the witness saw acknowledged; null without a witness, or where it was not read.",
            ge=1,
        ),
    ],
)


DamageKind = TypeAliasType(
    "DamageKind",
    Annotated[
        Literal["unknown", "none", "torn_tail", "rot", "gap", "foreign"],
        Field(description="What was wrong with the journal.", title="DamageKind"),
    ],
)


class PassedOver(BaseModel):
    """One snapshot that was not used."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="File name.")]
    why: Annotated[StrictStr, Field(description="Why it was not used.")]


RecoveryMode = TypeAliasType(
    "RecoveryMode",
    Annotated[
        Literal["strict", "truncate-tail", "salvage"],
        Field(description="How it was recovered.", title="RecoveryMode"),
    ],
)


RecoveryOutcome = TypeAliasType(
    "RecoveryOutcome",
    Annotated[
        Literal["recovered", "repaired", "refused"],
        Field(description="What came of it.", title="RecoveryOutcome"),
    ],
)


class RecoveryReport(BaseModel):
    """recovery.json: what a recovery found, did and advises; written by every recovery, a refused one too."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.recovery/2"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.recovery/2"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    mode: Annotated[RecoveryMode, Field(description="How it was recovered.")]
    outcome: Annotated[RecoveryOutcome, Field(description="What came of it.")]
    step: Annotated[
        StrictStr,
        Field(
            description="The step that was reached (specs/machines/recovery.yaml); a refusal came on the way to the next."
        ),
    ]
    damage: Annotated[
        DamageKind,
        Field(
            description="What was wrong with the journal; unknown where the start was refused before it was read."
        ),
    ]
    fault: Annotated[
        StrictStr | None,
        Field(
            description="The damage in words, with segment, byte offset, record and seq; null where there was none."
        ),
    ]
    segment: Annotated[
        StrictStr, Field(description="File in which reading ended; empty where there was none.")
    ]
    offset: Annotated[
        StrictInt, Field(description="In that file, of the first byte behind the last good record.", ge=0)
    ]
    seq_last: Annotated[
        StrictInt, Field(description="Seq of the last good record; 0 where there was none.", ge=0)
    ]
    acknowledged: Annotated[
        Acknowledged | None,
        Field(
            description="Seq of the last record that the witness saw acknowledged; null without a witness, or where it was not read."
        ),
    ]
    torn_bytes: Annotated[StrictInt, Field(description="Bytes of the write that was never finished.", ge=0)]
    torn_file: Annotated[
        StrictStr | None, Field(description="Where a repair keeps them; null where nothing was set aside.")
    ]
    records_read: Annotated[
        StrictInt,
        Field(
            description="Good records that were read, behind the snapshot that the fold begins at; folded unless it is refused.",
            ge=0,
        ),
    ]
    records_later: Annotated[
        StrictInt,
        Field(
            description="Lines behind the damage that still look like records: what is lost with it.", ge=0
        ),
    ]
    snapshot: Annotated[
        StrictStr | None,
        Field(
            description="File name of the snapshot that the state was taken from; null where all records were folded."
        ),
    ]
    snapshot_seq: Annotated[StrictInt, Field(description="Its seq; 0 without one.", ge=0)]
    snapshots_passed_over: Annotated[
        tuple[PassedOver, ...], Field(description="Newer snapshots that could not be used.")
    ]
    state_hash: Annotated[
        Hash | None, Field(description="Hash of the recovered state; null where there is none.")
    ]
    orders_open: Annotated[
        tuple[OrderId, ...] | None,
        Field(
            description="Orders whose end is not known: the venue is asked for each before anything is sent. Null where nothing was folded: any order of the run may be open."
        ),
    ]
    next_step: Annotated[StrictStr, Field(description="What to do now.")]

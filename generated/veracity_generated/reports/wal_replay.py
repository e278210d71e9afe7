# Generated from schemas/reports/wal_replay.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_replay.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr
from typing_extensions import TypeAliasType


class Checkpoint(BaseModel):
    """A recorded state hash."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    seq: Annotated[StrictInt, Field(description="Seq of the record.", ge=0)]
    state_hash: Annotated[
        StrictStr, Field(description="Hash of the state before it.", pattern="^[0-9a-f]{64}$")
    ]


Ends = TypeAliasType(
    "Ends",
    Annotated[Literal["clean", "torn", "until"], Field(description="Why a replay stopped.", title="Ends")],
)


KindsAdditionalProperty = TypeAliasType("KindsAdditionalProperty", Annotated[StrictInt, Field(ge=0)])


Until = TypeAliasType(
    "Until",
    Annotated[StrictInt, Field(description="Where the replay was asked to stop; null for the end.", ge=1)],
)


class WalReplay(BaseModel):
    """What `veracity wal replay --json` prints: what a journal folds to."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_replay/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.wal_replay/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    run_id: Annotated[
        StrictStr, Field(description="Run that the journal is of; empty where nothing was recorded.")
    ]
    until: Annotated[Until | None, Field(description="Where the replay was asked to stop; null for the end.")]
    ends: Annotated[
        Ends, Field(description="Why it stopped: the end, a record that was never finished, or --until.")
    ]
    seq: Annotated[StrictInt, Field(description="Last seq in the state.", ge=0)]
    state_hash: Annotated[StrictStr, Field(description="Hash of the state.", pattern="^[0-9a-f]{64}$")]
    mode: Annotated[StrictStr, Field(description="The engine's mode.")]
    mode_reason: Annotated[StrictStr, Field(description="Why it is in that mode.")]
    kinds: Annotated[dict[str, KindsAdditionalProperty], Field(description="Records by kind of event.")]
    facts: Annotated[StrictInt, Field(description="Market facts that came from the dataset.", ge=0)]
    checkpoints: Annotated[
        StrictInt, Field(description="Checkpoints whose hash was compared, and was equal.", ge=0)
    ]
    last_checkpoint: Annotated[
        Checkpoint | None, Field(description="The last of them; null where there is none.")
    ]
    open_orders: Annotated[tuple[StrictStr, ...], Field(description="Ids of the orders that are not done.")]

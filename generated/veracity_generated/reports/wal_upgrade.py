# Generated from schemas/reports/wal_upgrade.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/wal_upgrade.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr


class WalUpgrade(BaseModel):
    """What `veracity wal upgrade --json` prints."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.wal_upgrade/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.wal_upgrade/1"
    wal: Annotated[StrictStr, Field(description="The journal's directory.")]
    version_before: Annotated[StrictInt, Field(description="Format version that the journal had.", ge=0)]
    version_after: Annotated[StrictInt, Field(description="Format version that it has.", ge=0)]
    records: Annotated[
        StrictInt, Field(description="Records that were rewritten; 0 where nothing was to do.", ge=0)
    ]
    backup: Annotated[
        StrictStr | None, Field(description="The old journal, byte for byte; null where nothing was to do.")
    ]

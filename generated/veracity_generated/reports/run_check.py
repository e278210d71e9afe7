# Generated from schemas/reports/run_check.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/reports/run_check.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr


class SealFinding(BaseModel):
    """One file that is not what the end marker says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="Its path in the run's directory.")]
    what: Annotated[StrictStr, Field(description="What is the matter with it.")]


class RunCheck(BaseModel):
    """What `veracity run check --json` prints: a run that ended against its end marker."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.run_check/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.run_check/1"
    run_dir: Annotated[StrictStr, Field(description="The run's directory.")]
    good: Annotated[StrictBool, Field(description="Whether every file is what it was when the run ended.")]
    marker: Annotated[StrictStr, Field(description="The end marker: SEALED or FAILED.")]
    files: Annotated[StrictInt, Field(description="Files that the end marker names.", ge=0)]
    audit_lines: Annotated[StrictInt, Field(description="Lines of the audit trail whose chain holds.", ge=0)]
    findings: Annotated[tuple[SealFinding, ...], Field(description="Every file that is not as it was.")]

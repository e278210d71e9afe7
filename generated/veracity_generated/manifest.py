# Generated from schemas/manifest.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/manifest.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from typing_extensions import TypeAliasType

from .document_types import Hash, Rule, RunId, StrategyId, Symbol, Ts

HashOrUnknown = TypeAliasType(
    "HashOrUnknown",
    Annotated[
        StrictStr,
        Field(description="SHA-256 in lower-case hex, or `unknown`.", pattern="^([0-9a-f]{64}|unknown)$"),
    ],
)


class PackageVersion(BaseModel):
    """One piece of software that the run used."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="Name of the package.", min_length=1)]
    version: Annotated[StrictStr, Field(description="Its version, or `unknown`.", min_length=1)]


RunMode = TypeAliasType(
    "RunMode",
    Annotated[
        Literal["backtest", "paper", "live"],
        Field(
            description="Where orders go: into the simulator on recorded data, into the simulator on live data, to the venue."
        ),
    ],
)


SeriesName = TypeAliasType(
    "SeriesName",
    Annotated[
        StrictStr,
        Field(
            description="Bars, funding settlements, or the name of a series beside them.",
            pattern="^[a-z][a-z0-9_]{0,31}$",
        ),
    ],
)


class DataFile(BaseModel):
    """One file of market data, and what of it the run used."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    symbol: Annotated[Symbol, Field(description="Instrument that it belongs to.")]
    series: Annotated[
        SeriesName,
        Field(description="What it holds: bars, funding settlements, or the name of a series beside them."),
    ]
    file: Annotated[StrictStr, Field(description="Name of the file.", min_length=1)]
    rows: Annotated[StrictInt, Field(description="Number of rows used.", ge=0, le=9223372036854775807)]
    first_ts: Annotated[
        Ts | None, Field(description="Stamp of the first row used, nanoseconds UTC; null without a row.")
    ]
    last_ts: Annotated[
        Ts | None, Field(description="Stamp of the last row used, nanoseconds UTC; null without a row.")
    ]


class StrategyVersion(BaseModel):
    """Which code of a strategy ran with which parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="Name in the run.")]
    strategy: Annotated[Rule, Field(description="Name in the strategy registry.")]
    version: Annotated[StrictInt, Field(description="Version of the strategy's code.", ge=1, le=1000000)]
    config_hash: Annotated[Hash, Field(description="Hash of the strategy's resolved parameters.")]


class Manifest(BaseModel):
    """manifest.json: what a run is made of. Written once, before the first event; never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.manifest/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.manifest/1"
    run_id: Annotated[RunId, Field(description="Hash of config, dataset, code and seed.")]
    mode: Annotated[RunMode, Field(description="What kind of run it is.")]
    label: Annotated[
        StrictStr,
        Field(
            description="Name of the run, part of its directory's name.", pattern="^[a-z0-9][a-z0-9-]{0,31}$"
        ),
    ]
    created_ts: Annotated[
        Ts,
        Field(
            description="When the run began, nanoseconds UTC by the wall clock. The only value here that a repeated run changes."
        ),
    ]
    seed: Annotated[
        StrictInt, Field(description="Seed of every random choice of the run.", ge=0, le=9223372036854775807)
    ]
    config_hash: Annotated[
        Hash,
        Field(
            description="Hash of the resolved config's canonical JSON, without the places of its data files."
        ),
    ]
    dataset_hash: Annotated[Hash, Field(description="Hash of the market data's content, not of its files.")]
    code_hash: Annotated[
        Hash, Field(description="Hash of every source file of the product, generated ones included.")
    ]
    feature_hash: Annotated[HashOrUnknown, Field(description="Hash of the features' definition.")]
    env_hash: Annotated[
        HashOrUnknown, Field(description="Hash of the interpreter, the platform and `versions`.")
    ]
    git_sha: Annotated[
        StrictStr,
        Field(
            description="Commit of the checkout that holds the code; `unknown` where the code is in none.",
            pattern="^([0-9a-f]{40}|[0-9a-f]{64}|unknown)$",
        ),
    ]
    git_dirty: Annotated[
        StrictBool | Literal["unknown"], Field(description="Whether the code differs from that commit.")
    ]
    schema_version: Annotated[
        StrictInt,
        Field(
            description="Version of the events' schemas, as in the heads of the journal's segments.",
            ge=1,
            le=2147483647,
        ),
    ]
    strategy_versions: Annotated[
        tuple[StrategyVersion, ...],
        Field(description="Every strategy of the run, in the order of the config."),
    ]
    versions: Annotated[
        tuple[PackageVersion, ...], Field(description="Interpreter and packages, by name.", min_length=1)
    ]
    data_files: Annotated[
        tuple[DataFile, ...], Field(description="The market data that was read, in the order of the config.")
    ]
    dry_run: Annotated[
        tuple[Rule, ...],
        Field(
            description="Rules that only said what they would have done, in the order of the config: they kept nobody from anything."
        ),
    ]
    parent_run: Annotated[
        RunId | None,
        Field(description="The run that this one repeats or goes on from; null where there is none."),
    ]

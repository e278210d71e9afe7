# Generated from schemas/config/parameters.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/parameters.schema.json."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt


class Bands(BaseModel):
    """How far from its moving average a price is bought and left."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    length: Annotated[
        StrictInt,
        Field(description="Length of the moving average, number of bars.", examples=[60], ge=2, le=100000),
    ] = 60
    entry_z: Annotated[
        Decimal,
        Field(
            description="Distance below the average at which it buys, standard deviations with up to 3 decimals, inclusive; above exit_z.",
            examples=[2.5],
            gt=0,
            le=1000,
        ),
    ] = Decimal("2")
    exit_z: Annotated[
        Decimal,
        Field(
            description="Distance below the average at which it leaves, standard deviations with up to 3 decimals, inclusive; below entry_z.",
            examples=[0.5],
            ge=-1000,
            le=1000,
        ),
    ] = Decimal("0")


class Position(BaseModel):
    """Size of the position."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    qty: Annotated[
        Decimal,
        Field(
            description="Position to take, in the base currency; a multiple of the lot.",
            examples=[0.5],
            gt=0,
            le=1000000000,
        ),
    ]


class TwoAverages(BaseModel):
    """Lengths of a fast and a slow moving average."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fast: Annotated[
        StrictInt,
        Field(
            description="Length of the fast moving average, number of bars; below slow.",
            examples=[10],
            ge=1,
            le=100000,
        ),
    ] = 10
    slow: Annotated[
        StrictInt,
        Field(
            description="Length of the slow moving average, number of bars; above fast.",
            examples=[50],
            ge=2,
            le=100000,
        ),
    ] = 50

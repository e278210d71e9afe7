# Generated from schemas/config/strategies/momentum.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/momentum.schema.json."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt


class MomentumParams(BaseModel):
    """Parameters of momentum. Across fields: fast < slow (checked by veracity.strategies.momentum.bind)."""

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
    qty: Annotated[
        Decimal,
        Field(
            description="Position to take, in the base currency; a multiple of the lot.",
            examples=[0.5],
            gt=0,
            le=1000000000,
        ),
    ]

# Generated from schemas/config/strategies/funding_carry.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/funding_carry.schema.json."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt


class FundingCarryParams(BaseModel):
    """Parameters of funding_carry. Across fields: exit < entry (checked by veracity.strategies.funding_carry.bind)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    settlements: Annotated[
        StrictInt,
        Field(
            description="Number of last settlements whose mean rate is the signal.",
            examples=[3],
            ge=1,
            le=10000,
        ),
    ] = 1
    entry: Annotated[
        Decimal,
        Field(
            description="Mean rate per settlement at which it goes short the perpetual, fraction with up to 9 decimals, inclusive; above exit.",
            examples=[0.0001],
            ge=-1,
            le=1,
        ),
    ] = Decimal("0.0001")
    exit: Annotated[
        Decimal,
        Field(
            description="Mean rate per settlement at which it leaves, fraction with up to 9 decimals, inclusive; below entry.",
            examples=[2e-05],
            ge=-1,
            le=1,
        ),
    ] = Decimal("0.00002")
    qty: Annotated[
        Decimal,
        Field(
            description="Size of the short perpetual leg, in the base currency; a multiple of the lot.",
            examples=[0.5],
            gt=0,
            le=1000000000,
        ),
    ]

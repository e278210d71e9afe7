# Generated from schemas/config/strategies/buy_and_hold.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/buy_and_hold.schema.json."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class BuyAndHoldParams(BaseModel):
    """Parameters of buy_and_hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    qty: Annotated[
        Decimal,
        Field(
            description="Position to take on the first bar, in the base currency; a multiple of the lot.",
            examples=[0.5],
            gt=0,
            le=1000000000,
        ),
    ]

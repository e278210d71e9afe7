# Generated from schemas/config/strategies/open_interest_trend.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/open_interest_trend.schema.json."""

from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field, StrictInt

from ..parameters import Position, TwoAverages


class OpenInterestTrendParams(TwoAverages, Position):
    """Parameters of open_interest_trend: momentum's, and what the open interest must have done. Across fields: fast < slow (checked by veracity.strategies.open_interest_trend.bind)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    hours: Annotated[
        StrictInt,
        Field(
            description="Over how long the change of the open interest is taken, number of hours.",
            examples=[24],
            ge=1,
            le=8760,
        ),
    ] = 24
    change_min: Annotated[
        Decimal,
        Field(
            description="Least change of the open interest with which it enters, fraction of what it was, inclusive.",
            examples=[0.02],
            ge=-1,
            le=1000,
        ),
    ] = Decimal("0")

# Generated from schemas/config/strategies/no_trade.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/no_trade.schema.json."""

from pydantic import BaseModel, ConfigDict


class NoTradeParams(BaseModel):
    """Parameters of no_trade: there are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

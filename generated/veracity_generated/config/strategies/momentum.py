# Generated from schemas/config/strategies/momentum.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/momentum.schema.json."""

from pydantic import ConfigDict

from ..parameters import Position, TwoAverages


class MomentumParams(TwoAverages, Position):
    """Parameters of momentum. Across fields: fast < slow (checked by veracity.strategies.momentum.bind)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

# Generated from schemas/config/strategies/mean_reversion.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/mean_reversion.schema.json."""

from pydantic import ConfigDict

from ..parameters import Bands, Position


class MeanReversionParams(Bands, Position):
    """Parameters of mean_reversion. Across fields: exit_z < entry_z (checked by veracity.strategies.mean_reversion.bind)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

# Generated from schemas/config/strategies/vol_regime_switch.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/strategies/vol_regime_switch.schema.json."""

from pydantic import ConfigDict

from ..parameters import Bands, Position, TwoAverages


class VolRegimeSwitchParams(TwoAverages, Bands, Position):
    """Parameters of vol_regime_switch: momentum's in a calm market, mean_reversion's in a wild one. Across fields: fast < slow (checked by veracity.strategies.vol_regime_switch.bind), exit_z < entry_z (checked by veracity.strategies.vol_regime_switch.bind)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

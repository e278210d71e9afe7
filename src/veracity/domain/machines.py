"""A door to the engine mode's table, generated from specs/machines/engine_mode.yaml."""

from veracity_generated.machines.base import NoSuchTransition
from veracity_generated.machines.engine_mode import INITIAL as MODE_INITIAL
from veracity_generated.machines.engine_mode import PERMITS
from veracity_generated.machines.engine_mode import On as ModeOn
from veracity_generated.machines.engine_mode import State as Mode
from veracity_generated.machines.engine_mode import allows as mode_allows
from veracity_generated.machines.engine_mode import step as mode_step

__all__ = ["MODE_INITIAL", "PERMITS", "Mode", "ModeOn", "NoSuchTransition", "mode_allows", "mode_step"]

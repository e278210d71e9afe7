"""A door to the tables of the engine mode and of the circuit breaker, generated from specs/machines/."""

from veracity_generated.machines.base import NoSuchTransition
from veracity_generated.machines.circuit_breaker import INITIAL as BREAKER_INITIAL
from veracity_generated.machines.circuit_breaker import On as BreakerOn
from veracity_generated.machines.circuit_breaker import State as BreakerState
from veracity_generated.machines.circuit_breaker import step as breaker_step
from veracity_generated.machines.engine_mode import INITIAL as MODE_INITIAL
from veracity_generated.machines.engine_mode import PERMITS
from veracity_generated.machines.engine_mode import On as ModeOn
from veracity_generated.machines.engine_mode import State as Mode
from veracity_generated.machines.engine_mode import allows as mode_allows
from veracity_generated.machines.engine_mode import step as mode_step

__all__ = [
    "BREAKER_INITIAL",
    "MODE_INITIAL",
    "PERMITS",
    "BreakerOn",
    "BreakerState",
    "Mode",
    "ModeOn",
    "NoSuchTransition",
    "breaker_step",
    "mode_allows",
    "mode_step",
]

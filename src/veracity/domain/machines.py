"""A door to the tables of the engine mode, of the circuit breaker and of a recovery, generated from specs/machines/."""

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
from veracity_generated.machines.recovery import INITIAL as RECOVERY_INITIAL
from veracity_generated.machines.recovery import On as RecoveryOn
from veracity_generated.machines.recovery import State as RecoveryStep
from veracity_generated.machines.recovery import step as recovery_step

__all__ = [
    "BREAKER_INITIAL",
    "MODE_INITIAL",
    "PERMITS",
    "RECOVERY_INITIAL",
    "BreakerOn",
    "BreakerState",
    "Mode",
    "ModeOn",
    "NoSuchTransition",
    "RecoveryOn",
    "RecoveryStep",
    "breaker_step",
    "mode_allows",
    "mode_step",
    "recovery_step",
]

# Generated from specs/policies/breaker.yaml.
# Do not edit: change the source, then run `make gen`.
"""Numbers of the circuit breaker of the venue."""

from typing import Final

WINDOW: Final = 20
CALLS_MIN: Final = 10
ERROR_SHARE_PERCENT: Final = 50
OPEN_NS: Final = 60000000000
PROBES: Final = 3

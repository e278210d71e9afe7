# Generated from specs/policies/drift_answers.yaml.
# Do not edit: change the source, then run `make gen`.
"""What the guard drift_halt answers to each severity, from the least to the worst."""

from typing import Final, Literal

DRIFT_ANSWERS: Final[dict[str, Literal["nothing", "hold", "close"]]] = {
    "none": "nothing",
    "minor": "nothing",
    "unknown": "hold",
    "major": "hold",
    "severe": "close",
}

# Generated from specs/policies/reality_score.yaml.
# Do not edit: change the source, then run `make gen`.
"""Components of the reality score in order, with their weights."""

from typing import Final

REALITY_WEIGHTS: Final[dict[str, int]] = {
    "costs": 20,
    "data_quality": 15,
    "no_lookahead": 15,
    "out_of_sample": 15,
    "multiple_testing": 15,
    "stress_survival": 10,
    "sample_size": 5,
    "reproducibility": 5,
}

REALITY_VETOES: Final[tuple[str, ...]] = ("no_lookahead",)
"""Components that make the whole score 0 where they are 0."""

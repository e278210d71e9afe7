# Generated from specs/policies/stress.yaml.
# Do not edit: change the source, then run `make gen`.
"""What a run must survive: one thing made worse at a time."""

from typing import Final, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal[
    "slippage", "spread", "volatility", "impact", "latency", "fees", "drop", "late", "stale"
]


class Scenario(NamedTuple):
    """One change of a run."""

    name: str
    kind: Kind
    size: int  # its unit follows from the kind
    required: bool
    text: str


STRESS: Final[tuple[Scenario, ...]] = (
    Scenario("slippage_x5", "slippage", 5, True, "spread, volatility and impact cost five times as much"),
    Scenario("spread_x5", "spread", 5, False, "half the spread costs five times as much"),
    Scenario("volatility_x5", "volatility", 5, False, "the range of the bar costs five times as much"),
    Scenario("impact_x5", "impact", 5, False, "the order's own size costs five times as much"),
    Scenario("latency_x10", "latency", 10, True, "every message takes ten times as long"),
    Scenario("fees_x10", "fees", 10, False, "commission is ten times as high"),
    Scenario("drop_1pct", "drop", 100, True, "one bar of a hundred is missing"),
    Scenario("fills_late_3", "late", 3, True, "fills come three bars late"),
    Scenario("aux_stale", "stale", 24, False, "series beside the bars are known a day late"),
)

"""What a strategy is shown of the series beside the bars that it can do without (specs/core-engine/failures.md, S-015)."""

from collections.abc import Mapping, Sequence
from typing import Any

from veracity.domain.amounts import INT64_MAX
from veracity.domain.regimes import CODE, REGIME
from veracity.domain.regimes import UNKNOWN as UNKNOWN_REGIME
from veracity.engine.regimes import regime_of
from veracity.state.model import EngineState, aux_key
from veracity.strategies.interface import UNKNOWN, Row


def shown(state: EngineState, symbol: str, series: Sequence[str], ttl_ns: Mapping[str, int]) -> Row:
    """Value and age of each of `series`, one behind the other.

    The age counts from when the value was observed, not from when it came. A value older than its time to live, or of
    the future, is UNKNOWN and keeps its age; of one that never came both are. The regime is such a series, too: its values
    are those of `CODE`, and it is as old as the newest bar.
    """
    row: Row = ()
    for name in series:
        if name == REGIME:
            row += _regime(state, symbol, ttl_ns.get(name))
            continue
        known = state.aux.get(aux_key(name, symbol))
        if known is None:
            row += (UNKNOWN, UNKNOWN)
            continue
        age = state.ts - known.ts
        row += (known.value if is_fresh(age, ttl_ns.get(name)) else UNKNOWN, age)
    return row


def _regime(state: EngineState, symbol: str, ttl_ns: int | None) -> tuple[int, int]:
    label = regime_of(state, symbol, ttl_ns)
    return UNKNOWN if label == UNKNOWN_REGIME else CODE[label], state.ts - state.markets[symbol].ts


def is_fresh(age: Any, ttl: int | None) -> Any:
    """Whether a value of that age may be shown; of a whole column of ages, for each."""
    return (age >= 0) & (age <= (INT64_MAX if ttl is None else ttl))

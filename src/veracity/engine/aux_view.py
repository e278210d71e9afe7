"""What a strategy is shown of the series beside the bars that it can do without (specs/core-engine/failures.md, S-015)."""

from collections.abc import Mapping, Sequence

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
        age, ttl = state.ts - known.ts, ttl_ns.get(name)
        is_fresh = age >= 0 and (ttl is None or age <= ttl)
        row += (known.value if is_fresh else UNKNOWN, age)
    return row


def _regime(state: EngineState, symbol: str, ttl_ns: int | None) -> tuple[int, int]:
    label = regime_of(state, symbol, ttl_ns)
    return UNKNOWN if label == UNKNOWN_REGIME else CODE[label], state.ts - state.markets[symbol].ts

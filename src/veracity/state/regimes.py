"""What the volatility regime of an instrument follows from: the squared returns of its newest bars in a row, and what each
window of them came to."""

from veracity.domain.events import RegimeChanged, RegimeWatched
from veracity.domain.regimes import ROUNDED
from veracity.domain.returns import UNKNOWN
from veracity.state.model import EngineState, RegimeWatch


def watch_regime(state: EngineState, event: RegimeWatched) -> None:
    """Begin to keep what a label needs."""
    state.markets[event.symbol].regime = RegimeWatch(event.window, event.history, event.dwell)


def change_regime(state: EngineState, event: RegimeChanged) -> None:
    """Take the new label; it stays for its dwell from here on."""
    watch = state.markets[event.symbol].regime
    assert watch is not None, event.symbol
    watch.label, watch.held = event.regime_to, 0


def keep_move(watch: RegimeWatch, square: int) -> None:
    """Keep one more squared return (10^-18); one that is unknown begins a new row of them."""
    watch.held += 1
    if square == UNKNOWN:
        watch.squares, watch.sums = [], []
        return
    squares, sums = watch.squares, watch.sums
    squares.append(square // ROUNDED)
    if len(squares) < watch.window:
        return
    del squares[: -watch.window]
    sums.append(sum(squares))
    del sums[: -watch.history - 1]

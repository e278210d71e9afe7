"""No new risk while the market moves too much (specs/risk/pauses.md, S-100).

The measure is the mean of the squared log returns of the last closed bars; it is compared with the squared threshold, so
that no root is rounded. A pause begins at once and ends after a number of calm bars in a row, below a threshold of its own.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-257"
LIMITS: Final = ("volatility",)


class Thresholds(Protocol):
    """Limits of a pause, as the config or the state has them."""

    @property
    def window(self) -> int:
        """Bars of which the mean square is taken."""

    @property
    def pause(self) -> int:
        """A root mean square above this begins a pause, 10^-9."""

    @property
    def resume(self) -> int:
        """One at or below this is calm, 10^-9."""

    @property
    def dwell(self) -> int:
        """Calm bars in a row that end a pause."""


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where the window is full and no pause holds."""
    window = limits.volatility_window
    if window is None:
        return None
    if len(view.squares) < window:
        return Denied(f"volatility unknown: {len(view.squares)} bars in a row are known, {window} are needed")
    if view.paused:
        return Denied(_why(view.squares, limits.volatility))
    return None


def _why(squares: Sequence[int], limits: Thresholds | None) -> str:
    assert limits is not None
    mean = mean_square(squares, limits.window)
    return f"volatility pause: the mean square is {mean} * 10^-18, the limit is {limits.pause**2}"


def holds(squares: Sequence[int], limits: Thresholds, paused: bool) -> bool:
    """Whether a pause holds after the newest bar, where `paused` says whether one held before it."""
    window = limits.window
    if len(squares) < window:
        return paused
    if not paused:
        return _sum(squares, window, 0) > limits.pause**2 * window
    calm = limits.resume**2 * window
    return not (
        len(squares) >= window + limits.dwell - 1
        and all(_sum(squares, window, back) <= calm for back in range(limits.dwell))
    )


def mean_square(squares: Sequence[int], window: int) -> int:
    """Mean of the last `window` squares, rounded down."""
    return _sum(squares, window, 0) // window


def _sum(squares: Sequence[int], window: int, back: int) -> int:
    """Sum of the `window` squares that were the newest `back` bars ago."""
    end = len(squares) - back
    return sum(squares[end - window : end])

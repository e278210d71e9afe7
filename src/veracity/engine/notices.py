"""What the world says besides bars and reports: whether the venue, the clock, the book and the feed can be trusted."""

from typing import TypeAlias, assert_never

from veracity.domain.events import (
    ClockSampled,
    ClockTicked,
    DriftReported,
    DriftResolved,
    FeedRefused,
    KillFileSeen,
    TradeConfirmed,
    VenueCallEnded,
)
from veracity.engine import modes, quarantine, safety
from veracity.engine.draft import Draft

Notice: TypeAlias = (
    DriftReported
    | DriftResolved
    | ClockSampled
    | ClockTicked
    | KillFileSeen
    | VenueCallEnded
    | FeedRefused
    | TradeConfirmed
)


def noted(draft: Draft, notice: Notice) -> None:
    """Add what `notice` leads to."""
    match notice:
        case DriftReported():
            safety.drift_reported(draft, notice)
        case DriftResolved():
            safety.drift_resolved(draft, notice)
        case ClockSampled():
            safety.clock_sampled(draft, notice)
        case ClockTicked():
            safety.cool_breaker(draft)
        case KillFileSeen():
            modes.kill_file_seen(draft, notice.detail)
        case VenueCallEnded():
            safety.venue_call_ended(draft, notice)
        case FeedRefused():
            safety.feed_refused(draft, notice)
        case TradeConfirmed():
            quarantine.trade_confirmed(draft, notice)
        case _:
            assert_never(notice)

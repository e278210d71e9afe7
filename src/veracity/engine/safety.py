"""What the world says about whether it can be trusted: drift, the clock, the venue's calls, the order of the bars."""

from typing import Final

from veracity.domain.events import (
    BarClosed,
    BreakerChanged,
    ClockChecked,
    ClockSampled,
    DriftCleared,
    DriftFound,
    DriftReported,
    DriftResolved,
    ExitBegun,
    FeedChanged,
    FeedRefused,
    VenueCalled,
    VenueCallEnded,
)
from veracity.domain.machines import BreakerOn, BreakerState, breaker_step
from veracity.domain.policies import breaker as policy
from veracity.domain.time import NS_PER_MS
from veracity.engine.draft import Draft
from veracity.engine.modes import enter_safe_mode
from veracity.state.model import Breaker, EngineState

CLOCK_OFFSET_MAX_NS: Final = 1_000 * NS_PER_MS
"""Largest offset against the venue, in either direction, at which stamps are believed (S-011)."""

DRIFT_HALT: Final = "drift_halt"
DRIFT_CLOSE: Final = "drift_close"
CLOCK_DRIFT: Final = "clock_drift"
GAP: Final = "gap"
TIME_ROLLBACK: Final = "time_rollback"
BARS: Final = "bars"

_STOPPING: Final = ("unknown", "major", "severe")


def drift_reported(draft: Draft, report: DriftReported) -> None:
    """Add what was found, then what it leads to: safe mode from major on and where it is unknown, and a forced close of a severe drift."""
    found = draft.seq
    draft.add(
        DriftFound(
            seq=found,
            ts=draft.ts,
            symbol=report.symbol,
            subject=report.subject,
            severity=report.severity,
            local=report.local,
            venue=report.venue,
            detail=report.detail,
        )
    )
    if report.severity not in _STOPPING:
        return
    enter_safe_mode(draft, DRIFT_HALT, f"drift_found {found}: {report.severity} drift of {report.symbol}")
    is_ours = report.symbol in draft.state.instruments
    if report.severity == "severe" and is_ours and report.symbol not in draft.state.exits:
        draft.add(ExitBegun(seq=draft.seq, ts=draft.ts, symbol=report.symbol, reason=DRIFT_CLOSE))


def drift_resolved(draft: Draft, report: DriftResolved) -> None:
    """Add that the two agree again; nothing where they never differed. It loosens no mode."""
    if report.symbol in draft.state.drift:
        draft.add(DriftCleared(seq=draft.seq, ts=draft.ts, symbol=report.symbol, detail=report.detail))


def clock_sampled(draft: Draft, sampled: ClockSampled) -> None:
    """Add that the clock left its bound, and safe mode, or that it came back; nothing while it stays where it was."""
    offset = median(sampled.offsets_ns)
    trusted = abs(offset) <= CLOCK_OFFSET_MAX_NS
    if trusted == (draft.state.clock is None):
        return
    draft.add(ClockChecked(seq=draft.seq, ts=draft.ts, offset_ns=offset, trusted=trusted))
    if not trusted:
        enter_safe_mode(draft, CLOCK_DRIFT, f"offset of {offset} ns, bound {CLOCK_OFFSET_MAX_NS} ns")


def median(values: tuple[int, ...]) -> int:
    """The middle value; of an even number of them the mean of the two in the middle, rounded down."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def venue_call_ended(draft: Draft, ended: VenueCallEnded) -> None:
    """Add the call, and what the circuit breaker makes of it."""
    draft.add(VenueCalled(seq=draft.seq, ts=draft.ts, call=ended.call, ok=ended.ok, detail=ended.detail))
    breaker = draft.state.breaker
    if ended.banned_until is not None and breaker.state is not BreakerState.OPEN:
        _move(
            draft, BreakerOn.TRIP, max(ended.banned_until, draft.ts), f"banned by the venue: {ended.detail}"
        )
    elif breaker.state is BreakerState.CLOSED and not ended.ok and _fails_too_often(breaker):
        _move(draft, BreakerOn.TRIP, draft.ts + policy.OPEN_NS, ended.detail)
    elif breaker.state is BreakerState.HALF_OPEN and not ended.ok:
        _move(draft, BreakerOn.PROBE_FAILED, draft.ts + policy.OPEN_NS, ended.detail)
    elif breaker.state is BreakerState.HALF_OPEN and breaker.good_probes + 1 >= policy.PROBES:
        _move(draft, BreakerOn.RECOVER, None, "")


def _fails_too_often(breaker: Breaker) -> bool:
    """With one more call that failed. A good call never opens it."""
    calls = [*breaker.calls, False][-policy.WINDOW :]
    failed = calls.count(False)
    return len(calls) >= policy.CALLS_MIN and failed * 100 >= policy.ERROR_SHARE_PERCENT * len(calls)


def cool_breaker(draft: Draft) -> None:
    """Add that the open time is over, where it is."""
    until = draft.state.breaker.until
    if until is not None and draft.ts >= until:
        _move(draft, BreakerOn.COOL, None, "")


def _move(draft: Draft, on: BreakerOn, until: int | None, detail: str) -> None:
    before = draft.state.breaker.state
    draft.add(
        BreakerChanged(
            seq=draft.seq,
            ts=draft.ts,
            state_from=before,
            state_to=breaker_step(before, on),
            until=until,
            reason=on.value,
            detail=detail,
        )
    )


def bars_missing(state: EngineState, bar: BarClosed) -> int:
    """How many bars of the instrument should have come between its newest one and `bar`; 0 for its first."""
    newest, interval_ns = state.markets[bar.symbol].open_ts, state.instruments[bar.symbol].interval_ns
    if newest < 0 or bar.open_ts - newest <= interval_ns:
        return 0
    return (bar.open_ts - newest) // interval_ns - 1


def feed_gap(draft: Draft, symbol: str, missing: int) -> None:
    """Add that bars never came. They are not made up, nobody is asked for them, and positions keep their last mark."""
    draft.add(
        FeedChanged(
            seq=draft.seq, ts=draft.ts, feed=BARS, symbol=symbol, missing=missing, reason=GAP, detail=""
        )
    )


def feed_refused(draft: Draft, refused: FeedRefused) -> None:
    """Add that a bar from before was not taken."""
    draft.add(
        FeedChanged(
            seq=draft.seq,
            ts=draft.ts,
            feed=BARS,
            symbol=refused.symbol,
            missing=0,
            reason=TIME_ROLLBACK,
            detail=refused.detail,
        )
    )

"""What stands against trading: drift, the clock, the circuit breaker, exits under way, fills in quarantine."""

from typing import Final

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import (
    AuxUpdated,
    BreakerChanged,
    DriftFound,
    DriftSeverity,
    FillAdopted,
    FillQuarantined,
    FundingRatePublished,
    IntentDenied,
    ModeChanged,
    VenueCalled,
)
from veracity.domain.ids import trade_key
from veracity.domain.machines import BreakerOn, BreakerState, Mode, NoSuchTransition, breaker_step
from veracity.domain.policies import breaker as policy
from veracity.state.model import (
    DENIALS_MAX,
    FUNDING,
    MINOR,
    Account,
    AuxValue,
    Difference,
    EngineState,
    QuarantinedFill,
    aux_key,
    refusal_key,
)

_SEVERITY: Final[tuple[DriftSeverity, ...]] = (
    MINOR,
    "unknown",
    "major",
    "severe",
)  # unknown ranks with major: it must be taken for a bad one


def change_mode(state: EngineState, event: ModeChanged) -> None:
    """Take the new mode with its reason. What was refused before may pass now; in running nothing is being closed."""
    state.mode = event.mode_to
    state.mode_reason = f"{event.reason}: {event.detail}" if event.detail else event.reason
    if state.mode is Mode.RUNNING:
        state.exits = {}
    for account in state.accounts.values():
        account.refusals = {}


def note_drift(state: EngineState, event: DriftFound) -> None:
    """Keep the worst that was said of a symbol until a report clears it, and since when it stands in the way."""
    known = state.drift.get(event.symbol, Difference(MINOR, event.ts))
    worst = max(known.severity, event.severity, key=_SEVERITY.index)
    rises = known.severity == MINOR != worst
    state.drift[event.symbol] = Difference(worst, event.ts if rises else known.since)


def note_aux(state: EngineState, event: AuxUpdated) -> None:
    """Keep the newest value by the time at which it was observed: a revision of it counts, an older one changes nothing."""
    key = aux_key(event.series, event.symbol)
    known = state.aux.get(key)
    if known is None or known.ts <= event.value_ts:
        state.aux[key] = AuxValue(event.value_ts, event.value)


def note_funding(state: EngineState, event: FundingRatePublished) -> None:
    """A settlement is the newest value of its series too."""
    state.aux[aux_key(FUNDING, event.symbol)] = AuxValue(event.ts, event.rate)


def count_refusal(state: EngineState, event: IntentDenied) -> None:
    """One more denial by the same rule."""
    refusals, key = state.accounts[event.strategy_id].refusals, refusal_key(event.symbol, event.rule)
    refusals[key] = refusals.get(key, 0) + 1


def speak_again(account: Account) -> None:
    """A new day: a refusal that lasts is said once more."""
    account.refusals = {key: min(count, DENIALS_MAX - 1) for key, count in account.refusals.items()}


def forget_refusals(account: Account, symbol: str) -> None:
    """An order was sent on the symbol: what refused before is over."""
    account.refusals = {
        key: count for key, count in account.refusals.items() if not key.startswith(f"{symbol} ")
    }


def count_call(state: EngineState, event: VenueCalled) -> None:
    """A call to the venue: while closed it enters the window, while half open it is the answer to the probe."""
    breaker = state.breaker
    breaker.is_probing = False
    if breaker.state is BreakerState.HALF_OPEN:
        breaker.good_probes = breaker.good_probes + 1 if event.ok else 0
    elif breaker.state is BreakerState.CLOSED:
        breaker.calls.append(event.ok)
        del breaker.calls[: -policy.WINDOW]


def move_breaker(state: EngineState, event: BreakerChanged) -> None:
    """Move by the generated table; every state begins with an empty window and no probe."""
    breaker = state.breaker
    try:
        breaker.state = breaker_step(breaker.state, BreakerOn(event.reason))
    except (NoSuchTransition, ValueError) as error:
        raise IllegalTransition(f"circuit breaker: {error}") from error
    breaker.until = event.until
    breaker.calls = []
    breaker.good_probes = 0
    breaker.is_probing = False


def quarantine_fill(state: EngineState, event: FillQuarantined) -> None:
    """Keep the fill aside."""
    state.quarantined.append(
        QuarantinedFill(
            event.order_id,
            event.symbol,
            event.trade_id,
            event.side,
            event.price,
            event.qty,
            event.fee,
            event.reason,
        )
    )


def release_fill(state: EngineState, symbol: str, trade_id: str) -> None:
    """The fill waits no more: it was booked, or found not to be ours."""
    key = trade_key(symbol, trade_id)
    state.quarantined = [fill for fill in state.quarantined if trade_key(fill.symbol, fill.trade_id) != key]


def remember_adopted(state: EngineState, event: FillAdopted) -> None:
    """The fill's key is never booked again; it goes with its order, where that is remembered."""
    key = trade_key(event.symbol, event.trade_id)
    state.booked[key] = event.order_id
    order = state.orders.get(event.order_id) or state.closed.get(event.order_id)
    if order is not None:
        order.trade_keys.append(key)

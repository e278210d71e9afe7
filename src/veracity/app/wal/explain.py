"""`wal audit RUN ID`: why an order is there and what became of it, by the chain of records that caused it."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from veracity.app.wal.select import Shown, correlations, strategy_of
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import (
    BarClosed,
    CancelRejected,
    CancelRequested,
    Event,
    FeeCharged,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
    RunStarted,
    StrategyStarted,
)
from veracity.domain.ids import event_seq

_COMPACTED: Final = "what came before was compacted"

# What the last of these says is what became of the intent.
FATES: Final[tuple[tuple[type[Event], str], ...]] = (
    (IntentDenied, "denied"),
    (OrderSubmitted, "sent"),
    (OrderAccepted, "open at the venue"),
    (OrderRejected, "rejected by the venue"),
    (OrderCancelled, "cancelled"),
    (OrderExpired, "expired"),
    (OrderOutcomeUnknown, "of unknown outcome"),
    (CancelRequested, "waiting for its cancel"),
    (CancelRejected, "open at the venue: its cancel was refused"),
)


class Explained(NamedTuple):
    """The chain of one intent, and what it adds up to."""

    corr: str
    before: list[Shown]  # what it was decided in: run, strategy, the newest mode and bar of its instrument
    chain: list[Shown]
    fate: str
    qty: int  # ordered, in units; 0 where no order was made
    filled: int
    notional: int  # sum of price times quantity, in units of both
    fees: int
    broken: list[str]  # links that a whole chain has and this one lacks


def explain(journal: Callable[[], Iterable[Shown]], name: str, begins: int = 1) -> Explained:
    """The chain of the intent that `name` means: the id of an intent, an order or a venue's order, `trade:ID`, or a seq.

    Reads the journal twice. `begins` is its first seq: more than 1 where what came before was compacted.

    Raises OperatorFault (2) where no record has it, or the chain begins with one that was compacted.
    """
    corr = _corr(journal(), name, begins)
    _require_beginning(corr, begins)
    before: dict[str, Shown] = {}
    chain: list[Shown] = []
    orders: set[str] = set()
    for shown in journal():
        event = shown.event
        if corr in correlations(event) or orders.intersection(correlations(event)):
            chain.append(shown)
            orders.update(correlations(event))
        elif not chain:
            _remember(before, shown)
    return _summed(corr, _relevant(before, chain), chain)


def _require_beginning(corr: str, begins: int) -> None:
    """The id says which record began the chain: one that was removed in order is no broken link."""
    with suppress(ValueError):  # of an order that is not ours
        if event_seq(corr) < begins:
            raise OperatorFault(
                f"the intent {corr} was journaled before seq {begins}",
                why=_COMPACTED,
                hint=f"what is left of it: veracity wal show RUN --corr {corr}",
                exit_code=ExitCode.USAGE,
            )


def _corr(journal: Iterable[Shown], name: str, begins: int) -> str:
    for shown in journal:
        event = shown.event
        names = (
            f"{event.seq}",
            *correlations(event),
            f"{getattr(event, 'venue_order_id', None)}",
            f"trade:{getattr(event, 'trade_id', None)}",
        )
        if name in names:
            found = correlations(event)
            if not found:
                raise OperatorFault(
                    f"seq {event.seq} belongs to no intent",
                    why=f"it is {type(event).__name__}",
                    hint="`veracity wal show RUN --seq N` shows it",
                    exit_code=ExitCode.USAGE,
                )
            return found[0]
    raise OperatorFault(
        f"no record has the id {name!r}" + (f" from seq {begins} on" if begins > 1 else ""),
        why=_COMPACTED if begins > 1 else "",
        hint="`veracity wal show RUN --kind intent_created` lists the intents",
        exit_code=ExitCode.USAGE,
    )


def _remember(before: dict[str, Shown], shown: Shown) -> None:
    match shown.event:
        case RunStarted():
            before["run"] = shown
        case StrategyStarted(strategy_id=strategy):
            before[f"strategy {strategy}"] = shown
        case ModeChanged():
            before["mode"] = shown
        case BarClosed(symbol=symbol):
            before[f"bar {symbol}"] = shown
        case _:
            pass


def _relevant(before: dict[str, Shown], chain: list[Shown]) -> list[Shown]:
    first = chain[0].event
    names = ("run", f"strategy {strategy_of(first)}", "mode", f"bar {getattr(first, 'symbol', '')}")
    return [before[name] for name in names if name in before]


def _summed(corr: str, before: list[Shown], chain: list[Shown]) -> Explained:
    events: list[Any] = [shown.event for shown in chain]
    fills = [event for event in events if isinstance(event, OrderFilled)]
    submitted = [event for event in events if isinstance(event, OrderSubmitted)]
    qty = sum(event.qty for event in submitted)
    filled = sum(event.qty for event in fills)
    return Explained(
        corr,
        before,
        chain,
        _fate(events, qty, filled),
        qty,
        filled,
        sum(event.price * event.qty for event in fills),
        sum(event.amount for event in events if isinstance(event, FeeCharged)),
        _broken(events, qty, filled),
    )


def _fate(events: list[Event], qty: int, filled: int) -> str:
    if qty and filled == qty:
        return "filled"
    for event in reversed(events):
        for kind, fate in FATES:
            if isinstance(event, kind):
                return f"{fate}, filled in part" if filled else fate
    return "wanted, and nothing more is recorded"


def _broken(events: list[Event], qty: int, filled: int) -> list[str]:
    found = []
    kinds = [type(event) for event in events]
    if IntentCreated not in kinds:
        found.append("no intent_created: nothing says why")
    if OrderFilled in kinds and OrderSubmitted not in kinds:
        found.append("a fill without an order of ours")
    if filled > qty:
        found.append(f"more was filled ({filled}) than ordered ({qty})")
    if IntentDenied in kinds and OrderSubmitted in kinds:
        found.append("denied, and sent all the same")
    return found

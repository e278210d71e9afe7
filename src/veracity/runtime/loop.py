"""The one loop: input, journal, apply, effects. Backtest, paper and live plug different parts into it."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeAlias

from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    BarClosed,
    DataEnded,
    FeedRefused,
    KillFileSeen,
    MarketFact,
    StopRequested,
    VenueReport,
    encode_event,
)
from veracity.domain.machines import Mode
from veracity.domain.time import TS_NEVER
from veracity.engine.commands import Given
from veracity.engine.core import Engine, Input
from veracity.engine.draft import QUIET, Step
from veracity.engine.effects import Effect
from veracity.engine.safety import bars_missing
from veracity.forensics.manifest import Manifest, write_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.runtime.fast_forward import fast_forward
from veracity.runtime.feed import Arrival, Feed, Stretch
from veracity.state.apply import apply, skip_bars
from veracity.state.model import EngineState

END_ROUNDS_MAX: Final = 16
"""Cancel, close, cancel what came in between, stop: a run ends in a few rounds. A venue that refuses every time must
not fill the disk with its refusals."""


class Journal(Protocol):
    """Where events go before they change the state."""

    def append(self, seq: int, payload: bytes) -> None:
        """Take the event numbered `seq`; it is durable after the next `barrier`."""

    def barrier(self) -> None:
        """Return when everything appended is durable; raise when it cannot be."""


class Venue(Protocol):
    """Where effects go and reports come from."""

    @property
    def due(self) -> int:
        """Time of the next report, or TS_NEVER."""

    def perform(self, effect: Effect, now: int) -> None:
        """Do what the engine asks for."""

    def next_report(self, until: int) -> VenueReport | None:
        """The next report at or before `until`."""

    def end_tape(self) -> None:
        """No more market data will come."""


Said: TypeAlias = Given | KillFileSeen
"""What may come from outside: only what the journal keeps in full, so that a restart can hear it again."""


class Outside(Protocol):
    """The world beside feed and venue: operators, a kill file, signals. It is asked before each market fact."""

    def inputs(self, state: EngineState) -> Iterable[Said]:
        """What was said since it was asked last; each is heard before the next one is asked for."""

    def heard(self, said: Said, step: Step) -> None:
        """What was said, and what it led to; all of it is durable."""

    def is_over(self) -> bool:
        """Whether the process shall end: no further fact is taken."""


class NoJournal:
    """Keeps nothing: for runs whose result is all that is wanted, such as baselines."""

    def append(self, seq: int, payload: bytes) -> None:
        """Forget it."""

    def barrier(self) -> None:
        """Nothing to wait for."""


class Closing(Protocol):
    """A journal that can be given free."""

    def close(self) -> None:
        """Make everything durable and give the journal free; a second call does nothing."""


def attach_manifest(run: RunDirectory | None, manifest: Manifest) -> None:
    """Have the manifest written into the run's directory before the first event; a library call may have none.

    Raises what `write_manifest` raises where there is one already.
    """
    if run is not None:
        write_manifest(run.manifest, manifest)


def flush_on_shutdown(loop: "Loop", journal: Closing, reason: str, detail: str) -> None:
    """End a run because its process shall end: cancel what works, stop, and close the journal with the last record durable.

    Positions stay. Called again it does nothing more; a journal that is dead raises, and nothing is written.
    """
    if not loop.state.is_finished:
        stop = StopRequested(loop.state.ts, reason, detail)
        loop.hear(Given(f"{reason}-{loop.state.seq + 1}", stop))
        loop.finish(reason)
    journal.close()


class Loop:
    """Feeds one engine; owns the only calls of `apply`.

    `barrier_before_effects` makes the events that explain an effect durable before it is performed: needed wherever
    effects leave the process. A backtest's effects do not; it syncs once, at its end.
    """

    def __init__(
        self,
        engine: Engine,
        state: EngineState,
        journal: Journal,
        venue: Venue,
        *,
        barrier_before_effects: bool,
        journal_facts: bool,
        outside: Outside | None = None,
        checkpoint_every: int = 0,
    ) -> None:
        """`checkpoint_every` events or facts the state's hash is journaled; 0: only at the end."""
        self._outside = outside
        self._checkpoint_every = checkpoint_every
        self.engine = engine
        self.state = state
        self._journal = journal
        self.venue = venue
        self._barrier_before_effects = barrier_before_effects
        self._journal_facts = journal_facts

    def commit(self, step: Step) -> None:
        """Journal and apply each event in order, then perform the effects."""
        if step is QUIET:
            return
        state, append = self.state, self._journal.append
        try:
            for event in step.events:
                append(event.seq, encode_event(event))
                apply(state, event)
        except EngineFault as fault:
            fault.at(state.seq, getattr(event, "intent_id", None))
            raise
        if step.effects:
            if self._barrier_before_effects:
                self._journal.barrier()
            for effect in step.effects:
                self.venue.perform(effect, state.ts)

    def hear(self, received: Input) -> Step:
        """Take one input that is not a market fact: a venue report, a command, the end of the data; what it led to."""
        try:
            step = self.engine.step(self.state, received)
            self.commit(step)
            if self.state.exits:
                self._go_on_closing()
        except EngineFault as fault:
            fault.at(self.state.seq, self._decision_of(received))
            raise
        return step

    def _decision_of(self, received: Input) -> str | None:
        """Correlation id of the order that an input is about; None where it is about none of ours."""
        order = self.state.orders.get(getattr(received, "order_id", ""))
        return None if order is None else order.intent_id

    def run(self, feed: Feed) -> None:
        """Take everything that the feed has, in order."""
        for part in feed.parts():
            if isinstance(part, Stretch) and not self._journal_facts and not self.engine.judges_every_bar:
                fast_forward(self, part)
            else:
                self.take(part)

    def take(self, facts: Iterable[Arrival]) -> None:
        """Take facts in order: reports due before one, the fact, what it leads to, the strategies' turns.

        A settlement comes before a fill of the same instant: the position held at the stamp pays. What was said outside
        comes before all of these, and once more at the end. Ends early where the outside says so, or has stopped the engine.
        """
        state, turn, venue = self.state, self.engine.turn, self.venue
        for make, values, turns in facts:
            if self._outside is not None and self._ends(self._outside):
                return
            until = values[0] if make is BarClosed else values[0] - 1
            if venue.due <= until:
                self.drain(until)
            if not self.fold(make(state.seq + 1, *values)):
                continue
            for strategy_id, row in turns:
                if row is not None:
                    self.commit(turn(state, strategy_id, row))
            if self._checkpoint_every and state.seq - state.checkpoint_seq >= self._checkpoint_every:
                self.commit(self.engine.checkpoint(state))
        if self._outside is not None:
            self._ends(self._outside)

    def _ends(self, outside: Outside) -> bool:
        """Hear what was said outside; whether that was the last."""
        for received in outside.inputs(self.state):
            step = self.hear(received)
            self._journal.barrier()
            outside.heard(received, step)
        return outside.is_over() or self.state.mode is Mode.STOPPED

    def fold(self, fact: MarketFact) -> bool:
        """Fold one fact, and commit what it leads to by itself; False where it is from before and was not taken."""
        state, engine, missing = self.state, self.engine, 0
        if type(fact) is BarClosed:
            market = state.markets[fact.symbol]
            if fact.open_ts <= market.open_ts:  # before it is a record that nobody can fold
                self.hear(
                    FeedRefused(fact.ts, fact.symbol, fact.open_ts, f"the newest opened at {market.open_ts}")
                )
                return False
            missing = bars_missing(state, fact)
        turns = engine.freshness.turns(state, fact) if engine.freshness else ()
        if self._journal_facts:
            self._journal.append(fact.seq, encode_event(fact))
        apply(state, fact)
        if missing:
            self.commit(engine.missed(state, fact.symbol, missing))
        if turns:
            self.commit(engine.turned(state, turns))
        self.commit(engine.step(state, fact))
        if state.exits:
            self._go_on_closing()
        return True

    def skip(self, symbol: str, open_ts: int, closes: Sequence[int], squares: Sequence[int]) -> None:
        """Fold bars of `symbol` that lead to nothing; the arguments are those of `skip_bars`."""
        assert not self._journal_facts, "a journal that holds the facts holds all of them"
        skip_bars(self.state, symbol, open_ts, closes, squares)

    def _go_on_closing(self) -> None:
        """The next round of the exits under way."""
        self.commit(self.engine.exit_round(self.state))

    def drain(self, until: int) -> None:
        """Take every venue report at or before `until`, and what it leads to."""
        venue = self.venue
        while venue.due <= until and (report := venue.next_report(until)) is not None:
            self.hear(report)

    def finish(self, reason: str) -> None:
        """End the run in order: cancel, close, stop, mark the last checkpoint, and make all of it durable.

        A run that was stopped before ends for the reason of that. Raises EngineFault where the run cannot end: an order's fate stays unknown, or what is asked is refused each time.
        """
        state = self.state
        if state.mode is Mode.STOPPED:
            reason = state.mode_reason.partition(":")[0]
        self.drain(state.ts)
        self.venue.end_tape()
        rounds = 0
        while state.mode is not Mode.STOPPED:
            if rounds == END_ROUNDS_MAX:
                raise EngineFault(
                    f"the run cannot end: after {rounds} rounds of cancelling and closing, orders "
                    f"{sorted(state.orders)} are open or a position is held"
                )
            rounds += 1
            seq = state.seq
            self.hear(DataEnded(state.ts, reason))
            self.drain(TS_NEVER - 1)
            if state.seq == seq:
                raise EngineFault(
                    f"the run cannot end: open orders {sorted(state.orders)} have no known fate"
                )
        if not state.is_finished:  # an operator stopped it: what was cancelled before is still to be heard of
            self.drain(TS_NEVER - 1)
            self.hear(DataEnded(state.ts, reason))
        self.hear(DataEnded(state.ts, reason))
        self._journal.barrier()

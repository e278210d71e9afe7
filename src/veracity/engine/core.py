"""`Engine.step(state, input)` and `Engine.turn(state, strategy, row)`: pure, they read the state and change nothing.

A market fact is folded before it is stepped: the engine reacts to what it now knows. Every other input becomes events.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    AuxUpdated,
    BarClosed,
    CancelConfirmed,
    CancelRefused,
    Command,
    DataEnded,
    DayRolled,
    FillReported,
    FundingRatePublished,
    Leg,
    MarketFact,
    OrderAcked,
    OrderExpiryReported,
    OrderFilled,
    OrderRefused,
    OutcomeUnknownReported,
    VenueReport,
)
from veracity.domain.machines import Mode
from veracity.domain.market import Column
from veracity.domain.time import NS_PER_DAY, day_of
from veracity.engine import borrow, commands, exits, funding, margin, notices, pauses, reports, safety
from veracity.engine.aux_view import shown
from veracity.engine.commands import Given
from veracity.engine.decisions import MARKET, Execution, pursue, remember
from veracity.engine.draft import QUIET, Draft, Step
from veracity.engine.freshness import Freshness, Turn, feed_changed
from veracity.engine.gate import Gate, GateMaker
from veracity.engine.margin import Margin
from veracity.engine.notices import Notice
from veracity.engine.ruin import stop_if_ruined
from veracity.engine.slippage import halt_on_slip
from veracity.guards.rulebook import GUARDS, Guard
from veracity.guards.view import RiskLimits
from veracity.state.model import EngineState, working_qty
from veracity.strategies.interface import Decision, Memo, Row, Strategy

Input: TypeAlias = MarketFact | VenueReport | Notice | DataEnded | Command | Given


class BoundStrategy(NamedTuple):
    """A strategy with its parameters and limits, as one run uses it."""

    strategy_id: str
    strategy: Strategy
    params: Any  # the strategy's own NamedTuple of integers
    legs: tuple[Leg, ...]  # the deciding leg first
    limits: RiskLimits
    execution: Execution = MARKET
    margin: Margin | None = None  # None: an account that owes nothing and is never liquidated

    @property
    def lead(self) -> str:
        """Symbol of the deciding leg."""
        return self.legs[0].symbol


class _Actor(NamedTuple):
    """A bound strategy, laid out for the hot path."""

    decide: Callable[[Any, Row, int, Memo], Decision]
    params: Any
    lead: str
    single: bool
    reasons: tuple[str, ...]
    leverage_max: int | None
    execution: Execution
    memo: Memo
    optional: tuple[str, ...]


class Engine:
    """One engine for backtest, paper and live; which of them it serves it does not know."""

    def __init__(
        self,
        strategies: Sequence[BoundStrategy],
        *,
        close_at_end: bool = True,
        guards: Sequence[Guard] = GUARDS,
        dry_run: Collection[str] = (),
        gate: GateMaker = Gate,
    ) -> None:
        self._actors = {
            bound.strategy_id: _Actor(
                bound.strategy.decide,
                bound.params,
                bound.lead,
                len(bound.legs) == 1,
                bound.strategy.reasons,
                bound.limits.leverage_max,
                bound.execution,
                bound.strategy.memo,
                bound.strategy.optional,
            )
            for bound in strategies
        }
        self._limits = {bound.strategy_id: bound.limits for bound in strategies}
        self._gate = gate(guards, self._limits, dry_run)
        self._close_at_end = close_at_end
        self.freshness: Final = Freshness((bound.lead, bound.limits) for bound in strategies)
        self._margins = {bound.strategy_id: bound.margin for bound in strategies if bound.margin is not None}

    @property
    def judges_every_bar(self) -> bool:
        """Whether each bar is seen with the age of something: none may be skipped then."""
        return any(actor.optional for actor in self._actors.values())

    def quiet_until(self, state: EngineState) -> int:
        """As the function of this name, with the interest that is due next and the series that goes stale next."""
        until = quiet_until(state)
        if self.freshness:
            until = min(until, self.freshness.until(state))
        return min(until, borrow.due(state, self._margins)) if self._margins else until

    def first_loud(
        self, state: EngineState, symbol: str, lows: Column, highs: Column, start: int, stop: int
    ) -> int:
        """The first of the bars start..stop of `symbol` whose prices lead to something by themselves, or `stop`."""
        if not self._margins:
            return stop
        return start + margin.count_safe(state, self._margins, symbol, lows[start:stop], highs[start:stop])

    def turn(self, state: EngineState, strategy_id: str, row: Row) -> Step:
        """Ask one strategy what it wants now, on its feature row and what is known beside the bars; once for each bar."""
        actor = self._actors[strategy_id]
        if actor.optional:
            row += shown(state, actor.lead, actor.optional, self._limits[strategy_id].aux_ttl_ns)
        _, decision = self.holds(state, strategy_id, (row,), 0, 1)
        return QUIET if decision is None else self.act(state, strategy_id, row, decision)

    def holds(
        self, state: EngineState, strategy_id: str, rows: Sequence[Row | None], start: int, stop: int
    ) -> tuple[int, Decision | None]:
        """How far the strategy keeps what it has: the first index of `rows[start:stop]` on which it wants something
        else, and that decision; `stop` and None where it holds on all. A row that is None is no turn, and a strategy
        that was stopped has none.

        It is asked once a row, in order. Between the rows nothing but the market may change: no fill, no other step.
        Raises EngineFault where the strategy itself fails.
        """
        decide, params, lead, single, _, _, _, memo, _ = self._actors[strategy_id]
        account = state.accounts[strategy_id]
        if account.stopped:
            return stop, None
        expected, memo = account.positions[lead].qty, account.memo or memo
        if account.open_orders:
            expected += working_qty(state, account, lead)
        try:
            for index in range(
                start, stop
            ):  # no slice: `stop` is far, and most often it wants something soon
                row = rows[index]
                if row is None:
                    continue
                decision = decide(params, row, expected, memo)
                kept = decision[2]
                if decision[0] != expected or (kept is not memo and kept != memo) or not single:
                    return index, decision
        except Exception as error:
            fault = f"strategy {strategy_id} failed in its decision: {type(error).__name__}: {error}"
            raise EngineFault(fault) from error
        return stop, None

    def act(self, state: EngineState, strategy_id: str, row: Row, decision: Decision) -> Step:
        """What a strategy's decision leads to: its new memory, intents, orders or denials; nothing where all is so."""
        account, actor = state.accounts[strategy_id], self._actors[strategy_id]
        target, reason, memo = decision
        reasons = actor.reasons
        if not 0 <= reason < len(reasons):
            raise EngineFault(f"strategy {strategy_id} gives reason {reason}, it has declared {len(reasons)}")
        draft = Draft(state, state.ts)
        if memo != (account.memo or actor.memo):
            remember(draft, account, memo)
        pursue(draft, self._gate, account, target, reasons[reason], row, actor.execution)
        stop_if_ruined(draft, account, actor.leverage_max)
        return draft.step() if draft.events else QUIET

    def step(self, state: EngineState, received: Input) -> Step:
        """What `received` leads to. A market fact must have been applied to `state` before."""
        match received:  # what comes most often first
            case BarClosed():
                watched = pauses.any_changes(state, received.symbol)
                passes = received.ts >= quiet_until(state)
                is_plain = not (passes or watched or self._margins)
                return QUIET if is_plain else self._bar_closed(state, received, passes, watched)
            case (
                FillReported()
                | OrderAcked()
                | OrderRefused()
                | CancelConfirmed()
                | CancelRefused()
                | OrderExpiryReported()
                | OutcomeUnknownReported()
            ):
                return self._heard(state, received)
            case FundingRatePublished():
                return self._settled(state, received)
            case AuxUpdated():
                return QUIET
            case DataEnded():
                return self._data_ended(state, received)
            case _:
                draft = Draft(state, received.ts)
                if isinstance(received, Given):
                    commands.receive(draft, received)
                elif isinstance(received, Command):
                    commands.obey(draft, received)
                else:
                    notices.noted(draft, received)
                return draft.step() if draft.events else QUIET

    def missed(self, state: EngineState, symbol: str, missing: int) -> Step:
        """What a gap of `missing` bars before the newest one leads to."""
        draft = Draft(state, state.ts)
        safety.feed_gap(draft, symbol, missing)
        return draft.step()

    def turned(self, state: EngineState, turns: Sequence[Turn]) -> Step:
        """That series beside the bars went stale, or came back."""
        draft = Draft(state, state.ts)
        for turn in turns:
            draft.add(feed_changed(draft.seq, draft.ts, turn))
        return draft.step()

    def checkpoint(self, state: EngineState) -> Step:
        """The state's hash, as an event of its own."""
        draft = Draft(state, state.ts)
        exits.mark_checkpoint(draft)
        return draft.step()

    def exit_round(self, state: EngineState) -> Step:
        """What the exits under way need next; asked after every step while there are any."""
        draft = Draft(state, state.ts)
        exits.exit_round(draft, self._gate)
        return draft.step() if draft.events else QUIET

    def _heard(self, state: EngineState, report: VenueReport) -> Step:
        draft = Draft(state, report.ts)
        if not isinstance(report, FillReported):
            reports.heard(draft, report)
            return draft.step()
        if self._margins:
            borrow.charge_hours(draft, self._margins)
        before = len(draft.events)
        reports.heard(draft, report)
        filled = draft.events[before]
        if isinstance(filled, OrderFilled):
            if self._margins:
                borrow.charge_fill(draft, report, self._margins)
            halt_on_slip(draft, filled, self._limits[filled.strategy_id])
        return draft.step()

    def _settled(self, state: EngineState, published: FundingRatePublished) -> Step:
        draft = Draft(state, published.ts)
        if self._margins:
            borrow.charge_hours(draft, self._margins)
        for paid in funding.settle(draft, published):
            borrow.charge_funding(draft, paid, self._margins)
        return draft.step()

    def _bar_closed(self, state: EngineState, bar: BarClosed, passes: bool, watched: bool) -> Step:
        """The day, the volatility, the interest up to now, and then whoever is short of margin."""
        draft = Draft(state, bar.ts)
        if passes:
            if day_of(draft.ts) > state.day:
                draft.add(DayRolled(seq=draft.seq, ts=draft.ts, day=day_of(draft.ts)))
            safety.cool_breaker(draft)
        if watched:
            pauses.watch(draft, bar.symbol)
        if self._margins:
            borrow.charge_hours(draft, self._margins)
            margin.liquidate(draft, bar, self._margins)
        return draft.step() if draft.events else QUIET

    def _data_ended(self, state: EngineState, ended: DataEnded) -> Step:
        draft = Draft(state, ended.ts)
        if state.is_finished:
            exits.mark_checkpoint(draft)
        elif state.mode is Mode.STOPPED:
            exits.finish(draft, ended.reason)
        else:
            exits.data_ended(draft, self._gate, ended, self._close_at_end)
        return draft.step()


def quiet_until(state: EngineState) -> int:
    """A bar known before this time leads to nothing by itself, where nobody watches its volatility; strategies have their
    turns all the same."""
    if state.exits:
        return 0
    new_day = (state.day + 1) * NS_PER_DAY
    return new_day if state.breaker.until is None else min(new_day, state.breaker.until)

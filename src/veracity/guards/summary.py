"""What the rules did in a run: denials by rule and strategy, what is left of each limit, the time in each mode (S-106).

A fold of the journal's events, with the state that they fold to: a run and its journal give the same block.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from veracity.domain.amounts import rate_floor
from veracity.domain.events import (
    DayRolled,
    DenialRehearsed,
    Event,
    IntentDenied,
    ModeChanged,
    OrderSubmitted,
)
from veracity.domain.machines import MODE_INITIAL, Mode
from veracity.domain.orders import OPENING
from veracity.domain.policies import RULEBOOK
from veracity.guards.view import RiskLimits
from veracity.state.model import Account, EngineState, equity


class Budget(NamedTuple):
    """A limit that can be used up. `limit`, `worst` and `left` are money or a number of orders; None is unknown."""

    rule: str
    limit: int
    worst: int | None
    left: int | None


class StrategyRisk(NamedTuple):
    """One strategy's part; both counts name every rule of the rulebook, and whatever else refused an intent."""

    denied: Mapping[str, int]
    rehearsed: Mapping[str, int]
    budgets: tuple[Budget, ...]


class RiskBlock(NamedTuple):
    """The block `risk` of a summary."""

    modes: Mapping[Mode, int]  # nanoseconds spent in each mode
    strategies: Mapping[str, StrategyRisk]


class RiskFold:
    """Takes the events of a run, one after the other."""

    def __init__(self) -> None:
        self._denied: dict[str, Counter[str]] = {}
        self._rehearsed: dict[str, Counter[str]] = {}
        self._entries: Counter[str] = Counter()  # of the day so far
        self._entries_worst: Counter[str] = Counter()
        self._modes: Counter[Mode] = Counter()
        self._mode, self._since, self._ts = MODE_INITIAL, -1, 0

    def take(self, event: Event) -> None:
        """Count one event."""
        if self._since < 0:
            self._since = event.ts
        self._ts = event.ts
        match event:
            case IntentDenied():
                self._denied.setdefault(event.strategy_id, Counter())[event.rule] += 1
            case DenialRehearsed():
                self._rehearsed.setdefault(event.strategy_id, Counter())[event.rule] += 1
            case OrderSubmitted() if event.purpose in OPENING:
                self._entries[event.strategy_id] += 1
                worst = max(self._entries_worst[event.strategy_id], self._entries[event.strategy_id])
                self._entries_worst[event.strategy_id] = worst
            case DayRolled():
                self._entries.clear()
            case ModeChanged():
                self._modes[self._mode] += event.ts - self._since
                self._mode, self._since = event.mode_to, event.ts
            case _:
                pass

    def block(self, state: EngineState, limits: Mapping[str, RiskLimits]) -> RiskBlock:
        """The block; `state` is what all the events fold to."""
        modes = Counter(self._modes)
        modes[self._mode] += self._ts - max(self._since, 0)
        return RiskBlock(
            {mode: modes[mode] for mode in Mode},
            {
                name: StrategyRisk(
                    _by_rule(self._denied.get(name, {})),
                    _by_rule(self._rehearsed.get(name, {})),
                    tuple(budgets(state, account, limits[name], self._entries_worst[name])),
                )
                for name, account in state.accounts.items()
            },
        )


def _by_rule(counts: Mapping[str, int]) -> dict[str, int]:
    others = sorted(set(counts) - set(RULEBOOK))
    return {rule: counts.get(rule, 0) for rule in (*RULEBOOK, *others)}


def budgets(state: EngineState, account: Account, limits: RiskLimits, entries: int) -> Iterable[Budget]:
    """What is left of each limit of the account that can be used up; `entries` is the largest number of a day that counts."""
    worth, day, risk = equity(state, account), account.day, account.risk
    if limits.daily_loss is not None:
        start = day.equity_start
        limit = 0 if start is None else max(0, rate_floor(start, limits.daily_loss))
        left = None if start is None or worth is None else max(0, limit - max(0, start - worth))
        yield Budget("daily_loss", limit, risk.day_loss_worst, left)
    if limits.drawdown is not None:
        limit = max(0, rate_floor(risk.peak, limits.drawdown))
        left = None if worth is None else max(0, limit - (risk.peak - worth))
        yield Budget("drawdown", limit, None if worth is None else max(0, risk.peak - worth), left)
    if limits.trades_per_day is not None:
        left = max(0, limits.trades_per_day - day.entries)
        yield Budget("trades_per_day", limits.trades_per_day, entries, left)
    if limits.slippage is not None:
        worst = risk.slip_worst
        yield Budget("slippage_halt", limits.slippage, worst, max(0, limits.slippage - max(0, worst or 0)))

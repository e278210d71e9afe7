"""Where a running engine is, in words and decimal text: what `veracity status` asks for.

Facts of the state alone. What is not known is null, never 0; times are the engine's, which is the time of its inputs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from veracity.domain.amounts import RATE_SCALE, money_text, units_text
from veracity.domain.time import NS_PER_MS, NS_PER_SECOND, ts_text
from veracity.engine.modes import SafeMode
from veracity.guards.summary import Budget, budgets
from veracity.guards.view import RiskLimits
from veracity.state.model import Account, EngineState, accounts_in_order, equity

NEAR_PERCENT: Final = 80
"""A limit of which this much is used up is said to be near."""
EXPOSURE: Final = "max_exposure"
_AMOUNTS: Final = (EXPOSURE, "daily_loss", "drawdown")
_RATES: Final = ("slippage_halt",)


class Holding(msgspec.Struct, frozen=True):
    """What a strategy holds of a symbol, as decimal text."""

    strategy_id: str
    symbol: str
    qty: str


class Waiting(msgspec.Struct, frozen=True):
    """A fill in quarantine, as decimal text."""

    symbol: str
    trade_id: str
    order_id: str
    side: str
    qty: str
    reason: str


class Price(msgspec.Struct, frozen=True):
    """The last bar of a symbol; null where there was none."""

    symbol: str
    last: str | None
    age_s: float | None  # seconds since it was known


class Worth(msgspec.Struct, frozen=True):
    """What a strategy's account is worth at the last prices, as decimal text; null where a held symbol has no price."""

    strategy_id: str
    currency: str
    equity: str | None
    exposure: str | None  # value of what is held, all symbols unsigned
    day: str | None  # since the UTC day began
    total: str | None  # since the run began
    drawdown: str | None  # below the highest equity at a bar's close
    drawdown_percent: float | None


class Used(msgspec.Struct, frozen=True):
    """How much of a limit is used up. `limit` and `left` are money, a number of orders, or a fraction, by the rule."""

    strategy_id: str
    rule: str
    limit: str
    left: str | None
    used_percent: int | None
    near: bool  # at least NEAR_PERCENT is used


class Refusals(msgspec.Struct, frozen=True):
    """How often a rule refused a strategy since the run began."""

    strategy_id: str
    rule: str
    denied: int


class Status(msgspec.Struct, frozen=True):
    """Where the engine is."""

    run_id: str
    ts: str  # the engine's time
    orders_open: int
    holdings: tuple[Holding, ...]
    quarantined: tuple[Waiting, ...]
    stands: tuple[str, ...]  # what stands against trading, in words
    prices: tuple[Price, ...]
    accounts: tuple[Worth, ...]
    limits: tuple[Used, ...]
    refusals: tuple[Refusals, ...]
    slowest_sync_ms: float | None  # of the journal since the process began; null where nobody holds a clock


def status_of(
    state: EngineState,
    outside: Sequence[str],
    limits: Mapping[str, RiskLimits],
    denied: Iterable[tuple[str, str, int]] = (),
    sync_ns_worst: int | None = None,
) -> Status:
    """Where the engine is; `outside` is what stands against trading outside of it, `limits` are those of its strategies,
    `denied` by strategy and rule, `sync_ns_worst` is the journal's longest sync."""
    stands = [*map(str, SafeMode(state).causes), *outside]
    if state.breaker.state.value != "closed":
        stands.append(f"circuit breaker {state.breaker.state.value}")
    stands += [
        f"closing {symbol or 'everything'}: {reason}" for symbol, reason in sorted(state.exits.items())
    ]
    accounts = list(accounts_in_order(state))
    return Status(
        run_id=state.run_id,
        ts=ts_text(state.ts),
        orders_open=len(state.orders),
        holdings=tuple(_holdings(state, accounts)),
        quarantined=tuple(_waiting(state)),
        stands=tuple(stands),
        prices=tuple(_prices(state)),
        accounts=tuple(_worth(state, account) for account in accounts),
        limits=tuple(
            _used(account.strategy_id, budget)
            for account in accounts
            if account.strategy_id in limits
            for budget in _budgets(state, account, limits[account.strategy_id])
        ),
        refusals=tuple(Refusals(*one) for one in denied),
        slowest_sync_ms=None if sync_ns_worst is None else sync_ns_worst / NS_PER_MS,
    )


def _holdings(state: EngineState, accounts: Sequence[Account]) -> Iterator[Holding]:
    for account in accounts:
        for symbol, position in sorted(account.positions.items()):
            if position.qty:
                scale = state.instruments[symbol].qty_scale
                yield Holding(account.strategy_id, symbol, units_text(position.qty, scale))


def _waiting(state: EngineState) -> Iterator[Waiting]:
    for fill in state.quarantined:
        instrument = state.instruments.get(fill.symbol)
        qty = str(fill.qty) if instrument is None else units_text(fill.qty, instrument.qty_scale)
        yield Waiting(fill.symbol, fill.trade_id, fill.order_id, fill.side, qty, fill.reason)


def _prices(state: EngineState) -> Iterator[Price]:
    for symbol, market in sorted(state.markets.items()):
        if market.last is None:
            yield Price(symbol, None, None)
        else:
            age = (state.ts - market.ts) / NS_PER_SECOND
            yield Price(symbol, units_text(market.last, state.instruments[symbol].price_scale), age)


def _worth(state: EngineState, account: Account) -> Worth:
    worth, held = equity(state, account), _exposure(state, account)
    start, peak = account.day.equity_start, account.risk.peak
    if worth is None or held is None:
        return Worth(account.strategy_id, account.currency, None, None, None, None, None, None)
    below = max(0, peak - worth)
    return Worth(
        strategy_id=account.strategy_id,
        currency=account.currency,
        equity=money_text(worth),
        exposure=money_text(held),
        day=None if start is None else money_text(worth - start),
        total=money_text(worth - account.cash_start),
        drawdown=money_text(below),
        drawdown_percent=round(100 * below / peak, 2) if peak > 0 else None,
    )


def _exposure(state: EngineState, account: Account) -> int | None:
    """Money value of what is held, at the last prices; None where one is not known."""
    total = 0
    for symbol, position in account.positions.items():
        if position.qty:
            last = state.markets[symbol].last
            if last is None:
                return None
            total += abs(position.qty) * last * state.instruments[symbol].factor
    return total


def _budgets(state: EngineState, account: Account, limits: RiskLimits) -> Iterator[Budget]:
    """Those of the summary, and the exposure: of what is held now, without what open orders may add."""
    if limits.max_exposure is not None:
        held = _exposure(state, account)
        left = None if held is None else max(0, limits.max_exposure - held)
        yield Budget(EXPOSURE, limits.max_exposure, held, left)
    yield from budgets(state, account, limits, account.day.entries)


def _used(strategy_id: str, budget: Budget) -> Used:
    percent = None
    if budget.left is not None and budget.limit > 0:
        percent = 100 * (budget.limit - budget.left) // budget.limit
    left = None if budget.left is None else _text(budget.rule, budget.left)
    near = percent is not None and percent >= NEAR_PERCENT
    return Used(strategy_id, budget.rule, _text(budget.rule, budget.limit), left, percent, near)


def _text(rule: str, units: int) -> str:
    if rule in _AMOUNTS:
        return money_text(units)
    return units_text(units, RATE_SCALE) if rule in _RATES else str(units)

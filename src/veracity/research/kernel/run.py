"""One compiled run: a plan in, what it came to out, and, where it is asked for, a log of every event."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from veracity.domain.amounts import notional_factor
from veracity.domain.errors import EngineFault, OperatorFault
from veracity.domain.market import Column
from veracity.domain.time import NS_PER_DAY, TS_NEVER
from veracity.engine.core import BoundStrategy
from veracity.engine.opening import Cast, opening, watches
from veracity.research.kernel import assembly, records
from veracity.research.kernel.encoding import costs_record, limits_record
from veracity.research.kernel.records import NONE
from veracity.research.kernel.scope import columns_fit, extent_of, quantity_max, refuse_uncovered
from veracity.research.kernel.tapes import tape_of
from veracity.runtime.feed import features_of, rows_of, window_of
from veracity.runtime.simulation import Plan, first_ts, listing
from veracity.simulator.chance import draw, stream
from veracity.simulator.latency import LatencyModel
from veracity.strategies.interface import Window

LOG_ROWS: Final = 4_096  # to begin with; doubled as often as needed
TASKS: Final = 64
DRAWS: Final = 256


class Prepared:
    """What all runs on one dataset share: its tape, and the windows of features that were asked for.

    `share` also keeps the columns that strategies say they share (`strategies.interface.Window.shared`), which pays
    where one process runs many trials.
    """

    def __init__(self, plan: Plan, *, sample_ns: int = NS_PER_DAY, share: bool = False) -> None:
        self.dataset: Final = plan.dataset
        self.tape: Final = tape_of(plan.dataset, sample_ns)
        self.extent: Final = extent_of(plan.dataset)
        self._share: Final = share
        self._windows: dict[tuple[str, ...], Window] = {}

    def window(self, bound: BoundStrategy) -> Window:
        """The window of a strategy's legs."""
        symbols = tuple(leg.symbol for leg in bound.legs)
        if symbols not in self._windows:
            window = window_of(self.dataset, bound.legs)
            self._windows[symbols] = window._replace(shared={}) if self._share else window
        return self._windows[symbols]


class CompiledRun(NamedTuple):
    """What a compiled run came to; money in 10^-8."""

    final_equity: int
    cash: int
    fees: int
    funding: int
    fills: int
    exits: int  # fills that closed something
    wins: int  # of them, those that won after fees
    traded: int  # value of all fills
    stopped: bool
    seq: int
    samples: Column  # equity on each sample, and at the end
    log: Column | None  # a row an event: `records`
    rows: tuple[Column, ...]  # feature columns


class Kernel:
    """The compiled loop and scans, out of a cache directory; the first use of one compiles it."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._loop: Any = None
        self._scans: dict[tuple[Any, ...], Any] = {}

    def run(self, plan: Plan, prepared: Prepared | None = None, *, log: bool = False) -> CompiledRun:
        """Run the plan, whose only strategy decides.

        Raises OperatorFaults naming what the kernel does not cover, before it starts; OperatorFault where money leaves
        64 bits; EngineFault where the run cannot end, as the engine does.
        """
        prepared = Prepared(plan) if prepared is None else prepared
        refuse_uncovered(plan, prepared.extent)
        bound = plan.bound[0]
        window = prepared.window(bound)
        columns = features_of(bound, window)
        if not columns_fit(len(columns)):
            raise OperatorFault(
                f"strategy {bound.strategy_id}: {len(columns)} feature columns",
                hint="run it without the kernel",
            )
        scan = self._scan(bound, len(columns))
        world = _World(plan, prepared, columns, window, log)
        if self._loop is None:
            self._loop = assembly.loaded(assembly.loop_text(), "loop", self._cache).run
        world.record["scan"] = scan.address
        while (stopped := self._loop(world.address)) != records.DONE:
            _give_room(plan, world, stopped)
        return _told(world, columns, log)

    def _scan(self, bound: BoundStrategy, columns: int) -> Any:
        key = (
            bound.strategy.decide,
            type(bound.params),
            len(bound.params),
            columns,
            len(bound.strategy.memo),
        )
        if key not in self._scans:
            text = assembly.scan_text(bound.strategy, bound.params, columns, len(bound.strategy.memo))
            self._scans[key] = assembly.loaded(text, bound.strategy.name, self._cache).scan
        return self._scans[key]


class _World:
    """The record that the loop reads, and the arrays that it points to."""

    def __init__(
        self, plan: Plan, prepared: Prepared, columns: tuple[Column, ...], window: Window, log: bool
    ) -> None:
        bound, tape = plan.bound[0], prepared.tape
        numbers = {data.source.symbol: number for number, data in enumerate(plan.dataset.instruments)}
        legs = [numbers[leg.symbol] for leg in bound.legs]
        samples = int((tape.segments[:, 6] & records.SAMPLES != 0).sum())
        self.record = np.zeros(1, dtype=records.WORLD)
        self.address: Final = self.record.ctypes.data
        self._kept: dict[str, Any] = {}
        for name, column in tape._asdict().items():
            self.put(name, column)
        self._columns = [np.ascontiguousarray(column) for column in columns]
        self.put("columns", np.array([column.ctypes.data for column in self._columns], dtype=np.int64))
        if len(legs) > 1:
            self.put("rows", rows_of(plan.dataset, bound, window))
        self.put("params", np.array([*bound.params, 0], dtype=np.int64))
        self.put("memory", np.array([*bound.strategy.memo, *[0] * records.MEMO_MAX], dtype=np.int64))
        self.put("decision", np.zeros(2 + records.MEMO_MAX, dtype=np.int64))
        self.put("costs", costs_record(plan.costs))
        self.put("limits", limits_record(bound.limits, bound.margin, [leg.symbol for leg in bound.legs]))
        self.put("account", _account(plan))
        self.put("positions", np.zeros(records.LEGS_MAX, dtype=records.POSITION))
        self.put("last_fill", np.zeros(1, dtype=records.LAST_FILL))
        self.put("leg", _legs(plan, legs))
        self.put("order", np.zeros(records.ORDERS_MAX + 1, dtype=records.ORDER))
        self.put("stage", np.zeros(records.ORDERS_MAX, dtype=records.STAGED))
        self.put("refusals", np.zeros(records.LEGS_MAX * records.RULES_MAX, dtype=np.int64))
        self.put("samples", np.zeros(samples + 1, dtype=np.int64))
        self.make_room("task", np.zeros(TASKS, dtype=records.TASK))
        self.make_room("draws", _draws(plan, DRAWS))
        self.make_room("log", np.zeros((LOG_ROWS if log else 0, records.LOG_WIDTH), dtype=np.int64))
        for name, value in _begin(plan, prepared, legs, log).items():
            self.record[name] = value

    def put(self, name: str, array: Any) -> None:
        """Let the record point to an array, and keep it alive."""
        self._kept[name] = array
        self.record[name] = array.ctypes.data

    def make_room(self, name: str, array: Any) -> None:
        """The same for an array that may grow."""
        self.put(name, array)
        self.record[{"task": "task_rows", "draws": "draw_count", "log": "log_rows"}[name]] = len(array)

    def __getitem__(self, name: str) -> Any:
        return self._kept[name]


def _begin(plan: Plan, prepared: Prepared, legs: list[int], log: bool) -> Mapping[str, int]:
    bound = plan.bound[0]
    begin = first_ts(plan.dataset)
    listed = [listing(data.source) for data in plan.dataset.instruments]
    return {
        "ts": begin,
        "events": len(opening(plan.identity, Cast(listed, plan.started, watches(plan.bound)), begin).events),
        "day": begin // NS_PER_DAY,
        "due": TS_NEVER,
        "logging": int(log),
        "legs": len(legs),
        "trigger": max(legs),
        "warmup": bound.strategy.warmup(bound.params),
        "close_at_end": int(plan.close_at_end),
        "reasons": len(bound.strategy.reasons),
        "qty_max": quantity_max(plan, prepared.extent),
        "memo": len(bound.strategy.memo),
        "segment_count": len(prepared.tape.segments),
    }


def _account(plan: Plan) -> Any:
    account = np.zeros(1, dtype=records.ACCOUNT)
    account["cash"] = account["equity_start"] = plan.started[0].cash
    account["loss_ts"] = NONE
    return account


def _legs(plan: Plan, numbers: list[int]) -> Any:
    legs = np.zeros(records.LEGS_MAX, dtype=records.LEG)
    for slot, (number, leg) in enumerate(zip(numbers, plan.bound[0].legs, strict=True)):
        source = plan.dataset.instruments[number].source
        legs[slot]["instrument"] = number
        legs[slot]["weight"] = leg.weight
        legs[slot]["factor"] = notional_factor(source.price_scale, source.qty_scale)
        for name in ("tick", "lot", "notional_min", "interval_ns"):
            legs[slot][name] = getattr(source, name)
        legs[slot]["last"] = legs[slot]["taken_ts"] = NONE
        legs[slot]["row"] = -1
    return legs


def _draws(plan: Plan, count: int) -> Column:
    """What chance adds to the delay of the strategy's first messages; none where nothing is random."""
    model = LatencyModel.of(plan.costs)
    if not model.is_random:
        return np.empty(0, dtype=np.int64)
    seed = stream(plan.identity.seed, plan.bound[0].strategy_id)
    added = [model.arrival_ns(0, "submit", draw(seed, number)) - model.submit_ns for number in range(count)]
    return np.array(added, dtype=np.int64)


def _give_room(plan: Plan, world: _World, stopped: int) -> None:
    """Twice the room where it was short; raises where the loop stopped for another reason."""
    match stopped:
        case records.LOG_FULL:
            world.make_room("log", np.concatenate((world["log"], np.zeros_like(world["log"]))))
        case records.TASKS_FULL:
            world.make_room("task", np.concatenate((world["task"], np.zeros_like(world["task"]))))
        case records.DRAWS_USED:
            world.make_room("draws", _draws(plan, 2 * len(world["draws"])))
        case records.BAD_REASON:
            bound = plan.bound[0]
            declared = f"it has declared {len(bound.strategy.reasons)}"
            raise EngineFault(
                f"strategy {bound.strategy_id} gives reason {int(world['decision'][1])}, {declared}"
            )
        case records.SHORT:
            raise OperatorFault(
                f"strategy {plan.bound[0].strategy_id} is liquidated, and the kernel closes nobody's account",
                hint="run it with `veracity backtest`",
            )
        case records.NO_END:
            raise EngineFault("the run cannot end: orders stay open or a position is held")
        case _:
            assert stopped == records.TOO_LARGE, stopped
            raise OperatorFault(
                "the run leaves 64 bits, so the compiled kernel stops",
                why="a position, the cash, or the sum of all fills is too large",
                hint="trade smaller quantities, or run it with `veracity backtest`",
            )


def _told(world: _World, columns: tuple[Column, ...], log: bool) -> CompiledRun:
    loop, account = world.record[0], world["account"][0]
    final = int(account["cash"])
    for position, leg in zip(world["positions"], world["leg"], strict=True):
        if position["qty"]:
            final += int(position["qty"]) * int(leg["last"]) * int(leg["factor"])
    world["samples"][-1] = final
    return CompiledRun(
        final_equity=final,
        cash=int(account["cash"]),
        fees=int(account["fees"]),
        funding=int(account["funding"]),
        fills=int(account["fills"]),
        exits=int(loop["exits"]),
        wins=int(loop["wins"]),
        traded=int(loop["traded"]),
        stopped=bool(account["stopped"]),
        seq=int(loop["facts"] + loop["events"]),
        samples=world["samples"],
        log=world["log"][: loop["log_count"]] if log else None,
        rows=columns,
    )

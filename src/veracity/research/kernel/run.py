"""One compiled run: a plan in, what it came to out, and, where it is asked for, a log of every event."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from veracity.domain.errors import EngineFault, OperatorFault
from veracity.domain.market import Column
from veracity.engine.core import BoundStrategy
from veracity.research.kernel import assembly, records
from veracity.research.kernel.needs import Build, build_for
from veracity.research.kernel.scope import columns_fit, refuse_uncovered
from veracity.research.kernel.shown import shown_columns
from veracity.research.kernel.world import Prepared, World, draws_of
from veracity.runtime.feed import told_by
from veracity.runtime.simulation import Plan
from veracity.strategies import exits
from veracity.strategies.interface import Told

__all__ = ["Prepared"]


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
    rows: tuple[Told, ...]  # feature columns


class Kernel:
    """The compiled loop and scans, out of a cache directory; the first use of one compiles it."""

    def __init__(self, cache: Path, choose: Callable[[Plan, bool], Build] = build_for) -> None:
        """`choose` says with which loop a plan is run, and logged; one that can do more does the same."""
        self._cache = cache
        self._choose = choose
        self._loops: dict[Build, Any] = {}
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
        columns = (*told_by(bound, window), *shown_columns(bound, window.known_ts, prepared.beside(bound)))
        if not columns_fit(len(columns)):
            raise OperatorFault(
                f"strategy {bound.strategy_id}: {len(columns)} feature columns",
                hint="run it without the kernel",
            )
        scan = self._scan(bound, tuple(map(type, columns)))
        world = World(plan, prepared, columns, window, log)
        loop = self._loop(self._choose(plan, log))
        world.record["scan"] = scan.address
        while (stopped := loop(world.address)) != records.DONE:
            _give_room(plan, world, stopped)
        return _told(world, columns, prepared.ends_on_sample, log)

    def _loop(self, build: Build) -> Any:
        if build not in self._loops:
            self._loops[build] = assembly.loaded(assembly.loop_text(build), "loop", self._cache).run
        return self._loops[build]

    def _scan(self, bound: BoundStrategy, told: tuple[type, ...]) -> Any:
        key = (
            bound.strategy.decide,
            type(bound.params),
            *((type(bound.params.inner), len(bound.params.inner)) if exits.are_beside(bound.params) else ()),
            len(bound.params),
            told,
            len(bound.strategy.memo),
        )
        if key not in self._scans:
            text = assembly.scan_text(bound.strategy, bound.params, told)
            self._scans[key] = assembly.loaded(text, bound.strategy.name, self._cache).scan
        return self._scans[key]


def _give_room(plan: Plan, world: World, stopped: int) -> None:
    """Twice the room where it was short; raises where the loop stopped for another reason."""
    match stopped:
        case records.LOG_FULL:
            world.double("log")
        case records.TASKS_FULL:
            world.double("task")
        case records.DRAWS_USED:
            world.make_room("draws", draws_of(plan, 2 * world["draws"].shape[-1]))
        case records.BAD_REASON:
            bound = plan.bound[0]
            declared = f"it has declared {len(bound.strategy.reasons)}"
            raise EngineFault(
                f"strategy {bound.strategy_id} gives reason {int(world['decision'][1])}, {declared}"
            )
        case records.SLIPPED:
            raise OperatorFault(
                f"a fill of strategy {plan.bound[0].strategy_id} slipped by more than its limit, and the kernel halts nobody",
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


def _told(world: World, columns: tuple[Told, ...], ends_on_sample: bool, log: bool) -> CompiledRun:
    loop, account = world.record[0], world["account"][0]
    final = int(account["cash"])
    for position, leg in zip(world["positions"], world["leg"], strict=True):
        if position["qty"]:
            final += int(position["qty"]) * int(leg["last"]) * int(leg["factor"])
    world["samples"][-2 if ends_on_sample else -1 :] = (
        final  # a report's last row has all that came behind the last bar
    )
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

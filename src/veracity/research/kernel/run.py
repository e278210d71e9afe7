"""One compiled run: a plan in, what it came to out, and, where it is asked for, a log of every event."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import veracity
from veracity.domain.errors import EngineFault, OperatorFault
from veracity.domain.market import Column
from veracity.engine.core import BoundStrategy
from veracity.research.kernel import records
from veracity.research.kernel.machine_code import Code
from veracity.research.kernel.needs import Build, build_for
from veracity.research.kernel.prepared import Prepared
from veracity.research.kernel.scope import columns_fit
from veracity.research.kernel.shown import shown_columns
from veracity.research.kernel.start import Start, Terms, draws_of, terms_of
from veracity.research.kernel.store import Store
from veracity.research.kernel.world import World, kind_of
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
    trips: int  # round trips: how often a position was closed, or changed sides
    stopped: bool
    seq: int
    samples: Column  # equity on each sample, and at the end
    log: Column | None  # a row an event: `records`
    rows: tuple[Told, ...]  # feature columns


class Kernel:
    """The compiled loop and scans, out of a cache directory; the first use of one compiles it. It makes one run at a time."""

    def __init__(self, cache: Path, choose: Callable[[Plan, bool], Build] = build_for) -> None:
        """`choose` says with which loop a plan is run, and logged; one that can do more does the same."""
        self.place = cache
        self._store = Store(cache)
        self._choose = choose
        self._loops: dict[Build, Code] = {}
        self._scans: dict[tuple[Any, ...], Code] = {}
        self._begun: _Begun | None = None

    def run(self, plan: Plan, prepared: Prepared | None = None, *, log: bool = False) -> CompiledRun:
        """Run the plan, whose only strategy decides.

        Raises OperatorFaults naming what the kernel does not cover, before it starts; OperatorFault where money leaves
        64 bits; EngineFault where the run cannot end, as the engine does.
        """
        prepared = Prepared(plan) if prepared is None else prepared
        begun = self._begin(plan, prepared, log)
        bound = plan.bound[0]
        window = prepared.window(bound)
        columns = (*told_by(bound, window), *shown_columns(bound, window.known_ts, prepared.beside(bound)))
        if not columns_fit(len(columns)):
            raise OperatorFault(
                f"strategy {bound.strategy_id}: {len(columns)} feature columns",
                hint="run it without the kernel",
            )
        scan = self._scan(bound, tuple(map(kind_of, columns)))
        world = begun.world
        world.begin(plan, columns, scan.address)
        while (stopped := begun.loop.call(world.address)) != records.DONE:
            _give_room(plan, world, stopped)
        return _told(world, columns, prepared.ends_on_sample, log)

    def _begin(self, plan: Plan, prepared: Prepared, log: bool) -> "_Begun":
        """What this run has in common with the one before, which in a sweep is all but the values of its parameters."""
        terms, begun = terms_of(plan, log), self._begun
        if begun is None or begun.prepared is not prepared or begun.terms != terms:
            world = World(Start(plan, prepared, log), prepared)
            begun = self._begun = _Begun(prepared, terms, world, self._loop(self._choose(plan, log)))
        return begun

    def _loop(self, build: Build) -> Code:
        if build not in self._loops:
            own = all(_is_own(guard.check) for guard in build.guards)
            asked = f"{sorted(build.needs)} {[guard.rule for guard in build.guards]}" if own else None
            self._loops[build] = self._store.code("loop", asked, lambda: _assembly().loop_text(build), 1)
        return self._loops[build]

    def _scan(self, bound: BoundStrategy, told: tuple[str, ...]) -> Code:
        strategy, params = bound.strategy, bound.params
        key = (
            strategy.decide,
            type(params),
            *((type(params.inner), len(params.inner)) if exits.are_beside(params) else ()),
            len(params),
            told,
            len(strategy.memo),
        )
        if key not in self._scans:
            decide, *_ = key
            inner = decide.inner if isinstance(decide, exits.GuardedDecide) else decide
            beside = (decide.first, decide.beside) if inner is not decide else ()
            said = f"{inner.__module__}.{inner.__qualname__} {beside} {key[1:]}"
            self._scans[key] = self._store.code(
                strategy.name,
                said if _is_own(inner) else None,
                lambda: _assembly().scan_text(strategy, params, told),
                len(records.SCAN),
            )
        return self._scans[key]


class _Begun(NamedTuple):
    """The newest run's terms on a dataset, their memory, and the loop that is made for them."""

    prepared: Prepared
    terms: Terms
    world: World
    loop: Code


def _is_own(function: Any) -> bool:
    """Whether all that the function is made of is in this package."""
    return str(function.__module__).split(".")[0] == veracity.__name__


def _assembly() -> Any:
    """The compiler and Numba with it, which nobody needs for what is compiled already."""
    from veracity.research.kernel import assembly

    return assembly


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
        case records.NO_END:
            raise EngineFault("the run cannot end: orders stay open or a position is held")
        case _:
            assert stopped in (records.TOO_LARGE, records.NONE), stopped
            raise OperatorFault(
                "the run leaves 64 bits, so the compiled kernel stops",
                why="a position, the cash, or the sum of all fills is too large",
                hint="trade smaller quantities, or run it with `veracity backtest`",
            )


def _told(world: World, columns: tuple[Told, ...], ends_on_sample: bool, log: bool) -> CompiledRun:
    loop, account = world.numbers(), world.numbers("account")
    final = account["cash"]
    for number in range(loop["legs"]):
        held, leg = world.numbers("positions", number)["qty"], world.numbers("leg", number)
        if held:
            final += held * leg["last"] * leg["factor"]
    world["samples"][-2 if ends_on_sample else -1 :] = (
        final  # a report's last row has all that came behind the last bar
    )
    return CompiledRun(
        final_equity=final,
        cash=account["cash"],
        fees=account["fees"],
        funding=account["funding"],
        fills=account["fills"],
        trips=loop["trips"],
        stopped=bool(account["stopped"]),
        seq=loop["facts"] + loop["events"],
        samples=world["samples"].copy(),
        log=world["log"][: loop["log_count"]] if log else None,
        rows=columns,
    )

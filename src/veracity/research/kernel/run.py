"""One compiled run: a plan in, what it came to out, and, where it is asked for, a log of every event."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

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
from veracity.research.kernel.world import World, kind_of, worlds_of
from veracity.runtime.feed import told_by
from veracity.runtime.simulation import Plan
from veracity.strategies import exits
from veracity.strategies.interface import Told

__all__ = ["Prepared"]

RUNS_AT_ONCE: Final = 64
"""Runs that go through the tape together: few enough that what each of them changes stays in the cache beside the bars."""


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


Outcome: TypeAlias = CompiledRun | OperatorFault | EngineFault
_Columns: TypeAlias = tuple[Told, ...] | OperatorFault | EngineFault


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
        (outcome,) = self.run_all([plan], Prepared(plan) if prepared is None else prepared, log=log)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def run_all(self, plans: Iterable[Plan], prepared: Prepared, *, log: bool = False) -> list[Outcome]:
        """Run plans on one dataset: many at once, where they differ in the values of their parameters alone.

        What `run` raises for a plan stands in its place, and the others run.
        """
        outcomes: list[Outcome] = []
        for terms, alike in groupby(plans, lambda plan: terms_of(plan, log)):
            left = list(alike)
            for first in range(0, len(left), RUNS_AT_ONCE):
                outcomes += self._run_alike(terms, left[first : first + RUNS_AT_ONCE], prepared)
        return outcomes

    def _run_alike(self, terms: Terms, plans: Sequence[Plan], prepared: Prepared) -> list[Outcome]:
        try:
            begun = self._begin(terms, plans, prepared)
        except OperatorFault as fault:
            return [fault] * len(plans)
        worlds = begun.worlds[: len(plans)]
        told = [self._tell(plan, prepared, world) for plan, world in zip(plans, worlds, strict=True)]
        _go_on(begun.loop, worlds)
        return [
            _outcome(plan, begun.loop, world, columns, terms.log)
            for plan, world, columns in zip(plans, worlds, told, strict=True)
        ]

    def _begin(self, terms: Terms, plans: Sequence[Plan], prepared: Prepared) -> "_Begun":
        """What these runs have in common with those before, which in a sweep is all but the values of their parameters."""
        begun = self._begun
        if begun is None or begun.prepared is not prepared or begun.terms != terms:
            start = Start(plans[0], prepared, terms.log)
            loop = self._loop(self._choose(plans[0], terms.log))
            begun = self._begun = _Begun(prepared, terms, start, loop, [])
        if len(begun.worlds) < len(plans):
            begun.worlds[:] = worlds_of(begun.start, prepared, len(plans))
        return begun

    def _tell(self, plan: Plan, prepared: Prepared, world: World) -> _Columns:
        """Let the world be what it is before the plan's run; answers the feature columns, or why there are none."""
        bound = plan.bound[0]
        window = prepared.window(bound)
        try:
            shown = shown_columns(bound, window.known_ts, prepared.beside(bound))
            columns = (*told_by(bound, window), *shown)
            if not columns_fit(len(columns)):
                what = f"strategy {bound.strategy_id}: {len(columns)} feature columns"
                raise OperatorFault(what, hint="run it without the kernel")
        except (OperatorFault, EngineFault) as fault:
            world.sit_out()
            return fault
        world.begin(plan, columns, self._scan(bound, tuple(map(kind_of, columns))).address)
        return columns

    def _loop(self, build: Build) -> Code:
        if build not in self._loops:
            own = all(_is_own(guard.check) for guard in build.guards)
            asked = f"{sorted(build.needs)} {[guard.rule for guard in build.guards]}" if own else None
            self._loops[build] = self._store.code("loop", asked, lambda: _assembly().loop_text(build), 2)
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
    """The newest runs' terms on a dataset, what they begin with, the loop that is made for them, and their memory."""

    prepared: Prepared
    terms: Terms
    start: Start
    loop: Code
    worlds: list[World]  # their blocks lie one behind the other


def _is_own(function: Any) -> bool:
    """Whether all that the function is made of is in this package."""
    return str(function.__module__).split(".")[0] == veracity.__name__


def _assembly() -> Any:
    """The compiler and Numba with it, which nobody needs for what is compiled already."""
    from veracity.research.kernel import assembly

    return assembly


def _go_on(loop: Code, worlds: Sequence[World]) -> None:
    """Let the runs go on until each has stopped. One that raised stays behind, and the others go on."""
    while loop.call(worlds[0].address, len(worlds)) != records.DONE:
        pass


def _outcome(plan: Plan, loop: Code, world: World, columns: _Columns, log: bool) -> Outcome:
    """What a run came to, with all the room that it needs."""
    if isinstance(columns, Exception):
        return columns
    try:
        while (stopped := world.number("stopped")) != records.DONE:
            _give_room(plan, world, stopped)
            _go_on(loop, [world])
    except (OperatorFault, EngineFault) as fault:
        return fault
    return _told(world, columns, log)


def _give_room(plan: Plan, world: World, stopped: int) -> None:
    """Twice the room where it was short; raises where the run stopped for another reason."""
    world.go_on()
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


def _told(world: World, columns: tuple[Told, ...], log: bool) -> CompiledRun:
    account = world.numbers("account")
    final = account["cash"]
    for number in range(world.number("legs")):
        held, leg = world.numbers("positions", number)["qty"], world.numbers("leg", number)
        if held:
            final += held * leg["last"] * leg["factor"]
    samples = world["samples"].copy()
    samples[world.number("sample_count") :] = final  # with all that came behind the last bar
    return CompiledRun(
        final_equity=final,
        cash=account["cash"],
        fees=account["fees"],
        funding=account["funding"],
        fills=account["fills"],
        trips=world.number("trips"),
        stopped=bool(account["stopped"]),
        seq=world.number("facts") + world.number("events"),
        samples=samples,
        log=world["log"][: world.number("log_count")] if log else None,
        rows=columns,
    )

"""One module of compiled code out of the engine's functions.

Whatever the entry uses is lowered with it, function by function; so the text says all that the machine code depends on,
and `store` keeps that under its hash.
"""

import gc
import inspect
from collections.abc import Iterable
from pathlib import Path
from types import FunctionType
from typing import Any, Final, NamedTuple

from veracity.domain import amounts
from veracity.guards import order_rate
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import Intended
from veracity.research.kernel import (
    books,
    desk,
    gate,
    loop,
    native,
    parts,
    records,
    reports,
    target,
    venue,
    wide,
)
from veracity.research.kernel.lowering import lowered
from veracity.research.kernel.needs import LOG, NOTHING, REHEARSES, Build
from veracity.research.kernel.scope import compiled_guards
from veracity.simulator import fees, partial_fills, slippage
from veracity.state import positions
from veracity.strategies import exits
from veracity.strategies.interface import Strategy

ENTRY: Final = "compiled"  # it alone may call them: it brings them along
WORDS: Final = ("end", "begin", "factor")  # of a column, in the order of `records.COLUMN_WIDTH`
COMPILED: Final = {int: "types.int64", bool: "types.boolean", None: "types.none"}


HOT: Final[frozenset[Any]] = frozenset(
    (
        *(
            loop.turn,
            loop.look,
            loop.expected,
            loop.next_act,
            loop.pass_over,
            loop.fold_bar,
            loop.quiet_until,
        ),
        *(desk.act, desk.pursue, desk.wish, desk.intend, desk.put, desk.settle_alone, desk.judge_staged),
        *(desk.was_said, desk.settle, desk.send, desk.is_alone, desk.launch, desk.forget_refusals),
        *(gate.view_of, gate.opening_on, venue.leave, venue.trade_at_once, venue.match, venue.fill),
        *(venue.executed_in, venue.commission, slippage.execute, reports.hear_of, reports.close_order),
        *(books.book, books.charge, books.say_fill, amounts.rate_ceil, amounts.share_floor),
        *(
            gate.judge,
            amounts.fee_ceil,
            fees.commission,
            positions.book_fill,
            positions.book_fee,
            positions.release_fees,
        ),
        *(slippage.arrival_price, partial_fills.fillable, *(guard.check for guard in GUARDS)),
    )
)
"""What an order passes through on its way, and each bar: in a loop without a log it is put in where it is called. An order's
life was some forty calls, each with the registers to save and an answer to check."""


class Assembly:
    """Collects functions and the classes that they use; each comes after those that it calls."""

    def __init__(self, build: Build = NOTHING) -> None:
        self._build: Final = build
        self._names: dict[Any, str] = {}
        self._imports: list[str] = []
        self._sources: list[str] = []

    def refer(self, used: Any) -> str:
        """The compiled name of a function or NamedTuple, which is taken in where it is new."""
        used = gate.newest if used is order_rate.newest else used
        if used in self._names:
            return self._names[used]
        if isinstance(used, target.Native):
            label = next(label for label, value in vars(native).items() if value is used)
            module = native.__name__
        else:
            label, module = used.__qualname__, used.__module__
        name = f"{module.rpartition('.')[2]}_{label}".replace(".", "_").replace("<", "").replace(">", "")
        if name in self._names.values():
            name = f"{name}_{len(self._names)}"
        self._names[used] = name
        is_hot = used in HOT and LOG not in self._build.needs
        if not isinstance(used, FunctionType):
            self._imports.append(f"from {module} import {label} as {name}")
        elif used is gate.judge:
            self.add(self._judge(name), inline=is_hot)
        else:
            source = lowered(used, name, self.refer, self._build.needs)
            self.add(source, _signature(used), inline=is_hot or used is wide.mul_div)
        return name

    def add(self, source: str, signature: str | None = None, *, inline: bool = False) -> None:
        """Take in a function as it is; one with a signature is compiled for that alone."""
        self._sources.append(f"@part(PARTS, {signature}, inline={inline})\n{source}\n")

    def enter(self, source: str, numbers: int) -> None:
        """Take in the entry, which takes so many numbers."""
        signature = f"types.int64({', '.join(['types.int64'] * numbers)})"
        self._sources.append(f"@entry(PARTS, {signature})\n{source}\n")

    def text(self) -> str:
        """The module."""
        head = [
            "import numpy as np",
            "from numba import types",
            f"from {parts.__name__} import entry, part",
            f"from {native.__name__} import WORLD",
            *sorted(self._imports),
        ]
        return "\n".join([*head, "", "PARTS = []"]) + "\n\n\n" + "\n\n".join(self._sources)

    def _judge(self, name: str) -> str:
        """The guards that have a compiled form, in the order of the run."""
        lines = [
            f"def {name}(leg, qty, limit, firm, view, limits):",
            f"    rule, rehearsed = {records.NONE}, 0",
        ]
        for guard in compiled_guards(self._build):
            intended = f"{self.refer(Intended)}(leg, qty, limit, 0, 0)"
            number = self._build.guards.index(guard)
            lines.append(f"    verdict = {self.refer(guard.check)}({intended}, view, limits)")
            if REHEARSES in self._build.needs:
                lines += [
                    f"    if verdict != {records.NONE} and (limits.dry_run >> {number}) & 1:",
                    f"        rehearsed |= {1 << number}",
                    f"        verdict = {records.NONE}",
                ]
            lines += [
                f"    if {records.NONE} < verdict < 0:",
                f"        return verdict, {number}, rehearsed",
                "    if verdict > 0 and firm == 0:",
                f"        qty, rule = verdict, {number}",
            ]
        return "\n".join([*lines, "    return qty, rule, rehearsed"])


def _signature(function: FunctionType) -> str | None:
    """Signature of a function of the world and of numbers, or of numbers alone, so that it is compiled once and not for each
    literal that it is called with; None for any other."""
    takes = list(inspect.signature(function).parameters.values())
    answers = function.__annotations__["return"]
    of_world = takes[0].name == "world"
    if answers not in COMPILED or any(one.annotation is not int for one in takes[of_world:]):
        return None
    world, numbers = ["WORLD"] * of_world, ["types.int64"] * len(takes[of_world:])
    return f"{COMPILED[answers]}({', '.join((*world, *numbers))})"


def loop_text(build: Build) -> str:
    """The module of the loop that is made for `build`; strategies are no part of it."""
    assembly = Assembly(build)
    name = assembly.refer(loop.run)
    assembly.enter(f"def {ENTRY}(first, count):\n    return {name}(first, count)", 2)
    return assembly.text()


def scan_text(strategy: Strategy, params: Any, told: tuple[str, ...]) -> str:
    """The module that asks one strategy, row after row (`records.SCAN`); `told` are the kinds of its columns."""
    assembly = Assembly()
    load, store = map(assembly.refer, (native.load, native.store))
    values = [_value(kind, number, load) for number, kind in enumerate(told)]
    asked = _asked(assembly, strategy, params, values, load)
    memo = len(strategy.memo)
    lines = [
        f"def {ENTRY}({', '.join(records.SCAN)}):",
        *asked.before,
        *(
            f"    {word}{number} = {load}(columns, {records.COLUMN_WIDTH * number + place})"
            for number in range(len(told))
            for place, word in enumerate(WORDS)
        ),
        f"    target, reason, new = expected, np.int64(0), {asked.kept}",
        *(_many(assembly, asked) if not memo else ["    first, end = start, stop"]),
        "    found = stop",
        "    for index in range(first, end):",
        *asked.each,
        f"        if target != expected or {asked.changed}:",
        "            found = index",
        "            break",
        f"    {store}(decision, 0, target)",
        f"    {store}(decision, 1, reason)",
        *(f"    {store}(decision, {2 + number}, {asked.new[number]})" for number in range(memo)),
        "    return found",
    ]
    assembly.enter("\n".join(lines), len(records.SCAN))
    return assembly.text()


def _many(assembly: Assembly, asked: "_Asked") -> list[str]:
    """Asks as many rows at once as a number has bits, until one of them acts; it alone, or what is left, is asked again by
    itself. Nothing is remembered, so that no answer depends on another, and the compiler asks several in one instruction."""
    return [
        "    first, end, bits = start, stop, np.uint64(0)",
        "    while bits == np.uint64(0) and first + 64 <= stop:",
        "        for row in range(64):",
        "            index = first + row",
        *(f"    {line}" for line in asked.each),
        "            bits |= np.uint64(target != expected) << np.uint64(row)",
        "        first += 64",
        "    if bits != np.uint64(0):",
        f"        first += {assembly.refer(native.lowest)}(bits) - 64",
        "        end = first + 1",
    ]


class _Asked(NamedTuple):
    """The lines of a scan that depend on whether the strategy has exits beside its own."""

    before: list[str]
    each: list[str]
    kept: str
    changed: str
    new: list[str]  # what it remembers now, number by number


def _asked(assembly: Assembly, strategy: Strategy, params: Any, values: list[str], load: str) -> _Asked:
    decide = strategy.decide
    if isinstance(decide, exits.GuardedDecide):
        assert isinstance(params, exits.Params), params
        end, own = len(values) - decide.beside, len(strategy.memo) - exits.KEPT
        inner = params.inner
        asked = _plainly(assembly, decide.inner, inner, [*values[: end - 3], *values[end:]], own, load)
        terms = _made(assembly, params.terms, load, len(inner))
        left = _tuple(f"{load}(memo, {own + number})" for number in range(exits.KEPT))
        leave, bar = assembly.refer(exits.stay_or_leave), _tuple(values[end - 3 : end])
        return _Asked(
            [*asked.before, f"    terms, left = {terms}, {left}", "    still = left"],
            [
                *asked.each,
                f"        target, reason, left = {leave}(terms, {decide.first}, {bar}, expected, target, reason, still)",
            ],
            asked.kept,
            f"{asked.changed} or left != still",
            [*asked.new, *(f"left[{number}]" for number in range(exits.KEPT))],
        )
    return _plainly(assembly, decide, params, values, len(strategy.memo), load)


def _plainly(assembly: Assembly, decide: Any, params: Any, values: list[str], memo: int, load: str) -> _Asked:
    kept = _tuple(f"{load}(memo, {number})" for number in range(memo))
    return _Asked(
        [f"    bound = {_made(assembly, params, load, 0)}", f"    kept = {kept}"],
        [
            f"        target, reason, new = {assembly.refer(decide)}(bound, {_tuple(values)}, expected, kept)",
        ],
        "kept",
        "new != kept" if memo else "False",
        [f"new[{number}]" for number in range(memo)],
    )


def _made(assembly: Assembly, params: Any, load: str, first: int) -> str:
    """The params, out of the numbers from `first` on."""
    numbers = [f"{load}(params, {first + number})" for number in range(len(params))]
    return (
        f"{assembly.refer(type(params))}({', '.join(numbers)})"
        if hasattr(params, "_fields")
        else _tuple(numbers)
    )


def _tuple(parts: Iterable[str]) -> str:
    return f"({''.join(f'{part}, ' for part in parts)})"


def _value(kind: str, number: int, load: str) -> str:
    """What stands in a row of a column whose words (`records.COLUMN_WIDTH`) have that number."""
    if kind == records.NARROW:
        return f"np.int64(np.int32({load}(end{number}, index) - {load}(begin{number}, index))) * np.int64(np.int32(factor{number}))"
    if kind == records.SUM:
        return f"({load}(end{number}, index) - {load}(begin{number}, index)) * factor{number}"
    return f"{load}(end{number}, index)"


def beneath() -> str:
    """What the machine code depends on and no text says: where the fields of a record lie, and how it is compiled."""
    return "".join(inspect.getsource(module) for module in (records, native, parts, target))


def compiled(text: str, place: Path) -> bytes:
    """The object file that Numba and LLVM make of the module of that text; `place` stands in its tracebacks.

    Typing makes millions of small objects that live to its end: looking for garbage among them costs a sixth of the time.
    """
    names: dict[str, Any] = {"__name__": place.stem}
    was_on = gc.isenabled()
    gc.disable()
    try:
        exec(compile(text, str(place), "exec"), names)
    finally:
        if was_on:
            gc.enable()
    content: bytes = names[ENTRY]
    return content

"""From a pure function's own source to the same function in what Numba compiles. One definition, two ways to run it.

The engine's rules are written for people: None is unknown, a refusal says why, whole numbers have no end. Compiled
code has only 64-bit numbers, so the source is rewritten, mechanically and by these rules alone:

a * b // c                  mul_div(a, b, c): the product has 128 bits; constants are multiplied out first
None, x is None             NONE, x == NONE: the smallest number, which no amount can be
Denied(why, remedy)         -1 less the remedy's number: what a guard answers, without its words
Clamped(qty)                qty
"taker"                     its number in WORDS
table.get(key)              table[key]
len(view.squares)         view.squares: of what a guard only counts, the view has how many there are
Money(x), assert, docstring, annotations: x, and nothing
params.trend()              Params.trend(params): a method of an argument's NamedTuple is a function of it
world.account               where it lies beside the world, for all that is of a run alone (`layout`)
world.legs                  1, where the run needs no more of them
for slot in range(n):       a while, with a number that grows
leg in (a, b)               leg == a or leg == b
if TIERS: (`needs`)         what is inside, or nothing: whether the run needs it is known before it is compiled

Whatever else Numba does not know it refuses when it compiles, by line. Nothing is guessed.
"""

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Collection
from copy import deepcopy
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final, NewType

from veracity.domain.amounts import RATE_ONE
from veracity.domain.instruments import Instrument
from veracity.guards.view import Clamped, Denied
from veracity.research.kernel import native, wide
from veracity.research.kernel.layout import PLACES
from veracity.research.kernel.needs import HEDGE, Need
from veracity.research.kernel.records import NONE
from veracity.research.kernel.target import Native

DENIED: Final = -1
WORDS: Final = ("maker", "taker", "buy", "sell")
METHODS: Final = {"notional": Instrument.notional, "qty_floor": Instrument.qty_floor}
TWINS: Final = {math.isqrt: wide.isqrt}
BUILTINS: Final = frozenset(("abs", "bool", "float", "int", "len", "max", "min", "range"))

Refer = Callable[[Any], str]
"""Takes a function or a NamedTuple that is used, and answers the name that it has in the compiled module."""


def lowered(function: FunctionType, name: str, refer: Refer, needs: Collection[Need] = ()) -> str:
    """Source of `function` as it is compiled, called `name`, for a run that has these `needs`.

    Raises TypeError where it uses something that has no compiled form.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef), function
    made = _Lowering(function, refer, needs).visit(tree)
    made.name = name
    return ast.unparse(ast.fix_missing_locations(made))


class _Lowering(ast.NodeTransformer):
    def __init__(self, function: FunctionType, refer: Refer, needs: Collection[Need]) -> None:
        self._where = f"{function.__module__}.{function.__qualname__}"
        self._function = function
        self._globals = function.__globals__
        code = function.__code__
        self._locals = frozenset(code.co_varnames + code.co_cellvars)
        self._types: dict[str, type] = {}
        self._is_wide = function.__module__ == wide.__name__  # it minds the 64 bits itself
        self._refer = refer
        self._needs = needs
        self._counts = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns, node.decorator_list = None, []
        self._types = _types(self._function, node)
        arguments = node.args
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            one.annotation = None
        arguments.defaults = [self.visit(value) for value in arguments.defaults]
        node.body = self._lines(node.body)
        return node

    def visit_If(self, node: ast.If) -> Any:
        """What is decided before the run leaves only the branch that is taken."""
        known = self._known(node.test)
        if known is not None:
            return self._lines(node.body if known else node.orelse) or None
        node.test = self.visit(node.test)
        node.body, node.orelse = self._lines(node.body) or [ast.Pass()], self._lines(node.orelse)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        known = self._known(node.test)
        if known is not None:
            return self.visit(node.body if known else node.orelse)
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        """Of a condition that is known in part, the rest."""
        known = self._known(node)
        if known is not None:
            return ast.Constant(known)
        node.values = [self.visit(one) for one in node.values if self._known(one) is None]
        return node if node.values[1:] else node.values[0]

    def _lines(self, lines: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for line in lines:
            visited = self.visit(line)
            made += visited if isinstance(visited, list) else [] if visited is None else [visited]
        return made

    def _known(self, test: ast.expr) -> bool | None:
        """What a condition is for every run that this is compiled for; None where it depends on the run."""
        if isinstance(test, ast.Name) and test.id not in self._locals:
            value = self._globals.get(test.id)
            return value in self._needs if isinstance(value, Need) else None
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            known = self._known(test.operand)
            return None if known is None else not known
        if isinstance(test, ast.BoolOp):
            decides = isinstance(test.op, ast.Or)
            parts = [self._known(one) for one in test.values]
            return decides if decides in parts else None if None in parts else not decides
        return None

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Constant):
            return None
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> Any:
        return node

    def visit_Assert(self, node: ast.Assert) -> Any:
        return None

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is None:
            return None
        return self.visit(ast.Assign([node.target], node.value))

    def visit_For(self, node: ast.For) -> Any:
        """A count is a number that grows: an iterator is twenty instructions to type and to lower."""
        counted, target = node.iter, node.target
        if not (isinstance(counted, ast.Call) and _is_name(counted.func, "range") and counted.args[2:] == []):
            return self.generic_visit(node)
        assert isinstance(target, ast.Name), self._where
        assert not node.orelse, self._where
        bounds = [self.visit(one) for one in counted.args]
        begin, end = bounds if bounds[1:] else (ast.Constant(0), *bounds)
        self._counts += 1
        at, stop = f"_at{self._counts}", f"_stop{self._counts}"
        return [
            _assigned(at, begin),
            _assigned(stop, end),
            ast.While(
                ast.Compare(_read(at), [ast.Lt()], [_read(stop)]),
                [
                    _assigned(target.id, _read(at)),
                    _assigned(at, ast.BinOp(_read(at), ast.Add(), ast.Constant(1))),
                    *self._lines(node.body),
                ],
                [],
            ),
        ]

    def visit_Compare(self, node: ast.Compare) -> Any:
        among = node.comparators[0]
        if (
            isinstance(node.ops[0], ast.In)
            and isinstance(among, ast.Tuple)
            and isinstance(node.left, ast.Name | ast.Attribute)
        ):
            several: list[ast.expr] = [
                ast.Compare(deepcopy(node.left), [ast.Eq()], [one]) for one in among.elts
            ]
            return self.visit(ast.BoolOp(ast.Or(), several))
        self.generic_visit(node)
        same = {ast.Is: ast.Eq(), ast.IsNot: ast.NotEq()}
        node.ops = [same.get(type(one), one) for one in node.ops]
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        return self._literal(node.value, node.value)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, ast.FloorDiv) and not self._is_wide:
            return self._quotient(node)
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            factors = [_number(factor) for factor in _factors(node)]
            if None in factors and any(one is not None and one >= RATE_ONE for one in factors):
                where = f"{self._where} multiplies by a rate's unit without dividing"
                raise TypeError(f"{where}: {ast.unparse(node)} may not fit 64 bits")
        return node

    def _quotient(self, node: ast.BinOp) -> ast.expr:
        """A division; that of a product becomes `mul_div` with the largest factors last, where 128 bits hold them."""
        factors = [self.visit(factor) for factor in _factors(node.left)]
        below = [self.visit(factor) for factor in _factors(node.right)]
        divisor = _product(below)
        above = _product(factors)
        if not isinstance(above, ast.BinOp) or not isinstance(above.op, ast.Mult):
            return ast.BinOp(above, ast.FloorDiv(), divisor)
        call = ast.Name(self._refer(wide.mul_div), ast.Load())
        return ast.Call(call, [above.left, above.right, divisor], [])

    def visit_Call(self, node: ast.Call) -> Any:
        target = self._target(node.func)
        if (
            isinstance(node.func, ast.Name)
            and node.func.id == "len"
            and isinstance(node.args[0], ast.Attribute)
        ):
            return self.visit(node.args[0])
        if target is Denied:
            remedy = [self.visit(one) for one in node.args[1:]]
            return ast.BinOp(ast.Constant(DENIED), ast.Sub(), remedy[0]) if remedy else ast.Constant(DENIED)
        if target is Clamped or isinstance(target, NewType):
            return self.visit(node.args[0])
        if target is None and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get":
                return ast.Subscript(self.visit(node.func.value), self.visit(node.args[0]), ast.Load())
            method = METHODS.get(node.func.attr) or self._method(node.func)
            if method is not None:
                name = ast.Name(self._refer(method), ast.Load())
                values = [node.func.value, *node.args]
                return ast.Call(name, [self.visit(value) for value in values], [])
        return self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id == "world":
            return self._of_world(node)
        target = self._target(node)
        return self.generic_visit(node) if target is None else self._literal(target, ast.unparse(node))

    def _of_world(self, node: ast.Attribute) -> ast.expr:
        """A number of the world; or where something lies beside it."""
        if node.attr == "legs" and HEDGE not in self._needs:
            return ast.Constant(1)
        if node.attr not in PLACES:
            return node
        beside = ast.Name(self._refer(native.beside), ast.Load())
        return ast.Call(beside, [node.value, ast.Constant(PLACES[node.attr].start)], [])

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id in self._locals or not isinstance(node.ctx, ast.Load):
            return node
        if node.id not in self._globals and node.id in BUILTINS:
            return node
        if node.id not in self._globals:
            raise TypeError(f"{self._where} uses {node.id}, which has no compiled form")
        return self._literal(self._globals[node.id], node.id)

    def _target(self, node: ast.expr) -> Any:
        """What a global name or an attribute of a global module means; None for everything else."""
        if isinstance(node, ast.Name) and node.id not in self._locals:
            return self._globals.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._target(node.value)
            if isinstance(owner, ModuleType) and owner.__name__ != "numpy":
                return getattr(owner, node.attr)
        return None

    def _method(self, node: ast.Attribute) -> FunctionType | None:
        """The function behind a method of an argument; None for everything else."""
        owner = self._types.get(node.value.id) if isinstance(node.value, ast.Name) else None
        found = vars(owner).get(node.attr) if owner is not None else None
        return found if isinstance(found, FunctionType) else None

    def _literal(self, value: Any, said: Any) -> ast.expr:
        """The compiled form of a global value."""
        if value is None:
            return ast.Constant(NONE)
        if isinstance(value, str) and value in WORDS:
            return ast.Constant(WORDS.index(value))
        if isinstance(value, bool | int | float):
            return ast.Constant(value)
        if isinstance(value, ModuleType) and value.__name__ == "numpy":
            return ast.Name("np", ast.Load())
        if isinstance(value, FunctionType | BuiltinFunctionType | Native) or hasattr(value, "_fields"):
            return ast.Name(self._refer(TWINS.get(value, value)), ast.Load())
        if isinstance(value, type) and issubclass(value, Exception):
            return ast.Name(value.__name__, ast.Load())
        if isinstance(value, tuple):
            return ast.Tuple([self._literal(one, said) for one in value], ast.Load())
        raise TypeError(f"{self._where} uses {said}, which has no compiled form")


def _types(function: FunctionType, node: ast.FunctionDef) -> dict[str, type]:
    """The NamedTuples among a function's arguments that it never gives another value."""
    walked = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    stored = {one.id for one in walked if isinstance(one.ctx, ast.Store)}
    kinds = {one.arg: function.__annotations__.get(one.arg) for one in node.args.args}
    return {
        name: kind
        for name, kind in kinds.items()
        if name not in stored and kind is not None and hasattr(kind, "_fields")
    }


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _read(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _factors(node: ast.expr) -> list[ast.expr]:
    """The factors of a product, in order."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _factors(node.left) + _factors(node.right)
    return [node]


def _product(factors: list[ast.expr]) -> ast.expr:
    """The factors multiplied again, all that are known at the end and as one number."""
    known = [one for one in map(_number, factors) if one is not None]
    others = [factor for factor in factors if _number(factor) is None]
    if known and (math.prod(known) != 1 or not others):
        others.append(ast.Constant(math.prod(known)))
    product = others[0]
    for other in others[1:]:
        product = ast.BinOp(product, ast.Mult(), other)
    return product


def _number(node: ast.expr) -> int | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None

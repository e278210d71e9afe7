"""The small language of guards: whole numbers, facts, comparisons, and, or, not, + and -.

A guard is checked, evaluated by the linter over a small domain, and written into the generated module as it stands.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final

_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
}


class GuardRefused(ValueError):
    """The text is not a guard; the message says which part."""


def parse(text: str, facts: list[str]) -> ast.expr:
    """Read a guard that may look at these facts; raises GuardRefused for anything else."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise GuardRefused(f"`{text}` is not an expression") from error
    unknown = [name for name in names(tree) if name not in facts]
    if unknown:
        raise GuardRefused(f"`{text}` looks at unknown {', '.join(unknown)}")
    if not isinstance(evaluate(tree, dict.fromkeys(facts, 0)), bool):
        raise GuardRefused(f"`{text}` is not a condition")
    return tree


def names(tree: ast.expr) -> list[str]:
    """The facts that a guard looks at, sorted."""
    return sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})


def evaluate(node: ast.expr, facts: Mapping[str, int]) -> Any:
    """Value of a guard for these facts. Every part is evaluated, so that no foreign part hides behind an `or`."""
    match node:
        case ast.BoolOp(op=joint, values=parts):
            values = [evaluate(part, facts) for part in parts]
            return any(values) if isinstance(joint, ast.Or) else all(values)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return not evaluate(part, facts)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            values = [evaluate(part, facts) for part in (left, *rights)]
            compare = [_known(_COMPARE, op) for op in ops]
            return all(holds(a, b) for holds, (a, b) in zip(compare, pairwise(values), strict=True))
        case ast.BinOp(left=left, op=op, right=right):
            return _known(_ARITHMETIC, op)(evaluate(left, facts), evaluate(right, facts))
        case ast.Name(id=name):
            return facts[name]
        case ast.Constant(value=number) if type(number) is int:
            return number
        case _:
            raise GuardRefused(f"`{ast.unparse(node)}` is not allowed in a guard")


def _known(table: Mapping[type[Any], Callable[..., Any]], op: ast.AST) -> Callable[..., Any]:
    found = table.get(type(op))
    if found is None:
        raise GuardRefused(f"operator {type(op).__name__} is not allowed in a guard")
    return found

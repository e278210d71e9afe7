"""What a linter cannot see in a pure room: floats, true division, the order of sets, hidden state, the world outside.

Each rule is a function from a node to the words of its problem; `problems` walks a tree and adds line and function.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

MUTABLE_CALLS = {"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"}
# Functions that take the elements of their argument one after the other, so its order shows.
ORDER_SHOWN_BY = {
    "list",
    "tuple",
    "enumerate",
    "iter",
    "next",
    "map",
    "zip",
    "filter",
    "reversed",
    "dict",
    "join",
}
OUTSIDE_CALLS = {
    "open",
    "print",
    "input",
    "breakpoint",
    "eval",
    "exec",
    "compile",
    "__import__",
    "hash",
    "id",
}
OUTSIDE_MODULES = {
    *("os", "io", "sys", "time", "random", "socket", "pathlib", "logging", "subprocess", "datetime", "secrets"),
    *("uuid", "tempfile", "shutil", "threading", "asyncio", "multiprocessing", "urllib", "http", "pickle"),
}  # fmt: skip
EXACT_MATH = {"isqrt", "gcd", "lcm", "comb", "prod"}
FLOAT_NAMES = {"float", "float16", "float32", "float64", "floating", "complex", "truediv", "fsum"}
FLOAT_FUNCTIONS = {
    "sqrt",
    "mean",
    "average",
    "std",
    "var",
    "divide",
    "true_divide",
    "log",
    "exp",
    "power",
    "interp",
}


class Problem(NamedTuple):
    """Where a rule is broken, and which."""

    line: int
    function: str  # innermost enclosing function; empty at module level
    what: str


def problems(tree: ast.Module) -> list[Problem]:
    """Every breach in a module, by line."""
    found = [*_walk(tree, "", _sets_of(tree)), *_module_state(tree)]
    return sorted(found)


def _walk(node: ast.AST, function: str, sets: frozenset[str]) -> Iterator[Problem]:
    for child in ast.iter_child_nodes(node):
        inner, known = function, sets
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = getattr(child, "name", function)
            known = sets | _sets_of(child)
        for what in _breaches(child, known):
            yield Problem(getattr(child, "lineno", 0), inner, what)
        yield from _walk(child, inner, known)


def _breaches(node: ast.AST, sets: frozenset[str]) -> Iterator[str]:
    yield from _numbers(node)
    yield from _outside(node)
    yield from _set_order(node, sets)
    if isinstance(node, ast.Global):
        yield f"global {', '.join(node.names)}"


def _numbers(node: ast.AST) -> Iterator[str]:
    """Floats and what makes them."""
    match node:
        case ast.Constant(value=float() | complex()):
            yield f"float literal {node.value!r}"
        case ast.Name(id=name) if name in FLOAT_NAMES:
            yield f"float: {name}"
        case ast.Attribute(value=ast.Name(id="np" | "numpy" | "math" | "operator"), attr=name) if (
            name in FLOAT_NAMES | FLOAT_FUNCTIONS
        ):
            yield f"float: {ast.unparse(node)}"
        case ast.ImportFrom(module="math", names=names):
            yield from (f"float: math.{alias.name}" for alias in names if alias.name not in EXACT_MATH)
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            yield f"true division: {ast.unparse(node)}"


def _outside(node: ast.AST) -> Iterator[str]:
    """Modules and builtins that reach the world, or what differs between processes."""
    match node:
        case ast.Import(names=names):
            modules = [alias.name for alias in names]
            yield from (f"import of {name}" for name in modules if name.split(".")[0] in OUTSIDE_MODULES)
        case ast.ImportFrom(module=str(module)) if module.split(".")[0] in OUTSIDE_MODULES:
            yield f"import of {module}"
        case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if module in OUTSIDE_MODULES:
            yield f"call of {module}.{name}"
        case ast.Call(func=ast.Name(id=name)) if name in OUTSIDE_CALLS:
            yield f"call of {name}"


def _set_order(node: ast.AST, sets: frozenset[str]) -> Iterator[str]:
    """Places where the order of a set shows."""
    match node:
        case ast.For(iter=source) | ast.comprehension(iter=source) | ast.Starred(value=source):
            shown = [source]
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments) if (
            name in ORDER_SHOWN_BY
        ):
            shown = arguments
        case ast.Call(func=ast.Attribute(value=taken_from, attr="pop")):
            shown = [taken_from]
        case _:
            return
    yield from (f"order of a set: {ast.unparse(one)}" for one in shown if _is_set(one, sets))


def _is_set(node: ast.expr, sets: frozenset[str]) -> bool:
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.Call(
            func=ast.Attribute(
                value=of, attr="union" | "intersection" | "difference" | "symmetric_difference" | "copy"
            )
        ):
            return _is_set(of, sets)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), right=right):
            return _is_set(left, sets) or _is_set(right, sets)
        case ast.Name(id=name):
            return name in sets
        case _:
            return False


def _sets_of(scope: ast.AST) -> frozenset[str]:
    """Names that a scope binds to a set or says to be one, inner functions left out."""
    names: set[str] = set()
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        names |= {one.arg for one in (*scope.args.args, *scope.args.kwonlyargs) if _says_set(one.annotation)}
    pending = list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_set(value, frozenset(names)):
                names.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                if _says_set(annotation) or (value is not None and _is_set(value, frozenset(names))):
                    names.add(name)
        pending.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def _says_set(annotation: ast.expr | None) -> bool:
    return annotation is not None and any(
        isinstance(part, ast.Name) and part.id in {"set", "frozenset", "Set", "AbstractSet"}
        for part in ast.walk(annotation)
    )


def _module_state(tree: ast.Module) -> Iterator[Problem]:
    """Names of the module that hold something mutable and are not Final."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=targets, value=value):
                annotation, names = None, [ast.unparse(target) for target in targets]
            case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr() as value):
                names = [ast.unparse(target)]
            case _:
                continue
        final = annotation is not None and ast.unparse(annotation).startswith("Final")
        if _is_mutable(value) and not final and names != ["__all__"]:
            yield Problem(node.lineno, "", f"module-level mutable: {', '.join(names)}")


def _is_mutable(value: ast.expr) -> bool:
    match value:
        case ast.List() | ast.Dict() | ast.Set() | ast.ListComp() | ast.DictComp() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in MUTABLE_CALLS
        case _:
            return False

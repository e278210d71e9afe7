"""Finds code that changes a field of the engine's state, by syntax: an assignment, a deletion, or a call that mutates.

Names stand for types here: an attribute counts when a struct of state/model.py has a field of its name. What a module
does to objects of its *own* classes is its own affair, unless it goes through something called a state.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

MUTATORS = {
    *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault", "add", "discard"),
    *("sort", "reverse", "__setitem__", "__delitem__"),
}  # fmt: skip
SETTERS = {"setattr", "delattr", "force_setattr", "__setattr__", "__delattr__"}


class Write(NamedTuple):
    """A place that changes a state field."""

    line: int
    text: str


def state_fields(model: ast.Module) -> frozenset[str]:
    """Every field of every struct of state/model.py that can be changed."""
    return frozenset(
        node.target.id
        for struct in model.body
        if isinstance(struct, ast.ClassDef) and "frozen=True" not in ast.unparse(struct).split(":")[0]
        for node in struct.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    )


def state_writes(tree: ast.Module, fields: frozenset[str]) -> list[Write]:
    """Every write to a field of that name, by line."""
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    found = []
    for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
        own = _own_names(scope, classes)
        for node in _nodes(scope):
            if any(_is_state(target, fields, own) for target in _targets(node)):
                found.append(Write(getattr(node, "lineno", 0), ast.unparse(node)))
            elif isinstance(node, ast.Call) and _callee(node) in SETTERS:
                found.append(Write(node.lineno, ast.unparse(node)))
    return sorted(found)


def _nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """What belongs to a scope, without the functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from _nodes(child)


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that a statement or a call changes."""
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            pending = list(targets)
        case ast.AugAssign(target=target) | ast.For(target=target):
            pending = [target]
        case ast.AnnAssign(target=target, value=ast.expr()):
            pending = [target]
        case ast.withitem(optional_vars=ast.expr() as target):
            pending = [target]
        case ast.Call(func=ast.Attribute(value=changed, attr=name)) if name in MUTATORS:
            pending = [changed]
        case _:
            return
    for one in pending:
        if isinstance(one, ast.Tuple | ast.List):
            pending.extend(one.elts)
        elif isinstance(one, ast.Starred):
            pending.append(one.value)
        else:
            yield one


def _is_state(target: ast.expr, fields: frozenset[str], own: frozenset[str]) -> bool:
    while isinstance(target, ast.Subscript):
        target = target.value
    if not isinstance(target, ast.Attribute) or target.attr not in fields:
        return False
    path = _path(target)
    if path[0] == "self":
        return len(path) > 2
    return path[0] not in own or any("state" in part for part in path[1:-1])


def _path(node: ast.expr) -> list[str]:
    """Names from the root to the end: `a.b[c].d` is a, b, d; a root that is no name is empty text."""
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.Attribute(value=value, attr=name):
            return [*_path(value), name]
        case ast.Subscript(value=value):
            return _path(value)
        case _:
            return [""]


def _own_names(scope: ast.AST, classes: set[str]) -> frozenset[str]:
    """Names in a scope that stand for objects of this module's classes, or for parts of such objects."""
    own: set[str] = set()
    if isinstance(scope, ast.FunctionDef):
        arguments = (*scope.args.args, *scope.args.kwonlyargs)
        own = {
            one.arg for one in arguments if one.annotation is not None and _names(one.annotation) & classes
        }
    for node in _nodes(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if _callee(value) in classes or (
                    own & {_path(value)[0]} and "state" not in ast.unparse(value)
                ):
                    own.add(name)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if (
                _names(annotation) & classes
            ):
                own.add(name)
    return frozenset(own)


def _names(annotation: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(annotation) if isinstance(part, ast.Name)}


def _callee(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case _:
            return ""

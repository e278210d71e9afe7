"""The mutation operators: which edits a statement, an expression or a table allows.

Operators that leave a test no chance to see a difference by its own assert (a name that is missing, a wrong type) are left
out: a crash is no kill, and every trial costs time.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple


class Edit(NamedTuple):
    """Replace bytes of the file. `row` is the row of a table that it touches."""

    operator: str
    line: int
    row: int | None
    begin: int
    end: int
    text: str


class Source:
    """A file's bytes and where its lines begin; syntax trees count columns in bytes."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer(b"\n", text))]

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Return where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def of(self, node: ast.expr | ast.stmt) -> str:
        """Return a node's text."""
        begin, end = self.span(node)
        return self.text[begin:end].decode()

    def replace(self, operator: str, node: ast.expr | ast.stmt, text: str) -> Edit:
        """Return the edit that puts `text` in the place of a node, on as many lines."""
        begin, end = self.span(node)
        missing = "\n" * (self.text.count(b"\n", begin, end) - text.count("\n"))
        whole = f"({text}{missing})" if missing and isinstance(node, ast.expr) else text + missing
        return Edit(operator, node.lineno, None, begin, end, whole)

    def between(self, operator: str, left: ast.expr, right: ast.expr, old: str, new: str) -> Edit | None:
        """Return the edit of the operator that stands between two operands."""
        begin, end = self.span(left)[1], self.span(right)[0]
        words = rb"\s+".join(re.escape(word.encode()) for word in old.split())
        found = re.compile(words).search(self.text, begin, end)
        if found is None:
            return None
        line = self.text.count(b"\n", 0, found.start()) + 1
        return Edit(operator, line, None, found.start(), found.end(), new)


_NEGATED: Final = {
    ast.Lt: ("<", ">="),
    ast.LtE: ("<=", ">"),
    ast.Gt: (">", "<="),
    ast.GtE: (">=", "<"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
_EDGE: Final = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}
_ARITHMETIC: Final = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "//"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
}
_OPPOSITES: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


def statement_edits(body: Sequence[ast.stmt], source: Source) -> Iterator[Edit]:
    """Yield the edits of whole statements: one deleted, two neighbours swapped, one condition forced."""
    for statement in body:
        yield from _deletions(statement, source)
        for block in _blocks(statement):
            yield from statement_edits(block, source)
    for one, other in pairwise(body):
        if _acts(one) and _acts(other):
            (begin, middle), (resume, end) = source.span(one), source.span(other)
            between = source.text[middle:resume].decode()
            swapped = source.of(other) + between + source.of(one)
            yield Edit("swap neighbours", one.lineno, None, begin, end, swapped)


def _deletions(node: ast.stmt, source: Source) -> Iterator[Edit]:
    match node:
        case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()):
            yield source.replace("delete call", node, "pass")
        case ast.Assign() | ast.AnnAssign(value=ast.expr()):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets):
                yield source.replace("delete assignment", node, "pass")
        case ast.AugAssign():
            yield source.replace("delete assignment", node, "pass")
        case ast.Raise():
            yield source.replace("delete raise", node, "pass")
        case ast.Delete() | ast.Continue() | ast.Break():
            yield source.replace("delete statement", node, "pass")
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield source.replace("return nothing", node, "return None")


def _acts(node: ast.stmt) -> bool:
    """Return whether a statement does something whose order may matter."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete)


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if block:
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


def expression_edits(root: ast.AST, source: Source) -> Iterator[Edit]:
    """Yield the edits inside expressions, outermost first."""
    for node in _expressions(root):
        match node:
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                yield source.replace("force condition", test, "False")
                if not isinstance(node, ast.While):  # for ever is no fault that a test can name
                    yield source.replace("force condition", test, "True")
            case ast.comprehension(ifs=conditions):
                for test in conditions:
                    yield source.replace("force condition", test, "True")
            case ast.match_case(guard=ast.expr() as test):
                yield source.replace("force condition", test, "True")
            case _:
                yield from _expression(node, source)


def _expression(node: ast.AST, source: Source) -> Iterator[Edit]:
    match node:
        case ast.Compare():
            yield from _comparison(node, source)
        case ast.BoolOp(op=operator, values=values):
            old, new = ("and", "or") if isinstance(operator, ast.And) else ("or", "and")
            for left, right in pairwise(values):
                yield from _found(source.between("and for or", left, right, old, new))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
            if not isinstance(left, ast.JoinedStr) and not _is_text(left):
                yield from _found(source.between("arithmetic", left, right, *_ARITHMETIC[type(sign)]))
        case ast.AugAssign(target=target, op=sign, value=value) if type(sign) in _ARITHMETIC:
            old, new = _ARITHMETIC[type(sign)]
            yield from _found(source.between("arithmetic", target, value, f"{old}=", f"{new}="))
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield source.replace("drop sign", node, f"({source.of(operand)})")
        case ast.Call():
            yield from _call(node, source)
        case ast.Constant():
            yield from _constant(node, source)


def _comparison(node: ast.Compare, source: Source) -> Iterator[Edit]:
    operands = [node.left, *node.comparators]
    for (left, right), sign in zip(pairwise(operands), node.ops, strict=True):
        yield from _found(source.between("negate compare", left, right, *_NEGATED[type(sign)]))
        if type(sign) in _EDGE:
            yield from _found(source.between("edge of compare", left, right, *_EDGE[type(sign)]))


def _call(node: ast.Call, source: Source) -> Iterator[Edit]:
    if isinstance(node.func, ast.Name) and node.func.id in _OPPOSITES:
        yield source.replace("opposite", node.func, _OPPOSITES[node.func.id])
    for keyword in node.keywords:
        if keyword.arg is not None:
            yield _dropped(keyword, source)


def _dropped(keyword: ast.keyword, source: Source) -> Edit:
    """Return the edit that leaves an argument to its default, with the comma that belongs to it."""
    begin, end = source.span(keyword)
    comma = re.compile(rb"\s*,").match(source.text, end)
    if comma is not None:
        end = comma.end()
    else:  # the last one: the comma before it, if there is one
        before = re.compile(rb",\s*\Z").search(source.text, 0, begin)
        begin = before.start() if before is not None else begin
    newlines = "\n" * source.text.count(b"\n", begin, end)
    return Edit("drop keyword", keyword.lineno, None, begin, end, newlines)


def _constant(node: ast.Constant, source: Source) -> Iterator[Edit]:
    value = node.value
    if isinstance(value, bool):
        yield source.replace("flip bool", node, str(not value))
    elif isinstance(value, int | float):
        yield source.replace("number plus one", node, f"({source.of(node)} + 1)")
    elif isinstance(value, str | bytes) and "\n" not in source.of(node):
        text = source.of(node)
        quote = text[-1]
        yield source.replace("other text", node, f"{text}{quote}~{quote}" if value else f"{quote}~{quote}")


def _expressions(root: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one, without annotations, defaults, decorators, docstrings, patterns and f-strings."""
    if isinstance(root, ast.Expr) and isinstance(root.value, ast.Constant):
        return
    yield root
    for field, value in ast.iter_fields(root):
        if field in {"annotation", "returns", "decorator_list", "pattern", "args", "type_params"} and not (
            isinstance(root, ast.Call)
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.JoinedStr) or not isinstance(child, ast.AST):
                continue
            yield from _expressions(child)


def row_edits(value: ast.expr, source: Source) -> Iterator[Edit]:
    """Yield the edits of a table: a row dropped, a row that leads elsewhere, then what stands in its rows."""
    table = value
    while isinstance(table, ast.Call) and table.args:  # frozenset((...)), MappingProxyType({...})
        table = table.args[0]
    if isinstance(table, ast.Dict):
        keys = [key for key in table.keys if key is not None]
        if len(keys) == len(table.keys):
            starts = [source.span(key)[0] for key in keys]
            yield from _rows(keys, starts, table.values, source)
            for row, (one, other) in enumerate(_retargets(table.values, source)):
                edit = source.replace("retarget row", one, source.of(other).replace("\n", " "))
                yield edit._replace(row=row, line=keys[row].lineno)
    elif isinstance(table, ast.Tuple | ast.List | ast.Set):
        starts = [source.span(row)[0] for row in table.elts]
        yield from _rows(table.elts, starts, table.elts, source)
        for row, (one, other) in enumerate(pairwise(table.elts)):
            (begin, middle), (resume, end) = source.span(one), source.span(other)
            text = source.of(other) + source.text[middle:resume].decode() + source.of(one)
            if not isinstance(table, ast.Set):
                yield Edit("swap neighbours", one.lineno, row, begin, end, text)
    yield from _inside_rows(table, source)


def _rows(
    heads: Sequence[ast.expr], starts: Sequence[int], ends: Sequence[ast.expr], source: Source
) -> Iterator[Edit]:
    for row, (head, begin, last) in enumerate(zip(heads, starts, ends, strict=True)):
        end = source.span(last)[1]
        comma = re.compile(rb"\s*,").match(source.text, end)
        if comma is None and row:  # the last row of one line: its comma stands before it
            begin = source.span(ends[row - 1])[1]
        stop = comma.end() if comma else end
        yield Edit("drop row", head.lineno, row, begin, stop, "\n" * source.text.count(b"\n", begin, stop))


def _retargets(values: Sequence[ast.expr], source: Source) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each value with the next one that reads differently."""
    for row, value in enumerate(values):
        others = (*values[row + 1 :], *values[:row])
        yield value, next((other for other in others if source.of(other) != source.of(value)), value)


def _inside_rows(table: ast.expr, source: Source) -> Iterator[Edit]:
    if isinstance(table, ast.Dict):
        parts = list(enumerate(table.values))
    elif isinstance(table, ast.Tuple | ast.List | ast.Set):
        parts = list(enumerate(table.elts))
    else:
        parts = [(0, table)]
    for row, part in parts:
        for edit in expression_edits(part, source):
            yield edit._replace(row=row)


def _found(edit: Edit | None) -> Iterator[Edit]:
    if edit is not None:
        yield edit


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)

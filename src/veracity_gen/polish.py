"""Makes what datamodel-codegen cannot: immutable arrays, a tag for a union of one, no junk alias, one layout.

The edits go by syntax tree, not by text, so that they cannot hit a description.
"""

import ast
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

# Isolated: the house rules of pyproject.toml are for written code, and would make output depend on them.
RUFF: Final = ["-m", "ruff"]
RUFF_STYLE: Final = ["--isolated", "--line-length=110", "--target-version=py311"]

Edit = tuple[int, int, str]  # start, end (character offsets) and the text that takes their place


def immutable_arrays(source: str) -> str:
    """Turn every `list[X]` into `tuple[X, ...]` and its default too: what is frozen must not hold a list."""
    offsets = _Offsets(source)
    edits: list[Edit] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "list":
            end = offsets.end(node)
            edits += [(*offsets.span(node.value), "tuple"), (end - 1, end - 1, ", ...")]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.List):
            items = ast.Tuple(node.value.elts, ast.Load())
            edits.append((*offsets.span(node.value), ast.unparse(items)))
    return _edited(source, edits)


def patterns_aside(source: str) -> str:
    """Turn `pattern=X` of a Meta into `extra={"pattern": X}`: msgspec would run a regex on each text of each record.

    `veracity.domain.decoding` checks them.
    """
    offsets = _Offsets(source)
    edits: list[Edit] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Meta":
            for option in node.keywords:
                if option.arg == "pattern":
                    start, end = offsets.span(option.value)
                    edits += [(start - len("pattern="), start, 'extra={"pattern": '), (end, end, "}")]
    return _edited(source, edits)


def frozen_and_tagged(source: str) -> str:
    """Say `frozen=True` on every struct, as type checkers do not take it from the base, and tag the only ones.

    The tool tags structs in unions of two and more; a union of one keeps its `kind: Literal["x"]` as a field.
    """
    offsets = _Offsets(source)
    edits: list[Edit] = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        options = ", frozen=True"
        for field in node.body:
            if isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == "kind":
                options += f', tag_field="kind", tag="{_literal(field.annotation)}"'
                edits.append((*offsets.span(field), ""))
        end = offsets.end(node.bases[-1])
        edits.append((end, end, options))
    return _edited(source, edits)


def _literal(annotation: ast.expr) -> str:
    """The text x of the `Literal["x"]` in an annotation."""
    for part in ast.walk(annotation):
        if isinstance(part, ast.Subscript) and ast.unparse(part.value) == "Literal":
            text: str = ast.literal_eval(part.slice)
            return text
    raise AssertionError(f"no Literal in {ast.unparse(annotation)}")


def without_alias(source: str, name: str) -> str:
    """Drop the top-level alias `name`: a document that only has `$defs` yields a junk alias of Any."""
    return _edited(source, [(*_Offsets(source).span(_alias(source, name)), "")])


def plain_alias(source: str, name: str) -> str:
    """Turn `name: TypeAlias = Annotated[X, Meta(title=...)]` into `name: TypeAlias = X`, which is what X is."""
    offsets = _Offsets(source)
    value = _alias(source, name).value
    assert isinstance(value, ast.Subscript)
    assert isinstance(value.slice, ast.Tuple)
    start, end = offsets.span(value.slice.elts[0])
    outer_start, outer_end = offsets.span(value)
    return _edited(source, [(outer_start, start, ""), (end, outer_end, "")])


def _alias(source: str, name: str) -> ast.Assign | ast.AnnAssign:
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name:
            return node
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return node
    raise AssertionError(f"no alias named {name}")


def without_header(source: str) -> str:
    """Drop the leading comment lines of the tool; ours name the real sources, not the temporary ones."""
    lines = source.splitlines(keepends=True)
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        del lines[0]
    return "".join(lines)


def formatted(files: dict[str, str]) -> dict[str, str]:
    """Sort imports, drop unused ones and lay out all Python files in one go; other files pass untouched."""
    python = [name for name in files if name.endswith(".py")]
    with TemporaryDirectory(prefix="veracity-gen-") as scratch:
        for name in python:
            path = Path(scratch, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        check = ["check", *RUFF_STYLE, "--quiet", "--no-cache", "--fix", "--select=F401,I", scratch]
        layout = [
            "format",
            *RUFF_STYLE,
            "--quiet",
            "--no-cache",
            "--config=format.skip-magic-trailing-comma=true",
            scratch,
        ]
        for arguments in (check, layout):
            subprocess.run([sys.executable, *RUFF, *arguments], check=True)
        done = {name: Path(scratch, name).read_text(encoding="utf-8") for name in python}
    return files | done


class _Offsets:
    """Character offsets of syntax nodes, whose own columns count UTF-8 bytes in a line."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.end_lineno, node.end_col_offset)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        return self._at(node.lineno, node.col_offset), self.end(node)

    def _at(self, line: int, column: int) -> int:
        text = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(text)


def _edited(source: str, edits: list[Edit]) -> str:
    """Apply from the end, so that earlier offsets stay true; inner edits of one place come last."""
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source

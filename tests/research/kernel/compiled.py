"""One function, lowered and compiled alone, to be called from Python."""

from pathlib import Path
from types import FunctionType
from typing import Any

from veracity.research.kernel.assembly import ENTRY, Assembly
from veracity.research.kernel.store import Store


def compiled(function: FunctionType, cache: Path) -> Any:
    """`function`, of numbers, as the kernel has it: where it would raise it answers `records.NONE`."""
    assembly = Assembly()
    name = assembly.refer(function)
    arguments = function.__code__.co_varnames[: function.__code__.co_argcount]
    listed = ", ".join(arguments)
    assembly.enter(f"def {ENTRY}({listed}):\n    return {name}({listed})", len(arguments))
    return Store(cache).code("test", None, assembly.text, len(arguments)).call

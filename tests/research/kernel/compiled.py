"""One function, lowered and compiled alone, to be called from Python."""

from pathlib import Path
from types import FunctionType
from typing import Any

from veracity.research.kernel.assembly import ENTRY, Assembly, loaded


def compiled(function: FunctionType, cache: Path) -> Any:
    """`function` as the kernel has it."""
    assembly = Assembly()
    name = assembly.refer(function)
    arguments = ", ".join(function.__code__.co_varnames[: function.__code__.co_argcount])
    assembly.add(f"def call({arguments}):\n    return {name}({arguments})", ENTRY)
    return loaded(assembly.text(), "test", cache).call

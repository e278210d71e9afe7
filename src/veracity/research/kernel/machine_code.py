"""Machine code out of an object file: LLVM's loader and ctypes, and neither Numba nor a compiler.

Importing Numba and what it needs to compile takes longer than a sweep of a hundred trials. So a process that finds its
code compiled (`store`) loads it with this and nothing else.
"""

from ctypes import CFUNCTYPE, c_int64
from typing import Any, Final, NamedTuple

from llvmlite import binding as llvm  # type: ignore[import-untyped]

ENTRY: Final = "veracity_kernel"
"""The function of an object file that is called from outside: 64-bit numbers in, one out; `records.NONE` where it raised."""


class Code(NamedTuple):
    """One loaded function."""

    address: int
    call: Any
    engine: Any  # owns the memory in which the code lies


def machine() -> str:
    """What an object file fits: this processor and this LLVM."""
    features = llvm.get_host_cpu_features().flatten()
    return f"{llvm.get_process_triple()} {llvm.get_host_cpu_name()} {features} {llvm.llvm_version_info}"


def load(content: bytes, arguments: int) -> Code:
    """The ENTRY of an object file that `machine` made, which takes so many numbers."""
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
    engine.add_object_file(llvm.ObjectFileRef.from_data(content))
    engine.finalize_object()
    address = engine.get_function_address(ENTRY)
    assert address, f"no {ENTRY} in the object file"
    return Code(address, CFUNCTYPE(c_int64, *[c_int64] * arguments)(address), engine)


def _target() -> Any:
    """Each engine owns one."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(jit=True)

# mypy: disable-error-code="no-untyped-call"
"""How the functions of the compiled loop are built: each is only typed and lowered, and the whole is optimised once.

Numba makes machine code of every function that it compiles, links it into each that calls it, and optimises it again
there; most of the first start went that way. Nobody calls these functions from Python, so they need no machine code of
their own: all are linked once, into the entry, which becomes an object file (`machine_code`). They are typed by the few
rules of `target`, and by the steps of Numba's pipeline that they need: half of Numba's thirty look for what they have not.
"""

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core.bytecode import ByteCode, FunctionIdentity
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_lock import global_compiler_lock
from numba.core.lowering import Lower
from numba.core.targetconfig import ConfigStack
from numba.core.typed_passes import NativeLowering, NoPythonBackend, NopythonTypeInference
from numba.core.untyped_passes import (
    FixupArgs,
    GenericRewrites,
    IRProcessing,
    RewriteDynamicRaises,
    TranslateByteCode,
)

from veracity.research.kernel.machine_code import ENTRY
from veracity.research.kernel.records import NONE
from veracity.research.kernel.target import Dispatcher

COUNTS: Final = ("NRT_incref", "NRT_decref")
"""How Numba counts who has an array. Ours are parts of a record that is nobody's, and making one would need more than these."""
C_LIBRARY: Final = ("sqrt", "memcpy", "memmove", "memset")  # what every process has

Parts = list[tuple[Any, Any]]
"""The parts of a module, each behind those that it calls, with the signature that it is compiled for; None for whatever it is
called with."""


class PartLibrary(JITCodeLibrary):
    """Code that is linked into other code, and never runs by itself. What it calls is linked where it is."""

    def _optimize_functions(self, ll_module: Any) -> None:
        """The library that it ends in is optimised as a whole."""
        ll_module.data_layout = self._codegen._data_layout

    def finalize(self) -> None:
        """Nothing can be added any more."""
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True


class EntryLibrary(JITCodeLibrary):
    """Code that is called from outside: with it are linked its parts, and theirs. It ends as an object file."""

    content = b""

    def finalize(self) -> None:
        """Link, optimise, make machine code."""
        for library in self._linking_libraries:  # grows on the way
            if isinstance(library, PartLibrary):
                self._linking_libraries += library._linking_libraries
        super().finalize()

    def _optimize_final_module(self) -> None:
        """Once. Numba does so before it takes out counts of arrays, and again behind that."""
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)

    def _finalize_final_module(self) -> None:
        missing = [one.name for one in self._final_module.functions if one.is_declaration]
        foreign = [name for name in missing if name not in C_LIBRARY and not name.startswith("llvm.")]
        assert not foreign, f"{self.name} calls what only Numba's own processes have: {foreign}"
        self.content = self._codegen._tm.emit_object(self._final_module)
        self._finalized = True


class EntryLower(Lower):
    """Makes the entry one that any C program could call: an error is an answer, since nobody there knows Python's."""

    def create_cfunc_wrapper(self) -> None:
        """`machine_code.ENTRY`: what the function answers, or NONE where it raised."""
        convention, described = self.context.call_conv, self.fndesc
        module = self.context.create_module(ENTRY)
        kind = convention.get_function_type(described.restype, described.argtypes)
        inner = ir.Function(module, kind, described.llvm_func_name)
        number = ir.IntType(64)
        outer = ir.Function(module, ir.FunctionType(number, [number] * len(described.argtypes)), ENTRY)
        builder = ir.IRBuilder(outer.append_basic_block())
        status, answer = convention.call_function(
            builder, inner, described.restype, described.argtypes, outer.args
        )
        builder.ret(builder.select(status.is_error, number(NONE), answer))
        for name in COUNTS:
            owner = ir.IntType(8).as_pointer()
            counted = ir.Function(module, ir.FunctionType(ir.VoidType(), [owner]), name)
            ir.IRBuilder(counted.append_basic_block()).ret_void()
        self.library.add_ir_module(module)


class _EntryLowering(NativeLowering):
    lowering_class = EntryLower


TYPING: Final = (
    TranslateByteCode,
    FixupArgs,
    IRProcessing,
    GenericRewrites,
    RewriteDynamicRaises,
    NopythonTypeInference,
)
"""The steps from bytecode to types. A variable has one type in a whole function, so that it needs no other name behind each
assignment; and there are no closures, arrays or contexts."""


class _Part(CompilerBase):
    """Compiles a part."""

    library: type[JITCodeLibrary] = PartLibrary
    lowering: type[NativeLowering] = NativeLowering

    def compile_extra(self, function: Any) -> Any:
        """From the function to LLVM's text of it, without what Numba does around each step."""
        state = self.state
        state.func_id = FunctionIdentity.from_function(function)
        state.bc = ByteCode(state.func_id)
        state.lifted, state.lifted_from = (), None
        state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
        with ConfigStack().enter(state.flags.copy()):
            for step in (*TYPING, self.lowering, NoPythonBackend):
                step().run_pass(state)
        state.pipeline = None
        return state.cr


class _Entry(_Part):
    """Compiles what is called from outside."""

    library = EntryLibrary
    lowering = _EntryLowering


def part(parts: Parts, signature: Any = None, *, inline: bool = False) -> Callable[[Any], Any]:
    """Decorates a function that others call, which joins the `parts`; `inline` puts it in wherever it is called."""

    def decorate(function: Any) -> Any:
        options = {
            "nopython": True,
            "no_cpython_wrapper": True,
            "no_cfunc_wrapper": True,
            "forceinline": inline,
        }
        made = Dispatcher(function, targetoptions=options, pipeline_class=_Part)
        parts.append((made, signature))
        return made

    return decorate


def entry(parts: Parts, signature: Any) -> Callable[[Any], bytes]:
    """Decorates the function that is called from outside and makes of it, and of the `parts`, an object file."""

    def decorate(function: Any) -> bytes:
        for one, known in parts:
            if known is not None:
                one.compile(known)
                one.disable_compile()
        options = {"nopython": True, "no_cpython_wrapper": True}
        made: Any = Dispatcher(function, targetoptions=options, pipeline_class=_Entry)
        with global_compiler_lock:
            made.compile(signature)
            (compiled,) = made.overloads.values()
            compiled.library.finalize()
        return bytes(compiled.library.content)

    return decorate

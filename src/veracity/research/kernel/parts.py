# mypy: disable-error-code="no-untyped-call, call-overload"
"""How the functions of the compiled loop are built: each is only typed and lowered, and the whole is optimised once.

Numba makes machine code of every function that it compiles, links it into each that calls it, and optimises it again
there; most of the first start went that way. Nobody calls these functions from Python, so they need no machine code of
their own: all are linked once, into the entry, which becomes an object file (`machine_code`).
"""

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.typed_passes import NativeLowering, NopythonRewrites
from numba.core.untyped_passes import InlineClosureLikes

from veracity.research.kernel.machine_code import ENTRY
from veracity.research.kernel.records import NONE

COUNTS: Final = ("NRT_incref", "NRT_decref")
"""How Numba counts who has an array. Ours are parts of a record that is nobody's, and making one would need more than these."""
C_LIBRARY: Final = ("sqrt", "memcpy", "memmove", "memset")  # what every process has


class PartLibrary(JITCodeLibrary):
    """Code that is linked into other code, and never runs by itself. What it calls is linked where it is."""

    def _optimize_functions(self, ll_module: Any) -> None:
        """The library that it ends in is optimised as a whole."""
        ll_module.data_layout = self._codegen._data_layout

    linked = False  # while an entry takes its parts in

    def _get_module_for_linking(self) -> Any:
        if not PartLibrary.linked:
            raise TypeError(f"{self.name} is a part: only an EntryCompiler's function can call it")
        return super()._get_module_for_linking()

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
        PartLibrary.linked = True
        try:
            super().finalize()
        finally:
            PartLibrary.linked = False

    def _finalize_final_module(self) -> None:
        missing = [one.name for one in self._final_module.functions if one.is_declaration]
        foreign = [name for name in missing if name not in C_LIBRARY and not name.startswith("llvm.")]
        assert not foreign, f"{self.name} calls what only Numba's own processes have: {foreign}"
        self.content = self._codegen._tm.emit_object(self._final_module)
        self._finalized = True


class _Lowering(NativeLowering):
    """Lowers a function into a library of its own kind; what stands for its machine code is only a name under which it is called."""

    _name = "lowering"
    kind: type[JITCodeLibrary]

    def run_pass(self, state: Any) -> bool:
        """As Numba's, without the step that makes an executable."""
        context = state.targetctx
        state.library = self.kind(context.codegen(), state.func_id.func_qualname)
        context.get_executable = lambda library, function, env: (
            [].append
        )  # one of its own: Numba asks for a builtin
        try:
            return bool(super().run_pass(state))
        finally:
            del context.get_executable


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(_Lowering):
    """Lowers a function into a PartLibrary."""

    _name = "part_lowering"
    kind = PartLibrary


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


@register_pass(mutates_CFG=True, analysis_only=False)
class EntryLowering(_Lowering):
    """Lowers a function into an EntryLibrary."""

    _name = "entry_lowering"
    kind = EntryLibrary
    lowering_class = EntryLower

    def run_pass(self, state: Any) -> bool:
        """As Numba's; then what is linked is complete."""
        done = super().run_pass(state)
        state.library.finalize()
        return done


NEEDLESS: Final = (InlineClosureLikes, NopythonRewrites)  # there are neither closures nor arrays


def _pipeline(state: Any, lowering: type) -> list[Any]:
    """Numba's own with another last step, without those that have nothing to do here."""
    manager = DefaultPassBuilder.define_nopython_pipeline(state)
    steps = [(step, said) for step, said in manager.passes if step not in NEEDLESS]
    manager.passes = [(lowering if step is NativeLowering else step, said) for step, said in steps]
    manager.finalize()
    return [manager]


class PartCompiler(CompilerBase):
    """Compiles a part."""

    def define_pipelines(self) -> list[Any]:
        """The only pipeline."""
        return _pipeline(self.state, PartLowering)


def signed(parts: list[tuple[Any, Any]], signature: Any, **options: bool) -> Callable[[Any], Any]:
    """Decorates a part that has this signature alone, and joins the `parts` of its module; `options` are Numba's."""

    def decorate(function: Any) -> Any:
        part = njit(pipeline_class=PartCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(
            function
        )
        parts.append((part, signature))
        return part

    return decorate


class EntryCompiler(CompilerBase):
    """Compiles what is called from outside; the signed parts come first."""

    def define_pipelines(self) -> list[Any]:
        """The only pipeline; `PARTS` of the entry's module come in the order in which they call each other."""
        for part, signature in self.state.func_id.func.__globals__["PARTS"]:
            part.compile(signature)
            part.disable_compile()
        return _pipeline(self.state, EntryLowering)

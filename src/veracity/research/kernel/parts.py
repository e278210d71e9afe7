# mypy: disable-error-code="no-untyped-call, call-overload"
"""How the functions of the compiled loop are built: each is only typed and lowered, and the whole is optimised once.

Numba makes machine code of every function that it compiles, and optimises it again in each that calls it; three quarters
of the first start went there. Nobody calls these functions from Python, so they need no machine code of their own. They are
compiled only where the entry is: one that comes out of the cache has them in it.
"""

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


class PartLibrary(JITCodeLibrary):
    """Code that is linked into other code, and never runs by itself."""

    def _optimize_final_module(self) -> None:
        """The library that it ends in is optimised as a whole."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Lowers a function into a PartLibrary; what stands for its machine code is only a name under which it is called."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:
        """As Numba's, without the step that makes an executable."""
        context = state.targetctx
        state.library = PartLibrary(context.codegen(), state.func_id.func_qualname)
        context.get_executable = lambda library, function, env: (
            [].append
        )  # one of its own: Numba asks for a builtin
        try:
            return bool(super().run_pass(state))
        finally:
            del context.get_executable


class PartCompiler(CompilerBase):
    """Numba's own pipeline with another last step."""

    def define_pipelines(self) -> list[Any]:
        """The only pipeline."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [
            (PartLowering if step is NativeLowering else step, said) for step, said in manager.passes
        ]
        manager.finalize()
        return [manager]


def signed(parts: list[tuple[Any, Any]], signature: Any) -> Callable[[Any], Any]:
    """Decorates a part that has this signature alone, and joins the `parts` of its module."""

    def decorate(function: Any) -> Any:
        part = njit(pipeline_class=PartCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
        parts.append((part, signature))
        return part

    return decorate


class EntryCompiler(CompilerBase):
    """Numba's own pipeline. It is asked for only where the entry is not in the cache; then the signed parts come first."""

    def define_pipelines(self) -> list[Any]:
        """The only pipeline; `PARTS` of the entry's module come in the order in which they call each other."""
        for part, signature in self.state.func_id.func.__globals__["PARTS"]:
            part.compile(signature)
            part.disable_compile()
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]

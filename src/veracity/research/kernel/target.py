# mypy: disable-error-code="no-untyped-call, misc"
"""What the kernel's functions may use of Numba: whole numbers, floats, tuples and records, and what `native` adds.

For a `+` Numba has some forty rules, for arrays, dates, texts and sets among others; it asks one after the other, and loads
whatever knows one. Most of the first start went that way. Here it has the rules for numbers, tuples and records alone, and
takes the rest (`max`, the calls of `native`) from this registry. What has no rule here is refused when it is compiled.
"""

import math
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, Final

import numpy as np
from numba import types
from numba.core import imputils
from numba.core.cpu import CPUContext
from numba.core.registry import CPUDispatcher, CPUTarget
from numba.core.typing import arraydecl, builtins, collections, npydecl, templates
from numba.core.typing.context import Context

TYPED: Final = templates.Registry()
LOWERED: Final = imputils.Registry("veracity")
RULES: Final = frozenset(module.__name__ for module in (builtins, arraydecl, collections))
"""Modules of Numba with the rules for numbers, for records, and for tuples with names."""
NUMBERS: Final = (np.int64, np.int32, np.uint64)

Generate = Callable[[Any, Any, Any, Any], Any]
"""Writes the code of a call: of context, LLVM's builder, signature and values, the value that it answers."""


class Native:
    """A function whose code is written for LLVM, with this signature alone."""

    def __init__(self, signature: Any, generate: Generate) -> None:
        self.__name__ = generate.__name__
        teach(self, signature, generate)


def teach(function: Any, signature: Any, generate: Generate) -> None:
    """What a function is for arguments that fit the signature without loss."""
    template = templates.make_concrete_template(function.__name__, function, [signature])
    template.unsafe_casting = False
    TYPED.register_global(function, types.Function(template))
    LOWERED.lower(function, *signature.args)(generate)


class _Typing(Context):
    """Numba's rules for the types of what is allowed."""

    def load_additional_registries(self) -> None:
        """None but these."""

    def _load_builtins(self) -> None:
        if not self._registries:
            whole, own = templates.builtin_registry, templates.Registry()
            own.functions += filter(_is_allowed, whole.functions)
            own.attributes += filter(_is_allowed, whole.attributes)
            functions = [(used, kind) for used, kind in whole.globals if isinstance(kind, types.Function)]
            own.globals += [(used, kind) for used, kind in functions if all(map(_is_allowed, kind.templates))]
            own.globals += [(used, kind) for used, kind in npydecl.registry.globals if used in NUMBERS]
            self.install_registry(own)
        self.install_registry(TYPED)


class _Lowering(CPUContext):
    """How they become LLVM's."""

    def load_additional_registries(self) -> None:
        """What the rules for types lead to."""
        from numba.cpython import builtins, numbers, rangeobj, tupleobj  # noqa: F401
        from numba.np import arrayobj  # noqa: F401

        self.install_registry(LOWERED)

    def post_lowering(self, module: Any, library: Any) -> None:
        """Nothing: Numba would link its counts of arrays."""

    def get_executable(self, library: Any, described: Any, environment: Any) -> Any:
        """No machine code, but a name under which the part is called: one of its own, and Numba asks for a builtin."""
        return [].append


class _Target(CPUTarget):
    typing_context = _Typing()
    target_context = _Lowering(typing_context)


class Dispatcher(CPUDispatcher):
    """A function that is typed and lowered by these rules."""

    targetdescr = _Target("cpu")


def _is_allowed(rule: Any) -> bool:
    return any(kind.__module__ in RULES for kind in rule.__mro__)


def _extreme(order: str) -> Generate:
    def generate(context: Any, builder: Any, signature: Any, values: Iterable[Any]) -> Any:
        return reduce(
            lambda one, other: builder.select(builder.icmp_signed(order, other, one), other, one), values
        )

    return generate


def _of_llvm(name: str) -> Generate:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic(name, [values[0].type]), values)

    return generate


def _cast(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return context.cast(builder, values[0], signature.args[0], signature.return_type)


for _count in (2, 3):
    teach(min, types.int64(*[types.int64] * _count), _extreme("<"))
    teach(max, types.int64(*[types.int64] * _count), _extreme(">"))
for _kind in (types.int64, types.float64, types.boolean):
    teach(int, types.int64(_kind), _cast)
teach(int, types.uint64(types.uint64), _cast)
teach(np.sqrt, types.float64(types.float64), _of_llvm("llvm.sqrt"))
LOWERED.lower(math.fabs, types.float64)(_of_llvm("llvm.fabs"))  # what abs() of a float is lowered to

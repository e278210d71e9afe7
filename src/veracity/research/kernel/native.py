"""Records and columns by address, for compiled code: one pointer goes from function to function, and nothing is counted.

An array that is handed from one compiled function to another costs a struct of seven words and a reference count; a
record costs its address. So the world (`records.WORLD`) holds the addresses of what it consists of, and these read it.
The arrays belong to `run`, which keeps them alive.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import from_dtype, types

from veracity.research.kernel import records
from veracity.research.kernel.records import NONE, SCAN
from veracity.research.kernel.target import Generate, Native

NATIVE = (types.int64, types.int64)
WORLD = from_dtype(records.WORLD)


def _native(signature: Any) -> Callable[[Generate], Any]:
    """Decorates what writes the code of a function that has this signature."""
    return lambda generate: Native(signature, generate)


def _accessor(dtype: np.dtype[Any]) -> Any:
    """`at(address, index)`: the record of that number in the array that begins at the address."""
    kind = from_dtype(dtype)

    @_native(kind(*NATIVE))
    def at(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        begin = builder.inttoptr(values[0], ir.IntType(8).as_pointer())
        distance = builder.mul(values[1], ir.Constant(values[1].type, dtype.itemsize))
        return builder.bitcast(builder.gep(begin, [distance]), context.get_value_type(kind))

    return at


world_at: Any = _accessor(records.WORLD)
bar_at: Any = _accessor(records.BAR)
account_at: Any = _accessor(records.ACCOUNT)
position_at: Any = _accessor(records.POSITION)
last_fill_at: Any = _accessor(records.LAST_FILL)
leg_at: Any = _accessor(records.LEG)
order_at: Any = _accessor(records.ORDER)
staged_at: Any = _accessor(records.STAGED)
task_at: Any = _accessor(records.TASK)
costs_at: Any = _accessor(records.COSTS)
limits_at: Any = _accessor(records.LIMITS)
aux_at: Any = _accessor(records.AUX)
margin_at: Any = _accessor(records.MARGIN)
tier_at: Any = _accessor(records.TIER)
turnover_at: Any = _accessor(records.TURNOVER)


@_native(types.int64(WORLD, types.int64))
def beside(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """The address that lies so far from the world's: `layout`."""
    begin = builder.bitcast(values[0], ir.IntType(8).as_pointer())
    return builder.ptrtoint(builder.gep(begin, [values[1]]), ir.IntType(64))


@_native(types.int64(*NATIVE))
def load(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """The number at that index of the column that begins at the address."""
    column = builder.inttoptr(values[0], ir.IntType(64).as_pointer())
    return builder.load(builder.gep(column, [values[1]]))


@_native(types.none(*NATIVE, types.int64))
def store(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Put a number at that index of the column that begins at the address."""
    column = builder.inttoptr(values[0], ir.IntType(64).as_pointer())
    builder.store(values[2], builder.gep(column, [values[1]]))
    return context.get_dummy_value()


@_native(types.int64(types.uint64))
def lowest(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """The number of the lowest bit that is set; 64 where none is."""
    return builder.cttz(values[0], ir.Constant(ir.IntType(1), 0))


@_native(types.int64(*NATIVE))
def product(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """a * b in 64 bits; not the product where it `wraps`."""
    return builder.extract_value(builder.smul_with_overflow(*values), 0)


@_native(types.boolean(*NATIVE))
def wraps(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Whether a * b does not fit 64 bits."""
    return builder.extract_value(builder.smul_with_overflow(*values), 1)


@_native(types.int64(*[types.int64] * (1 + len(SCAN))))
def ask(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Call the function at that address: `SCAN`. Raises where it did."""
    number = ir.IntType(64)
    kind = ir.FunctionType(number, [number] * len(SCAN))
    answer = builder.call(builder.inttoptr(values[0], kind.as_pointer()), values[1:])
    with builder.if_then(builder.icmp_signed("==", answer, number(NONE)), likely=False):
        context.call_conv.return_user_exc(builder, OverflowError, ("the strategy raised",))
    return answer


@_native(types.none(types.int64))
def fetch(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """Tell the processor that what lies at that address is read soon: it comes while something else is done."""
    place = builder.inttoptr(values[0], ir.IntType(8).as_pointer())
    word = ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [place.type, word, word, word])
    called = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
    builder.call(called, [place, word(0), word(3), word(1)])  # to read, to stay, data
    return context.get_dummy_value()

"""Hypothesis strategies for generated structs, by a walk over msgspec's own description of them.

`st.builds` ignores `Meta` bounds, and hypothesis-jsonschema does not work with this hypothesis.
"""

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values that satisfy this type with its bounds, pattern and length."""
    match kind:
        case inspect.Metadata(type=inspect.StrType(max_length=longest), extra={"pattern": str(pattern)}):
            return st.from_regex(pattern).filter(lambda text: longest is None or len(text) <= longest)
        case inspect.Metadata(type=inner):
            return values(inner)
        case inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case inspect.StrType(max_length=longest):
            return st.text(st.characters(codec="utf-8"), max_size=longest)
        case inspect.LiteralType(values=choices):
            return st.sampled_from(choices)
        case inspect.EnumType(cls=enum):
            return st.sampled_from(list(enum))
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.UnionType(types=kinds):
            return st.one_of(*map(values, kinds))
        case inspect.VarTupleType(item_type=item, min_length=least, max_length=longest):
            return st.lists(values(item), min_size=least or 0, max_size=min(longest or 3, 3)).map(tuple)
        case inspect.StructType(cls=struct, fields=fields):
            return st.tuples(*(values(field.type) for field in fields)).map(lambda row: struct(*row))
        case _:
            raise NotImplementedError(f"no strategy for {kind}")


def records(struct: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Valid records of one struct."""
    return values(inspect.type_info(struct))

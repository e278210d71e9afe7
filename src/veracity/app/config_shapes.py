"""What the generated config models expect where: their fields by path, and values brought into the types they hold.

Models are strict: a number must be a Decimal where the schema says decimal, a list must be a tuple, a stamp is text.
"""

from datetime import date, time
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model: TypeAlias = type[BaseModel]


def conformed(values: dict[str, Any], model: Model) -> dict[str, Any]:
    """TOML values in the types that `model` holds, as far as nothing has to be guessed; text stays text."""
    fields = model.model_fields
    return {
        key: _conformed(value, fields[key].annotation) if key in fields else value
        for key, value in values.items()
    }


def _conformed(value: Any, annotation: Any) -> Any:
    if isinstance(value, list):
        return tuple(_conformed(item, annotation) for item in value)
    if isinstance(value, dict):
        inner = model_inside(annotation)
        if inner is not None:
            return conformed(value, inner)
        return {key: _conformed(item, annotation) for key, item in value.items()}
    expected = plain_types(annotation)
    if type(value) is int and Decimal in expected:  # not bool, which is an int too
        return Decimal(value)
    if isinstance(value, date | time) and str in expected:
        return value.isoformat()
    return value


def model_at(model: Model, loc: tuple[str | int, ...]) -> Model | None:
    """The model whose keys stand at `loc`, None where there is none."""
    for part in loc:
        if isinstance(part, int):
            continue
        info = model.model_fields.get(part)
        inner = None if info is None else model_inside(info.annotation)
        if inner is None:
            return None
        model = inner
    return model


def field_at(model: Model, loc: tuple[str | int, ...]) -> FieldInfo | None:
    """The field at `loc`; that of the list for an element of it."""
    names = [part for part in loc if isinstance(part, str)]
    if not names:
        return None
    owner = model_at(model, tuple(names[:-1]))
    return None if owner is None else owner.model_fields.get(names[-1])


def model_inside(annotation: Any) -> Model | None:
    """The model that an annotation holds, directly, optionally or as the elements of a list."""
    return next((kind for kind in plain_types(annotation) if issubclass(kind, BaseModel)), None)


@cache
def plain_types(annotation: Any) -> tuple[type, ...]:
    """The classes of an annotation, below its aliases, options, lists and tables of values."""
    annotation = getattr(annotation, "__value__", annotation)
    origin: Any = get_origin(annotation)
    if origin is None:
        is_class = isinstance(annotation, type) and annotation is not NoneType
        return (annotation,) if is_class else ()
    arguments = get_args(annotation)
    if origin in (Union, UnionType):
        inside = arguments
    elif origin in (tuple, dict):
        inside = arguments[-1:] if origin is dict else arguments[:1]
    elif hasattr(annotation, "__metadata__"):
        inside = arguments[:1]
    else:
        inside = ()
    return tuple(kind for inner in inside for kind in plain_types(inner))

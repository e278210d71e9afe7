"""Turns what the generated models find into faults that an operator can act on: place, path, problem, what to write."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import ErrorDetails

from veracity.app.config_lines import Path
from veracity.app.config_shapes import Model, field_at, model_at
from veracity.app.config_text import Document, SchemaFault
from veracity.app.config_values import decimal_text
from veracity.domain.errors import OperatorFault

# pydantic's error type -> what to say; the places in braces are filled from its context.
PROBLEMS: Final = {
    "bool_type": "must be true or false",
    "dict_type": "must be a table",
    "finite_number": "must be a finite number",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_type": "must be a whole number",
    "is_instance_of": "must be a number",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
    "missing": "missing key",
    "model_type": "must be a table",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "string_too_short": "must have at least {min_length} characters",
    "string_type": "must be text in quotes",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entry",
    "tuple_type": "must be a list",
}
UNKNOWN: Final = "extra_forbidden"
SHOWN_MAX: Final = 60  # characters of a refused value


def faults_of(
    errors: Iterable[ErrorDetails], model: Model, document: Document, prefix: Path = ()
) -> Iterator[OperatorFault]:
    """One fault for each error of `model`, whose values stand under `prefix` in the document."""
    errors = list(errors)
    suggested = {
        (*error["loc"][:-1], _suggestion(model, error)) for error in errors if error["type"] == UNKNOWN
    }
    for error in errors:
        path = (*prefix, *error["loc"])
        told = path in document.broken or (error["type"] == "missing" and error["loc"] in suggested)
        if not told and not _miscounted(error):
            yield _fault(error, model, document, path)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word; where none is near, all of them."""
    known = list(known)
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(known) or 'none'}"


def _fault(error: ErrorDetails, model: Model, document: Document, path: Path) -> OperatorFault:
    if error["type"] == UNKNOWN:
        owner = model_at(model, error["loc"][:-1])
        hint = did_you_mean(str(path[-1]), owner.model_fields if owner else ())
        return document.fault(path, "unknown key", hint=hint, kind=SchemaFault)
    template = PROBLEMS.get(error["type"])
    problem = template.format(**error.get("ctx", {})) if template else error["msg"]
    why = "" if error["type"] == "missing" else f"it is {_shown(error['input'])}"
    return document.fault(path, problem, why, _explained(model, error["loc"]), SchemaFault)


def _miscounted(error: ErrorDetails) -> bool:
    """Whether a list is called too short only because its bad entries, which have their own faults, do not count."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _suggestion(model: Model, error: ErrorDetails) -> str | None:
    owner = model_at(model, error["loc"][:-1])
    close = get_close_matches(str(error["loc"][-1]), owner.model_fields if owner else (), n=1)
    return close[0] if close else None


def _shown(value: Any) -> str:
    """A value as the operator may have written it, cut where it is long."""
    match value:
        case bool():
            text = "true" if value else "false"
        case str():
            text = f'"{value}"'
        case dict():
            text = "a table"
        case tuple():
            text = "a list"
        case float():  # an example in a schema
            text = decimal_text(Decimal(repr(value)))
        case _:
            text = str(value)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "..."


def _explained(model: Model, loc: tuple[str | int, ...]) -> str:
    """What the key means and an example, from its schema."""
    info = field_at(model, loc)
    if info is None:
        return ""
    example = [f"for example {_shown(info.examples[0])}"] if info.examples else []
    return "; ".join([(info.description or "").rstrip("."), *example])

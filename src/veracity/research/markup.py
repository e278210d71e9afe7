"""HTML that cannot be broken by what is put into it: text is escaped unless it is `Markup` already.

Jinja2 would do the same with autoescape, but only where nobody forgets to turn it on; here there is no other way to
write a tag than `el`.
"""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias


class Markup(str):
    """Text that is HTML; made by `el` and `join` only."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"

VOID = ("br", "meta")


def el(name: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """A tag. Attribute names lose a trailing underscore, inner ones become hyphens; None and False leave it out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Children one after the other."""
    return Markup("".join(_text(child) for child in children))


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return str(child)
    if isinstance(child, str):
        return escape(child)
    return join(child)

"""From bytes to a generated record, with every bound of its schema checked.

msgspec checks all but the patterns of texts: it would search each text of each record anew with Python's `re`, which is
two thirds of the time to decode an event. The same few texts come again and again, so what has matched once is
remembered, and a text is searched the first time only. As strict, and the same error.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final, Generic, NamedTuple, NoReturn, Self, TypeVar

import msgspec
from msgspec import inspect

REMEMBERED_MAX: Final = 4096  # texts of one pattern

Of = TypeVar("Of", bound=msgspec.Struct)
Check = Callable[[Any, str], None]
"""Judges a value at a path, and raises msgspec.ValidationError where a text in it does not match its pattern."""


class Decoder(Generic[Of]):
    """Decodes records of one type, a struct or a union of structs."""

    def __init__(self, of: Any) -> None:
        self._decode = msgspec.json.Decoder(of).decode
        self._judged = _Judged()

    def decode(self, payload: bytes) -> Of:
        """The record that `payload` holds. Raises msgspec.ValidationError or msgspec.DecodeError where it is none."""
        record: Of = self._decode(payload)
        for get, known, field in self._judged[type(record)]:
            value = get(record)
            if value not in known:
                field.learn(value)
        return record

    def decode_all(self, payloads: Sequence[bytes]) -> list[Of]:
        """The records that `payloads` hold, in order: as strict as `decode`. Raises like it, but does not say which of them is none.

        The texts of one field of all records of one kind are judged together.
        """
        records: list[Of] = list(map(self._decode, payloads))
        alike: defaultdict[type, list[Of]] = defaultdict(list)
        for record in records:
            alike[type(record)].append(record)
        for struct, found in alike.items():
            for get, known, field in self._judged[struct]:
                values = list(map(get, found))
                if field.written is not None and field.written.has_all(values):
                    continue
                if not known.issuperset(values):
                    for value in values:
                        if value not in known:
                            field.learn(value)
        return records


class _Written(NamedTuple):
    """A pattern that only says which characters a text has, and how many: many texts are judged at the cost of one."""

    alphabet: bytes
    shortest: int
    longest: int

    @classmethod
    def of(cls, pattern: str) -> Self | None:
        """None where the pattern says more than that."""
        found = re.fullmatch(r"\^(\[[^\[\]\\^]+\])\{(\d+),(\d+)\}\\Z", pattern)
        if found is None:
            return None
        one = re.compile(found[1])
        alphabet = "".join(filter(one.match, map(chr, range(128)))).encode("ascii")
        return cls(alphabet, int(found[2]), int(found[3]))

    def has_all(self, values: list[Any]) -> bool:
        """Whether every one of `values` is a text that matches."""
        if None in values:
            return False
        sizes = list(map(len, values))
        if min(sizes) < self.shortest or max(sizes) > self.longest:
            return False
        return not "".join(values).encode("utf-8", "surrogatepass").translate(None, self.alphabet)


class _Field:
    """A field of a record that has a text with a pattern in it, and values that may stand there."""

    def __init__(self, path: str, check: Check, known: set[Any], written: _Written | None) -> None:
        self.path = path
        self.known = known
        self.written = written
        self._check = check

    def learn(self, value: Any) -> None:
        if value is not None:
            self._check(value, self.path)
        if len(self.known) >= REMEMBERED_MAX:
            self.known.clear()
        self.known.add(value)


class _Judged(dict[type, tuple[tuple[Callable[[Any], Any], set[Any], _Field], ...]]):
    """Of each struct that has come, the fields to judge; those that are one text, or null, share what is known of its pattern."""

    def __init__(self) -> None:
        self._known: defaultdict[str, set[Any]] = defaultdict(set)

    def __missing__(self, struct: type) -> tuple[tuple[Callable[[Any], Any], set[Any], _Field], ...]:
        info = inspect.type_info(struct)
        assert isinstance(info, inspect.StructType)
        found = []
        for one in info.fields:
            pattern = _pattern(one.type)
            check = _matches(pattern) if pattern else _check_of(one.type)
            if check is not None:
                known = self._known[pattern] if pattern else set()
                field = _Field(f"$.{one.encode_name}", check, known, _Written.of(pattern))
                found.append((attrgetter(one.name), known, field))
        self[struct] = tuple(found)
        return self[struct]


def _pattern(info: inspect.Type) -> str:
    """Pattern of a type that is one text, or null; empty for any other."""
    match info:
        case inspect.Metadata(type=inspect.StrType(), extra={"pattern": str(pattern)}):
            return pattern
        case inspect.Metadata(type=inner):
            return _pattern(inner)
        case inspect.UnionType(types=(inner, inspect.NoneType()) | (inspect.NoneType(), inner)):
            return _pattern(inner)
        case _:
            return ""


def _check_of(info: inspect.Type) -> Check | None:
    """What judges a value of this type; None where no text in it has a pattern."""
    match info:
        case inspect.Metadata(type=inspect.StrType(), extra={"pattern": str(pattern)}):
            return _matches(pattern)
        case inspect.Metadata(type=inner):
            return _check_of(inner)
        case inspect.UnionType(types=types):
            return _union([(_class(one), _check_of(one)) for one in types])
        case inspect.VarTupleType(item_type=item):
            return _each(_check_of(item))
        case inspect.StructType(fields=fields):
            return _struct([(one.name, one.encode_name, _check_of(one.type)) for one in fields])
        case inspect.StrType() | inspect.IntType() | inspect.BoolType() | inspect.NoneType():
            return None
        case inspect.EnumType() | inspect.LiteralType():
            return None
        case _:
            raise TypeError(f"records have no field of this type: {info}")


def _matches(pattern: str) -> Check:
    search = re.compile(pattern).search

    def check(text: str, path: str) -> None:
        if search(text) is None:
            _refuse(pattern, path)

    return check


def _refuse(pattern: str, path: str) -> NoReturn:
    raise msgspec.ValidationError(f"Expected `str` matching regex {pattern!r} - at `{path}`")


def _class(info: inspect.Type) -> type:
    """Class of the values of a union's member that may have a text in it."""
    while isinstance(info, inspect.Metadata):
        info = info.type
    if isinstance(info, inspect.StructType):
        return info.cls
    return tuple if isinstance(info, inspect.VarTupleType) else str


def _union(members: list[tuple[type, Check | None]]) -> Check | None:
    checks = {kind: check for kind, check in members if check is not None}
    if not checks:
        return None

    def check(value: Any, path: str) -> None:
        judge = checks.get(type(value))
        if judge is not None:
            judge(value, path)

    return check


def _each(judge: Check | None) -> Check | None:
    if judge is None:
        return None

    def check(items: tuple[Any, ...], path: str) -> None:
        for number, item in enumerate(items):
            judge(item, f"{path}[{number}]")

    return check


def _struct(fields: list[tuple[str, str, Check | None]]) -> Check | None:
    judged = [(name, shown, judge) for name, shown, judge in fields if judge is not None]
    if not judged:
        return None

    def check(struct: Any, path: str) -> None:
        for name, shown, judge in judged:
            judge(getattr(struct, name), f"{path}.{shown}")

    return check

"""Masking at the sink: what is secret does not reach a file, whoever wrote it (specs/logging/redaction.md).

A secret is found in two ways: by the names that usually stand before one (`signature=`, `X-MBX-APIKEY`, ...), and, for
the live secrets of this process, by its value, wherever it stands and in the encodings in which it travels.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NoReturn, Self, TypeAlias
from urllib.parse import quote

SecretClass: TypeAlias = Literal["api_key", "api_secret", "signature", "listen_key", "token"]

LENGTH_MIN: Final = 8  # masking every place of a shorter value would garble ordinary text

# Names that announce a secret, by what they announce. Compared in lower case.
_NAMES: Final[dict[bytes, SecretClass]] = {
    b"x-mbx-apikey": "api_key",
    b"apikey": "api_key",
    b"api_key": "api_key",
    b"signature": "signature",
    b"listenkey": "listen_key",
    b"apisecret": "api_secret",
    b"api_secret": "api_secret",
    b"secretkey": "api_secret",
    b"access_token": "token",
    b"authtoken": "token",
}
_ROOTS: Final = (b"key", b"signature", b"secret", b"token")  # every name contains one of them
# A name, then `=`, `:` or `%3D`, quotes (escaped ones too) and spaces around it, then the value. No `[` is part of a
# value, so what is masked is not masked again.
_ANNOUNCED: Final = re.compile(
    rb"(?i)(" + rb"|".join(_NAMES) + rb")([\\\"']*\s*(?:[=:]|%3d)\s*[\\\"']*)([A-Za-z0-9%._~+/=-]+)"
)


class Secret:
    """A value that shows itself only when it is asked for: repr, str and format are masked, JSON and pickle refused."""

    __slots__ = ("_kind", "_value")

    def __init__(self, value: str, kind: SecretClass) -> None:
        """Raises ValueError, without the value, where it is too short to be masked."""
        if len(value) < LENGTH_MIN:
            raise ValueError(f"the {kind} is shorter than {LENGTH_MIN} characters: too short for a secret")
        self._value = value
        self._kind = kind

    @property
    def kind(self) -> SecretClass:
        """What it is."""
        return self._kind

    def reveal(self) -> str:
        """The value itself. Nothing but the code that signs and the masks needs it."""
        return self._value

    def __repr__(self) -> str:
        return placeholder(self._kind)

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a secret ({self._kind}) is not to be stored")


def placeholder(kind: SecretClass) -> str:
    """What stands where a secret stood."""
    return f"[redacted:{kind}]"


class Redactor:
    """Masks whole lines. `secrets` are the live ones of this process."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        forms = {form: placeholder(one.kind).encode() for one in secrets for form in _forms(one.reveal())}
        self._forms = sorted(forms.items(), key=lambda item: -len(item[0]))  # a form may contain another

    def mask(self, lines: bytes) -> bytes:
        """`lines` without secrets. Masking what is masked changes nothing."""
        for form, mask in self._forms:
            lines = lines.replace(form, mask)
        lowered = lines.lower()
        if any(root in lowered for root in _ROOTS):  # ten times faster than the pattern, and nearly always no
            lines = _ANNOUNCED.sub(_masked, lines)
        return lines

    def mask_text(self, text: str) -> str:
        """`text` without secrets, before it becomes a part of something that must not change any more."""
        return self.mask(text.encode()).decode()


def redact(text: str) -> str:
    """`text` with every announced secret masked."""
    return _PLAIN.mask_text(text)


def _masked(found: re.Match[bytes]) -> bytes:
    return found[1] + found[2] + placeholder(_NAMES[found[1].lower()]).encode()


def _forms(value: str) -> Iterator[bytes]:
    """The value as it is, URL-encoded, in hex, and in base64 at each of the three places in a longer text."""
    raw = value.encode()
    yield raw
    yield quote(value, safe="").encode()
    yield raw.hex().encode()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            # Characters that also carry bits of a neighbour are left out: they differ from place to place.
            start = -(-before * 4 // 3)
            end = (before + len(raw)) * 4 // 3
            yield encode(bytes(before) + raw)[start:end]


_PLAIN: Final = Redactor()

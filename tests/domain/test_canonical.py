import hashlib

import pytest

from veracity.domain.canonical import canonical_hash, canonical_json


def test_keys_are_sorted_and_nothing_is_blank() -> None:
    assert (
        canonical_json({"b": [1, -2], "a": {"z": None, "y": True}}) == b'{"a":{"y":true,"z":null},"b":[1,-2]}'
    )


def test_text_is_utf_8_and_not_escaped() -> None:
    assert canonical_json({"k": "é"}) == '{"k":"é"}'.encode()


def test_the_hash_is_sha_256_of_the_bytes() -> None:
    assert canonical_hash({"a": 1}) == hashlib.sha256(b'{"a":1}').hexdigest()


def test_what_is_no_plain_value_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical_json({"a": object()})

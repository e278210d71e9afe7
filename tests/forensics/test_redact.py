"""Secrets do not reach a file, in whatever form they travel; ordinary text stays as it is."""

import base64
import copy
import json
import pickle  # noqa: TID251 - to prove that a secret refuses it
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.forensics.events import INTENT, ORDER, RUN, accepted, intent, logged, rejected, submitted

from veracity.domain.events import OrderCancelled, OrderRejected
from veracity.forensics import audit, run_directory
from veracity.forensics.redact import Redactor, Secret, redact

CANARY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
HARD = "a/b+c=d&e f%g?h"  # differs when URL-encoded

# The signed request of the venue's own documentation (case N-33).
SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
SIGNED_ORDER = (
    "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
    f"&signature={SIGNATURE}"
)


def chained(secret: str) -> str:
    """What a log gets to see of an error whose cause holds a secret."""
    try:
        try:
            raise ConnectionError(f"refused for key {secret}")
        except ConnectionError as cause:
            raise ValueError("the request failed") from cause
    except ValueError as error:
        return f"{error!r} caused by {error.__cause__!r}"


@pytest.mark.ticket("T-053")
def test_an_api_key_is_masked_in_a_header_a_dict_a_query_and_an_inner_exception(tmp_path: Path) -> None:
    assert len(CANARY) == 64
    told = [
        f"X-MBX-APIKEY: {CANARY}",
        str({"request": {"headers": {"X-MBX-APIKEY": CANARY}, "side": "BUY"}}),
        "https://venue.example/order?" + quote(f"apiKey={CANARY}", safe=""),
        chained(CANARY),
        f"the venue repeats {CANARY} without a name",
    ]
    run = run_directory.create(tmp_path, mode="paper", label="canary", run_id=RUN, created_ts=0)
    redactor = Redactor([Secret(CANARY, "api_key")])
    assert redactor.mask(CANARY.encode()) == b"[redacted:api_key]"
    events = []
    for number, text in enumerate(told):
        order, wish = f"01234567-sma-{number}", f"01234567-sma-9{number}"
        events += [
            submitted(1, order, wish),
            OrderRejected(2, 2, order, wish, text),
        ]
    logged(run.root, events, redactor)
    run.seal(success=True)
    content = b"".join(path.read_bytes() for path in run.root.rglob("*") if path.is_file())
    plain = CANARY.encode()
    forms = (plain, quote(CANARY, safe="").encode(), base64.b64encode(plain), base64.urlsafe_b64encode(plain))
    assert [content.count(form) for form in forms] == [0, 0, 0, 0]
    assert content.count(b"[redacted:api_key]") == 5
    assert content.count(b"the request failed") == content.count(b"'side': 'BUY'") == 1


@pytest.mark.ticket("T-053")
def test_a_key_that_nothing_announces_is_masked_by_its_value() -> None:
    redactor = Redactor([Secret(CANARY, "api_key")])
    assert redactor.mask_text(f"refused for key {CANARY}") == "refused for key [redacted:api_key]"
    assert CANARY in redact(f"refused for {CANARY}")  # so it is not the announcement that masked it


@pytest.mark.ticket("T-054")
def test_a_signature_at_the_end_of_a_query_is_masked_and_the_order_stays_readable(tmp_path: Path) -> None:
    shouted = SIGNED_ORDER.replace(SIGNATURE, SIGNATURE.upper()).replace("signature", "SIGNATURE")
    lines = logged(tmp_path, [intent(), submitted(), rejected(3, f"POST {SIGNED_ORDER}")])
    detail = lines[-1]["detail"]
    assert detail.endswith("&signature=[redacted:signature]")
    for part in ("symbol=LTCBTC", "side=BUY", "price=0.1", "timestamp=1499827319559"):
        assert part in detail
    content = (tmp_path / "events.jsonl").read_text(encoding="utf-8") + redact(shouted)
    assert content.count(SIGNATURE) == content.count(SIGNATURE.upper()) == 0
    assert redact(f"{SIGNED_ORDER}&x=1").endswith("signature=[redacted:signature]&x=1")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("listenKey=pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1", "listenKey=[redacted:listen_key]"),
        ('{"listenKey": "abc123"}', '{"listenKey": "[redacted:listen_key]"}'),
        (r'{\"listenKey\":\"abc123\"}', r'{\"listenKey\":\"[redacted:listen_key]\"}'),
        ("x-mbx-apikey: abc123", "x-mbx-apikey: [redacted:api_key]"),
        ("api_secret='s3cr3t' next", "api_secret='[redacted:api_secret]' next"),
        ("signature%3Dabc123", "signature%3D[redacted:signature]"),
        ("the signature was wrong", "the signature was wrong"),
        ("a key, a token and a secret", "a key, a token and a secret"),
        ("signature=", "signature="),
    ],
)  # fmt: skip
def test_announced_secrets_are_masked_and_mere_words_are_not(text: str, masked: str) -> None:
    assert redact(text) == masked


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "api_key") for name in ("X-MBX-APIKEY", "apiKey", "api_key")),
        *((name, "api_secret") for name in ("apiSecret", "api_secret", "secretKey")),
        *((name, "token") for name in ("access_token", "authToken")),
        ("signature", "signature"),
        ("listenKey", "listen_key"),
    ],
)
def test_every_name_announces_in_every_case(name: str, kind: str) -> None:
    for written in (name, name.lower(), name.upper(), name.title()):
        assert redact(f"{written}=abc123 next") == f"{written}=[redacted:{kind}] next"


@given(
    st.text(max_size=60),
    st.sampled_from(["", "signature=", "listenKey: ", '"apiKey":"']),
    st.text(max_size=60),
)
def test_masking_what_is_masked_changes_nothing(before: str, name: str, after: str) -> None:
    once = redact(f"{before}{name}{after}")
    assert redact(once) == once


@pytest.mark.parametrize("secret", [CANARY, HARD])
def test_a_live_secret_is_found_in_every_encoding(secret: str) -> None:
    redactor = Redactor([Secret(secret, "api_secret")])
    raw = secret.encode()
    for form in (secret, quote(secret, safe=""), raw.hex(), base64.b64encode(raw).decode()):
        masked = redactor.mask_text(f"before {form} after")
        assert masked.startswith("before [redacted:api_secret]")
        assert masked.endswith(" after")
        assert form.rstrip("=") not in masked


@given(before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_a_live_secret_inside_a_longer_base64_text_does_not_survive(before: bytes, after: bytes) -> None:
    redactor = Redactor([Secret(CANARY, "api_key")])
    encoded = base64.b64encode(before + CANARY.encode() + after).decode()
    masked = redactor.mask_text(encoded)
    assert "[redacted:api_key]" in masked
    assert len(masked) < len(encoded) - 50


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    redactor = Redactor([Secret("abcdefgh", "api_key"), Secret("abcdefgh-and-more", "api_secret")])
    assert redactor.mask_text("abcdefgh-and-more abcdefgh") == "[redacted:api_secret] [redacted:api_key]"


def test_a_secret_shows_itself_only_when_it_is_asked() -> None:
    secret = Secret(CANARY, "api_key")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", f"{[secret]}", "%s" % secret]  # noqa: UP031
    assert all("[redacted:api_key]" in text and CANARY not in text for text in shown)
    assert secret.reveal() == CANARY
    assert copy.deepcopy(secret) is copy.copy(secret) is secret


def test_a_secret_is_not_stored() -> None:
    secret = Secret(CANARY, "api_key")
    for store in (json.dumps, msgspec.json.encode, pickle.dumps):
        with pytest.raises(TypeError) as refusal:
            store(secret)
        assert CANARY not in str(refusal.value)


def test_seven_characters_are_no_secret_and_eight_are() -> None:
    assert Secret("12345678", "token").kind == "token"
    with pytest.raises(ValueError, match="shorter than 8") as refusal:
        Secret("1234567", "token")
    assert "1234567" not in str(refusal.value)


def test_the_audit_trail_masks_before_it_hashes(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    events = [
        intent(),
        submitted(),
        accepted(),
        OrderCancelled(4, 4, ORDER, INTENT, f"key {CANARY} signature={SIGNATURE}"),
    ]
    audit.write(events, path, RUN, Redactor([Secret(CANARY, "api_key")]))
    content = path.read_text(encoding="utf-8")
    assert "key [redacted:api_key] signature=[redacted:signature]" in content
    assert CANARY not in content
    assert audit.verify_chain(path) == 3

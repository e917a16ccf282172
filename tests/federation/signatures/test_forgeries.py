"""What a forger, a replayer or a broken sender may try; and that our own signatures hold."""

import base64
import hashlib
import hmac
from dataclasses import replace

import jcs
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from node.federation.signatures import (
    Request,
    canonical,
    check,
    digest,
    key_owner_hint,
    proofs,
    read,
    sign,
    verify,
)
from node.runtime import keypairs as keys
from node.runtime import multibase
from node.runtime.errors import BeffroiError, Malformed, Unauthorized

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
KEY_ID = "https://villeurbanne.test/actors/mairie#main-key"
INBOX = "https://lyon.test/inbox?shared=1"
BODY = b'{"type":"Follow"}'

RSA = keys.generate_rsa()
ED25519 = keys.generate_ed25519()


def request_of(
    method: str = "POST", url: str = INBOX, body: bytes | None = BODY, key: keys.PrivateKey = RSA
) -> Request:
    headers = sign(method, url, body, KEY_ID, key, NOW_MS)
    target = url.removeprefix("https://lyon.test")
    return Request(method, target, {name.lower(): value for name, value in headers.items()}, "lyon.test", body or b"")


def signed_by_hand(covered: str, extra: str = "", method: str = "POST", **changed: str) -> Request:
    """A request whose signature covers just *covered*, well signed."""
    body = BODY if method == "POST" else b""
    headers = {"host": "lyon.test", "date": "Tue, 14 Nov 2023 22:13:20 GMT", "digest": digest.of(body), **changed}
    lines = []
    for name in covered.split():
        value = f"{method.lower()} /inbox" if name == "(request-target)" else headers.get(name, "1700000000")
        lines.append(f"{name}: {value}")
    signature = base64.b64encode(keys.sign(RSA, "\n".join(lines).encode())).decode()
    headers["signature"] = f'keyId="{KEY_ID}",headers="{covered}",signature="{signature}"{extra}'
    return Request(method, "/inbox", headers, "lyon.test", body)


def accepted(request: Request, key: keys.PublicKey | None = None, now_ms: int = NOW_MS) -> bool:
    claim = read(request)
    check(request, claim, now_ms)
    return verify(request, claim, key or RSA.public_key())


def with_signature(request: Request, header: str) -> Request:
    return replace(request, headers={**request.headers, "signature": header})


def with_header(request: Request, name: str, value: str) -> Request:
    return replace(request, headers={**request.headers, name: value})


# --- ours hold


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["RSA", "Ed25519"])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", BODY)])
def test_what_we_sign_is_accepted(key: keys.PrivateKey, method: str, body: bytes | None) -> None:
    request = request_of(method, body=body, key=key)
    assert accepted(request, key.public_key())
    assert ("digest" in request.headers) == (body is not None), "a GET carries no digest"


def test_what_we_sign_covers_what_others_ask_for() -> None:
    assert read(request_of()).covered == ("(request-target)", "host", "date", "digest", "content-type")
    assert read(request_of("GET", body=None)).covered == ("(request-target)", "host", "date")


@given(
    st.binary(max_size=300),
    st.text("abcdefgh-._~/%20", max_size=30),
    st.text("abc=&%1", max_size=20),
)
@settings(max_examples=50)
def test_any_body_and_address_signs_and_verifies(body: bytes, path: str, query: str) -> None:
    url = f"https://lyon.test/{path}" + (f"?{query}" if query else "")
    assert accepted(request_of(url=url, body=body, key=ED25519), ED25519.public_key())


@given(st.data())
@settings(max_examples=100)
def test_one_changed_byte_is_seen(data: st.DataObject) -> None:
    """In the body, the target or any signed header."""
    request = request_of(key=ED25519)
    where = data.draw(st.sampled_from(["body", "target", "host", "date", "digest", "content-type"]))
    text = request.body.decode() if where == "body" else request.target if where == "target" else request.headers[where]
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != text[at]))
    changed = text[:at] + new + text[at + 1 :]
    if where == "target" and changed.partition("?")[0] == request.target.partition("?")[0]:
        changed = "/x" + changed  # a changed query: the whole was signed, so neither form may match
    forged = (
        replace(request, body=changed.encode())
        if where == "body"
        else replace(request, target=changed)
        if where == "target"
        else with_header(request, where, changed)
    )
    try:
        assert not accepted(forged, ED25519.public_key()), f"a changed {where} was accepted"
    except BeffroiError:
        return


def test_a_changed_query_is_seen() -> None:
    request = request_of()
    assert not accepted(replace(request, target="/inbox?shared=2"))
    assert not accepted(replace(request, target="/inbox")), "the query was signed: it may not be taken away"


def test_another_key_does_not_verify() -> None:
    assert not accepted(request_of(), keys.generate_ed25519().public_key())
    assert not accepted(request_of(key=ED25519), RSA.public_key())


@pytest.mark.parametrize(
    "url", ["ftp://a.test/", "/inbox", "https://", "https://a.test/é", "https://a.test/ x", "https://a:b/"]
)
def test_only_an_absolute_address_is_signed_for(url: str) -> None:
    with pytest.raises(Malformed):
        sign("GET", url, None, KEY_ID, ED25519, NOW_MS)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://lyon.test:443/x", "lyon.test"),
        ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("https://lyon.test", "lyon.test"),
    ],
)
def test_the_host_we_sign_is_the_one_we_send(url: str, host: str) -> None:
    assert sign("GET", url, None, KEY_ID, ED25519, NOW_MS)["Host"] == host


# --- strength


@pytest.mark.parametrize(
    ("covered", "method"),
    [
        ("(request-target) host digest", "POST"),
        ("host date digest", "POST"),
        ("(request-target) host date", "POST"),
        ("date", "POST"),
        ("(request-target) date", "GET"),
        ("host date", "GET"),
    ],
)
def test_too_little_signed_is_refused(covered: str, method: str) -> None:
    """CVE-2023-49079: a valid signature over the date alone would fit any request."""
    with pytest.raises(Unauthorized, match="must be signed"):
        accepted(signed_by_hand(covered, method=method))


def test_enough_signed_is_accepted() -> None:
    assert accepted(signed_by_hand("(request-target) host date digest"))
    assert accepted(signed_by_hand("(request-target) host date", method="GET"))
    assert accepted(signed_by_hand("(request-target) host (created) digest", ",created=1700000000"))


def test_the_times_of_the_draft_do_not_go_with_old_algorithms() -> None:
    request = signed_by_hand("(request-target) (created) digest", ',created=1700000000,algorithm="rsa-sha256"')
    with pytest.raises(Malformed):
        accepted(request)


def test_a_signed_header_that_is_absent_is_refused() -> None:
    request = request_of()
    headers = {name: value for name, value in request.headers.items() if name != "content-type"}
    with pytest.raises(Unauthorized, match="content-type"):
        accepted(replace(request, headers=headers))


# --- the window


@pytest.mark.parametrize(
    ("late_ms", "fresh"),
    [
        (0, True),
        (HOUR_MS + 299_000, True),
        (HOUR_MS + 301_000, False),
        (-HOUR_MS + 1_000, True),
        (-HOUR_MS - 2_000, False),
        (24 * HOUR_MS, False),
    ],
)
def test_a_signature_lives_five_minutes_give_or_take_an_hour(late_ms: int, fresh: bool) -> None:
    if fresh:
        assert accepted(request_of(), now_ms=NOW_MS + late_ms)
    else:
        with pytest.raises(Unauthorized, match="too old, or from the future"):
            accepted(request_of(), now_ms=NOW_MS + late_ms)


@pytest.mark.parametrize(("late_h", "fresh"), [(6, True), (12, True), (14, False)])
def test_a_signed_expiry_lengthens_the_life_to_half_a_day_at_most(late_h: int, fresh: bool) -> None:
    extra = ",created=1700000000,expires=1800000000"
    covered = "(request-target) host (created) (expires) digest"
    lines = [
        "(request-target): post /inbox",
        "host: lyon.test",
        "(created): 1700000000",
        "(expires): 1800000000",
        f"digest: {digest.of(BODY)}",
    ]
    signature = base64.b64encode(keys.sign(RSA, "\n".join(lines).encode())).decode()
    headers = {"host": "lyon.test", "digest": digest.of(BODY)}
    headers["signature"] = f'keyId="{KEY_ID}",headers="{covered}",signature="{signature}"{extra}'
    request = Request("POST", "/inbox", headers, "lyon.test", BODY)
    if fresh:
        assert accepted(request, now_ms=NOW_MS + late_h * HOUR_MS)
    else:
        with pytest.raises(Unauthorized):
            accepted(request, now_ms=NOW_MS + late_h * HOUR_MS)


def test_an_unsigned_expiry_does_not_lengthen_the_life() -> None:
    request = signed_by_hand("(request-target) host date digest", ",expires=1800000000")
    with pytest.raises(Unauthorized):
        accepted(request, now_ms=NOW_MS + 2 * HOUR_MS)


@pytest.mark.parametrize(
    "date", ["wrong date", "", "2023-11-14T22:13:20Z", "Tue, 99 Nov 2023 22:13:20 GMT", "Tue, 14 Foo 2023 22:13:20 GMT"]
)
def test_a_date_that_is_none_is_refused(date: str) -> None:
    with pytest.raises(Malformed, match="Date"):
        accepted(signed_by_hand("(request-target) host date digest", date=date))


# --- the host


@pytest.mark.parametrize("host", ["LYON.test", "lyon.test:443", "lyon.test."])
def test_the_host_may_be_spelt_otherwise(host: str) -> None:
    assert accepted(replace(signed_by_hand("(request-target) host date digest"), host=host))


def test_a_request_for_another_server_is_not_ours() -> None:
    """Else what was sent to one server could be played to all others."""
    with pytest.raises(Unauthorized, match="another host"):
        accepted(replace(request_of(), host="other.test"))


# --- the digest


def content_digest(body: bytes) -> str:
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


@pytest.mark.parametrize(
    "value",
    [
        digest.of(BODY).replace("SHA-256", "sha-256"),
        digest.of(BODY).replace("SHA-256", "Sha-256"),
        digest.of(BODY) + ",MD5=1B2M2Y8AsgTpgAmY7PhCfg==",
        "SHA-512=" + base64.b64encode(hashlib.sha512(BODY).digest()).decode(),
    ],
)
def test_digests_in_other_spellings(value: str) -> None:
    assert accepted(signed_by_hand("(request-target) host date digest", digest=value))


@pytest.mark.parametrize(
    "value",
    [
        "SHA-256",
        "",
        "SHA-256=!!!!",
        digest.of(BODY).rstrip("="),
        digest.of(BODY) + "x",
        "MD5=1B2M2Y8AsgTpgAmY7PhCfg==",
        "x" * 2_000,
    ],
)
def test_a_digest_that_is_none_is_refused(value: str) -> None:
    request = replace(request_of(), headers={"digest": value})
    with pytest.raises(Malformed):
        digest.check(request.headers, BODY)


def test_a_body_under_another_signed_digest_is_refused() -> None:
    with pytest.raises(Unauthorized, match="does not match"):
        accepted(replace(request_of(), body=b'{"type":"Delete"}'))


def test_every_digest_must_match() -> None:
    """A body swapped under an unsigned Digest while Content-Digest was signed, and the other way round."""
    right, wrong = content_digest(BODY), content_digest(b"other")
    assert accepted(with_header(request_of(), "content-digest", right))
    with pytest.raises(Unauthorized, match="content-digest"):
        accepted(with_header(request_of(), "content-digest", wrong))
    with pytest.raises(Unauthorized, match="does not match"):
        accepted(with_header(request_of(), "digest", f"{digest.of(BODY)},{digest.of(b'other')}"))


def test_the_digest_that_counts_is_the_signed_one() -> None:
    """An unsigned Digest beside a signed Content-Digest of nothing at all."""
    request = signed_by_hand("(request-target) host date content-digest", **{"content-digest": content_digest(BODY)})
    assert accepted(request)
    headers = {name: value for name, value in request.headers.items() if name != "content-digest"}
    with pytest.raises(Unauthorized, match="content-digest"):
        accepted(replace(request, headers=headers))


# --- the header


GOOD = base64.b64encode(b"x" * 256).decode()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "=",
        ",",
        f'signature="{GOOD}",headers="date"',
        f'keyId="",signature="{GOOD}",headers="date"',
        f'keyId="a b",signature="{GOOD}",headers="date"',
        'keyId="a",signature="",headers="date"',
        'keyId="a",signature="###",headers="date"',
        'keyId="a",headers="date"',
        f'keyId="a",signature="{GOOD}"',
        f'keyId="a",signature="{GOOD}",headers=""',
        f'keyId="a",signature="{GOOD}",headers=" "',
        f'keyId="a",signature="{GOOD}",headers="date date"',
        f'keyId="a",signature="{GOOD}",headers="date DATE"',
        f'keyId="a",signature="{GOOD}",headers="(unknown)"',
        f'keyId="a",keyId="b",signature="{GOOD}",headers="date"',
        f'keyId="a",KEYID="b",signature="{GOOD}",headers="date"',
        f'keyId="a",signature="{GOOD}",signature="{GOOD}",headers="date"',
        f'keyId="a",signature="{GOOD}",headers="date",headers="host"',
        f'keyId="a",signature="{GOOD}",headers="date",created=soon',
        f'keyId="a",signature="{GOOD}",headers="date",created=-1',
        f'keyId="a",signature="{GOOD}",headers="date",',
        f'keyId="a" signature="{GOOD}",headers="date"',
        f'keyId="a,signature="{GOOD}",headers="date"',
        f'keyId="a",signature="{GOOD}",headers="date"' + ",x=1" * 3_000,
        f'keyId="a",signature="{GOOD}",headers="{" ".join(f"x-{n}" for n in range(99))}"',
    ],
)
def test_a_signature_header_with_two_readings_or_none_is_refused(header: str) -> None:
    """CVE-2026-28432: doubled parameters, an empty list of headers."""
    with pytest.raises(Malformed):
        read(with_signature(request_of(), header))


def test_two_signature_headers_are_refused() -> None:
    first, second = request_of().headers["signature"], request_of(key=ED25519).headers["signature"]
    wire = [(b"Signature", first.encode()), (b"signature", second.encode())]
    with pytest.raises(Malformed):
        read(Request.from_wire("POST", b"/inbox", wire, "lyon.test", BODY))


def test_an_unsigned_request_is_told_so() -> None:
    with pytest.raises(Unauthorized, match="not signed"):
        read(Request("GET", "/", {}, "lyon.test", b""))


def test_the_header_never_chooses_the_algorithm() -> None:
    """Httpsig's hole: an HMAC keyed with somebody's public key, which everybody knows."""
    public = RSA.public_key()
    request = request_of()
    claim = read(request)
    lines = "\n".join(
        f"{name}: post {request.target}" if name == "(request-target)" else f"{name}: {request.headers[name]}"
        for name in claim.covered
    )
    forged = hmac.new(keys.public_pem(public).encode(), lines.encode(), hashlib.sha256).digest()
    header = (
        f'keyId="{KEY_ID}",algorithm="hmac-sha256",headers="{" ".join(claim.covered)}",'
        f'signature="{base64.b64encode(forged).decode()}"'
    )
    assert not accepted(with_signature(request, header))


@pytest.mark.parametrize("algorithm", ["hs2019", "rsa-sha256", "RSA-SHA256", "unknown"])
def test_the_name_of_the_algorithm_does_not_matter(algorithm: str) -> None:
    header = request_of().headers["signature"].replace("rsa-sha256", algorithm)
    assert accepted(with_signature(request_of(), header))


@given(st.text(max_size=200) | st.text(alphabet='keyIdsgnaturh=",() \\x1', max_size=120))
def test_any_header_text_is_read_or_refused(text: str) -> None:
    for name in ("signature", "date", "digest", "content-digest", "host"):
        request = with_header(request_of(key=ED25519), name, text)
        try:
            accepted(request, ED25519.public_key())
        except BeffroiError as refusal:
            assert str(refusal)  # noqa: PT017 — the reason is what is tested


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_any_wire_bytes_make_a_request_or_a_refusal(name: bytes, value: bytes) -> None:
    request = Request.from_wire("POST", b"/inbox", [(name, value), (b"signature", value)], "lyon.test", BODY)
    try:
        accepted(request)
    except BeffroiError:
        return


# --- keys


def test_a_private_key_comes_back_from_its_bytes() -> None:
    for key in (RSA, ED25519):
        again = keys.private_from_der(keys.private_der(key))
        assert keys.public_pem(again.public_key()) == keys.public_pem(key.public_key())


def test_a_public_key_comes_back_from_both_spellings() -> None:
    for key in (RSA.public_key(), ED25519.public_key()):
        assert keys.public_pem(keys.public_from_pem(keys.public_pem(key).replace("\n", "\r\n"))) == keys.public_pem(key)
        assert keys.public_pem(keys.public_from_multikey(keys.public_multikey(key))) == keys.public_pem(key)
    assert keys.public_multikey(ED25519.public_key()).startswith("z6Mk")


@pytest.mark.parametrize(
    "pem",
    ["", "x", "é", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "x" * 10_000],
)
def test_what_is_no_key_is_refused(pem: str) -> None:
    with pytest.raises(Malformed):
        keys.public_from_pem(pem)


def test_a_weak_key_is_refused() -> None:
    weak = rsa.RSAPublicNumbers(e=65_537, n=(1 << 767) + 1).public_key()
    with pytest.raises(Malformed, match="bits"):
        keys.public_from_pem(keys.public_pem(weak))
    slow = rsa.RSAPublicNumbers(e=(1 << 200) + 1, n=RSA.public_key().public_numbers().n).public_key()
    with pytest.raises(Malformed, match="exponent"):
        keys.public_from_pem(keys.public_pem(slow))


@given(st.binary(max_size=80))
def test_multibase_there_and_back(data: bytes) -> None:
    assert multibase.decode(multibase.encode(data)) == data


@given(st.text(max_size=80))
def test_any_text_is_a_multikey_or_refused(text: str) -> None:
    for candidate in (text, "z" + text):
        with pytest.raises(Malformed):
            keys.public_from_multikey(candidate)


@pytest.mark.parametrize(
    ("key_id", "hint"),
    [
        ("https://a.test/u#main-key", "https://a.test/u"),
        ("https://a.test/u/main-key", "https://a.test/u"),
        ("https://a.test/u", "https://a.test/u"),
        ("https://a.test/?author=0#main-key", "https://a.test/?author=0"),
        ("https://a.test/channel/u/public_key_pem", "https://a.test/channel/u"),
        ("acct:u@a.test", "acct:u@a.test"),
    ],
)
def test_where_to_look_for_the_owner_of_a_key(key_id: str, hint: str) -> None:
    assert key_owner_hint(key_id) == hint


# --- proofs


def test_a_proof_holds_until_it_expires_and_for_its_key_only() -> None:
    document = {"@context": "https://www.w3.org/ns/activitystreams", "type": "Like", "actor": "https://a.test/u"}
    made = proofs.create(document, "https://a.test/u#ed25519-key", ED25519, NOW_MS)
    assert proofs.verify(made, ED25519.public_key(), NOW_MS)
    assert not proofs.verify(made, ed25519.Ed25519PrivateKey.generate().public_key(), NOW_MS)
    assert not proofs.verify(made, RSA.public_key(), NOW_MS)
    assert not proofs.verify({**made, "@context": "https://other.test"}, ED25519.public_key(), NOW_MS)
    with pytest.raises(Unauthorized):
        proofs.verify(document, ED25519.public_key(), NOW_MS)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "Other"},
        {"verificationMethod": None},
        {"proofPurpose": "authentication"},
        {"expires": "soon"},
        {"proofValue": "m42"},
    ],
)
def test_a_proof_that_cannot_be_read_is_refused(change: dict[str, object]) -> None:
    made = proofs.create({"type": "Like"}, "https://a.test/u#k", ED25519, NOW_MS)
    with pytest.raises(Malformed):
        proofs.verify({**made, "proof": {**made["proof"], **change}}, ED25519.public_key(), NOW_MS)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON)
@settings(max_examples=300)
def test_the_canonical_form_is_the_standards(document: object) -> None:
    """RFC 8785, quickly: the same bytes as the library's, for all that JSON can hold."""
    try:
        expected = jcs.canonicalize(document)
    except (ValueError, TypeError, OverflowError):
        return
    assert canonical.form(document) == expected


@pytest.mark.parametrize("document", [float("nan"), "\ud800", {1: 2}, {"a": object()}])
def test_what_has_no_canonical_form_is_refused(document: object) -> None:
    with pytest.raises(Malformed):
        canonical.form(document)

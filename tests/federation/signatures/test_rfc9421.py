"""RFC 9421: what we sign holds, and what a forger, a replayer, a stripper or a broken sender tries does not."""

import base64
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.federation.signatures import Request, Scheme, check, digest, read, rfc9421, sign, verify
from node.runtime import keypairs as keys
from node.runtime.errors import BeffroiError, Malformed, Unauthorized

NOW_MS = 1_700_000_000_000
NOW_S = NOW_MS // 1_000
KEY_ID = "https://villeurbanne.test/actors/mairie#main-key"
INBOX = "https://lyon.test/inbox?shared=1"
BODY = b'{"type":"Follow"}'
RSA = keys.generate_rsa()
ED25519 = keys.generate_ed25519()


def request_of(
    method: str = "POST", url: str = INBOX, body: bytes | None = BODY, key: keys.PrivateKey = ED25519
) -> Request:
    headers = sign(method, url, body, KEY_ID, key, NOW_MS, scheme=Scheme.RFC9421)
    target = url.removeprefix("https://lyon.test")
    return Request(method, target, {name.lower(): value for name, value in headers.items()}, "lyon.test", body or b"")


def by_hand(
    covered: str,
    more: str = f';created={NOW_S};keyid="{KEY_ID}"',
    method: str = "POST",
    target: str = "/inbox",
    key: keys.PrivateKey = ED25519,
    label: str = "sig1",
    **headers: str,
) -> Request:
    """A request whose signature covers *covered* (written as in the header), well signed with *key*."""
    body = BODY if method == "POST" else b""
    held = {"host": "lyon.test", **({"content-digest": digest.content_of(BODY)} if body else {}), **headers}
    held["signature-input"] = f"{label}=({covered}){more}"
    unsigned = Request(method, target, held, "lyon.test", body)
    (claim,) = rfc9421.read(held["signature-input"], f"{label}=:AAAA:")
    made = base64.b64encode(keys.sign(key, rfc9421.signature_base(unsigned, claim))).decode()
    return replace(unsigned, headers={**held, "signature": f"{label}=:{made}:"})


def accepted(request: Request, key: keys.PublicKey | None = None, now_ms: int = NOW_MS) -> bool:
    claim = read(request)
    check(request, claim, now_ms)
    return verify(request, claim, key or ED25519.public_key())


def changed(request: Request, **headers: str | None) -> Request:
    held = {**request.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return replace(request, headers={name: value for name, value in held.items() if value is not None})


# --- ours hold


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["RSA", "Ed25519"])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", BODY)])
def test_what_we_sign_is_accepted(key: keys.PrivateKey, method: str, body: bytes | None) -> None:
    request = request_of(method, body=body, key=key)
    assert accepted(request, key.public_key())
    assert not accepted(request, keys.generate_ed25519().public_key())


def test_what_we_sign_is_what_mastodon_asks_for() -> None:
    """`@method`, `@target-uri`, the digest on a POST, created and keyid; no algorithm: the key says it."""
    assert request_of().headers["signature-input"] == (
        f'sig1=("@method" "@target-uri" "content-digest");created={NOW_S};keyid="{KEY_ID}"'
    )
    assert request_of("GET", body=None).headers["signature-input"] == (
        f'sig1=("@method" "@target-uri");created={NOW_S};keyid="{KEY_ID}"'
    )
    assert "digest" not in request_of().headers, "two digests where one will do"


@given(st.binary(max_size=300), st.text("abcdefgh-._~/%20", max_size=30), st.text("abc=&%1", max_size=20))
@settings(max_examples=50)
def test_any_body_and_address_signs_and_verifies(body: bytes, path: str, query: str) -> None:
    url = f"https://lyon.test/{path}" + (f"?{query}" if query else "")
    assert accepted(request_of(url=url, body=body))


# --- forged, stripped, replayed: each is one row

_SIGNED = request_of()
_OTHER = request_of(body=b'{"type":"Delete"}')


@pytest.mark.parametrize(
    ("what", "forged"),
    [
        ("another body", replace(_SIGNED, body=b'{"type":"Delete"}')),
        ("another body with its digest", replace(
            changed(_SIGNED, content_digest=digest.content_of(b"x")), body=b"x")),
        ("the digest taken away", changed(_SIGNED, content_digest=None)),
        ("the digest in the other header", changed(_SIGNED, content_digest=None, digest=digest.of(BODY))),
        ("an unsigned Digest of another body", changed(_SIGNED, digest=digest.of(b"x"))),
        ("played to another path", replace(_SIGNED, target="/users/bob/inbox?shared=1")),
        ("played with another query", replace(_SIGNED, target="/inbox?shared=2")),
        ("played without its query", replace(_SIGNED, target="/inbox")),
        ("played to another host", replace(_SIGNED, host="other.test")),
        ("played over another scheme", replace(_SIGNED, scheme="http")),
        ("played as another method", replace(_SIGNED, method="PUT")),
        ("the signature of another request", changed(_SIGNED, signature=_OTHER.headers["signature"])),
        ("fewer components claimed", changed(
            _SIGNED, signature_input=f'sig1=("@method" "@target-uri");created={NOW_S};keyid="{KEY_ID}"')),
        ("another time claimed", changed(
            _SIGNED, signature_input=_SIGNED.headers["signature-input"].replace(str(NOW_S), str(NOW_S + 5)))),
        ("an expiry added", changed(_SIGNED, signature_input=_SIGNED.headers["signature-input"] + f";expires={NOW_S + 99}")),
        ("another key claimed", changed(
            _SIGNED, signature_input=_SIGNED.headers["signature-input"].replace("mairie", "autre"))),
        ("the order of components", changed(_SIGNED, signature_input=_SIGNED.headers["signature-input"].replace(
            '"@method" "@target-uri"', '"@target-uri" "@method"'))),
        ("the label of nobody's signature", changed(
            _SIGNED, signature_input=_SIGNED.headers["signature-input"].replace("sig1=", "sig2="))),
        ("no signature at all", changed(_SIGNED, signature=None)),
        ("an empty signature", changed(_SIGNED, signature="sig1=::")),
        ("an algorithm that is not the key's", by_hand(
            '"@method" "@target-uri" "content-digest"', f';created={NOW_S};keyid="{KEY_ID}";alg="hmac-sha256"')),
    ],
)  # fmt: skip
def test_a_variant_is_not_believed(what: str, forged: Request) -> None:
    try:
        believed = accepted(forged)
    except BeffroiError:
        believed = False
    assert not believed, f"{what}: believed"


def test_played_again_too_late() -> None:
    """A life of five minutes and an hour of skew; a signed expiry lengthens it to half a day at most."""
    assert accepted(request_of(), now_ms=NOW_MS + 3_899_000)
    with pytest.raises(Unauthorized, match="too old"):
        accepted(request_of(), now_ms=NOW_MS + 3_901_000)
    with pytest.raises(Unauthorized, match="from the future"):
        accepted(request_of(), now_ms=NOW_MS - 3_602_000)
    long = by_hand('"@method" "@target-uri" "content-digest"', f';created={NOW_S};expires=1800000000;keyid="{KEY_ID}"')
    assert accepted(long, now_ms=NOW_MS + 12 * 3_600_000)
    with pytest.raises(Unauthorized, match="too old"):
        accepted(long, now_ms=NOW_MS + 14 * 3_600_000)
    short = by_hand(
        '"@method" "@target-uri" "content-digest"', f';created={NOW_S};expires={NOW_S + 1};keyid="{KEY_ID}"'
    )
    with pytest.raises(Unauthorized, match="too old"):
        accepted(short, now_ms=NOW_MS + 3_602_000)


# --- strength


@pytest.mark.parametrize(
    ("covered", "method", "target"),
    [
        ('"@method" "@target-uri" "content-digest"', "POST", "/inbox?x=1"),
        ('"@method" "@authority" "@path" "@query" "content-digest"', "POST", "/inbox?x=1"),
        ('"@method" "@authority" "@path" "content-digest"', "POST", "/inbox"),
        ('"@method" "@authority" "@request-target" "content-digest"', "POST", "/inbox?x=1"),
        ('"@method" "host" "@request-target" "content-digest"', "POST", "/inbox?x=1"),
        ('"@method" "@scheme" "@target-uri" "content-digest"', "POST", "/inbox"),
        ('"@method" "@target-uri"', "GET", "/users/bob?page=true"),
        ('"@method" "@target-uri" "@query-param";name="page"', "GET", "/users/bob?page=true"),
    ],
)
def test_enough_signed_is_accepted(covered: str, method: str, target: str) -> None:
    assert accepted(by_hand(covered, method=method, target=target))


@pytest.mark.parametrize(
    ("covered", "method", "target"),
    [
        ("", "POST", "/inbox"),
        ('"date"', "POST", "/inbox"),
        ('"@method" "@target-uri"', "POST", "/inbox"),
        ('"@target-uri" "content-digest"', "POST", "/inbox"),
        ('"@method" "content-digest"', "POST", "/inbox"),
        ('"@method" "@path" "content-digest"', "POST", "/inbox"),
        ('"@method" "@authority" "content-digest"', "POST", "/inbox"),
        ('"@method" "@authority" "@path" "content-digest"', "POST", "/inbox?x=1"),
        ('"@method" "@authority" "@query" "content-digest"', "POST", "/inbox?x=1"),
        ('"@method"', "GET", "/users/bob"),
        ('"@method" "@path"', "GET", "/users/bob"),
    ],
)
def test_too_little_signed_is_refused(covered: str, method: str, target: str) -> None:
    """A signature that fits other requests too is worth nothing (CVE-2023-49079)."""
    with pytest.raises(Unauthorized, match="must be signed"):
        accepted(by_hand(covered, method=method, target=target, date="Tue, 14 Nov 2023 22:13:20 GMT"))


@pytest.mark.parametrize("more", [f';keyid="{KEY_ID}"', f";created={NOW_S}", f";created={NOW_S};keyid=token"])
def test_a_signature_without_a_time_or_a_key_is_refused(more: str) -> None:
    with pytest.raises((Unauthorized, Malformed)):
        accepted(by_hand('"@method" "@target-uri" "content-digest"', more))


@pytest.mark.parametrize(
    "component",
    ['"@status"', '"@unknown"', '"x-absent"', '"host";sf', '"host";bs', '"host";key="a"', '"host";req', '"host";tr',
     '"@query-param"', '"@query-param";name="absent"', '"@method";name="x"'],
)  # fmt: skip
def test_a_component_that_is_not_there_or_not_understood_is_refused(component: str) -> None:
    header = f'sig1=("@method" "@target-uri" "content-digest" {component});created={NOW_S};keyid="{KEY_ID}"'
    with pytest.raises((Unauthorized, Malformed)):
        accepted(changed(_SIGNED, signature_input=header))


def test_a_parameter_of_the_query_that_comes_twice_is_none() -> None:
    covered = '"@method" "@target-uri" "@query-param";name="page"'
    request = by_hand(covered, method="GET", target="/users/bob?page=a%20b&x=1")
    assert accepted(request)
    with pytest.raises(Unauthorized):
        accepted(replace(request, target="/users/bob?page=a%20b&page=2"))


# --- several signatures


def both(first: Request, second: Request) -> Request:
    joined = {name: f"{first.headers[name]}, {second.headers[name]}" for name in ("signature-input", "signature")}
    return replace(first, headers={**first.headers, **joined})


def test_of_several_signatures_the_first_that_suffices_counts() -> None:
    """A proxy signs too: what it signed is weak, or its key is no address; the actor's own is found beside it."""
    ours = by_hand('"@method" "@target-uri" "content-digest"')
    weak = by_hand('"@method"', label="proxy", key=RSA)
    nameless = by_hand(
        '"@method" "@target-uri" "content-digest"', f';created={NOW_S};keyid="proxy-7"', label="p", key=RSA
    )
    for other in (weak, nameless):
        assert accepted(both(other, ours))
        assert accepted(both(ours, other))


def test_a_signature_beside_ours_changes_nothing_of_what_ours_covers() -> None:
    ours = by_hand('"@method" "@target-uri" "content-digest"')
    weak = by_hand('"@method"', label="proxy", key=RSA)
    with pytest.raises(Unauthorized):
        accepted(replace(both(weak, ours), body=b"{}"))
    only = both(weak, weak.__class__(weak.method, weak.target, {**weak.headers, "signature-input": weak.headers[
        "signature-input"].replace("proxy=", "other="), "signature": weak.headers["signature"].replace(
        "proxy=", "other=")}, weak.host, weak.body))  # fmt: skip
    with pytest.raises(Unauthorized, match="must be signed"):
        accepted(only)


# --- the headers

_GOOD = f'("@method" "@target-uri" "content-digest");created={NOW_S};keyid="{KEY_ID}"'


@pytest.mark.parametrize(
    "signature_input",
    [
        "",
        "sig1",
        "sig1=",
        "=()",
        "sig1=(",
        "sig1=()(",
        'sig1=("@method"',
        'sig1=("@method""@path");created=1',
        "sig1=(@method);created=1",
        'sig1="x"',
        "sig1=5",
        f"Sig1={_GOOD}",
        f"sig1={_GOOD},",
        f"sig1={_GOOD}, sig1={_GOOD}",
        f"sig1={_GOOD};created={NOW_S}",
        f'sig1={_GOOD};keyid="https://other.test/u"',
        f'sig1=("@method" "@method" "@target-uri" "content-digest");created={NOW_S};keyid="{KEY_ID}"',
        f'sig1=("@method" "@Target-Uri" "content-digest");created={NOW_S};keyid="{KEY_ID}"',
        f'sig1=("@method" "@target-uri" "content-digest");created=-1;keyid="{KEY_ID}"',
        f'sig1=("@method" "@target-uri" "content-digest");created=1.5;keyid="{KEY_ID}"',
        f'sig1=("@method" "@target-uri" "content-digest");created="{NOW_S}";keyid="{KEY_ID}"',
        f'sig1=("@method" "@target-uri" "content-digest");created={"1" * 16};keyid="{KEY_ID}"',
        f'sig1=("@method" "@target-uri" "content-digest");created={NOW_S};expires="soon";keyid="{KEY_ID}"',
        f'sig1=("@method" "@target-uri" "content-digest");created={NOW_S};keyid="{KEY_ID}\x7f"',
        f'sig1=("@method" "@target-uri" "content-digest");created={NOW_S};keyid="é"',
        f"sig1={_GOOD}" + ";x=1" * 3_000,
        ", ".join(f"s{n}={_GOOD}" for n in range(20)),
        "sig1=(" + " ".join(f'"x-{n}"' for n in range(99)) + f");created={NOW_S}",
    ],
)  # fmt: skip
def test_a_signature_input_with_two_readings_or_none_is_refused(signature_input: str) -> None:
    with pytest.raises(Malformed):
        accepted(changed(_SIGNED, signature_input=signature_input))


@pytest.mark.parametrize(
    "signature",
    ["", "sig1", "sig1=AAAA", "sig1=:AAAA", "sig1=:A:", "sig1=:####:", "sig1=:AAAA:, sig1=:AAAB:", 'keyId="a",headers="b"',
     "sig1=:AAAA:,", "sig1=:" + "A" * 9_000 + ":"],
)  # fmt: skip
def test_a_signature_with_two_readings_or_none_is_refused(signature: str) -> None:
    with pytest.raises(Malformed):
        accepted(changed(_SIGNED, signature=signature))


def test_a_label_without_its_signature_is_told_so() -> None:
    with pytest.raises((Unauthorized, Malformed), match="sig1"):
        accepted(changed(_SIGNED, signature="sig2=:AAAA:"))


_SPACED = st.sampled_from(["", " ", "\t", "  "])


@given(_SPACED, _SPACED, st.sampled_from([" ", "   "]))
def test_white_space_that_the_grammar_allows_changes_nothing(before: str, after: str, between: str) -> None:
    """RFC 9651: spaces within the list, blanks around commas; the base is written the one canonical way."""
    ours = by_hand('"@method" "@target-uri" "content-digest"')
    loose = ours.headers["signature-input"].replace('("@method" ', f'({between}"@method"{between}').replace(
        '"content-digest")', f'"content-digest"{between})')  # fmt: skip
    joined = f"{loose}{before},{after}other=();created=1"
    signatures = f"{ours.headers['signature']}{before},{after}other=:AAAA:"
    assert accepted(changed(ours, signature_input=joined, signature=signatures))


@given(st.text(max_size=200) | st.from_regex(re.compile(r'[a-z]{0,3}=\(("[@a-z-]{0,9}" ?){0,3}\)(;[a-z]{1,4}(=("[^"]{0,5}"|[0-9]{1,3}|:[A-Z=]*:))?){0,3},?'), fullmatch=True))  # fmt: skip
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text: str) -> None:
    for name in ("signature_input", "signature", "content_digest"):
        try:
            accepted(changed(_SIGNED, **{name: text}))
        except BeffroiError as refusal:
            assert str(refusal)  # noqa: PT017 — the reason is what is tested


_NAME = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)


@given(
    st.lists(_NAME, unique=True, max_size=6), st.dictionaries(_NAME, _TEXT | st.integers(0, 10**14), max_size=4), _NAME
)
def test_what_was_written_is_what_is_read(names: list[str], parameters: dict[str, str | int], label: str) -> None:
    """Any list of components with any parameters comes back, and its canonical form is the one it was written in."""
    for name in ("created", "expires", "keyid", "alg"):
        parameters.pop(name, None)
    written = "(" + " ".join(f'"{name}"' for name in names) + ")"
    for name, value in parameters.items():
        quoted = str(value) if isinstance(value, int) else '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
        written += f";{name}={quoted}"
    (claim,) = rfc9421.read(f"{label}={written}", f"{label}=:AAAA:")
    assert claim.covered == tuple(names)
    assert claim.parameters == written


@given(st.data())
@settings(max_examples=100)
def test_one_changed_byte_is_seen(data: st.DataObject) -> None:
    """In the body, the target or any header that is signed or signs."""
    request = request_of()
    where = data.draw(st.sampled_from(["body", "target", "content-digest", "signature-input", "signature"]))
    text = request.body.decode() if where == "body" else request.target if where == "target" else request.headers[where]
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != text[at]))
    other = text[:at] + new + text[at + 1 :]
    forged = (
        replace(request, body=other.encode())
        if where == "body"
        else replace(request, target=other)
        if where == "target"
        else changed(request, **{where.replace("-", "_"): other})
    )
    try:
        assert not accepted(forged), f"a changed {where} was accepted: {other}"
    except BeffroiError:
        return

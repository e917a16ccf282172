"""Signatures made by others: Mastodon's own cases, both appendices, captures of GoToSocial, snac, Fedify, PeerTube."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from node.federation.signatures import Claim, Request, check, digest, key_owner_hint, proofs, read, rfc9421, verify
from node.runtime import keypairs as keys
from node.runtime.errors import BeffroiError, Malformed, Unauthorized

CASES_OF_MASTODON = 28


@pytest.fixture(scope="session")
def vectors(shared_data: Path) -> Path:
    return shared_data / "data" / "federation" / "vectors"


def _request(case: dict[str, Any]) -> Request:
    body = base64.b64decode(case["body_b64"])
    headers = [(name.encode(), value.encode()) for name, value in case["headers"].items()]
    host = next(value for name, value in case["headers"].items() if name.lower() == "host")
    scheme = case.get("target_uri", "https:").partition(":")[0]
    return Request.from_wire(case["method"], case["path"].encode(), headers, host, body, scheme=scheme)


def _accepted(request: Request, key: keys.PublicKey, now_ms: int) -> bool:
    """The whole of inbound steps 3 to 6 of one request, as a route does them."""
    try:
        claim = read(request)
        check(request, claim, now_ms)
        return verify(request, claim, key)
    except BeffroiError:
        return False


def _sent_ms(request: Request) -> int:
    """The moment that a captured request says it was sent."""
    return int(datetime.strptime(request.headers["date"], "%a, %d %b %Y %H:%M:%S %Z").timestamp() * 1_000)  # noqa: DTZ007


def _captured(path: Path) -> Iterator[dict[str, Any]]:
    loaded = json.loads(path.read_text())
    for case in loaded["tests"] if isinstance(loaded, dict) else loaded:
        if any(name.lower() == "signature" for name in case["headers"]):
            yield case


def test_mastodons_own_cases(vectors: Path) -> None:
    """What Mastodon accepts from a peer we accept, what it refuses we refuse: both forms, RSA and Ed25519."""
    loaded = json.loads((vectors / "mastodon-signature-spec.json").read_text())
    published = {}
    for kind in ("rsa", "ed25519"):
        private = serialization.load_pem_private_key(loaded[f"{kind}_private_pem"].encode(), None)
        published[kind] = keys.public_from_pem(keys.public_pem(private.public_key()))  # type: ignore[arg-type]
    assert len(loaded["tests"]) == CASES_OF_MASTODON
    wrong = []
    for case in loaded["tests"]:
        if case["name"] == "with an inaccessible key":
            continue  # the signature is good: it is the key's address that leads nowhere, which is not decided here
        now_ms = int(datetime.fromisoformat(case["now"]).timestamp() * 1_000)
        if _accepted(_request(case), published[case["key"]], now_ms) != (case["expect"] == "accept"):
            wrong.append(f"{case['scheme']}, {case['name']}: expected {case['expect']}")
    assert not wrong


def test_an_account_named_by_key_id_is_found_by_webfinger(vectors: Path) -> None:
    loaded = json.loads((vectors / "mastodon-signature-spec.json").read_text())
    case = next(case for case in loaded["tests"] if case["name"] == "with an acct key ID")
    assert key_owner_hint(read(_request(case)).key_id) == "acct:bob@remote.domain"


def test_the_drafts_appendix_verifies_but_date_alone_is_too_little(vectors: Path) -> None:
    """Appendix C of draft-cavage-12: right arithmetic; C.1 and C.2 leave the body unsigned."""
    outcomes = {}
    for case in json.loads((vectors / "cavage-appendix-c.json").read_text())["tests"]:
        request = _request(case)
        key = keys.public_from_pem(case["public_pem"])
        assert verify(request, read(request), key), case["name"]
        outcomes[case["name"][:3]] = _accepted(request, key, _sent_ms(request))
    # The draft's digest is of `{"hello": "world"}`, which is the body given.
    assert outcomes == {"C.1": False, "C.2": False, "C.3": True}


def test_captured_requests_of_six_programs_verify(vectors: Path) -> None:
    """Emissary, verify.funfedi.dev, PixelFed, Mastodon 2.5, Takahē: bytes as they came, at the time they came."""
    accepted = []
    for case in _captured(vectors / "captured-cavage.json"):
        request = _request(case)
        key = keys.public_from_pem(case["public_pem"])
        claim = read(request)
        assert verify(request, claim, key), case["name"]
        if "date" not in request.headers:
            with pytest.raises(Unauthorized):
                check(request, claim, 0)  # an API of a bank: no date, no target, nothing for us
            continue
        check(request, claim, _sent_ms(request))
        accepted.append(case["name"])
    assert len(accepted) == 7


@pytest.mark.parametrize(
    ("capture", "actor", "expected"),
    [
        ("gotosocial-2025-10.json", "gotosocial-2025-10-actor.json", 13),
        ("snac-2.94.json", "snac-2.94-actor.json", 3),
        ("fedify-2.3.6-cavage.json", "fedify-2.3.6-cavage-actor.json", 4),
        ("fedify-2.3.6-cavagereject401.json", "fedify-2.3.6-cavagereject401-actor.json", 5),
        ("fedify-2.3.6-rfc9421.json", "fedify-2.3.6-rfc9421-actor.json", 4),
        ("fedify-2.3.6-rfc9421reject401.json", "fedify-2.3.6-rfc9421reject401-actor.json", 5),
    ],
)
def test_a_server_we_met_on_loopback_is_believed(vectors: Path, capture: str, actor: str, expected: int) -> None:
    """GoToSocial (hs2019, stub keys), snac (digest on GET), Fedify (both forms, both ways): all of their requests."""
    published = json.loads((vectors / actor).read_text())
    key = keys.public_from_pem(published["publicKey"]["publicKeyPem"])
    cases = list(_captured(vectors / capture))
    assert len(cases) == expected
    for case in cases:
        request = _request(case)
        assert _accepted(request, key, _sent_ms(request)), f"{case['method']} {case['path']} of {capture} was refused"
        assert key_owner_hint(read(request).key_id) == published["id"]


def test_a_body_changed_on_the_way_is_refused(vectors: Path) -> None:
    """PeerTube's capture of Mastodon 2.5: the raw request verifies, the re-serialised body does not match."""
    folder = vectors / "peertube-mastodon25"
    head, _, body = (folder / "raw-request.http").read_bytes().partition(b"\n\n")
    if not body:
        head, _, body = head.partition(b"\r\n\r\n")
    request_line, *lines = head.replace(b"\r", b"").split(b"\n")
    method, target, _ = request_line.split(b" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    key = keys.public_from_pem(json.loads((folder / "public-key.json").read_text())["publicKey"])
    request = Request.from_wire(method.decode(), target, headers, "localhost", body)
    assert _accepted(request, key, _sent_ms(request))
    bad = json.loads((folder / "bad-body-http-signature.json").read_text())
    swapped = Request("POST", request.target, bad["headers"], "localhost", json.dumps(bad["body"]).encode())
    with pytest.raises(Unauthorized, match="digest"):
        digest.check(swapped.headers, swapped.body)


def _of_the_appendix(case: dict[str, Any]) -> Request:
    head, _, body = case["message"].partition("\n\n")
    line, *fields = head.split("\n")
    method, target, _ = line.split(" ")
    wire = [(name.encode(), value.encode()) for name, _, value in (each.partition(": ") for each in fields)]
    wire += [(b"Signature-Input", case["signature_input"].encode()), (b"Signature", case["signature"].encode())]
    host = next(value.decode() for name, value in wire if name == b"Host")
    return Request.from_wire(method, target.encode(), wire, host, body.encode())


def test_the_appendix_of_rfc9421(vectors: Path) -> None:
    """Appendix B: the base of every signed request is the published one; Ed25519 verifies, the rest is not for us.

    RSA-PSS, ECDSA and HMAC are used by no server of the fediverse; a response (B.2.4) is no request.
    """
    loaded = json.loads((vectors / "rfc9421-appendix-b.json").read_text())
    verified, compared = [], []
    for case in loaded["tests"]:
        if case["message"].startswith("HTTP/"):
            assert '"@status"' in case["signature_input"]
            continue
        request = _of_the_appendix(case)
        (claim,) = rfc9421.read(request.headers["signature-input"], request.headers["signature"])
        assert claim.key_id == case["keyid"]
        assert claim.created_s == 1_618_884_473
        if case["signature_base"] is not None:
            assert rfc9421.signature_base(request, claim).decode() == case["signature_base"], case["name"]
            compared.append(case["label"])
        published = loaded["keys"][case["keyid"]].get("public_pem")
        if published is None:
            continue
        key = keys.public_from_pem(published)
        if verify(request, claim, key):
            verified.append(case["label"])
            forged = Request(request.method, "/bar", request.headers, request.host, request.body)
            assert not verify(forged, claim, key), f"{case['name']}: a changed path was not noticed"
        with pytest.raises((Unauthorized, Malformed)):
            read(request)  # weak, or a key without an address: nothing for a server of the fediverse
    assert verified == ["sig-b26", "transform"]
    assert compared == ["sig-b21", "sig-b22", "sig-b23", "sig-b25", "sig-b26"]


def test_a_status_is_no_part_of_a_request(vectors: Path) -> None:
    """B.2.4 signs a response; played as a request it is refused."""
    loaded = json.loads((vectors / "rfc9421-appendix-b.json").read_text())
    case = next(case for case in loaded["tests"] if case["label"] == "sig-b24")
    (claim,) = rfc9421.read(case["signature_input"], case["signature"])
    with pytest.raises(Unauthorized, match="@status"):
        rfc9421.signature_base(Request("POST", "/", {}, "example.com", b""), claim)


def test_proofs_of_the_proposal(vectors: Path) -> None:
    """FEP-8b32's vectors, and Mastodon's: valid, valid with an expiry, expired."""
    now_ms = 1_790_000_000_000
    loaded = json.loads((vectors / "fep-8b32.json").read_text())
    for case in loaded["tests"]:
        key = keys.public_from_multikey(case["public_multibase"])
        if case["expect"] == "valid":
            assert proofs.verify(case["document"], key, now_ms)
            changed = {**case["document"], "actor": "https://evil.test/u"}
            assert not proofs.verify(changed, key, now_ms), "a changed document kept its proof"
        else:
            with pytest.raises(Unauthorized, match="expired"):
                proofs.verify(case["document"], key, now_ms)
    assert {case["expect"] for case in loaded["tests"]} == {"valid", "refuse-expired"}


def test_a_proof_of_ours_is_the_proposals_own(vectors: Path) -> None:
    """Same key, same document, same second: Ed25519 is deterministic, so the value must be the published one."""
    loaded = json.loads((vectors / "fep-8b32.json").read_text())
    document = loaded["tests"][0]["document"]
    published = document["proof"]
    key = keys.private_from_multikey(loaded["secret_multibase"])
    made = proofs.create(document, published["verificationMethod"], key, 1_677_281_798_000)
    assert made["proof"] == published


def test_multikeys_are_written_as_others_write_them(vectors: Path) -> None:
    """Fedify publishes its RSA key both ways: our spelling of the one is theirs of the other."""
    actor = json.loads((vectors / "fedify-2.3.6-cavage-actor.json").read_text())
    rsa = keys.public_from_pem(actor["publicKey"]["publicKeyPem"])
    assert keys.public_multikey(rsa) == actor["assertionMethod"][0]["publicKeyMultibase"]
    ed25519 = keys.public_from_multikey(actor["assertionMethod"][1]["publicKeyMultibase"])
    assert keys.public_multikey(ed25519) == actor["assertionMethod"][1]["publicKeyMultibase"]
    with pytest.raises(Malformed):
        keys.public_from_multikey(actor["assertionMethod"][1]["publicKeyMultibase"][:-3])


def test_a_claim_says_nothing_that_is_believed(vectors: Path) -> None:
    """The algorithm of the header is for the log."""
    case = next(iter(_captured(vectors / "gotosocial-2025-10.json")))
    claim = read(_request(case))
    assert isinstance(claim, Claim)
    assert claim.algorithm == "hs2019"

"""What this node asks of a signed request, whatever the wire format: strength, freshness, a true digest.

It signs what it asks of others: `sign` writes either format.

The order is FEDERATION.md's: nothing is fetched and no arithmetic is done for a request that would be refused anyway.
"""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from node.federation.signatures import cavage, dates, digest, rfc9421
from node.federation.signatures.requests import Claim, Request, Scheme, plain_host
from node.runtime import keypairs as keys
from node.runtime.errors import Malformed, Unauthorized

SKEW_S = 3_600
"""How far two clocks may be apart."""
LIFE_S = 300
"""How long a signature lives when it does not say."""
MAX_LIFE_S = 43_200
"""How long it may live at most, whatever it says."""

_BODILESS = ("GET", "HEAD")
_KEY_SEGMENTS = ("/main-key", "/publickey", "/public_key_pem")
# §2.3 of the draft: these older algorithm names never go with (created) or (expires).
_WITHOUT_TIMES = ("rsa", "hmac", "ecdsa")
_ALGORITHMS = {"rsa-v1_5-sha256": rsa.RSAPublicKey, "ed25519": ed25519.Ed25519PublicKey}


def sign(
    method: str,
    url: str,
    body: bytes | None,
    key_id: str,
    private_key: keys.PrivateKey,
    now_ms: int,
    content_type: str = "application/activity+json",
    *,
    scheme: Scheme = Scheme.CAVAGE,
    more: Mapping[str, str] = {},
) -> dict[str, str]:
    """The headers to send with a request, among them Host, Date, the signature, and the digest of a body.

    *url* must be sent exactly as given (for yarl: `URL(url, encoded=True)`). *body* None means no body and no digest
    (GET). RSA costs 0.39 ms: bulk delivery signs in threads. *more*: other headers that are sent, and signed.

    Raises:
        Malformed: *url* is not an absolute http(s) URL in ASCII.
    """
    written = rfc9421.sign if scheme is Scheme.RFC9421 else cavage.sign
    return written(method, url, body, key_id, private_key, now_ms, content_type, more)


def read(request: Request) -> Claim:
    """Parse the signature of *request*, whichever format it uses; nothing is believed yet.

    Of several signatures (RFC 9421) the first counts that covers enough and names a key by its address: a proxy may
    have put its own beside the sender's.

    Raises:
        Unauthorized: there is no signature, or none that covers enough.
        Malformed: there is one, and it cannot be read.
    """
    header = request.headers.get("signature")
    if header is None:
        raise Unauthorized("the request is not signed")
    if "signature-input" not in request.headers:
        return cavage.read(header)
    why: Unauthorized | None = None
    for claim in rfc9421.read(request.headers["signature-input"], header):
        try:
            if not claim.key_id.startswith(("https://", "http://", "acct:")) or " " in claim.key_id:
                raise Unauthorized("the keyid of the signature is no address")
            _components(request, claim)
        except Unauthorized as weak:
            why = why or weak
        else:
            return claim
    raise why or Unauthorized("the request is not signed")


def check(request: Request, claim: Claim, now_ms: int) -> None:
    """Refuse what no key could save: too little signed, too old, another host, another body.

    Raises:
        Unauthorized: what is missing, in words that the sender's administrator can act on.
        Malformed: a date or a digest that cannot be read.
    """
    (_components if claim.scheme is Scheme.RFC9421 else _headers)(request, claim)
    _window(request, claim, now_ms // 1_000)
    _host(request, claim)
    bound = digest.check(request.headers, request.body)
    # An unsigned digest proves nothing, even when it is right: the one that counts is the one that was signed
    # (bovine accepts a body swapped under an unsigned Digest when another one was signed).
    if request.method not in _BODILESS and not any(name in claim.covered for name in bound):
        raise Unauthorized("a digest of the body must be present and signed")


def verify(request: Request, claim: Claim, public_key: keys.PublicKey) -> bool:
    """Whether *public_key* made the signature: over the whole target, or over the path alone.

    Some servers sign the path without the query string; Mastodon accepts both (its signature_verification_spec),
    for the draft alone.

    Raises:
        Unauthorized: the signature covers a header that the request does not carry.
    """
    if claim.scheme is Scheme.RFC9421:
        # §3.2: where the sender names the algorithm, it must be the key's.
        if claim.algorithm is not None and not isinstance(public_key, _ALGORITHMS.get(claim.algorithm, ())):
            return False
        return keys.verify(public_key, claim.signature, rfc9421.signature_base(request, claim))
    targets = [request.target]
    path, question_mark, _ = request.target.partition("?")
    if question_mark and cavage.REQUEST_TARGET in claim.covered:
        targets.append(path)
    return any(
        keys.verify(public_key, claim.signature, cavage.signing_string(request, claim, target)) for target in targets
    )


def key_owner_hint(key_id: str) -> str:
    """The id of the actor that *key_id* probably belongs to: a place to look first, never a proof.

    `https://x/u/a#main-key` (most), `https://x/u/a/main-key` (GoToSocial: a stub whose `owner` is the actor), the
    bare actor id (Osada), `acct:a@x` (unchanged: WebFinger finds the actor).
    """
    if key_id.startswith("acct:"):
        return key_id
    actor, _, _ = key_id.partition("#")
    for segment in _KEY_SEGMENTS:
        if actor.endswith(segment):
            return actor.removesuffix(segment)
    return actor


def _headers(request: Request, claim: Claim) -> None:
    """The draft: Mastodon's rule, and the target on every method."""
    covered = claim.covered
    if "date" not in covered and cavage.CREATED not in covered:
        raise Unauthorized("the Date header or (created) must be signed")
    # Not only on POST: a GET whose target is not signed could be played again on any other document.
    if cavage.REQUEST_TARGET not in covered:
        raise Unauthorized("(request-target) must be signed")
    if request.method in _BODILESS and "host" not in covered:
        raise Unauthorized("the Host header must be signed on a GET")
    if request.method not in _BODILESS and not any(name in covered for name in digest.HEADERS):
        raise Unauthorized("the Digest header must be signed on a POST")
    for name in (cavage.CREATED, cavage.EXPIRES):
        if name in covered and (claim.algorithm or "").startswith(_WITHOUT_TIMES):
            raise Malformed(f"{name} does not go with the algorithm {claim.algorithm}")
    for name in covered:
        if not name.startswith("(") and name not in request.headers:
            raise Unauthorized(f"the signature covers {name}, which the request does not carry")


def _components(request: Request, claim: Claim) -> None:
    """RFC 9421: Mastodon's rule, and whatever binds as much as `@target-uri` does."""
    covered = claim.covered
    if "@method" not in covered:
        raise Unauthorized("@method must be signed")
    place = "@authority" in covered or "host" in covered
    whole = "@path" in covered and ("?" not in request.target or "@query" in covered)
    if "@target-uri" not in covered and not (place and ("@request-target" in covered or whole)):
        raise Unauthorized("@target-uri must be signed")
    if claim.created_s is None:
        raise Unauthorized("a time must be signed: the parameter created")
    if request.method not in _BODILESS and not any(name in covered for name in digest.HEADERS):
        raise Unauthorized("the Content-Digest header must be signed on a POST")


def _window(request: Request, claim: Claim, now_s: int) -> None:
    starts: list[int] = []
    # What RFC 9421 says of times is always signed.
    signed_expiry = claim.scheme is Scheme.RFC9421 or cavage.EXPIRES in claim.covered
    if "date" in claim.covered and "date" in request.headers:
        starts.append(dates.read_s(request.headers["date"]))
    if claim.scheme is Scheme.RFC9421 or cavage.CREATED in claim.covered:
        if claim.created_s is None:
            raise Malformed("(created) is signed but not given")
        starts.append(claim.created_s)
    if cavage.EXPIRES in claim.covered and claim.expires_s is None:
        raise Malformed("(expires) is signed but not given")
    for start_s in starts:
        end_s = start_s + LIFE_S
        if claim.expires_s is not None:
            # Only a signed time may lengthen the life; an unsigned one can but shorten it.
            end_s = min(claim.expires_s, start_s + MAX_LIFE_S) if signed_expiry else min(claim.expires_s, end_s)
        if start_s > now_s + SKEW_S or now_s > end_s + SKEW_S:
            raise Unauthorized("the signature is too old, or from the future: are both clocks right?")


def _host(request: Request, claim: Claim) -> None:
    if "host" in claim.covered and plain_host(request.headers.get("host", "")) != plain_host(request.host):
        raise Unauthorized("the request was signed for another host")

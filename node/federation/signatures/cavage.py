"""draft-cavage-http-signatures-12: the wire format only. What is asked of a signature is in `policy`."""

import base64
import re
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric import ed25519

from node.federation.signatures import dates, digest
from node.federation.signatures.requests import Claim, Request, Scheme, destination, wire_bytes
from node.runtime import keypairs as keys
from node.runtime.errors import Malformed, Unauthorized

CREATED = "(created)"
EXPIRES = "(expires)"
REQUEST_TARGET = "(request-target)"

_PSEUDO = (REQUEST_TARGET, CREATED, EXPIRES)
_MAX_CHARS = 8_000
_MAX_COVERED = 50
_PARAMETER = re.compile(r'\s*([A-Za-z][A-Za-z0-9_-]*)=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s",]+))\s*(,|$)')
_SECONDS = re.compile(r"(\d{1,12})(?:\.\d{1,9})?")
_HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_ESCAPE = re.compile(r"\\(.)")


def read(header: str) -> Claim:
    """The claim in a `Signature` header.

    Raises:
        Malformed: a parameter is missing, doubled or unreadable; an empty, doubled or unknown covered name.
    """
    parameters = _parameters(header)
    key_id = parameters.get("keyid", "")
    if not key_id or not key_id.isprintable() or " " in key_id:
        raise Malformed("the Signature header has no usable keyId")
    signature = digest.strict_base64(parameters.get("signature", ""), "signature")
    if not signature:
        raise Malformed("the Signature header holds no signature")
    return Claim(
        scheme=Scheme.CAVAGE,
        key_id=key_id,
        algorithm=parameters["algorithm"].lower() if "algorithm" in parameters else None,
        covered=_covered(parameters.get("headers", "")),
        created_s=_seconds(parameters, "created"),
        expires_s=_seconds(parameters, "expires"),
        signature=signature,
    )


def signing_string(request: Request, claim: Claim, target: str) -> bytes:
    """The bytes that were signed, for *request* as if it had been asked at *target* (§2.3).

    Raises:
        Unauthorized: a covered header is not in the request.
        Malformed: a covered header did not come from the wire.
    """
    lines: list[str] = []
    for name in claim.covered:
        if name == REQUEST_TARGET:
            value: object = f"{request.method.lower()} {target}"
        elif name == CREATED:
            value = claim.created_s
        elif name == EXPIRES:
            value = claim.expires_s
        else:
            value = request.headers.get(name)
        if value is None:
            raise Unauthorized(f"the signature covers {name}, which the request does not carry")
        lines.append(f"{name}: {value}")
    return wire_bytes(lines)


def sign(
    method: str,
    url: str,
    body: bytes | None,
    key_id: str,
    private_key: keys.PrivateKey,
    now_ms: int,
    content_type: str,
    more: Mapping[str, str] = {},
) -> dict[str, str]:
    """The headers to send with a request: Host, Date, Signature, and Digest and Content-Type where there is a body.

    The query is signed, as Mastodon does. Parameters and errors: `policy.sign`.
    """
    _, host, target = destination(url)
    headers = {"Host": host, "Date": dates.written(now_ms)}
    if body is not None:
        headers["Digest"] = digest.of(body)
        headers["Content-Type"] = content_type
    headers.update(more)
    covered = (REQUEST_TARGET, *(name.lower() for name in headers))
    lines = [f"{REQUEST_TARGET}: {method.lower()} {target}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers.items()]
    signature = base64.b64encode(keys.sign(private_key, "\n".join(lines).encode("ascii"))).decode("ascii")
    # `rsa-sha256` is understood by all; hs2019 is the draft's only name that fits Ed25519.
    algorithm = "hs2019" if isinstance(private_key, ed25519.Ed25519PrivateKey) else "rsa-sha256"
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="{algorithm}",headers="{" ".join(covered)}",signature="{signature}"'
    )
    return headers


def _parameters(header: str) -> dict[str, str]:
    if len(header) > _MAX_CHARS:
        raise Malformed("the Signature header is too long")
    found: dict[str, str] = {}
    position = 0
    while True:
        match = _PARAMETER.match(header, position)
        if match is None:
            raise Malformed("the Signature header is not a list of name=value")
        name = match[1].lower()
        if name in found:
            # Two readers that pick different ones disagree on who signed what (CVE-2026-28432).
            raise Malformed(f"the Signature header gives {match[1]} twice")
        found[name] = _ESCAPE.sub(r"\1", match[2]) if match[2] is not None else match[3]
        position = match.end()
        if not match[4]:
            return found


def _covered(value: str) -> tuple[str, ...]:
    names = tuple(value.lower().split())
    if not names:
        raise Malformed("the Signature header covers no header")
    if len(names) > _MAX_COVERED or len(set(names)) != len(names):
        raise Malformed("the Signature header covers a header twice, or too many")
    for name in names:
        if name not in _PSEUDO and not _HEADER_NAME.fullmatch(name):
            raise Malformed("the Signature header covers something that is no header")
    return names


def _seconds(parameters: dict[str, str], name: str) -> int | None:
    if name not in parameters:
        return None
    match = _SECONDS.fullmatch(parameters[name])
    if match is None:
        raise Malformed(f"{name} in the Signature header is not a time in seconds")
    return int(match[1])

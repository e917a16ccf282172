"""RFC 9421, HTTP message signatures: the wire format only. What is asked of a signature is in `policy`."""

import base64
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote

from node.federation.signatures import dates, digest, fields
from node.federation.signatures.requests import Claim, Request, Scheme, destination, plain_host, wire_bytes
from node.runtime import keypairs as keys
from node.runtime.errors import Malformed, Unauthorized

_LABEL = "sig1"
_QUERY_PARAMETER = "@query-param"
# Unreserved in application/x-www-form-urlencoded (RFC 9421 §2.2.8).
_FORM_SAFE = "*-._"


def read(signature_input: str, signature: str) -> list[Claim]:
    """The claims of a `Signature-Input` header whose signatures stand in the `Signature` header, in their order.

    `key_id` is empty where none was given. `covered` holds the names of the components, each with its parameters.

    Raises:
        Malformed: a header is no such dictionary, or says something twice; a time that is none.
        Unauthorized: a label has no signature.
    """
    signatures = fields.byte_sequences(signature, "Signature header")
    claims: list[Claim] = []
    for label, inner in fields.inner_lists(signature_input, "Signature-Input header").items():
        if not signatures.get(label):
            raise Unauthorized(f"the Signature header holds no signature {label}")
        covered = tuple(_component(name, parameters) for name, parameters, _ in inner.items)
        if len(set(covered)) != len(covered):
            raise Malformed("the signature covers a component twice")
        key_id, algorithm = inner.parameters.get("keyid"), inner.parameters.get("alg")
        claims.append(
            Claim(
                scheme=Scheme.RFC9421,
                key_id=key_id if isinstance(key_id, str) else "",
                algorithm=algorithm.lower() if isinstance(algorithm, str) else None,
                covered=covered,
                created_s=_seconds(inner.parameters, "created"),
                expires_s=_seconds(inner.parameters, "expires"),
                signature=signatures[label],
                parameters=inner.text,
            )
        )
    return claims


def signature_base(request: Request, claim: Claim) -> bytes:
    """The bytes that were signed (§2.5).

    Raises:
        Unauthorized: a component is not in the request, or is none of a request.
        Malformed: a covered header did not come from the wire.
    """
    lines = [f"{_quoted(name)}: {_value(request, name)}" for name in claim.covered]
    lines.append(f'"@signature-params": {claim.parameters}')
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
    """The headers to send with a request, signed as Mastodon asks for it; else as `cavage.sign`.

    No `alg`: the key says which it is, and Mastodon verifies RSA (rsa-v1_5-sha256) alone.
    """
    scheme, host, target = destination(url)
    headers = {"Host": host, "Date": dates.written(now_ms)}
    covered = ["@method", "@target-uri"]
    if body is not None:
        headers["Content-Digest"] = digest.content_of(body)
        headers["Content-Type"] = content_type
        covered.append("content-digest")
    covered += [name.lower() for name in more]
    inner = f'({" ".join(map(_quoted, covered))});created={now_ms // 1_000};keyid="{key_id}"'
    base = [f'"@method": {method.upper()}', f'"@target-uri": {scheme}://{host}{target}']
    if body is not None:
        base.append(f'"content-digest": {headers["Content-Digest"]}')
    base += [f'"{name.lower()}": {value}' for name, value in more.items()]
    headers.update(more)
    base.append(f'"@signature-params": {inner}')
    signature = base64.b64encode(keys.sign(private_key, "\n".join(base).encode("ascii"))).decode("ascii")
    return {**headers, "Signature-Input": f"{_LABEL}={inner}", "Signature": f"{_LABEL}=:{signature}:"}


def _component(name: str, parameters: Mapping[str, fields.Value]) -> str:
    if not name or name != name.lower():
        raise Malformed("the signature covers something that is no component")
    if not parameters:
        return name
    wanted = parameters.get("name")
    if name != _QUERY_PARAMETER or set(parameters) != {"name"} or not isinstance(wanted, str) or '"' in wanted:
        # `sf`, `key`, `bs`: no server of the fediverse signs so. `req`, `tr`: not of a request.
        raise Unauthorized(f"the signature covers {name} in a form that is not understood here")
    return f'{name};name="{wanted}"'


def _quoted(component: str) -> str:
    name, semicolon, parameters = component.partition(";")
    return f'"{name}"{semicolon}{parameters}'


def _seconds(parameters: Mapping[str, fields.Value], name: str) -> int | None:
    if name not in parameters:
        return None
    value = parameters[name]
    if not isinstance(value, int) or not 0 <= value < 10**12:
        raise Malformed(f"{name} in the Signature-Input header is not a time in seconds")
    return value


def _path(request: Request) -> str:
    return request.target.partition("?")[0] or "/"


def _authority(request: Request) -> str:
    return plain_host(request.host)


# §2.2; `@status` is of answers.
_DERIVED: Mapping[str, Callable[[Request], str]] = {
    "@method": lambda request: request.method,
    "@target-uri": lambda request: f"{request.scheme}://{_authority(request)}{request.target}",
    "@authority": _authority,
    "@scheme": lambda request: request.scheme,
    "@request-target": lambda request: request.target,
    "@path": _path,
    "@query": lambda request: "?" + request.target.partition("?")[2],
}


def _value(request: Request, component: str) -> str:
    if component in _DERIVED:
        return _DERIVED[component](request)
    if component.startswith(f"{_QUERY_PARAMETER};"):
        return _query_parameter(request, component)
    value = None if component.startswith("@") else request.headers.get(component)
    if value is None:
        raise Unauthorized(f"the signature covers {component}, which the request does not carry")
    return value


def _query_parameter(request: Request, component: str) -> str:
    wanted = component.partition('name="')[2].removesuffix('"')
    try:
        pairs = parse_qsl(request.target.partition("?")[2], keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Malformed("the query has too many parameters") from None
    values = [value for name, value in pairs if quote(name, safe=_FORM_SAFE) == wanted]
    if len(values) != 1:
        raise Unauthorized(f"the signature covers {component}, which the request does not carry once")
    return quote(values[0], safe=_FORM_SAFE)

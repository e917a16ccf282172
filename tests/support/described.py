"""What the node says of its own answers, held against the answers: a description that nobody checks becomes false."""

from functools import cache
from typing import Any

import orjson
from jsonschema_rs import Draft202012Validator

from node.api.dispatch import Table
from node.api.openapi.document import describe
from node.api.routes import ENDPOINTS, routes
from node.runtime.errors import NotFound

_TABLE = Table(ENDPOINTS)


@cache
def described() -> dict[str, Any]:
    """The node's description, of a host of no importance."""
    found: dict[str, Any] = orjson.loads(describe(routes).replace(b"\x02", b"https://ville.example"))
    return found


@cache
def _validator(method: str, path: str) -> Draft202012Validator:
    written = "/".join(f"{{{part[1:]}}}" if part.startswith(":") else part for part in path.split("/"))
    operation = described()["paths"][written][method.lower()]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": described()["components"]})


def check_answer(method: str, path: str, answer: Any) -> None:
    """Fail, if a 200 is not what the description promises."""
    try:
        endpoint, _ = _TABLE.find(method, path)
    except NotFound:
        return
    wrong = [
        f"{'/'.join(map(str, each.instance_path)) or 'the whole'}: {each.message[:200]}"
        for each in _validator(endpoint.method, endpoint.path).iter_errors(answer)
    ]
    assert not wrong, f"{endpoint.method} {endpoint.path} is not as described: {wrong[:3]}"

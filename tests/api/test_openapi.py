"""The node's own description of its client API: complete, true to the table of routes, and valid OpenAPI 3.1."""

import re
from typing import Any

import pytest
import schemathesis
from starlette.routing import Route, WebSocketRoute

from node.api.dispatch import Endpoint
from node.api.openapi import inputs
from node.api.routes import ENDPOINTS, api, routes
from node.api.streaming.socket import socket
from tests.api.conftest import Place


@pytest.fixture
async def description(place: Place) -> dict[str, Any]:
    """As anybody gets it."""
    found: dict[str, Any] = (await place.client().get("/api/openapi.json")).ok()
    return found


def _written(path: str) -> str:
    return re.sub(r":([a-z_]+)", r"{\1}", path)


def _lies(endpoint: Endpoint, description: dict[str, Any]) -> str:
    """What the description says wrongly of an endpoint."""
    found = description["paths"].get(_written(endpoint.path), {}).get(endpoint.method.lower())
    if found is None:
        return "is not described"
    named = [each["name"] for each in found["parameters"] if each["in"] == "path"]
    if named != re.findall(r":([a-z_]+)", endpoint.path):
        return f"has the path parameters {named}"
    scoped = [scope for way in found["security"] for scope in way.get("OAuth", ())]
    if scoped != ([] if endpoint.scope is None else [endpoint.scope]):
        return f"needs {scoped}"
    if (endpoint.access == "open") is not (found["security"] == []):
        return "is wrong about who needs a token"
    return "" if ({} in found["security"]) is (endpoint.access == "anyone") else "is wrong about strangers"


async def test_every_endpoint_is_described(description: dict[str, Any]) -> None:
    """Method, path, the names in it, the scope, and who may come without a token."""
    wrong = {f"{each.method} {each.path}": said for each in ENDPOINTS if (said := _lies(each, description))}
    assert not wrong, f"the description is wrong: {wrong}"


async def test_streams_and_files_are_described(description: dict[str, Any]) -> None:
    """What is served beside the table of endpoints."""
    for route in routes:
        assert isinstance(route, Route | WebSocketRoute)
        path = re.sub(r"\{([^:}]+):[^}]*\}", r"{\1}", route.path).rstrip("/")
        if route.endpoint is not api:
            assert path in description["paths"], f"{path} is not described"
    streams = description["paths"]["/api/v1/streaming"]["get"]
    assert set(streams["responses"]) >= {"200", "101"}, "a stream is a socket, or events"
    assert routes[0].matches({"type": "websocket", "path": "/api/v1/streaming"})
    assert socket.__doc__
    assert {"stream", "tag", "list"} <= {each["name"] for each in streams["parameters"]}


async def test_it_describes_nothing_else(description: dict[str, Any]) -> None:
    """A program that reads it finds no address that is not served."""
    served = {_written(each.path) for each in ENDPOINTS}
    served |= {
        re.sub(r"\{([^:}]+):[^}]*\}", r"{\1}", each.path) for each in routes if isinstance(each, Route | WebSocketRoute)
    }
    assert set(description["paths"]) <= served


async def test_it_is_valid(description: dict[str, Any]) -> None:
    """By the schema of OpenAPI 3.1, with every reference met."""
    assert description["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(description).validate()
    pointed = set(re.findall(r"#/components/schemas/(\w+)", str(description)))
    assert pointed <= set(description["components"]["schemas"])
    scopes = set(description["components"]["securitySchemes"]["OAuth"]["flows"]["authorizationCode"]["scopes"])
    assert {each.scope for each in ENDPOINTS if each.scope} <= scopes, (
        "an endpoint needs a scope that nobody can ask for"
    )
    numbers = [one["operationId"] for path in description["paths"].values() for one in path.values()]
    assert len(numbers) == len(set(numbers))


async def test_it_knows_its_own_address(place: Place) -> None:
    """Each domain's own: where to ask, and where to log in."""
    for domain in (place.ville, place.agglo):
        found = (await place.client(domain=domain).get("/api/openapi.json")).ok()
        assert found["servers"] == [{"url": f"https://{domain.service_host}"}]
        flow = found["components"]["securitySchemes"]["OAuth"]["flows"]["authorizationCode"]
        assert flow["tokenUrl"] == f"https://{domain.service_host}/oauth/token"


def test_no_handler_reads_what_is_not_described() -> None:
    """Every name under which a handler reads its input is found in its code; one that is not must be written plainly."""
    unread = {said for each in ENDPOINTS for said in inputs.of(each.handler).unread}
    assert not unread, f"the description cannot say what these read: {unread}"


async def test_inputs_and_answers_are_named(description: dict[str, Any]) -> None:
    """A few that are known: what a status is written with, how long a page may be, what an account is."""
    publish = description["paths"]["/api/v1/statuses"]["post"]
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data"):
        said = publish["requestBody"]["content"][kind]["schema"]["properties"]
        assert said["status"] == {"type": "string"}
        assert said["poll"]["properties"]["options"] == {"type": "array", "items": {"type": "string"}}
    home = description["paths"]["/api/v1/timelines/home"]["get"]
    limit = next(each for each in home["parameters"] if each["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 40, "default": 20}
    status = {"$ref": "#/components/schemas/Status"}
    assert home["responses"]["200"]["content"]["application/json"]["schema"] == {"type": "array", "items": status}
    upload = description["paths"]["/api/v2/media"]["post"]["requestBody"]["content"]
    assert list(upload) == ["multipart/form-data"]
    account = description["components"]["schemas"]["Account"]
    assert {"id", "acct", "display_name", "avatar"} <= set(account["required"])
    assert account["properties"]["followers_count"] == {"type": "integer"}
    assert {"favourited", "replies_count", "content"} <= set(
        description["components"]["schemas"]["Status"]["properties"]
    )

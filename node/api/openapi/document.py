"""The description as one document, made of the routes that are served: OpenAPI 3.1."""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.routing import BaseRoute, Route, WebSocketRoute

from node.api.answers import Answer
from node.api.call import Call
from node.api.dispatch import ClientApi, Endpoint
from node.api.openapi import inputs
from node.api.openapi.inputs import Named
from node.api.openapi.shapes import Schema, Shapes
from node.api.splicing import HOME, address
from node.api.streaming import channels
from node.api.streaming.socket import socket
from node.api.streaming.sse import ServerSentEvents
from node.oauth import scopes

_GRANT: Final = "OAuth"
_KINDS: Final[Mapping[str, Schema]] = {
    "text": {"type": "string"},
    "id": {"type": "string"},
    "flag": {"type": "boolean"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "ids": {"type": "array", "items": {"type": "string"}},
    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
}
_CONVERTED: Final = re.compile(r"\{([^:}]+)(?::[^}]*)?\}")
_REFUSED: Final = {"$ref": "#/components/responses/Refused"}
_PUBLIC: Final = ((b"cache-control", b"public, max-age=3600"),)


def answering(routes: Callable[[], Sequence[BaseRoute]]) -> Callable[[Call], Any]:
    """The handler of the description of *routes*."""

    async def described(call: Call) -> Answer:
        """GET /api/openapi.json: this description."""
        cache = call.ctx.cache.of("openapi", 1)
        kept: Answer | None = cache.get("document")
        if kept is None:
            kept = Answer(await asyncio.to_thread(describe, routes()), headers=_PUBLIC)
            cache.put("document", kept)
        return kept

    return described


def describe(routes: Sequence[BaseRoute]) -> bytes:
    """The document of everything in *routes* (tables of endpoints, files, streams), with the marks of `splicing`."""
    shapes = Shapes()
    paths: dict[str, dict[str, Any]] = {}
    for method, path, operation in _operations(routes, shapes):
        there = paths.setdefault(path, {}).setdefault(method.lower(), operation)
        there["responses"] = {**operation["responses"], **there["responses"]}  # a stream is a socket or events
    shapes.components["Error"] = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    }
    refused = {"description": "Refused, in words", "content": _json({"$ref": "#/components/schemas/Error"})}
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Beffroi",
            "version": "1",
            "description": "The Mastodon client API as this node serves it. Every input is taken as query, form, "
            "multipart or JSON; every refusal is `{\"error\": …}`.",
        },
        "servers": [{"url": address(HOME)}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(shapes.components.items())),
            "responses": {"Refused": refused},
            "securitySchemes": {_GRANT: _granting()},
        },
    }  # fmt: skip
    return orjson.dumps(document)


def _operations(routes: Sequence[BaseRoute], shapes: Shapes) -> Iterator[tuple[str, str, dict[str, Any]]]:
    tables: list[ClientApi] = []
    for route in routes:
        match route:
            case Route(endpoint=ClientApi() as table):
                if table not in tables:
                    tables.append(table)
                    for endpoint in table.endpoints:
                        yield endpoint.method, _braced(endpoint.path), _of_endpoint(endpoint, shapes)
            case Route():
                for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                    yield method, _CONVERTED.sub(r"{\1}", route.path).rstrip("/"), _of_route(route, "200")
            case WebSocketRoute():
                yield "GET", route.path.rstrip("/"), _of_route(route, "101")


def _of_endpoint(endpoint: Endpoint, shapes: Shapes) -> dict[str, Any]:
    named = inputs.of(endpoint.handler).named
    said = (endpoint.handler.__doc__ or "").strip().split("\n")[0]
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint.method, endpoint.path),
        "summary": said,
        "parameters": _in_path(part[1:] for part in endpoint.path.split("/") if part.startswith(":")),
        "security": _needed(endpoint),
        "responses": {
            "200": {"description": "Done", "content": _json(shapes.of(endpoint.handler))},
            "default": _REFUSED,
        },
    }
    if endpoint.method in ("GET", "DELETE"):
        operation["parameters"] += [_in_query(name, value) for name, value in named.items()]
    elif named:
        operation["requestBody"] = _body(named)
    return operation


def _of_route(route: Route | WebSocketRoute, status: str) -> dict[str, Any]:
    said = (route.endpoint.__doc__ or "").strip().split("\n")[0]
    method = "socket" if isinstance(route, WebSocketRoute) else "get"
    streams = route.endpoint is socket or isinstance(route.endpoint, ServerSentEvents)
    asked = [_in_query(name, Named("text")) for name in (*channels.ASKED_WITH, "access_token")] if streams else []
    return {
        "operationId": _operation_id(method, route.path),
        "summary": said,
        "parameters": _in_path(_CONVERTED.findall(route.path)) + asked,
        "security": [{}, {_GRANT: ["read"]}] if streams else [],
        "responses": {status: {"description": said or "Done"}, "default": {"description": "Refused"}},
    }


def _needed(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    granted = {_GRANT: [] if endpoint.scope is None else [endpoint.scope]}
    return {"open": [], "anyone": [{}, granted]}.get(endpoint.access, [granted])


def _granting() -> dict[str, Any]:
    by_scope = {scope: scope for scope in scopes.SUPPORTED}
    token = address(f"{HOME}/oauth/token")
    return {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": address(f"{HOME}/oauth/authorize"),
                "tokenUrl": token,
                "scopes": by_scope,
            },
            "clientCredentials": {"tokenUrl": token, "scopes": by_scope},
        },
    }


def _in_path(names: Iterable[str]) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _in_query(name: str, value: Named) -> dict[str, Any]:
    many = value.kind in ("texts", "ids")
    return {
        "name": f"{name}[]" if many else name,
        "in": "query",
        "required": value.required,
        "schema": _schema(value),
        **({"style": "deepObject", "explode": True} if value.kind in ("group", "groups") else {}),
    }


def _body(named: Mapping[str, Named]) -> dict[str, Any]:
    schema = _schema(Named("group", inner=dict(named)))
    kinds = ["multipart/form-data"]
    if all(value.kind != "file" for value in named.values()):
        kinds = ["application/json", "application/x-www-form-urlencoded", *kinds]
    return {
        "required": any(value.required for value in named.values()),
        "content": {kind: {"schema": schema} for kind in kinds},
    }


def _schema(value: Named) -> Schema:
    if value.kind == "number":
        bounds = {"minimum": value.low, "maximum": value.high, "default": value.default}
        return {"type": "integer", **{name: bound for name, bound in bounds.items() if bound is not None}}
    if value.kind in ("group", "groups"):
        inner: Schema = {"type": "object", "properties": {name: _schema(each) for name, each in value.inner.items()}}
        if required := [name for name, each in value.inner.items() if each.required]:
            inner["required"] = required
        return {"type": "array", "items": inner} if value.kind == "groups" else inner
    return dict(_KINDS[value.kind])


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _braced(path: str) -> str:
    return "/".join(f"{{{part[1:]}}}" if part.startswith(":") else part for part in path.split("/"))


def _operation_id(method: str, path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", f"{method} {path}".lower()).strip("_")

"""A small HTTP client for an ASGI application inside the test process, as an app on a phone would use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import orjson
from starlette.types import ASGIApp, Message

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What came back. `json` fails the test with the body when it is not JSON."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise AssertionError(f"{self.status}, not JSON: {self.body[:500]!r}") from None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def ok(self) -> Any:
        """The JSON of a 2xx; fails the test otherwise, saying what the server said."""
        assert 200 <= self.status < 300, f"the server answered {self.status}: {self.body[:500]!r}"
        return self.json


class Client:
    """Speaks to one application under one host name, with or without a token."""

    def __init__(
        self, app: ASGIApp, host: str, token: str | None = None, *, scheme: str = "https", address: str = "203.0.113.7"
    ) -> None:
        self.app, self.host, self.token, self.scheme, self.address = app, host, token, scheme, address
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, params: Params = (), **headers: str) -> Answer:
        return await self.request("GET", path, params=params, headers=headers)

    async def post(self, path: str, data: Params | None = None, *, json: Any = None, **headers: str) -> Answer:
        return await self.request("POST", path, data=data, json=json, headers=headers)

    async def put(self, path: str, data: Params | None = None, *, json: Any = None, **headers: str) -> Answer:
        return await self.request("PUT", path, data=data, json=json, headers=headers)

    async def patch(self, path: str, data: Params | None = None, *, json: Any = None, **headers: str) -> Answer:
        return await self.request("PATCH", path, data=data, json=json, headers=headers)

    async def delete(self, path: str, data: Params | None = None, **headers: str) -> Answer:
        return await self.request("DELETE", path, data=data, headers=headers)

    async def upload(
        self, path: str, files: Mapping[str, tuple[str, str, bytes]], data: Params = (), *, method: str = "POST"
    ) -> Answer:
        """A multipart form: *files* are {field: (file name, type, bytes)}."""
        edge = "----beffroi-test-edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in pairs(data)
        ]
        for name, (filename, mime, content) in files.items():
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
            parts.append(f"{head}Content-Type: {mime}\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{edge}--\r\n".encode()
        return await self.request(
            method, path, body=body, headers={"content-type": f"multipart/form-data; boundary={edge}"}
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params = (),
        data: Params | None = None,
        json: Any = None,
        body: bytes = b"",
        headers: Mapping[str, str] = {},
    ) -> Answer:
        """One request. Header names may be written with underscores."""
        sent = {"host": self.host, "user-agent": "a test", "accept": "*/*"}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if json is not None:
            body = orjson.dumps(json)
            sent["content-type"] = "application/json"
        elif data is not None:
            body = urlencode(pairs(data)).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        sent |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if body or method in ("POST", "PUT", "PATCH"):
            sent["content-length"] = str(len(body))
        parts = urlsplit(path)
        query = "&".join(filter(None, (parts.query, urlencode(pairs(params)))))
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method,
            "scheme": self.scheme, "path": unquote(parts.path), "raw_path": parts.path.encode(),
            "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode("utf-8")) for name, value in sent.items()],
            "client": (self.address, 50_000), "server": (self.host, 443), "state": {},
        }  # fmt: skip
        asked = False
        answer: dict[str, Any] = {"status": 0, "headers": []}
        pieces: list[bytes] = []

        async def receive() -> Message:
            nonlocal asked
            if asked:
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.update(message)
            elif message["type"] == "http.response.body":
                pieces.append(message.get("body", b""))

        await self.app(scope, receive, send)
        got: dict[str, str] = {}
        for raw_name, raw_value in answer["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            if name == "set-cookie":
                self._keep(value)
            got[name] = f"{got[name]}, {value}" if name in got else value
        return Answer(answer["status"], got, b"".join(pieces))

    def _keep(self, cookie: str) -> None:
        pair, *attributes = cookie.split(";")
        name, _, value = pair.partition("=")
        if not value or any(each.strip().lower() == "max-age=0" for each in attributes):
            self.cookies.pop(name.strip(), None)
        else:
            self.cookies[name.strip()] = value.strip()


def pairs(params: Params) -> list[tuple[str, str]]:
    """Flatten: lists become `name[]`, booleans `true` and `false`."""
    found: list[tuple[str, str]] = []
    for name, value in params.items() if isinstance(params, Mapping) else params:
        if isinstance(value, (list, tuple)):
            found += [(f"{name}[]", str(each)) for each in value]
        elif value is not None:
            found.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return found

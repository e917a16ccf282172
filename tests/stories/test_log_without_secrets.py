"""What a keeper finds in the log of a day: what happened, each line with its request, and nobody's secret."""

import io
import logging
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
import pytest
import structlog

from node.actors import memberships, passwords, people
from node.oauth import apps
from node.runtime import log
from node.runtime.database import Tx
from tests.support.client import Client
from tests.support.fediverse import Fediverse
from tests.web.reader import Reader

PASSWORD = "quatre mots de passe"
WRONG = "cinq mots de trop ici"
CALLBACK = "https://app.example/done"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log as a machine reads it, everything said."""
    written = io.StringIO()
    with monkeypatch.context() as at:
        at.setattr(sys, "stderr", written)
        log.configure("debug", "json")
    yield written
    structlog.reset_defaults()
    logging.basicConfig(stream=sys.stderr, force=True)


async def test_a_day_leaves_no_secret_in_the_log(fediverse: Fediverse, said: io.StringIO) -> None:
    """Log-in, wrong password, consent, token, requests, a fault of the node, a delivery that fails, revocation."""
    node = await fediverse.node("lyon.example")
    town, other = await node.town("mairie"), await (await fediverse.node("bron.example")).town("bron")
    ctx, hashed = node.ctx, await passwords.digest(PASSWORD)

    async def step(tx: Tx) -> apps.Registered:
        odile = await people.create(tx, ctx, email="odile@mairie.example", password=hashed)
        await memberships.add(tx, ctx, person_id=odile.id, actor_id=town.actor.id, role="owner")
        registration = apps.describe(name="Tusky", website="", redirect_uris=(CALLBACK,), scope="read write")
        return await apps.register(tx, ctx, registration=registration)

    registered = await ctx.db.write(step)
    reader = Reader(Client(node.app, node.host))
    await reader.log_in("odile@mairie.example", WRONG)
    await reader.log_in("odile@mairie.example", PASSWORD)
    asked = {
        "response_type": "code", "client_id": registered.app.client_id, "redirect_uri": CALLBACK, "scope": "read write"
    }  # fmt: skip
    page = await reader.open(f"/oauth/authorize?{urlencode(asked)}")
    await reader.send(page.form("/oauth/authorize"), {"decision": "allow"})
    [code] = parse_qs(urlsplit(reader.answer.headers["location"]).query)["code"]
    client = Client(node.app, node.host)
    exchange = {**asked, "grant_type": "authorization_code", "code": code, "client_secret": registered.client_secret}
    token = (await client.post("/oauth/token", exchange)).ok()["access_token"]
    client.token = token
    (await client.post("/api/v1/statuses", {"status": "Mot secret du jour", "visibility": "direct"})).ok()
    await other.follow(town.handle)
    await fediverse.settle()
    fediverse.network.faults["bron.example"] = 503
    (await client.post("/api/v1/statuses", {"status": "Bonjour"})).ok()
    await fediverse.settle()
    await node.ctx.db.write(lambda tx: tx.execute("DROP TABLE markers"))  # something breaks in the node itself
    assert (await client.get("/api/v1/markers", {"timeline": ["home"]})).status == 500
    revoked = {
        "client_id": registered.app.client_id, "client_secret": registered.client_secret, "token": token
    }  # fmt: skip
    (await client.post("/oauth/revoke", revoked)).ok()

    lines = said.getvalue().splitlines()
    entries = [orjson.loads(line) for line in lines if line.startswith("{")]
    assert entries, "nothing is said in the log of a whole day"
    broken = [entry for entry in entries if entry["event"] == "request.failed"]
    assert len(broken) == 1, "a fault of the node is not in its log"
    assert broken[0]["request"], "a line of a request does not say which"
    assert "markers" in orjson.dumps(broken).decode(), "the log does not say what broke"
    secrets = {
        "the password": PASSWORD, "a wrong password": WRONG, "the code": code, "the token": token,
        "the application's secret": registered.client_secret, "a message": "Mot secret",
        "the cookie": reader.client.cookies.get("__Host-beffroi", "?"), "a private key": "PRIVATE KEY",
        "the password's hash": "$argon2",
    }  # fmt: skip
    everything = "\n".join(lines)
    assert {what for what, secret in secrets.items() if secret in everything} == set(), "the log tells a secret"

"""Consent: a person lets an application act as one actor of the host that was asked."""

import base64
import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from node.actors import actors, domains, memberships
from node.actors.actor import Actor
from node.runtime.database import Tx
from tests.support.client import Client
from tests.support.fediverse import some_keys
from tests.web.conftest import PASSWORD, Town
from tests.web.reader import Reader

OOB = "urn:ietf:wg:oauth:2.0:oob"
CALLBACK = "https://app.example/done?from=us"
SCHEME = "com.tapbots.Ivory.219:/request_token"


def sent_to(reader: Reader) -> dict[str, list[str]]:
    """What the application was told in its address."""
    return parse_qs(urlsplit(reader.address).query)


async def ask(reader: Reader, query: dict[str, str]):
    return await reader.open(f"/oauth/authorize?{urlencode(query)}")


async def test_from_the_application_to_its_token(town: Town, query):
    """Log-in, consent, code, token: with PKCE, and the state given back; the token acts as the town hall."""
    registered = await town.application(CALLBACK)
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = query(registered, CALLBACK, state="a b&c=d", code_challenge=challenge, code_challenge_method="S256")
    reader = town.reader()
    page = await ask(reader, asked)
    page = await reader.send(page.form("/login"), {"email": town.odile.email, "password": PASSWORD})
    assert "Tusky" in page.words, f"no consent page after logging in: {page.words}"
    assert "Publier, modifier et supprimer au nom de ce compte" in page.words, "rights must be said in plain words"
    form = page.form("/oauth/authorize")
    assert form.choices["actor"] == ["mairie@montreuil.example"]
    await reader.send(form, {"decision": "allow"})
    assert reader.address.startswith("https://app.example/done?from=us&"), reader.address
    told = sent_to(reader)
    assert told["state"] == ["a b&c=d"]
    client = Client(town.node.app, town.host)
    answer = await client.post(
        "/oauth/token",
        {
            "grant_type": "authorization_code", "code": told["code"][0], "redirect_uri": CALLBACK,
            "client_id": registered.app.client_id, "client_secret": registered.client_secret, "code_verifier": verifier,
        },
    )  # fmt: skip
    client.token = answer.ok()["access_token"]
    assert (await client.get("/api/v1/accounts/verify_credentials")).ok()["username"] == "mairie"


async def test_no_means_no(town: Town, query):
    """The application hears access_denied, with its state, and gets nothing."""
    registered = await town.application(CALLBACK)
    reader = await town.logged_in()
    page = await ask(reader, query(registered, CALLBACK, state="xyz"))
    await reader.send(page.form("/oauth/authorize"), {"decision": "deny"})
    told = sent_to(reader)
    assert told["error"] == ["access_denied"]
    assert told["state"] == ["xyz"]
    assert "code" not in told


async def test_a_private_scheme_gets_its_code(town: Town, query):
    """The address of an application on a telephone comes back letter for letter."""
    registered = await town.application(SCHEME, "icecubesapp://")
    for address in (SCHEME, "icecubesapp://"):
        reader = await town.logged_in()
        page = await ask(reader, query(registered, address))
        await reader.send(page.form("/oauth/authorize"), {"decision": "allow"})
        assert reader.answer.status == 303
        assert reader.answer.headers["location"].startswith(f"{address}?code="), reader.answer.headers["location"]


async def test_out_of_band(town: Town, query):
    """The code stands on a page, to be copied; a refusal is said on a page too."""
    registered = await town.application(OOB)
    reader = await town.logged_in()
    page = await ask(reader, query(registered, OOB))
    shown = await reader.send(page.form("/oauth/authorize"), {"decision": "allow"})
    (code,) = shown.all("code", id="authorization-code")
    assert len(code.words) >= 40
    assert reader.answer.headers["cache-control"] == "no-store"
    refused = await reader.send(page.form("/oauth/authorize"), {"decision": "deny"})
    assert "Tusky n’a pas accès" in refused.words
    assert not refused.all("code")


async def test_only_actors_of_this_host_with_a_role_that_may(town: Town, query):
    """Her other town, and what she may only look at, are not offered; to read alone, looking is enough."""
    reading = await town.node.town("ecole", name="École")
    association = await town.node.town("velo", name="Vélo")
    stranger = await town.node.town("eglise", name="Église")
    other = await another_domain(town)

    async def step(tx: Tx) -> None:
        for actor, role in ((reading.actor, "reader"), (association.actor, "contributor"), (other, "owner")):
            await memberships.add(tx, town.node.ctx, person_id=town.odile.id, actor_id=actor.id, role=role)  # type: ignore[arg-type]

    await town.node.ctx.db.write(step)
    registered = await town.application(CALLBACK)
    reader = await town.logged_in()
    form = (await ask(reader, query(registered, CALLBACK))).form("/oauth/authorize")
    assert form.choices["actor"] == ["mairie@montreuil.example", "velo@montreuil.example"]
    assert "actor" not in form.fields, "with several accounts none is chosen in advance"
    for handle in ("ecole@montreuil.example", other.handle, stranger.actor.handle, "", "0"):
        await reader.send(form, {"decision": "allow", "actor": handle})
        assert reader.answer.status == 403, f"a code was given for {handle!r}"
    only_read = (await ask(reader, query(registered, CALLBACK, scope="read"))).form("/oauth/authorize")
    assert "ecole@montreuil.example" in only_read.choices["actor"]
    assert other.handle not in only_read.choices["actor"]


async def test_nobody_to_speak_for(town: Town, query):
    """Without any actor here one can only refuse."""
    lonely = await town.person("seule@mairie.example")
    reader = town.reader()
    await reader.log_in(lonely.email, PASSWORD)
    registered = await town.application(CALLBACK)
    page = await ask(reader, query(registered, CALLBACK))
    assert "aucun compte" in page.words
    assert not page.all("button", value="allow")
    await reader.send(page.form("/oauth/authorize"), {"decision": "deny"})
    assert sent_to(reader)["error"] == ["access_denied"]


async def test_another_site_cannot_consent(town: Town, query):
    """A forged form, a missing token, and the token of another session are refused."""
    registered = await town.application(CALLBACK)
    reader = await town.logged_in()
    form = (await ask(reader, query(registered, CALLBACK))).form("/oauth/authorize")
    allow = {"decision": "allow"}
    await reader.send(form, allow, origin="https://evil.example")
    assert reader.answer.status == 403
    await reader.send(form, {**allow, "form_token": ""})
    assert reader.answer.status == 403
    theirs = (await ask(await town.logged_in(), query(registered, CALLBACK))).form("/oauth/authorize")
    await reader.send(form, {**allow, "form_token": theirs.fields["form_token"]})
    assert reader.answer.status == 403, "the token of one session serves another"
    await reader.send(form, allow)
    assert "code" in sent_to(reader)


async def test_redirects_only_where_the_application_registered(town: Town, query):
    """An unknown client or another address is said on our page: redirecting would serve whoever made the link."""
    registered = await town.application(CALLBACK)
    reader = await town.logged_in()
    for asked in (
        query(registered, "https://evil.example/"),
        query(registered, CALLBACK + "x"),
        {**query(registered, CALLBACK), "client_id": "nobody"},
        {**query(registered, CALLBACK), "client_id": "\0"},
        {},
    ):
        page = await ask(reader, asked)
        assert reader.answer.status in (400, 401), f"{asked}: {reader.answer.status}"
        assert "location" not in reader.answer.headers
        assert page.all("html", lang="fr"), "people read pages, not JSON"
    form = (await ask(reader, query(registered, CALLBACK))).form("/oauth/authorize")
    await reader.send(form, {"decision": "allow", "redirect_uri": "https://evil.example/"})
    assert reader.answer.status == 400
    assert "location" not in reader.answer.headers


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "read nonsense"}, "invalid_scope"),
        ({"scope": "admin:write"}, "invalid_scope"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge": "c" * 43, "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
async def test_what_cannot_be_granted_is_told_to_the_application(town: Town, query, change, error):
    """Before anybody types a password."""
    registered = await town.application(CALLBACK)
    reader = town.reader()
    await ask(reader, {**query(registered, CALLBACK, state="s"), **change})
    assert sent_to(reader)["error"] == [error]
    assert sent_to(reader)["state"] == ["s"]


async def test_force_login_asks_again_once(town: Town, query):
    """An application for several accounts asks who is there, even of somebody who is logged in."""
    registered = await town.application(CALLBACK)
    paul = await town.person("paul@mairie.example", hall=(town.hall.actor, "contributor"))
    reader = await town.logged_in()
    page = await ask(reader, query(registered, CALLBACK, force_login="true"))
    page = await reader.send(page.form("/login"), {"email": paul.email, "password": PASSWORD})
    assert paul.email in page.words, page.words


async def test_the_language_that_the_application_asks_for(town: Town, query):
    """`lang` decides, over what the browser prefers, through log-in too."""
    registered = await town.application(CALLBACK)
    reader = town.reader()
    page = await ask(reader, query(registered, CALLBACK, lang="en"))
    assert page.all("html", lang="en")
    page = await reader.send(page.form("/login"), {"email": town.odile.email, "password": PASSWORD})
    assert "Allow Tusky?" in page.words, page.words


async def test_the_browser_may_follow_to_any_application(town: Town, query):
    """`form-action` would break consent without a word; every other page has it."""
    registered = await town.application(SCHEME)
    reader = await town.logged_in()
    assert "form-action 'self'" in reader.answer.headers["content-security-policy"]
    await ask(reader, query(registered, SCHEME))
    policy = reader.answer.headers["content-security-policy"]
    assert "form-action" not in policy
    assert "frame-ancestors 'none'" in policy


async def another_domain(town: Town) -> Actor:
    """A second town on the same node, on a host of its own."""
    ctx, keys = town.node.ctx, await some_keys()

    async def step(tx: Tx) -> Actor:
        domain = await domains.create(
            tx, ctx, handle_host="bagnolet.example", service_host="bagnolet.example", name="Bagnolet"
        )
        return await actors.create_local(
            tx, ctx, domain=domain, username="mairie", type="Organization", name="Bagnolet", keys=keys
        )

    return await ctx.db.write(step)


async def test_the_host_that_is_asked_decides(town: Town, query):
    """On her second town's host, Odile is offered that town, not the first one."""
    other = await another_domain(town)
    ctx = town.node.ctx
    await ctx.db.write(lambda tx: memberships.add(tx, ctx, person_id=town.odile.id, actor_id=other.id, role="editor"))
    registered = await town.application(CALLBACK)
    reader = Reader(Client(town.node.app, "bagnolet.example"))
    await reader.log_in(town.odile.email, PASSWORD)
    form = (await ask(reader, query(registered, CALLBACK))).form("/oauth/authorize")
    assert form.choices["actor"] == ["mairie@bagnolet.example"]

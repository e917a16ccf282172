"""From one server to another: 'follow from your account', and what our people do when they arrive from elsewhere."""

from urllib.parse import quote

import pytest

from node.actors import actors, follows, hosts, memberships
from node.runtime.net import ConnectionFailed
from node.timeline import posts
from tests.support.fediverse import Fediverse, Node
from tests.web.conftest import PASSWORD, Town


@pytest.fixture
async def neighbours(fediverse: Fediverse) -> Node:
    """Another server, where Bruno has an account."""
    node = await fediverse.node("villeurbanne.example")
    await node.person("bruno")
    return node


@pytest.mark.parametrize(
    "typed", ["@bruno@villeurbanne.example", "bruno@villeurbanne.example ", "https://villeurbanne.example/@bruno", "@Bruno@Villeurbanne.Example"]
)  # fmt: skip
async def test_bruno_follows_from_his_own_server(town: Town, neighbours: Node, typed: str):
    """He types his handle, as people do, and arrives at home with the town hall's id."""
    reader = town.reader()
    page = await reader.open("/@mairie")
    await reader.send(page.form("/@mairie/follow"), {"handle": typed})
    expected = quote("https://montreuil.example/users/mairie", safe="")
    assert reader.answer.status == 303
    assert reader.address == f"https://villeurbanne.example/authorize_interaction?uri={expected}"
    assert reader.answer.headers["referrer-policy"] == "no-referrer"


async def test_bruno_answers_from_his_own_server(town: Town, neighbours: Node):
    """From the page of a post, with the post's id."""
    post = await town.post()
    reader = town.reader()
    page = await reader.open(f"/@mairie/{post.id}/interact")
    await reader.send(page.form(f"/@mairie/{post.id}/interact"), {"handle": "@bruno@villeurbanne.example"})
    assert reader.address == f"https://villeurbanne.example/authorize_interaction?uri={quote(post.uri, safe='')}"


async def test_somebody_of_this_very_node(town: Town):
    """No server is called; the page of this one is opened."""
    reader = town.reader()
    page = await reader.open("/@mairie")
    await reader.send(page.form("/@mairie/follow"), {"handle": "@mairie@montreuil.example"})
    assert "/login?next=" in reader.address
    assert "authorize_interaction" in reader.address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "bruno",
        "@bruno",
        "bruno@",
        "@@",
        "a@b@c@",
        "javascript:x",
        "x" * 5000,
        "\0@\0",
        "https://",
        "https://x",
    ],
)
async def test_what_is_no_handle_is_said_beside_the_field(town: Town, typed: str):
    """What was typed stays, the message is tied to the field; and it costs no look-up."""
    reader = town.reader()
    page = await reader.send((await reader.open("/@mairie")).form("/@mairie/follow"), {"handle": typed})
    assert reader.answer.status == 422
    (field,) = page.all("input", id="handle")
    assert field.attributes["aria-invalid"] == "true"
    assert "handle-problem" in field.attributes["aria-describedby"]
    assert "@nom@serveur.example" in page.all("p", id="handle-problem")[0].words
    assert field.attributes["value"] == typed[:300].replace("\0", "")


async def test_servers_that_do_not_help(town: Town, neighbours: Node, fediverse: Fediverse):
    """Silent, blocked, unknown account, no subscribe page: each is said in words, none is a fault of ours."""
    reader = town.reader()
    form = (await reader.open("/@mairie")).form("/@mairie/follow")
    ctx = town.node.ctx

    async def said(handle: str) -> str:
        page = await reader.send(form, {"handle": handle})
        assert reader.answer.status == 422, f"{handle}: {reader.answer.status}"
        return page.all("p", id="handle-problem")[0].words

    assert "ne connaît personne du nom de clara" in await said("@clara@villeurbanne.example")
    assert "nowhere.example ne répond pas" in await said("@a@nowhere.example")
    assert "ne répond pas" in await said("@a@127.0.0.1")
    for fault in (500, 302, ConnectionFailed("cut")):
        fediverse.network.faults["villeurbanne.example"] = fault
        assert "ne répond pas" in await said("@bruno@villeurbanne.example")
    fediverse.network.faults.clear()
    await ctx.db.write(lambda tx: hosts.set_policy(tx, ctx, host="villeurbanne.example", severity="suspend"))
    assert "n’a pas d’échanges avec villeurbanne.example" in await said("@bruno@villeurbanne.example")


async def test_look_ups_are_counted(town: Town, neighbours: Node, fediverse: Fediverse):
    """A stranger cannot make the node call others without end; another site cannot make a reader do it."""
    reader = town.reader()
    form = (await reader.open("/@mairie")).form("/@mairie/follow")
    await reader.send(form, {"handle": "@bruno@villeurbanne.example"}, origin="https://evil.example")
    assert reader.answer.status == 403
    for _ in range(20):
        await reader.send(form, {"handle": "@bruno@villeurbanne.example"})
    before = len(fediverse.network.sent)
    page = await reader.send(form, {"handle": "@bruno@villeurbanne.example"})
    assert reader.answer.status == 429
    assert "Trop d’essais" in page.words
    assert len(fediverse.network.sent) == before


async def test_the_form_may_lead_to_any_server(town: Town):
    """Chromium holds form-action against the redirect after a form; only the pages with this form are wider."""
    reader = town.reader()
    for path, wide in (("/@mairie", True), ("/@mairie/follow", True), ("/", False), ("/login", False)):
        await reader.open(path)
        policy = reader.answer.headers["content-security-policy"]
        assert ("form-action 'self' https:" in policy) is wide, path


async def test_odile_arrives_from_elsewhere_and_follows(town: Town, neighbours: Node, fediverse: Fediverse):
    """Log-in first, then the account is shown, and the town hall follows it: the other server hears of it."""
    uri = "https://villeurbanne.example/users/bruno"
    reader = town.reader()
    page = await reader.open(f"/authorize_interaction?uri={quote(uri, safe='')}")
    page = await reader.send(page.form("/login"), {"email": town.odile.email, "password": PASSWORD})
    assert "@bruno@villeurbanne.example" in page.words, page.words
    page = await reader.send(page.form("/authorize_interaction"), {"act": "follow"})
    assert reader.answer.status == 200
    assert page.all("p", role="status"), page.words
    await fediverse.settle()
    ctx = town.node.ctx
    bruno = await actors.by_uri(ctx.db.reader, uri)
    assert bruno is not None
    assert await follows.state(ctx.db.reader, town.hall.actor.id, bruno.id) == "accepted"


async def test_odile_shares_what_she_saw_elsewhere(town: Town, neighbours: Node):
    """A post is fetched by its address, shown, and shared or marked as the town hall."""
    bruno = await actors.by_handle(neighbours.ctx.db.reader, "bruno", "villeurbanne.example")
    assert bruno is not None
    theirs = await neighbours.ctx.db.write(
        lambda tx: posts.publish(
            tx, neighbours.ctx, draft=posts.Draft(author=bruno, text="Une fête", visibility="public")
        )
    )
    reader = await town.logged_in()
    page = await reader.open(f"/authorize_interaction?uri={quote(theirs.uri, safe='')}")
    assert "Une fête" in page.words, page.words
    form = page.form("/authorize_interaction")
    for act in ("boost", "favourite"):
        page = await reader.send(form, {"act": act})
        assert page.all("p", role="status"), page.words
    ours = await posts.by_uri(town.node.ctx.db.reader, theirs.uri)
    assert ours is not None
    assert (ours.boosts_count, ours.favourites_count) == (1, 1)


async def test_nothing_to_act_upon(town: Town, neighbours: Node):
    """No address, nonsense, a dead server, what is not public: a page says so."""
    neighbour = await town.node.person("voisine")
    hidden = await town.post("SECRET", author=neighbour.actor, visibility="followers")
    reader = await town.logged_in()
    for uri, status in (
        ("", 404), ("x", 404), ("https://montreuil.example/users/nobody", 404), ("https://nowhere.example/users/x", 503),
        ("https://villeurbanne.example/users/nobody", 404), (hidden.uri, 404), ("@bruno@villeurbanne.example", 200),
        ("acct:bruno@villeurbanne.example", 200), ("x" * 3000, 404), ("\0", 400),
    ):  # fmt: skip
        page = await reader.open(f"/authorize_interaction?uri={quote(uri, safe='')}")
        assert reader.answer.status == status, f"{uri[:60]}: {reader.answer.status} {page.words}"
        assert "SECRET" not in page.words


async def test_only_who_publishes_acts(town: Town, fediverse: Fediverse):
    """A reader of the town hall's account, a forged form, an account that is not hers: nothing happens."""
    neighbour = await town.node.person("voisine")
    post = await town.post("Parole", author=neighbour.actor)
    guest = await town.person("invite@mairie.example", hall=(town.hall.actor, "reader"))
    path = f"/authorize_interaction?uri={quote(post.uri, safe='')}"
    reader = town.reader()
    await reader.log_in(guest.email, PASSWORD)
    page = await reader.open(path)
    assert not page.all("button", name="act")
    odile = await town.logged_in()
    form = (await odile.open(path)).form("/authorize_interaction")
    for given in (
        {"actor": "voisine@montreuil.example"}, {"form_token": "x"}, {"actor": ""},
    ):  # fmt: skip
        await odile.send(form, {"act": "boost", **given})
        assert odile.answer.status == 403, given
    await odile.send(form, {"act": "boost"}, origin="https://evil.example")
    assert odile.answer.status == 403
    await odile.send(form, {"act": "explode"})
    assert odile.answer.status == 422
    ctx = town.node.ctx
    assert await boosts_of(town, post) == 0
    await ctx.db.write(
        lambda tx: memberships.add(tx, ctx, person_id=guest.id, actor_id=town.hall.actor.id, role="editor")
    )
    form = (await reader.open(path)).form("/authorize_interaction")
    await reader.send(form, {"act": "boost"})
    assert await boosts_of(town, post) == 1


async def boosts_of(town: Town, post: posts.Post) -> int:
    read = await posts.by_id(town.node.ctx.db.reader, post.id)
    assert read is not None
    return read.boosts_count

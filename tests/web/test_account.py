"""A person's own page."""

from node.oauth import tokens
from node.runtime.database import Tx
from tests.support.client import Client
from tests.web.conftest import PASSWORD, Town


async def allowed(town: Town) -> tuple[int, str]:
    """Tusky, allowed by Odile to act as the town hall: the token's row and its secret."""
    registered = await town.application("https://app.example/done")
    ctx = town.node.ctx

    async def step(tx: Tx) -> tokens.Issued:
        return await tokens.issue(
            tx,
            ctx,
            app=registered.app,
            scopes=registered.app.scopes,
            person_id=town.odile.id,
            actor_id=town.hall.actor.id,
        )

    issued = await ctx.db.write(step)
    found = await tokens.find(ctx.db.reader, ctx, issued.secret)
    assert found is not None
    return found.id, issued.secret


async def works(town: Town, secret: str) -> bool:
    client = Client(town.node.app, town.host, secret)
    return (await client.get("/api/v1/accounts/verify_credentials")).status == 200


async def test_odile_takes_access_away(town: Town):
    """She sees what she allowed, in words, and ends it at once; nobody else can, nobody else's she can."""
    token_id, secret = await allowed(town)
    assert await works(town, secret)
    reader = await town.logged_in()
    page = await reader.open("/account")
    assert "Tusky" in page.words
    assert "Publier, modifier et supprimer au nom de ce compte" in page.words
    form = page.form("/account/revoke")
    paul = await town.person("paul@mairie.example", hall=(town.hall.actor, "owner"))
    other = town.reader()
    theirs = (await other.log_in(paul.email, PASSWORD)).form("/logout").fields["form_token"]
    await other.client.post("/account/revoke", {"form_token": theirs, "token": str(token_id)})
    await reader.send(form, {"form_token": theirs})
    assert reader.answer.status == 403
    assert await works(town, secret), "another person ended what Odile allowed"
    page = await reader.send(form)
    assert "n’a plus accès" in page.words
    assert not await works(town, secret)
    for token in ("", "x", "9" * 40, "-1"):
        await reader.send(form, {"token": token})
        assert reader.answer.status == 404, token


async def test_a_new_password(town: Town):
    """The present one is asked; every other browser is logged out; applications only if she says so."""
    _, secret = await allowed(town)
    reader, elsewhere = await town.logged_in(), await town.logged_in()
    form = (await reader.open("/account")).form("/account/password")
    wanted = "cinq mots pour entrer ici"
    for given, says in (
        ({"present": "faux mot de passe", "wanted": wanted}, "n’est pas celui-là"),
        ({"present": PASSWORD, "wanted": "court"}, "10"),
        ({"present": PASSWORD, "wanted": "aaaaaaaaaaaa"}, "se répète"),
    ):
        page = await reader.send(form, given)
        assert reader.answer.status == 422
        assert says in page.all("p", id="problem")[0].words, page.words
    page = await reader.send(form, {"present": PASSWORD, "wanted": wanted})
    assert "Votre mot de passe est changé" in page.words
    await elsewhere.open("/account")
    assert "/login" in elsewhere.address, "the other browser is still logged in"
    assert await works(town, secret)
    await town.reader().log_in(town.odile.email, PASSWORD)
    fresh = town.reader()
    page = await fresh.log_in(town.odile.email, wanted)
    await fresh.send(page.form("/account/password"), {"present": wanted, "wanted": PASSWORD, "applications": "on"})
    assert not await works(town, secret)
    await reader.send(form, {"present": wanted, "wanted": PASSWORD})
    assert "/login" in reader.address, "a session from before the change still changes passwords"


async def test_guessing_the_present_password_is_counted(town: Town):
    """A browser left open is no place to try passwords."""
    reader = await town.logged_in()
    form = (await reader.open("/account")).form("/account/password")
    for _ in range(40):
        await reader.send(form, {"present": "essai", "wanted": "cinq mots pour entrer ici"})
    assert reader.answer.status == 429


async def test_a_link_cannot_log_out(town: Town):
    """Neither a GET nor another site's form ends a session."""
    reader = await town.logged_in()
    await reader.open("/logout")
    await reader.client.post("/logout", {"form_token": "x"})
    await reader.client.post("/logout", {}, origin="https://evil.example")
    await reader.open("/account")
    assert reader.address.endswith("/account")


async def test_without_a_session(town: Town):
    """Each form leads to the log-in page and does nothing."""
    reader = town.reader()
    for path in ("/account/revoke", "/account/password"):
        answer = await reader.client.post(path, {"form_token": "x"})
        assert (answer.status, answer.headers["location"]) == (303, "/login"), path
    assert (await reader.client.post("/logout", {})).status == 303
    page = await reader.open("/authorize_interaction?uri=x&lang=en")
    assert page.form("/login").fields["next"] == "/authorize_interaction?uri=x&lang=en"

"""The desk: who finds which, what stands on it, and who is turned away."""

import re
from typing import Any, get_args

import pytest

from node.actors.memberships import Role
from tests.api.test_timelines import Counting
from tests.privacy.world import picture
from tests.teams.conftest import Team
from tests.web.conftest import PASSWORD, Town
from tests.web.reader import Form, Page, Reader


async def at(town: Town, email: str) -> Reader:
    """The browser of somebody with PASSWORD."""
    reader = town.reader(address=f"203.0.113.{len(email)}")
    await reader.log_in(email, PASSWORD)
    assert reader.answer.status == 200, f"{email} cannot log in"
    return reader


async def test_who_speaks_for_one_account_is_at_its_desk_at_once(town: Town):
    """Odile opens /desk, logs in, and is at the town hall's desk, with what it published."""
    await town.post("Marché ouvert ce soir")
    reader = town.reader()
    page = await reader.open("/desk")
    page = await reader.send(page.form("/login"), {"email": town.odile.email, "password": PASSWORD})
    assert reader.address.endswith("/desk/mairie")
    assert "Marché ouvert ce soir" in page.words
    assert page.all("a", aria_current="page")


async def test_who_speaks_for_several_chooses(town: Town):
    pool = await town.node.town("piscine", name="Piscine")
    paul = await town.person("paul@mairie.example", hall=(town.hall.actor, "editor"), pool=(pool.actor, "reader"))
    reader = await at(town, paul.email)
    page = await reader.open("/desk")
    assert {each.attributes["href"] for each in page.all("a")} >= {"/desk/mairie", "/desk/piscine"}


@pytest.mark.parametrize("role", get_args(Role))
async def test_each_role_finds_what_it_may_do(town: Town, role: Role):
    """No section that is offered is then refused."""
    person = await town.person(f"{role}@mairie.example", hall=(town.hall.actor, role))
    reader = await at(town, person.email)
    page = await reader.open("/desk/mairie")
    sections = re.findall(r'href="(/desk/mairie[^"]*)"', reader.answer.text)
    assert "/desk/mairie" in sections
    for path in sections:
        page = await reader.open(path)
        assert reader.answer.status == 200, f"{path} is offered to a {role} and then refused"
        assert page.faults == []
        assert len(page.all("h1")) == 1


async def test_strangers_are_turned_away(town: Town):
    """Who does not log in is asked to; who logs in and does not speak for the account reads that."""
    reader = town.reader()
    await reader.open("/desk/mairie")
    assert "/login" in reader.address
    await town.person("eve@ailleurs.example")
    reader = await at(town, "eve@ailleurs.example")
    await reader.open("/desk/mairie")
    assert reader.answer.status == 403
    assert "ne parlez pas au nom de ce compte" in reader.page.words
    await reader.open("/desk/personne")
    assert reader.answer.status == 404
    page = await reader.open("/desk")
    assert reader.answer.status == 200
    assert "Aucun compte" in page.words


async def test_a_post_with_a_picture_without_any_script(team: Team):
    """The picture is added, comes back with the form, wants a description, and is published with the words."""
    await team.fediverse.node("lyon.example")
    reader = await (await team.agent("edith", "editor")).browser()
    page = await reader.open("/desk/mairie/write")
    form = page.form("/desk/mairie/write")
    page = await attach(
        reader, form, {"text": "Fête au kiosque #fete", "visibility": "public", "act": "picture", "language": "fr"}
    )
    assert reader.answer.status == 200
    assert "Fête au kiosque" in reader.answer.text, "what was typed is lost"
    form = page.form("/desk/mairie/write")
    media = next(name for name in form.fields if name.startswith("media_"))[6:]
    page = await reader.send(form, {"text": "Fête au kiosque #fete", "act": "send", f"alt_{media}": " "})
    assert reader.answer.status == 422
    assert "ce que montre chaque image" in page.words
    assert not await published(team)
    form = page.form("/desk/mairie/write")
    page = await reader.send(form, {"text": "Fête au kiosque #fete", "act": "send", f"alt_{media}": "Le kiosque"})
    assert reader.address.endswith("/desk/mairie?done=published")
    assert "écrite par edith@mairie.example" in page.words
    (status,) = await published(team)
    assert status["media_attachments"][0]["description"] == "Le kiosque"
    public = await team.reader().open("/@mairie")
    assert "edith" not in public.words, "the public reads who wrote for the town hall"


async def test_bad_words_change_nothing(team: Team):
    reader = await (await team.agent("edith", "editor")).browser()
    form = (await reader.open("/desk/mairie/write")).form("/desk/mairie/write")
    for given, said in (
        ({"text": "x" * 50_000}, "au plus"),
        ({"text": " "}, "un texte ou"),
        ({"text": "Bonjour", "visibility": "toutes"}, "visibilité"),
    ):
        page = await reader.send(form, {"act": "send", **given})
        assert reader.answer.status == 422, given
        assert said in page.words, page.words
    await reader.send(form, {"text": "Bonjour", "form_token": "x"})
    assert reader.answer.status == 403
    await reader.send(form, {"text": "Bonjour"}, origin="https://evil.example")
    assert reader.answer.status == 403
    assert not await published(team)


async def test_written_by_one_approved_by_another(team: Team):
    """At the desk: a contributor hands in, an editor refuses with a reason, she changes it, it is published."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    hers, his = await carla.browser(), await edith.browser()
    form = (await hers.open("/desk/mairie/write")).form("/desk/mairie/write")
    page = await hers.send(form, {"text": "Réunion publique jeudi", "act": "send"})
    assert hers.address.endswith("/desk/mairie/waiting?done=submitted")
    assert "Réunion publique jeudi" in page.words
    assert not await published(team)
    page = await his.open("/desk/mairie/waiting")
    post = next(each.attributes["href"] for each in page.all("a") if "/posts/" in each.attributes.get("href", ""))
    page = await hers.open(post)
    assert not [form for form in page.forms if form.action.endswith(("/approve", "/refuse"))], "she approves herself"
    page = await his.open(post)
    refusal = page.form(f"{post}/refuse")
    await his.send(refusal, {"reason": ""})
    assert his.answer.status == 422
    await his.send(refusal, {"reason": "À quelle heure ?"})
    page = await hers.open(post)
    assert "À quelle heure ?" in page.words
    await hers.send(page.form(post), {"text": "Réunion publique jeudi à 19 h", "act": "send"})
    page = await his.open(post)
    await his.send(page.form(f"{post}/approve"))
    assert his.address.endswith("done=approved")
    (status,) = await published(team)
    assert "19 h" in status["content"]
    page = await his.open("/desk/mairie")
    assert "écrite par carla@mairie.example" in page.words
    assert "approuvée par edith@mairie.example" in page.words
    page = await his.open("/desk/mairie/log")
    for words in ("a soumis à approbation", "n’a pas approuvé", "À quelle heure ?", "a approuvé"):
        assert words in page.words, f"{words} is not in the log: {page.words}"
    for role in ("contributor", "reader", "moderator"):
        other = await (await team.agent(f"une-{role}", role)).browser()
        await other.open("/desk/mairie/log")
        assert other.answer.status == 403
        await other.send(
            refusal,
            {"reason": "x", "form_token": (await other.open("/desk/mairie/team")).forms[0].fields["form_token"]},
        )
        assert other.answer.status == 403, f"a {role} decides"


async def test_what_is_approved_is_what_was_read(team: Team):
    """Between the page that Edith reads and her yes, Carla writes another thing: it is not published in the town's name."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    status = (await carla.client.post("/api/v1/statuses", {"status": "Fermeture de la piscine lundi"})).ok()
    path = f"/desk/mairie/posts/{status['id']}"
    his = await edith.browser()
    read = (await his.open(path)).form(f"{path}/approve")
    (await carla.client.put(f"/api/v1/statuses/{status['id']}", {"status": "Le maire est un voleur"})).ok()
    page = await his.send(read)
    assert his.answer.status == 422
    assert "relisez" in page.words.lower(), "she is not told why"
    assert not await published(team), "what nobody read was published"
    page = await his.open(path)
    assert "voleur" in page.words
    await his.send(page.form(f"{path}/approve"))
    assert len(await published(team)) == 1


async def test_edited_and_deleted(team: Team):
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    post = await team.post("Bonjour", person_id=carla.person.id)
    reader, hers = await edith.browser(), await carla.browser()
    path = f"/desk/mairie/posts/{post.id}"
    page = await reader.open(path)
    token = (await hers.open("/desk/mairie/team")).forms[0].fields["form_token"]
    for form, given in ((page.form(path), {"text": "x"}), (page.form(f"{path}/delete"), {"sure": "on"})):
        await hers.send(form, {**given, "form_token": token})
        assert hers.answer.status == 403, "a contributor changes what is published"
    await reader.send(page.form(path), {"text": "Bonsoir", "act": "send"})
    (status,) = await published(team)
    assert "Bonsoir" in status["content"]
    assert status["edited_at"]
    await reader.send(page.form(f"{path}/delete"))
    assert reader.answer.status == 422, "deleted without being sure"
    await reader.send(page.form(f"{path}/delete"), {"sure": "on"})
    assert not await published(team)
    await reader.open(path)
    assert reader.answer.status == 404
    page = await reader.open("/desk/mairie/log")
    assert "edith@mairie.example a supprimé" in page.words
    assert "écrite par carla@mairie.example" in page.words, "who wrote what was deleted is forgotten"


async def test_another_teams_posts_are_not_there(team: Team):
    """An editor of one account, at the desk of another, or with the id of another's post."""
    pool = await team.node.town("piscine")
    eve = await team.agent("eve", "owner", pool.actor)
    reader = await eve.browser()
    post = await team.post("Bonjour")
    for path in ("/desk/mairie", "/desk/mairie/log", "/desk/mairie/team", f"/desk/mairie/posts/{post.id}"):
        await reader.open(path)
        assert reader.answer.status == 403, path
    await reader.open(f"/desk/piscine/posts/{post.id}")
    assert reader.answer.status == 404
    page = await reader.open("/desk/piscine/log")
    assert "mairie.example/@mairie" not in reader.answer.text
    assert page.words


async def test_the_profile(team: Team):
    reader = await (await team.agent("edith", "editor")).browser()
    page = await reader.open("/desk/mairie/profile")
    form = page.form("/desk/mairie/profile")
    await attach(reader, form, {"name": "Mairie", "text": "La mairie."}, name="avatar")
    assert reader.answer.status == 422, "a picture without a description"
    await attach(reader, form, {"name": " ", "text": "La mairie."}, name="avatar")
    assert reader.answer.status == 422
    given = {
        "name": "Mairie",
        "text": "La mairie.",
        "avatar_alt": "Les armes",
        "name_0": "Horaires",
        "value_0": "9 h à 17 h",
    }
    page = await attach(reader, form, given, name="avatar")
    account = (await team.node.visitor().get(f"/api/v1/accounts/{team.hall.actor.id}")).ok()
    assert account["display_name"] == "Mairie"
    assert account["fields"] == [{"name": "Horaires", "value": "9 h à 17 h", "verified_at": None}]
    assert "/avatars/" in account["avatar"]


async def attach(reader: Reader, form: Form, given: dict[str, str], *, name: str = "picture") -> Page:
    """Send *form* with a picture chosen."""
    files = {name: ("a.png", "image/png", picture())}
    answer = await reader.client.upload(form.action, files, {**form.fields, **given})
    await reader._follow(answer, form.action, {})
    return reader.page


async def published(team: Team) -> list[Any]:
    """What a stranger reads of the town hall."""
    found: list[Any] = (await team.node.visitor().get(f"/api/v1/accounts/{team.hall.actor.id}/statuses")).ok()
    return found


async def test_a_page_costs_the_same_for_few_posts_and_many(team: Team):
    """The lists of the desk: the number of queries does not grow with what stands on them."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    reader = await edith.browser()
    db = team.node.ctx.db

    async def cost(path: str) -> int:
        inner = db.reader
        db.reader = counting = Counting(inner)
        try:
            await reader.open(path)
        finally:
            db.reader = inner
        assert reader.answer.status == 200
        return counting.count

    async def fill(number: int) -> None:
        for each in range(number):
            await team.post(f"Publié {each}", person_id=edith.person.id)
            (await carla.client.post("/api/v1/statuses", {"status": f"En attente {each}"})).ok()

    await fill(2)
    few = {path: await cost(path) for path in ("/desk/mairie", "/desk/mairie/waiting", "/desk/mairie/log")}
    await fill(6)
    for path, queries in few.items():
        assert await cost(path) == queries, f"{path} asks more for eight posts than for two"

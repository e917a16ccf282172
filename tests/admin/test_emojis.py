"""Custom emojis: kept by keepers, used by accounts here, seen by readers here and elsewhere, gone once removed."""

import base64
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from admin import operations
from node.actors.actor import Emoji
from node.media import emojis
from node.runtime.errors import BeffroiError, Invalid, NotFound
from node.web import emojis as shown
from tests.admin.conftest import Office
from tests.support.client import Client
from tests.support.fediverse import Fediverse

FRENCH = {"accept-language": "fr"}
PATH = "/admin/emojis"


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    """A red file."""
    out = io.BytesIO()
    Image.new("RGBA", size, (200, 0, 0, 128)).save(out, kind)
    return out.getvalue()


def dancing(kind: str, frames: int = 3) -> bytes:
    """An animation of several colours."""
    out = io.BytesIO()
    first, *others = [Image.new("RGBA", (200, 200), (80 * n, 255 - 80 * n, 0, 255)) for n in range(frames)]
    first.save(out, kind, save_all=True, append_images=others, duration=120, loop=0)
    return out.getvalue()


async def add(office: Office, name: str, data: bytes | None = None, **more: Any) -> None:
    """By command."""
    given_ = base64.b64encode(picture() if data is None else data).decode()
    await operations.perform(office.town.node.ctx, "emoji.add", {"shortcode": name, "picture": given_, **more})


async def offered(office: Office) -> list[dict[str, Any]]:
    found = await Client(office.town.node.app, office.town.host).get("/api/v1/custom_emojis")
    listed: list[dict[str, Any]] = found.ok()
    return listed


async def test_a_keeper_adds_one_at_the_console_and_clients_offer_it(office: Office):
    """A file is sent, made anew at 128 pixels at most, listed under its category."""
    reader = await office.at_console(office.keeper)
    page = await reader.open(PATH, **FRENCH)
    assert page.faults == []
    token = page.form(PATH).fields["form_token"]
    said = {"form_token": token, "act": "add", "shortcode": ":mairie:", "category": "Ville"}
    answer = await reader.client.upload(PATH, {"picture": ("m.png", "image/png", picture())}, said)
    assert answer.status == 200, answer.text
    assert ":mairie:" in answer.text
    [found] = await offered(office)
    assert (found["shortcode"], found["category"], found["visible_in_picker"]) == ("mairie", "Ville", True)
    file = await Client(office.town.node.app, office.town.host).get(found["url"].partition(office.town.host)[2])
    assert file.status == 200
    seen = Image.open(io.BytesIO(file.body))
    assert (seen.format, seen.size) == ("PNG", (128, 85))
    log = await operations.perform(office.town.node.ctx, "audit.list", {})
    assert any("emoji.add" in line and "mairie" in line for line in log), log
    assert not any(base64.b64encode(picture()).decode()[:40] in line for line in log), "the file stands in the log"
    moderator = await office.at_console(office.moderator)
    await moderator.open(PATH)
    assert moderator.answer.status == 403


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
async def test_what_moves_moves_on_and_has_a_picture_that_does_not(office: Office, kind: str):
    """For readers who want nothing to move."""
    await add(office, "fete", dancing(kind))
    [found] = await offered(office)
    client = Client(office.town.node.app, office.town.host)
    moving, still = [
        Image.open(io.BytesIO((await client.get(found[which].partition(office.town.host)[2])).body))
        for which in ("url", "static_url")
    ]
    assert (moving.format, getattr(moving, "n_frames", 1), moving.size) == ("WEBP", 3, (128, 128))
    assert (still.format, getattr(still, "n_frames", 1), still.size) == ("PNG", 1, (128, 128))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("svg", SVG),
        ("jpeg", b"\xff\xd8\xff\xe0" + bytes(100)),
        ("broken", picture()[:60]),
        ("empty", b""),
        ("large", picture() + bytes(emojis.MAX_BYTES)),
        ("x", picture()),
        ("mairie été", picture()),
        ("a-b", picture()),
        ("n" * 65, picture()),
        ("taken", picture()),
    ],
    ids=lambda value: value[:8] if isinstance(value, str) else "",
)
async def test_what_is_no_emoji_is_refused_and_changes_nothing(office: Office, name: str, data: bytes):
    """With a sentence, as a command and as a form; nothing is left in the storage."""
    await add(office, "taken")
    ctx = office.town.node.ctx
    before = sorted(path.name for path in ctx.settings.data.rglob("*.png"))
    with pytest.raises(BeffroiError) as refused:
        await add(office, name, data)
    assert str(refused.value).strip().endswith((".", "town_hall.")), str(refused.value)
    reader = await office.at_console(office.keeper)
    page = await reader.open(PATH, **FRENCH)
    said = {"form_token": page.form(PATH).fields["form_token"], "act": "add", "shortcode": name, "category": ""}
    answer = await reader.client.upload(PATH, {"picture": ("m.png", "image/png", data)}, said)
    assert answer.status in (413, 422), answer.text
    assert [each["shortcode"] for each in await offered(office)] == ["taken"]
    assert sorted(path.name for path in ctx.settings.data.rglob("*.png")) == before, "a file was left behind"
    for act in ("put", "disable", "enable", "remove"):
        with pytest.raises(NotFound):
            await operations.perform(ctx, f"emoji.{act}", {"shortcode": "nobody"})
    with pytest.raises(Invalid):
        await operations.perform(ctx, "emoji.put", {"shortcode": "taken", "category": "x" * 51})


async def test_it_is_seen_here_elsewhere_and_on_pages_and_gone_once_removed(office: Office, fediverse: Fediverse):
    """In a post, its warning, a poll, a name and a field; at another server; at its own id."""
    town, ctx = office.town, office.town.node.ctx
    await add(office, "mairie")
    alice = await town.node.person("alice")
    bob = await (await fediverse.node("lyon.test")).person("bob")
    await alice.client.patch(
        "/api/v1/accounts/update_credentials",
        {
            "display_name": "Alice :mairie:",
            "fields_attributes[0][name]": "Ici",
            "fields_attributes[0][value]": ":mairie:",
        },
    )
    await fediverse.settle()
    await bob.follow(alice.handle)
    await fediverse.settle()
    said = {
        "status": "Vive la :mairie: ! Pas :nobody: ni https://x.example/:mairie:5",
        "poll": {"options": ["oui :mairie:", "non"], "expires_in": 600},
    }
    post = (await alice.client.post("/api/v1/statuses", json=said)).ok()
    await fediverse.settle()
    [own] = post["emojis"]
    assert own["shortcode"] == "mairie"
    assert own["url"].startswith(f"https://{town.host}/media/emojis/")
    assert post["poll"]["emojis"] == [own]
    assert [each["shortcode"] for each in post["account"]["emojis"]] == ["mairie"]
    [elsewhere] = await bob.home()
    assert [each["shortcode"] for each in elsewhere["emojis"]] == ["mairie"]
    assert elsewhere["emojis"][0]["url"].startswith("https://lyon.test/media/cache/"), "its reader asks a stranger"
    assert [each["shortcode"] for each in elsewhere["account"]["emojis"]] == ["mairie"]

    stranger = Client(town.node.app, town.host)
    note = (await stranger.get(post["uri"].partition(town.host)[2], accept="application/activity+json")).ok()
    [tag] = [each for each in note["tag"] if each["type"] == "Emoji"]
    assert tag["name"] == ":mairie:"
    document = (await stranger.get(tag["id"].partition(town.host)[2], accept="application/activity+json")).ok()
    assert {name: document[name] for name in tag} == tag
    person = (await stranger.get(f"/users/{alice.actor.username}", accept="application/activity+json")).ok()
    assert person["tag"] == [tag]
    page = await town.reader().open(f"/@{alice.actor.username}/{post['id']}", **FRENCH)
    pictures = [each for each in page.all("img") if each.attributes.get("alt") == ":mairie:"]
    assert len(pictures) == 3, "the name, the text, an option"
    assert all(each.attributes["src"].startswith("/media/emojis/") for each in pictures)

    await operations.perform(ctx, "emoji.disable", {"shortcode": "mairie"})
    assert await offered(office) == []
    assert (await alice.post("Encore :mairie:"))["emojis"] == []
    assert (await alice.seen(post["uri"]))["emojis"] == [own], "what has it keeps it"
    await operations.perform(ctx, "emoji.remove", {"shortcode": "mairie"})
    await fediverse.settle()
    gone = (await alice.client.get(f"/api/v1/statuses/{post['id']}")).ok()
    assert (gone["emojis"], gone["poll"]["emojis"], gone["account"]["emojis"]) == ([], [], [])
    assert (await stranger.get(tag["id"].partition(town.host)[2], accept="application/activity+json")).status == 404
    assert (await stranger.get(own["url"].partition(town.host)[2])).status == 404, "its file is still there"


async def test_an_edit_counts_its_emojis_anew(office: Office):
    """Taken out of the text, it is in the list no longer; put in, it is."""
    await add(office, "mairie")
    alice = await office.town.node.person("alice")
    post = await alice.post("Ici")
    for text, expected in (("Ici :mairie:", ["mairie"]), ("Ici", [])):
        changed = (await alice.client.put(f"/api/v1/statuses/{post['id']}", {"status": text})).ok()
        assert [each["shortcode"] for each in changed["emojis"]] == expected


async def test_a_text_without_a_shortcode_asks_for_nothing(office: Office):
    """Neither memory nor the database is looked at for what every post is."""
    ctx = office.town.node.ctx

    class Nothing:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"the database was asked: {name}")

    for text in ("Marché ce soir", "à 18:30", "https://x.example:8443/a:b", "::", ":a:", "a:bc:d", ":été:"):
        assert await emojis.used(Nothing(), ctx, [text]) == [], text


@given(st.lists(st.sampled_from((":ab:", ">", "<", '"', "&", "=", " ", "é", "b", "\n")), max_size=12).map("".join))
@example("> :ab:")
@example(">:ab:")
def test_a_picture_is_never_put_into_a_tag(text: str):
    """Whatever an attribute holds, tags stay as they were cleaned."""
    tag = f'<a href="https://x.example/" title="{text.replace("&", "&amp;").replace(chr(34), "&quot;")}">'
    html = f"<p>{tag}:ab:</a></p>"
    made = shown._shown(html, "emoji", 1, [Emoji("ab", "emojis/x.png")], "", local=True)
    assert str(made).startswith(f"<p>{tag}<img "), made
    assert str(made).count("<img ") == 1

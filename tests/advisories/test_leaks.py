"""What a stranger must not learn, and what a page must not carry."""

import re
from typing import Any

import pytest

from tests.advisories.stage import Stage
from tests.support.peer import PUBLIC, PeerActor

pytestmark = pytest.mark.xdist_group("advisories")


async def test_ghsa_gwhw_gcjx_72v8(stage: Stage) -> None:
    """A post that is not for the asker, one that was deleted unseen, and one that never was: the same answer."""
    zoe = await stage.friend()
    private = stage.client.status_post("Entre nous", visibility="private")
    direct = stage.client.status_post("À personne", visibility="direct")
    gone = stage.client.status_post("Retiré", visibility="private")
    stage.client.status_delete(gone.id)
    missing = re.sub(r"\d+$", "117000000000000000", private.uri)
    for path in ("", "/activity", "/replies"):
        answers = set()
        for uri in (missing, private.uri, direct.uri, gone.uri):
            answered = await zoe.get(f"{uri}{path}")
            answers.add(
                (
                    answered.status,
                    answered.body,
                    answered.headers.get("Content-Type"),
                    answered.headers.get("Cache-Control"),
                )
            )
        assert len(answers) == 1, f"{path or 'the post'}: a stranger can tell them apart: {answers}"
        assert answers.pop()[0] == 404
    asked = [stage.get(f"/api/v1/statuses/{found}") for found in (private.id, direct.id, gone.id, "117000000000000000")]
    plain = {(answer.status_code, answer.content) for answer in asked}
    assert len(plain) == 1, f"the API tells them apart: {plain}"


async def test_akkoma_2_5_0(stage: Stage) -> None:
    """What a signed request may read is never kept by a cache that serves others (Pleroma 2.4.3)."""
    zoe = await stage.friend()
    await stage.tells(zoe, zoe.follow(stage.uri))
    private = stage.client.status_post("Pour celles et ceux qui suivent", visibility="private")
    answered = await zoe.get(private.uri)
    assert answered.status == 200, "her follower may read it"
    assert "public" not in answered.headers.get("Cache-Control", "")
    assert any(word in answered.headers.get("Cache-Control", "") for word in ("private", "no-store"))
    assert stage.get(private.uri, Accept="application/activity+json").status_code == 404


async def test_ghsa_ccpr_m53r_mfwr(closed: Stage) -> None:
    """Where documents are for servers that sign: one who was blocked asks for what others were just shown."""
    zoe, mallory = await closed.friend(), await closed.villain()
    status = closed.client.status_post("Pour tout le monde sauf lui")
    places = ("", "/outbox?page=true", "/followers?page=true", "/following?page=true", "/collections/featured")
    addresses = [f"{closed.uri}{place}" for place in places] + [
        status.uri,
        f"{status.uri}/activity",
        f"{status.uri}/replies",
    ]
    for address in addresses:
        assert (await zoe.get(address)).status == 200
        assert (await mallory.get(address)).status == 200
    closed.client.account_block(closed.account(mallory).id)
    for address in addresses:
        assert (await zoe.get(address)).status == 200
        answered = await mallory.get(address)
        assert answered.status == 404, f"{address} was kept from the reader before"
        assert status.uri.encode() not in answered.body


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<svg onload=alert(1)><style>*{background:url(https://suivi.example/)}</style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<iframe src=https://suivi.example></iframe><object data=x></object><embed src=x>",
    "<form action=https://suivi.example><input name=password></form>",
    "<p style=\"position:fixed;inset:0\" class=\"x\" id=y onclick=alert(1)>x</p>",
    "<a href=\"https://ornans.example\" target=_blank rel=opener ping=https://suivi.example>x</a>",
]  # fmt: skip
FORBIDDEN = re.compile(
    r"<(?:script|img|svg|math|style|iframe|object|embed|form|input|link|meta|base)\b(?![^>]*class=\"(?:emoji|avatar))|"
    r"\son\w+=|javascript:|data:text|\sping=|suivi\.example[\"']?\s*>|position:fixed",
    re.IGNORECASE,
)


@pytest.mark.parametrize("advisory", ["cve_2023_36459", "cve_2023_36462", "cve_2023_42452"])
async def test_html_of_strangers(stage: Stage, advisory: str) -> None:
    """Scripts, styles and pictures in a post, in a profile's fields, in names of links and in summaries."""
    zoe = await stage.friend(
        summary="".join(HOSTILE), name=HOSTILE[0],
        attachment=[{"type": "PropertyValue", "name": bad, "value": bad} for bad in HOSTILE],
    )  # fmt: skip
    account = await stage.met(zoe)
    match advisory:
        case "cve_2023_36459":
            texts = await _posted(stage, zoe, content="<p>Lu</p>" + "".join(HOSTILE))
        case "cve_2023_36462":
            texts = [stage.client.account(account.id).note, *(f.value for f in stage.client.account(account.id).fields)]
        case _:
            texts = await _posted(
                stage, zoe, content="<p>x</p>", contentMap={"fr": "".join(HOSTILE)}, summary=HOSTILE[1]
            )
    for text in texts:
        assert not FORBIDDEN.search(text), f"it came through: {FORBIDDEN.search(text)} in {text}"


async def _posted(stage: Stage, zoe: PeerActor, **more: Any) -> list[str]:
    note = zoe.note("x", **more)
    await stage.tells(zoe, zoe.create(note))
    return [stage.sees(note["id"]).content]


async def test_ghsa_8h43_rcqj_wpc6(stage: Stage) -> None:
    """A quote with a permission that the quoted person did not give: on another host, or for another pair."""
    zoe, mallory = await stage.friend(), await stage.villain()
    await stage.met(mallory)
    quoted = zoe.note("Ne me citez pas", interactionPolicy={"canQuote": {"automaticApproval": [zoe.uri]}})
    await stage.tells(zoe, zoe.create({**quoted, "to": [PUBLIC, stage.uri]}))
    quoting = mallory.note("Regardez-la", quote=quoted["id"])
    permission = {
        "@context": quoted.get("@context", "https://www.w3.org/ns/activitystreams"), "type": "QuoteAuthorization",
        "id": f"{stage.villains.home}/permis/1", "attributedTo": zoe.uri, "interactingObject": quoting["id"],
        "interactionTarget": quoted["id"],
    }  # fmt: skip
    stage.villains.serve(permission)
    quoting["quoteAuthorization"] = permission["id"]
    stage.villains.serve(quoting)
    await stage.tells(mallory, mallory.create(quoting))
    assert not _shows(stage.sees(quoting["id"]), quoted["id"]), "a permission from another server counted"


async def test_ghsa_q4g8_82c5_9h33(stage: Stage) -> None:
    """A true permission of Zoe's for another post is shown for this one (CVE-2026-33869)."""
    zoe, mallory = await stage.friend(), await stage.villain()
    await stage.met(mallory)
    quoted = zoe.note("Citez l'autre", interactionPolicy={"canQuote": {"automaticApproval": [zoe.uri]}})
    quoting = mallory.note("Regardez-la encore", quote=quoted["id"])
    for about in (
        {"interactingObject": f"{quoting['id']}x"},
        {"interactionTarget": f"{quoted['id']}x"},
        {"attributedTo": mallory.uri},
    ):
        permission = {
            "@context": "https://www.w3.org/ns/activitystreams", "type": "QuoteAuthorization",
            "id": zoe.peer.new_id("permis"), "attributedTo": zoe.uri, "interactingObject": quoting["id"],
            "interactionTarget": quoted["id"], **about,
        }  # fmt: skip
        stage.friends.serve(permission)
        note = mallory.note("Et encore", quote=quoted["id"], quoteAuthorization=permission["id"])
        await stage.tells(mallory, mallory.create(note))
        assert not _shows(stage.sees(note["id"]), quoted["id"]), f"a permission for another pair counted: {about}"


def _shows(status: Any, quoted: str) -> bool:
    """Does *status* show the post *quoted* as its quote?"""
    quote: Any = status and status.get("quote")
    return bool(quote) and quote.get("state") == "accepted" and quoted in str(quote)

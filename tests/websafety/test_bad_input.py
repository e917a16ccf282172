"""Bad input in every field of every form: a page with a sentence, never a broken one; what is refused changes nothing."""

import re
import zlib
from urllib.parse import urlencode

import pytest

from tests.support.client import Answer
from tests.web.reader import Page
from tests.websafety.house import POSTS, House, Post, digest_of

BAD: dict[str, str] = {
    "nothing": "",
    "a NUL": "a%00b",
    "half a character": "a%ED%A0%80b",
    "a byte that is none": "%FF%FE",
    "a negative number": "-1",
    "a number that no column holds": "9" * 19,
    "a number of a thousand digits": "9" * 1000,
    "a word that is no choice": "n%27importe+quoi%22%3E%3Cb%3E",
    "lines": "a%0D%0ABcc:+x@y.example",
    "sixty thousand letters": "e" * 60_000,
}
ALWAYS = ("a NUL", "a number that no column holds")
TURNS = tuple(what for what in BAD if what not in ALWAYS)
"""One of them for each field: all of them for all take minutes. What a column may refuse is tried on PostgreSQL."""
COUNTED = ("/login/factor", "/account/factor", "/account/security/confirm")
"""A wrong code is counted, which is written down."""
SHORT = ("/admin/audit", "/logout")
"""They take nothing but the token."""


def said(answer: Answer) -> str:
    """What is wrong with how it was refused; empty: nothing."""
    if "text/html" not in answer.headers.get("content-type", ""):
        return f"not a page: {answer.body[:100]!r}"
    page = Page(answer.text)
    if not page.all("h1") or len(page.words) < 40:
        return f"a page without a sentence: {page.words}"
    if re.search(r"Traceback|NoneType|KeyError|ValueError|sqlite|asyncpg", answer.text):
        return "it shows what is inside"
    return ""


async def attacked(house: House, path: str, post: Post) -> list[str]:
    """What went wrong with the form at *path*."""
    wrong: list[str] = []
    reader, form, given = await house.form(path, post)
    good = {**form.fields, **given}
    names = [name for name in {**good, **form.choices} if name not in ("form_token", "shown")]
    rows = house.ctx.db.reader
    before = await digest_of(rows) if rows.dialect == "sqlite" else ""
    for name in names:
        in_turn = TURNS[zlib.crc32(f"{path} {name}".encode()) % len(TURNS)]
        for what in [in_turn] if rows.dialect == "sqlite" else ALWAYS:
            kept = urlencode({key: each for key, each in good.items() if key != name})
            house.calm()
            answer = await reader.client.request(
                "POST", form.action, body=f"{kept}&{name}={BAD[what]}".encode(),
                headers={"origin": reader.home, "content-type": "application/x-www-form-urlencoded", "accept": "text/html"},
            )  # fmt: skip
            where = f"POST {path} {name} = {what}: {answer.status}"
            if answer.status >= 500 and not (answer.status == 503 and post.idle):
                wrong.append(where)
            after = await digest_of(rows) if rows.dialect == "sqlite" else ""
            if answer.status >= 400:
                if fault := said(answer):
                    wrong.append(f"{where}: {fault}")
                if path not in COUNTED and after != before:
                    wrong.append(f"{where}: it was refused, and something changed")
            before = after
    return wrong


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"], indirect=True)
async def test_no_field_breaks_a_page(house: House):
    """One field after the other, everything else as it should be."""
    wrong: list[str] = []
    for path, post in POSTS.items():
        if not post.last and path not in SHORT:
            wrong += await attacked(house, path, post)
    assert wrong == [], "\n".join(wrong)

"""Where the console sends a keeper: to its own pages, never to a terminal."""

import inspect
import re

import pytest
from babel.messages.pofile import read_po

from admin import operations, pointers
from admin.console import attention
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import sentence
from node.runtime.i18n.translation import CATALOGUES
from tests.admin.conftest import Office

FRENCH = {"accept-language": "fr"}
TERMINAL = (
    "beffroi init", "beffroi migrate", "beffroi serve", "beffroi worker", "beffroi audit verify",
    "beffroi mail test", "beffroi relay list", "beffroi territory show", "beffroi agreement list",
    "beffroi case show", "beffroi domain allow",
)  # fmt: skip
"""Said to whoever is at a terminal already, or about what no page can do; never as a refusal at the console."""


def test_no_sentence_names_a_command_but_in_a_terminal():
    """A new sentence that sends somebody on takes a pointer, which is a page at the console."""
    with (CATALOGUES / "fr.po").open("rb") as file:
        messages = [str(each.id) for each in read_po(file) if re.search(r"\bbeffroi [a-z]", str(each.id))]
    wrong = [each for each in messages if not any(known in each for known in TERMINAL)]
    assert wrong == [], "take admin.pointers.pointer: " + "; ".join(wrong)


async def test_a_refusal_names_the_page_to_go_to(office: Office):
    """The same refusal, by command and in the console."""
    ctx = office.town.node.ctx
    with pytest.raises(BeffroiError, match="beffroi user list"):
        await operations.perform(ctx, "user.disable", {"email": "nobody@x.example"})
    reader = await office.at_console(office.keeper)
    link = f"/admin/accounts/{office.town.hall.actor.id}"
    page = await reader.open(link, **FRENCH)
    page = await reader.send(page.form(f"{link}/member"), {"email": "nobody@x.example", "role": "editor"}, **FRENCH)
    assert reader.answer.status >= 400, page.words
    assert "la page Personnes" in page.words, page.words
    assert "beffroi" not in page.words, page.words
    said = Invalid(sentence("%(host)s: %(there)s", host="x", there=pointers.pointer("beffroi x", sentence("People"))))
    assert str(said) == "x: 'beffroi x'"
    pointers.at_the_console(said)
    assert str(said) == "x: the page People"


async def test_what_needs_attention_leads_to_its_page(office: Office):
    """Every link of the first page opens for a keeper."""
    reader = await office.at_console(office.keeper)
    links = set(re.findall(r'"(/admin[^"]*)"', inspect.getsource(attention)))
    assert len(links) >= 8
    for link in sorted(links):
        await reader.open(link, **FRENCH)
        assert reader.answer.status == 200, link
    page = await reader.open("/admin", **FRENCH)
    matters = page.all("ul", class_="matters")
    assert matters
    assert all(
        each.attributes["href"].startswith("/admin/") for each in page.all("a") if each.words and " : 1" in each.words
    )

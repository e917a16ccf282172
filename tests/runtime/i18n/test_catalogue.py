"""Everything that the node says to people is also said in French."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from node.runtime.i18n import translator
from scripts import translations


def test_every_sentence_has_its_french():
    """Write the missing ones into node/runtime/i18n/catalogues/fr.po: `python scripts/translations.py` adds them."""
    code = translations.written()
    assert len(code) > 20, "the sentences in the code were not found"
    assert translations.wrong(code, translations.french()) == []


def test_french_is_really_said():
    for message in translations.french():
        if isinstance(message.id, str) and message.id:
            assert translator("fr")(message.id) == message.string


def test_french_counts_as_french_does():
    assert str(translations.french().plural_expr) == "(n > 1)", "0 would be plural"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "node" / "web" / "templates").mkdir(parents=True)
    (tmp_path / "node" / "web" / "page.py").write_text(
        'raise Invalid(sentence("From %(a)s", a=1))\nsay = [_("Plain"), _.plural("%(count)s post", "%(count)s posts", 3)]\n'
    )
    (tmp_path / "node" / "web" / "templates" / "page.html").write_text(
        '<p title="{{ _("Title %(name)s", name=name) }}">{{ ngettext("%(count)s day", "%(count)s days", n) }}</p>'
    )
    return tmp_path


def test_sentences_are_found_where_they_are_written(tree):
    found = {message.id for message in translations.written(tree) if message.id}
    assert found == {
        "From %(a)s", "Plain", ("%(count)s post", "%(count)s posts"), "Title %(name)s", ("%(count)s day", "%(count)s days"),
    }  # fmt: skip


def test_what_is_missing_lost_or_left_over_is_named(tree):
    catalogue = Catalog(locale="fr")
    catalogue.add("From %(a)s", "De là")
    catalogue.add("Plain", "Simple %(b)s")
    catalogue.add(("%(count)s post", "%(count)s posts"), ("%(count)s message", ""))
    catalogue.add("Title %(name)s", "Titre %(name)s")
    catalogue.add("Gone", "Parti")
    lines = "\n".join(translations.wrong(translations.written(tree), catalogue))
    assert "lost in the translation: 'From %(a)s'" in lines
    assert "does not have: 'Plain' (node/web/page.py:2)" in lines
    assert "not translated: '%(count)s post'" in lines
    assert "not translated: '%(count)s day'" in lines
    assert "no longer said: 'Gone'" in lines
    assert "Title" not in lines


def test_bringing_in_step_keeps_what_was_translated(tree):
    catalogue = Catalog(locale="fr")
    catalogue.add("Plain", "Simple")
    catalogue.add("Gone", "Parti")
    translations.update(catalogue, translations.written(tree))
    written = translations.text_of(catalogue)
    assert 'msgid "Plain"\nmsgstr "Simple"' in written
    assert "Gone" not in written
    translations.update(catalogue, translations.written(tree))
    assert translations.text_of(catalogue) == written, "writing it twice changes it"

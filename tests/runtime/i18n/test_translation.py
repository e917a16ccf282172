"""A reader is spoken to in French, or in English if she prefers it."""

import gettext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.errors import Invalid
from node.runtime.i18n import negotiate, sentence, translator
from node.runtime.i18n.translation import Translator


class Spoken(gettext.NullTranslations):
    """A catalogue of three entries."""

    def gettext(self, message: str) -> str:
        return {"Follow %(name)s": "Suivre %(name)s", "the town": "la commune", "": "HEADER"}.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return "%(count)s message" if n <= 1 else "%(count)s messages"


FRENCH = Translator("fr", Spoken())


def test_a_sentence_is_said_with_its_values():
    assert FRENCH("Follow %(name)s", name="Ornans") == "Suivre Ornans"
    assert translator("en")("Follow %(name)s", name="Ornans") == "Follow Ornans"


def test_a_number_chooses_its_form():
    assert [FRENCH.plural("%(count)s post", "%(count)s posts", count) for count in (0, 1, 2)] == [
        "0 message",
        "1 message",
        "2 messages",
    ]
    assert translator("en").plural("%(count)s post", "%(count)s posts", 0) == "0 posts"


def test_an_error_is_translated_where_it_is_shown():
    """The room that refuses does not know who reads."""
    with pytest.raises(Invalid) as refused:
        raise Invalid(sentence("Follow %(name)s", name=sentence("the town")))
    assert str(refused.value) == "Follow the town"
    assert FRENCH(refused.value.args[0]) == "Suivre la commune"


def test_what_has_no_translation_is_said_in_english():
    assert translator("fr")("Nobody wrote this sentence %(name)s", name="x") == "Nobody wrote this sentence x"
    assert FRENCH("") == ""


@given(st.text(), st.text())
def test_values_are_never_read_as_sentences(name, other):
    """A name with a percent sign, or with another place in it, stays as it is."""
    said = translator("en")("<%(name)s> 100 % <%(other)s>", name=name, other=other)
    assert said == f"<{name}> 100 % <{other}>"
    assert translator("en")(name) == name


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"), ("", "fr"), ("fr", "fr"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-US,en;q=0.9,fr;q=0.8", "en"), ("de", "fr"), ("de,en;q=0.5", "en"), ("*", "fr"), ("br,*;q=0.5", "fr"),
        ("EN", "en"), ("en;q=0", "fr"), ("fr;q=0.1, en;q=0.2", "en"), ("en;q=x", "fr"), (",,,;q=", "fr"),
        ("en ; q = 0.5", "en"), ("en;q=1.2.3", "fr"), ("en," * 100_000, "en"), ("-" * 100_000, "fr"),
    ],
)  # fmt: skip
def test_the_browser_says_which_language_is_read(header, language):
    assert negotiate(header) == language


@given(st.text())
def test_any_header_is_survived(header):
    assert negotiate(header) in ("fr", "en")

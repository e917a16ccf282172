"""What was typed is read as it was meant, and nothing that can be typed is an error."""

from hypothesis import given
from hypothesis import strategies as st

from node.timeline.search import asked
from node.timeline.search.asked import MAX_OPERATORS, MAX_WORDS, Sender

_OPERATORS = (
    "from:me", "from:@mairie@rennes.example", "has:image", "-has:link", "is:reply", "before:2026-09-01", "after:2026-01-31",
    "during:2026-02-30", "in:library", "in:nowhere", "language:fr", "has:cake", '"place du marché"', '-"vide grenier"', "-brocante",
)  # fmt: skip


def test_words_phrases_and_exclusions() -> None:
    found = asked.read('Marchés de l’été -brocante «place de la Mairie» -"vide grenier" conc')
    assert found.words == ("marches", "ete")
    assert found.beginning == "conc", "the last word may not be whole yet"
    assert found.without == ("brocante",)
    assert found.phrases == (("place", "de", "la", "mairie"),)
    assert found.without_phrases == (("vide", "grenier"),)


def test_the_last_word_is_whole_when_something_stands_behind_it() -> None:
    assert asked.read("marché has:image").beginning == ""
    assert asked.read('marché "x"').words == ("marche",)
    assert asked.read("salle 35238").words == ("salle", "35238")


def test_operators() -> None:
    found = asked.read(
        "from:me from:@Mairie@Rennes.example -from:spam has:image -has:poll is:reply -is:sensitive language:fr in:library"
    )
    assert found.senders == (Sender(), Sender("mairie", "rennes.example"))
    assert found.without_senders == (Sender("spam"),)
    assert found.has == {"image"}
    assert found.has_not == {"poll"}
    assert found.is_ == {"reply"}
    assert found.is_not == {"sensitive"}
    assert (found.languages, found.where, found.words) == (("fr",), "library", ())


def test_days_are_those_of_france() -> None:
    day = 24 * 3_600_000
    during = asked.read("during:2026-09-21")
    assert during.after_ms == 1_789_941_600_000, "the day does not begin at midnight in Paris"
    assert during.before_ms == during.after_ms + day
    assert asked.read("before:2026-09-21").before_ms == during.after_ms
    assert asked.read("after:2026-09-21").after_ms == during.before_ms


def test_what_means_nothing_is_looked_for_as_words() -> None:
    found = asked.read("has:cake before:hier during:2026-02-30 12:30")
    assert found.has == frozenset()
    assert found.before_ms is None
    assert {"cake", "hier", "2026"} <= set(found.words)


def test_nothing_to_begin_with() -> None:
    for nothing in ("", " ", "de la", "-brocante", '"', '"de la"', "-from:me", "👍", ":", "-", "a:b"):
        assert asked.read(nothing).empty, nothing
    for something in ("from:me", "has:poll", "in:library", "during:2026-01-01", '"du marché"'):
        assert not asked.read(something).empty, something


@given(
    st.one_of(
        st.text(max_size=600),
        st.lists(st.one_of(st.sampled_from(_OPERATORS), st.text(max_size=20)), max_size=40).map(" ".join),
    )
)
def test_nothing_that_can_be_typed_is_an_error(text: str) -> None:
    found = asked.read(text)
    assert len(found.words) <= MAX_WORDS
    assert len(found.senders) + len(found.has) + len(found.languages) <= MAX_OPERATORS
    assert all(found.phrases)
    assert all(found.without_phrases)
    assert asked.read(text) == found

"""Words, as search compares them: folded, and cut to what French plurals, feminines and verb endings leave of them.

Snowball's French reads the accents (`municipalité` loses -ité, `municipalite` does not), and most of those who search
leave them out. So words are folded first, and the endings below are those of folded words; they are few, in the manner
of Savoy's light stemmers, and what they cut from English (plurals) is harmless. A stem is a key, not a word: two forms
that share it find each other, and that `mare` finds `mares` matters more than what is left of them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from typing import Final

from node.runtime.text.folding import fold

MAX_CHARS: Final = 40
"""The longest French word has 25 letters; what is longer than this is an address or noise."""

EMPTY: Final = frozenset(
    (  # noqa: SIM905 (a hundred words are read as lines)
        "au aux avec ce ces cet cette ci dans de des du elle elles en est et eux il ils je la le les leur leurs lui ma "
        "mais me mes moi mon ne nos notre nous on ont ou par pas pour qu que qui sa se ses si son sont sur ta te tes toi "
        "ton tu un une vos votre vous lorsqu puisqu quelqu jusqu the of and to is it at for are this that with be https "
        "http www"
    ).split()
)
"""Words that stand in most texts: looked for by nobody, so not kept; a quoted phrase is compared with the text itself."""

_WORD = re.compile(r"[^\W_]+")
# In content that was cleaned, < and > of the text are escaped: what looks like a tag is one.
_TAG = re.compile(r"<(/?[a-z0-9]+)[^>]*>")
_APART: Final = frozenset({"br", "p", "/p", "/li", "li", "/blockquote", "/pre", "/ul", "/ol", "/h1", "/h2", "/h3"})
_HASHTAG = re.compile(r"#(\w+)")
_HUMP = re.compile(r"(?<=[a-zà-öø-ÿ0-9])(?=[A-ZÀ-ÖØ-Þ])")
_AL: Final = {"traval": "travail", "bal": "bail", "vitral": "vitrail", "coral": "corail", "emal": "email"}
_ENDINGS: Final = (("trice", "teu"), ("euse", "eu"), ("eur", "eu"), ("ive", "if"))


def text_of(html: str) -> str:
    """The text of *html* that was cleaned already: words that a tag does not part stay whole."""
    return unescape(_TAG.sub(lambda tag: " " if tag[1] in _APART else "", html))


def words(text: str) -> list[str]:
    """The words of *text* as they stand, folded. `l'école` is two, of which the first is one letter."""
    return _WORD.findall(fold(text))


def kept(text: str) -> Iterator[str]:
    """The words of *text* that are looked for, folded; a hashtag of several words also as these words."""
    for word in words(text):
        if is_kept(word):
            yield word
    for tag in _HASHTAG.findall(text):
        parts = _HUMP.sub(" ", tag)
        if parts != tag:
            yield from filter(is_kept, words(parts))


def is_kept(word: str) -> bool:
    """Whether a folded word is in the index: neither a letter, nor noise, nor in most texts; a figure is."""
    return (len(word) > 1 or word.isdigit()) and len(word) <= MAX_CHARS and word not in EMPTY


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What forms of a folded word have in common: `élections` and `élection`, `municipaux` and `municipale`."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("aux"):
        word = word[:-1] if word.endswith("eaux") else word[:-2] + "l"
        word = _AL.get(word, word)
    elif word[-1] in "sx" and not word.endswith("ss"):
        word = word[:-1]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)] + instead
    if len(word) > 5 and word.endswith(("er", "ez")):
        word = word[:-1]
    while len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 5 and word.endswith("er"):
        word = word[:-2]
    if len(word) > 4 and word[-1] == word[-2]:
        word = word[:-1]
    return word

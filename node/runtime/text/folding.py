"""The form in which texts are compared: without accents, case, ligatures or width.

`fold("Évreux")` and `fold("EVREUX")` are the same; so are "œuvre" and "oeuvre", "ﬁ" and "fi".
"""

import re
import unicodedata

# What Unicode does not take apart. After casefold: ß is already ss.
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
# Typographic apostrophes and dashes are typed in their plain form by those who search.
_PUNCTUATION = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", "\u00ad": ""})
# Latin, Greek and Cyrillic accents only: in Indic and Thai writing the marks are vowels, in Japanese consonants.
_ACCENTS = re.compile("[\u0300-\u036f]")
_SPACES = re.compile(r"\s++")
_NOT_HASHTAG = re.compile(r"[^\w\u0900-\u0dff\u0e00-\u0fff]")


def fold(text: str) -> str:
    """*text* without accents, case, ligatures, width or double spaces. Folding twice changes nothing more."""
    # casefold and the compatibility forms feed each other (ﬃ, ℌ, ΅): once more than once is enough for a fixed point.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)).translate(_LIGATURES).translate(_PUNCTUATION)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def fold_hashtag(name: str) -> str:
    """The form of a hashtag that is stored and looked up: `#Événement` and `evenement` are one."""
    return _NOT_HASHTAG.sub("", fold(name.lstrip("#＃")))

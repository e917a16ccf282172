"""Names of places: how two spellings are compared, and how French says 'of' before them."""

import re
import unicodedata

LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ð": "d", "đ": "d", "ł": "l", "ı": "i"})
"""Letters that Unicode does not decompose, in the spelling that people type instead."""

ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}

ARTICLES = frozenset({"le", "la", "les", "l", "las", "los"})

WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """The words of *text* in a-z and 0-9, one space between them; empty when nothing is left.

    Case, accents, ligatures, apostrophes, hyphens and any other sign disappear, and 'St' is 'Saint':
    `fold("St-Étienne-d'Œuvre") == "saint etienne d oeuvre"`. Folding twice changes nothing.
    """
    return " ".join(ABBREVIATIONS.get(word, word) for word in _words(text))


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", decomposed) if unicodedata.category(letter) != "Mn"
    )
    return WORD.findall(bare.translate(LETTERS))


def readings(text: str) -> tuple[str, ...]:
    """What somebody who is still typing *text* may mean, folded: nothing, one or two readings.

    The last word may be unfinished: 'st' begins 'saint-denis' written short, and 'strasbourg' as well.
    """
    words = _words(text)
    if not words:
        return ()
    folded = fold(text)
    if words[-1] not in ABBREVIATIONS:
        return (folded,)
    return folded, " ".join([*folded.split(" ")[:-1], words[-1]])


def keys(name: str) -> tuple[str, ...]:
    """What a place is found under: its folded name without spaces, also without its article.

    Without spaces, because people forget them, and hashtags and domains have none:
    `keys("Le Mans") == ("lemans", "mans")`.
    """
    words = fold(name).split(" ")
    whole = "".join(words)
    if words[0] in ARTICLES and len(words) > 1:
        return whole, "".join(words[1:])
    return (whole,)


def of(name: str, link: int) -> str:
    """*name* with 'de' before it, contracted as French does.

    *link* is INSEE's TNCC (type de nom en clair, documentation of the code officiel géographique): 0 no article
    before a consonant, 1 none before a vowel, 2 le, 3 la, 4 les, 5 l', 6 aux, 7 las, 8 los. A commune's name
    holds its article, a département's and a région's does not.
    """
    match link:
        case 1:
            return f"d'{name}"
        case 2:
            return f"du {name.removeprefix('Le ')}"
        case 3:
            return f"de {name}" if name.startswith("La ") else f"de la {name}"
        case 4:
            return f"des {name.removeprefix('Les ')}"
        case 5:
            return f"de {name}" if name.startswith("L'") else f"de l'{name}"
        case 6:
            return f"des {name.removeprefix('Aux ')}"
    return f"de {name}"

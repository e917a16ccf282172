"""The language of a reader, and the node's own sentences in it.

A message id is the English sentence, so English needs no catalogue and a missing translation is still readable.
French is in `catalogues/fr.po`, read when first needed (reading it costs less than keeping a compiled copy in step).
Values stand in a sentence as `%(name)s`.

In templates: `{{ _("Follow %(name)s", name=actor.name) }}` and `{{ ngettext("%(count)s post", "%(count)s posts", count) }}`,
both from `Translator.names`; the answer is text, which the template escapes.
"""

import gettext
import io
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal

from node.runtime.i18n.sentences import Sentence, fill

Language = Literal["fr", "en"]

DEFAULT: Final[Language] = "fr"
CATALOGUES: Final = Path(__file__).parent / "catalogues"

_MAX_HEADER_CHARS = 1000
_RANGE = re.compile(r"\s*+([a-zA-Z]{1,8}|\*)(?:-[a-zA-Z0-9-]*+)?+\s*+(?:;\s*+q\s*+=\s*+([0-9.]{1,6}))?+\s*+")


class Translator:
    """Says the node's sentences in one language."""

    def __init__(self, language: Language, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, message: str, /, **values: object) -> str:
        """*message* in this language, with *values* in it. A `Sentence` brings its own."""
        if isinstance(message, Sentence):
            values = {**message.values, **values}
            message = message.message
        found = self._catalogue.gettext(message) if message else ""  # the empty id holds the catalogue's header
        return self._filled(found, values)

    def plural(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The form for *count*, which is also the value `%(count)s`. In French 0 is singular, in English plural."""
        return self._filled(self._catalogue.ngettext(one, many, count), {"count": count, **values})

    @property
    def names(self) -> dict[str, Callable[..., str]]:
        """What a template calls: `_`, `gettext` and `ngettext`."""
        return {"_": self, "gettext": self, "ngettext": self.plural}

    def _filled(self, text: str, values: Mapping[str, object]) -> str:
        said = {name: self(value) if isinstance(value, Sentence) else value for name, value in values.items()}
        return fill(text, said)


@cache
def translator(language: Language) -> Translator:
    """The translator into *language*; the same one each time."""
    return Translator(language, gettext.NullTranslations() if language == "en" else _read_catalogue(language))


def negotiate(accept_language: str | None) -> Language:
    """The language of the two that a browser's `Accept-Language` prefers (RFC 9110 §12.5.4); French if neither."""
    best: dict[str, float] = {}
    for part in (accept_language or "")[:_MAX_HEADER_CHARS].split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        try:
            quality = float(found[2] or 1)
        except ValueError:
            continue
        name = found[1].lower()
        best[name] = max(best.get(name, 0.0), quality)
    anything = best.get("*", 0.0)
    # Without a word about French, it is what is spoken here: only a true preference for English changes that.
    return "en" if best.get("en", 0.0) > best.get("fr", anything) else DEFAULT


def _read_catalogue(language: Language) -> gettext.NullTranslations:
    from babel.messages.mofile import write_mo  # 40 ms: not at the start of every command
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

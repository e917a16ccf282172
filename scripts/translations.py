"""Keeps the French catalogue in step with the sentences in the code and the templates.

`python scripts/translations.py` adds what is new (empty, to be filled in) and takes out what is gone.
`python scripts/translations.py --check` changes nothing, prints what is missing and fails if anything is.

A sentence is found where it is written: `_("…")`, `ngettext("…", "…", n)`, `translate.plural("…", "…", n)` or
`sentence("…")`, in Python and in templates.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from node.runtime.i18n.sentences import PLACE
from node.runtime.i18n.translation import CATALOGUES

ROOT = Path(__file__).parents[1]
FRENCH = CATALOGUES / "fr.po"

_HEADER = r"""# What the node says, in French.
# Kept in step with the code by scripts/translations.py.
msgid ""
msgstr ""
"Project-Id-Version: beffroi\n"
"Language: fr\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""

_KEYWORDS = {"_": None, "gettext": None, "sentence": None, "ngettext": (1, 2), "plural": (1, 2)}
_TEMPLATES = {
    ".html": "jinja2.ext:babel_extract",
    ".xml": "jinja2.ext:babel_extract",
    ".txt": "jinja2.ext:babel_extract",
}


def written(root: Path = ROOT) -> Catalog:
    """Every sentence in the code and the templates, with where it is."""
    found = Catalog(project="beffroi", locale="fr", fuzzy=False)
    for path in _files(root):
        method = "python" if path.suffix == ".py" else _TEMPLATES[path.suffix]
        for line, message, _, _ in extract_from_file(method, path, keywords=_KEYWORDS, options={"silent": "false"}):
            if message:
                found.add(message, locations=[(path.relative_to(root).as_posix(), line)])
    return found


def french(path: Path = FRENCH) -> Catalog:
    """The catalogue as it is."""
    with path.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def wrong(code: Catalog, catalogue: Catalog) -> list[str]:
    """A line for each sentence that a French reader would not understand, or that nobody says any more."""
    lines: list[str] = []
    for message in _messages(code):
        known = catalogue.get(_first(message))
        where = ", ".join(f"{file}:{line}" for file, line in message.locations[:2])
        if known is None or known.fuzzy or not known.string or not all(_forms(known.string)):
            lines.append(f"not translated: {_first(message)!r} ({where})")
        elif any(_places(form) - _places(*_forms(message.id)) for form in _forms(known.string)):
            lines.append(f"a value that the sentence does not have: {_first(message)!r} ({where})")
        elif _places(*_forms(message.id)) - _places(*_forms(known.string)):
            lines.append(f"a value is lost in the translation: {_first(message)!r} ({where})")
    lines.extend(
        f"no longer said: {_first(message)!r}" for message in _messages(catalogue) if code.get(_first(message)) is None
    )
    return lines


def update(catalogue: Catalog, code: Catalog) -> None:
    """Bring *catalogue* in step with *code*; translations that are there stay."""
    catalogue.update(code, no_fuzzy_matching=True)
    catalogue.obsolete.clear()


def text_of(catalogue: Catalog) -> str:
    """The file, in an order and with a header that change only when the sentences do."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, sort_by_file=True, include_lineno=False, omit_header=True)
    return _HEADER + out.getvalue().decode("utf-8").strip() + "\n"


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _first(message: Message) -> str:
    return _forms(message.id)[0]


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _places(*forms: str) -> set[str]:
    return {name for form in forms for name in PLACE.findall(form)}


def _files(root: Path) -> Iterator[Path]:
    for package in ("node", "admin"):
        for path in sorted((root / package).rglob("*")):
            if path.suffix == ".py" or (path.suffix in _TEMPLATES and "templates" in path.parts):
                yield path


def main() -> None:
    """Update, or check."""
    code, catalogue = written(), french()
    if "--check" not in sys.argv:
        update(catalogue, code)
        FRENCH.write_text(text_of(catalogue), encoding="utf-8")
    lines = wrong(code, catalogue)
    print("\n".join(lines) or "every sentence has its French")
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()

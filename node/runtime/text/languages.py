"""Language tags (BCP 47), as strangers write them.

`fr_FR`, `FR`, `fr-fr` and `zh-hant-TW` come in; `fr-FR`, `fr`, `fr-FR` and `zh-Hant-TW` go out.
"""

import re
from typing import Final

DEFAULT: Final = "fr"

_MAX_CHARS = 35  # RFC 5646 §4.4.1: enough for every tag in use
_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)")
_UNKNOWN = frozenset({"und", "mul", "zxx", "mis"})


def read(tag: object) -> str | None:
    """*tag* in its usual case, or None for what names no language (`und`, nonsense, no text at all)."""
    if not isinstance(tag, str) or len(tag) > _MAX_CHARS:
        return None
    found = _TAG.fullmatch(tag.strip().replace("_", "-").lower())
    if found is None or found[1] in _UNKNOWN:
        return None
    language, script, region, variants = found.groups()
    written = [language, script and script.title(), region and region.upper()]
    return "-".join(part for part in written if part) + variants


def read_or_default(tag: object, default: str = DEFAULT) -> str:
    """`read`, with *default* where nothing is known."""
    return read(tag) or default


def primary(tag: str) -> str:
    """The language alone: `fr` of `fr-CA`."""
    return tag.partition("-")[0]

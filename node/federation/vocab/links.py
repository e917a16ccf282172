"""Ids and links: what a document points at, and which hosts that is (AS2 Core §4, CVE-2023-42451).

An id is compared whole; only its origin is normalised, and only to compare origins.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import idna

from node.federation.vocab import limits, names
from node.runtime.errors import Malformed
from node.runtime.i18n.sentences import sentence

# The authority ends at the first `/`, `?` or `#`, as in RFC 3986; what parsers are known to disagree on
# (a backslash, credentials, white space, an escaped host) is not a URI here at all.
_URI = re.compile(r"(https?)://([^/?#@\\%\s]+)((?:/[^?#\\\s]*)?(?:\?[^#\\\s]*)?)(#[^\\\s]*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(\d{1,5}))?")
# Underscores are no host name letters, and exist.
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_SHORT_CHARS = 256
_DEFAULT_PORT = {"https": 443, "http": 80}
_CONTROL = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff\ufeff\u2028\u2029]")
_NESTED_LISTS = 4


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that a document names, and what it embeds of it.

    The embedded part is its sender's word: across hosts it is fetched, not believed.
    """

    id: str | None
    raw: Mapping[str, Any] | None = None
    """None when only the id came."""

    @property
    def type(self) -> str | None:
        """The first type of what is embedded."""
        return next(iter(self.types), None)

    @property
    def types(self) -> tuple[str, ...]:
        """All types of what is embedded."""
        return types_of(names.plain(self.raw)) if self.raw is not None else ()


@dataclass(frozen=True, slots=True)
class Link:
    """One of the `url`s of an object."""

    href: str
    media_type: str | None = None
    rel: tuple[str, ...] = ()
    width: int | None = None
    height: int | None = None


def id_of(value: object) -> str:
    """The id of a link, of an embedded object, or of a one-item list of either (AS2 Core §4).

    Raises:
        Malformed: none of these.
    """
    for _ in range(_NESTED_LISTS):
        match value:
            case str() if value:
                return value
            case {"id": str(found)} if found:
                return found
            case {"@id": str(found), **rest} if found and "id" not in rest:
                return found
            case {"type": "Link" | "as:Link", "href": str(found)} if found:
                return found
            case [only]:
                value = only
            case _:
                break
    raise Malformed(sentence("expected an id, an object with an id, or a list of one"))


def uri(value: object, *, allow_http: bool = False) -> str:
    """The id of *value*, when it is an absolute https URL with a host and without credentials.

    `http` is accepted with *allow_http* only: a laboratory on loopback. The text is returned as it came.

    Raises:
        Malformed: no id, or one that is refused.
    """
    found = id_of(value)
    origin_of(found, allow_http=allow_http)
    return found


def own_id(raw: Mapping[str, Any], *, allow_http: bool = False, draft: bool = False) -> str:
    """The `id` of an object, as `uri`; empty with *draft* where it has none (what a client sends, or a book shows).

    Raises:
        Malformed: no usable id.
    """
    value = raw.get("id")
    return "" if draft and (value is None or value == "") else uri(value, allow_http=allow_http)


def optional_uri(value: object, *, allow_http: bool = False) -> str | None:
    """`uri`, or None where there is none that can be used."""
    if value is None:
        return None
    try:
        return uri(value, allow_http=allow_http)
    except Malformed:
        return None


def origin_of(address: str, *, allow_http: bool = True) -> str:
    """Scheme, host and port of *address* in one spelling: `https://xn--nmes-epa.test`, `http://[::1]:8080`.

    Raises:
        Malformed: not an absolute http(s) URL, credentials, an impossible host or port, too long.
    """
    # The same few ids are read dozens of times in every activity.
    origin = _remembered(address) if len(address) <= _SHORT_CHARS else _origin(address)
    if not allow_http and origin.startswith("http:"):
        raise Malformed(sentence("an id must be an https URL"))
    return origin


def _origin(address: str) -> str:
    if len(address) > limits.MAX_URI_BYTES or _CONTROL.search(address):
        raise Malformed(sentence("an id is too long or holds spaces or control characters"))
    if len(address.encode("utf-8", "surrogatepass")) > limits.MAX_URI_BYTES:
        raise Malformed(sentence("an id is too long"))
    match = _URI.fullmatch(address)
    authority = _AUTHORITY.fullmatch(match[2]) if match else None
    if match is None or authority is None:
        raise Malformed(sentence("an id must be an absolute https URL with a host and without credentials"))
    scheme = match[1].lower()
    host = normal_host(authority[1])
    port = int(authority[2]) if authority[2] else _DEFAULT_PORT[scheme]
    if not 0 < port < 65_536:
        raise Malformed(sentence("an id has an impossible port"))
    return f"{scheme}://{host}" if port == _DEFAULT_PORT[scheme] else f"{scheme}://{host}:{port}"


_remembered = lru_cache(4_096)(_origin)


def same_origin(one: str, other: str) -> bool:
    """Whether two ids are on one origin: scheme, host and port. False when either is no id at all."""
    try:
        return origin_of(one) == origin_of(other)
    except Malformed:
        return False


def host_of(address: str) -> str:
    """The normalised host of *address*, with its port when that is not the scheme's own (`localhost:8080`).

    Raises:
        Malformed: as `origin_of`.
    """
    return origin_of(address).partition("://")[2]


@lru_cache(16_384)
def normal_host(host: str) -> str:
    """One spelling of a host: lower-case, IDNA (UTS 46, as the HTTP client dials it), no trailing dot.

    Raises:
        Malformed: not a host.
    """
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            raise Malformed(sentence("an id has an impossible host")) from None
    try:
        plain = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise Malformed(sentence("an id has an impossible host")) from None
    plain = plain.removesuffix(".")
    if not _HOST.fullmatch(plain):
        raise Malformed(sentence("an id has an impossible host"))
    return plain


def types_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of an object, without the prefix or namespace of ActivityStreams; unknown ones are kept."""
    stated = raw.get("type")
    if type(stated) is str:  # nearly always; each object of an activity is asked
        return (_short(stated),) if stated else ()
    return tuple(_short(name) for name in listed(stated) if isinstance(name, str) and name)


def listed(value: object) -> list[Any]:
    """*value* as a list: absent is empty, alone is a list of one, `{"@list": …}` and `{"@set": …}` are unwrapped."""
    match value:
        case None:
            return []
        case list():
            return value
        case {"@list": list(items)} | {"@set": list(items)}:
            return items
    return [value]


def ids_of(value: object, most: int, *, allow_http: bool = False) -> tuple[str, ...]:
    """The distinct usable ids in *value*, at most *most* of them; what is no id is left out."""
    if value is None:
        return ()
    found = (optional_uri(item, allow_http=allow_http) for item in listed(value))
    return limits.first(dict.fromkeys(item for item in found if item is not None), most)


def references(value: object, most: int, *, allow_http: bool = False) -> tuple[Reference, ...]:
    """What *value* names or embeds, in order; an embedded object without a usable id keeps its content."""
    return () if value is None else limits.first(_references(value, allow_http), most)


def links_of(value: object, *, allow_http: bool = False) -> tuple[Link, ...]:
    """The http(s) addresses in a `url` property: strings, Link objects, or objects that have a `url` of their own."""
    if type(value) is str:
        return (Link(value),) if optional_uri(value, allow_http=allow_http) is not None else ()
    return () if value is None else limits.first(_links(value, allow_http), limits.MAX_LINKS)


def page_of(links: tuple[Link, ...]) -> str | None:
    """The address that a person opens: the first HTML page, else the first without a type, else the first."""
    for wanted in ("text/html", None):
        for link in links:
            if link.media_type == wanted:
                return link.href
    return links[0].href if links else None


def _references(value: object, allow_http: bool) -> Iterator[Reference]:
    for item in listed(value):
        address = optional_uri(item, allow_http=allow_http)
        if isinstance(item, dict) and types_of(item) != ("Link",):
            yield Reference(address, item)
        elif address is not None:
            yield Reference(address)


def _links(value: object, allow_http: bool) -> Iterator[Link]:
    for item in listed(value):
        if isinstance(item, str):
            address = optional_uri(item, allow_http=allow_http)
            if address is not None:
                yield Link(address)
        elif isinstance(item, dict):
            address = optional_uri(item.get("href") or item.get("url"), allow_http=allow_http)
            if address is not None:
                yield Link(
                    address,
                    media_type_of(item),
                    tuple(rel for rel in listed(item.get("rel")) if isinstance(rel, str)),
                    pixels(item.get("width")),
                    pixels(item.get("height")),
                )


def media_type_of(raw: Mapping[str, Any]) -> str | None:
    """`mediaType`, or `mimeType` as Funkwhale writes it, without parameters, lower-case."""
    value = raw.get("mediaType") or raw.get("mimeType")
    if not isinstance(value, str) or len(value) > 255 or "/" not in value:
        return None
    return value.partition(";")[0].strip().lower()


def pixels(value: object) -> int | None:
    """A width or height, when it can be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100_000 else None


# Only where a type is an ActivityStreams object, or a tag: `schema:Person` is no actor
_TYPE_PREFIXES = (
    "as:",
    "toot:",
    "litepub:",
    "https://www.w3.org/ns/activitystreams#",
    "http://www.w3.org/ns/activitystreams#",
    "http://joinmastodon.org/ns#",
    "http://litepub.social/ns#",
)


def _short(name: str) -> str:
    for prefix in _TYPE_PREFIXES if ":" in name else ():
        if name.startswith(prefix):
            return name[len(prefix) :]
    return limits.cut(name, limits.MAX_NAME_CHARS)

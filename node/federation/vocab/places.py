"""Places: where an event is held, or a picture was taken."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import limits, links, names, texts

_MAX_CHARS = 500
_VIRTUAL = frozenset({"VirtualLocation", "https://schema.org/VirtualLocation", "http://schema.org/VirtualLocation"})


@dataclass(frozen=True, slots=True)
class Place:
    """A spot on earth, as precisely as its sender says."""

    id: str | None
    name: str | None
    street: str | None
    """Street and number, or the whole address where it comes as one text."""
    postal_code: str | None
    locality: str | None
    region: str | None
    country: str | None
    latitude: float | None
    longitude: float | None
    url: str | None

    @property
    def address(self) -> str:
        """The address in one line, without the name; empty when none is known."""
        town = " ".join(part for part in (self.postal_code, self.locality) if part)
        return ", ".join(part for part in (self.street, town, self.region, self.country) if part)


def read(raw: Mapping[str, Any], *, allow_http: bool = False) -> Place | None:
    """The place in *raw*; None when nothing of it could be shown or found on a map."""
    raw = names.plain(raw)
    name = texts.read(raw, "name")
    stated = raw.get("address")
    street = texts.string(stated, _MAX_CHARS)
    # PostalAddress; Vernissage and Pixelfed give its parts beside the name
    parts = stated if isinstance(stated, dict) else raw
    geo = raw.get("geo")
    position = geo if isinstance(geo, dict) else raw
    latitude, longitude = _degrees(position.get("latitude"), 90), _degrees(position.get("longitude"), 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    found = Place(
        id=links.optional_uri(raw.get("id"), allow_http=allow_http),
        name=limits.cut(name.value.strip(), _MAX_CHARS) if name and name.value.strip() else None,
        street=street or _part(parts, "streetAddress"),
        postal_code=_part(parts, "postalCode"),
        locality=_part(parts, "addressLocality"),
        region=_part(parts, "addressRegion"),
        country=_part(parts, "addressCountry") or _part(raw, "country"),
        latitude=latitude,
        longitude=longitude,
        url=links.page_of(links.links_of(raw.get("url"), allow_http=allow_http)),
    )
    return found if found.name or found.address or found.latitude is not None else None


def first_of(value: object, *, allow_http: bool = False) -> Place | None:
    """The first place on earth in a `location`: one, or a list in which links to meetings may stand."""
    for item in links.listed(value)[: limits.MAX_LINKS] if value else ():
        if isinstance(item, str) and "://" not in item:  # its name alone
            item = {"name": item}
        # Gancio leaves the type out
        if isinstance(item, dict) and not _VIRTUAL & set(links.types_of(item)):
            found = read(item, allow_http=allow_http)
            if found is not None:
                return found
    return None


def online_of(value: object, *, allow_http: bool = False) -> str | None:
    """The first address in a `location` at which one takes part from afar."""
    for item in links.listed(value)[: limits.MAX_LINKS]:
        if isinstance(item, dict) and _VIRTUAL & set(links.types_of(item)):
            found = links.page_of(links.links_of(item.get("url"), allow_http=allow_http))
            if found is not None:
                return found
    return None


def _part(raw: Mapping[str, Any], name: str) -> str | None:
    found = texts.string(raw.get(name), _MAX_CHARS)
    return found.strip() if found else None


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, str) and len(value) <= 32:
        try:
            value = float(value.strip().replace(",", "."))  # Vernissage: "51,1"
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if -most <= value <= most else None

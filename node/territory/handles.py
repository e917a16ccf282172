"""Which name to propose at the left of the @.

The alphabet is `a-z`, `0-9` and the hyphen, never at an end and never two in a row: every program that follows
Mastodon reads it (`[a-z0-9_]+([a-z0-9_.-]+[a-z0-9_]+)?`, `app/models/account.rb`, the names of remote accounts).
Mastodon lets its own people choose letters, digits and the underscore only, but that rule binds sign-up there,
not us, and a hyphen is what the French write in a name and in a domain. No dot, which reads as a domain, and no
underscore, which vanishes under the line of a link. At most 64 characters.

A handle is a proposal: the caller refuses what is reserved or taken.
"""

import re
from collections import Counter

from node.territory import names
from node.territory.gazetteer import Gazetteer
from node.territory.places import Commune, Departement, Epci, Region

HANDLE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_HANDLE_CHARS = 64


def propose(gazetteer: Gazetteer, place: Commune | Epci | Departement | Region) -> str:
    """A handle for *place* that no other place is proposed.

    A commune: its name (`besancon`); with the département when several share it (`sainte-colombe-05`, all of
    them, so that none looks like the only one); with the INSEE code when even that is shared.
    An EPCI: the name as published (`cu-grand-besancon-metropole`), told apart in the same way, by the
    département with most of its members, then by SIREN. `departement-doubs`, `region-bretagne`.
    """
    match place:
        case Commune():
            return _of_commune(gazetteer, place)
        case Epci():
            return _of_epci(gazetteer, place)
        case Departement():
            return slug("departement", place.name)
        case Region():
            return slug("region", place.name)


def on_shared_host(place: Commune | Epci | Departement | Region) -> str:
    """A handle for a service host that many towns share: `mairie-35238`, `epci-242500361`.

    Remote servers know an actor by the pair of its name and the host of its id, so on such a host the code is in
    the name: it never collides, and does not change when a namesake arrives.
    """
    match place:
        case Commune():
            return slug("mairie", place.code)
        case Epci():
            return slug("epci", place.siren)
        case Departement():
            return slug("departement", place.code)
        case Region():
            return slug("region", place.code)


def slug(*parts: str) -> str:
    """The folded words of *parts* with hyphens between them, at most 64 characters, cut between two words."""
    words = names.fold(" ".join(parts)).replace(" ", "-")
    if len(words) <= MAX_HANDLE_CHARS:
        return words
    cut = words[: MAX_HANDLE_CHARS + 1].rpartition("-")[0]
    return cut or words[:MAX_HANDLE_CHARS]


def _of_commune(gazetteer: Gazetteer, commune: Commune) -> str:
    others = gazetteer.namesakes(commune)
    if not others:
        return slug(commune.name)
    if all(other.departement != commune.departement for other in others):
        return slug(commune.name, commune.departement)
    return slug(commune.name, commune.code)


def _of_epci(gazetteer: Gazetteer, epci: Epci) -> str:
    bare = slug(epci.name)
    others = [other for other in gazetteer.epcis_by_name(epci.name) if slug(other.name) == bare and other != epci]
    if not others:
        return bare
    main = main_departement(gazetteer, epci)
    if all(main_departement(gazetteer, other) != main for other in others):
        return slug(epci.name, main)
    return slug(epci.name, epci.siren)


def main_departement(gazetteer: Gazetteer, epci: Epci) -> str:
    """The code of the département with most of the EPCI's members, the first by code when two have as many."""
    count = Counter(commune.departement for commune in gazetteer.members(epci))
    return min(count, key=lambda code: (-count[code], code))

"""The commune that somebody names by its INSEE code, its postal code or the beginning of its name."""

import contextlib
from dataclasses import dataclass
from typing import Final

from node.territory import handles, names
from node.territory.gazetteer import MAX_QUERY_CHARS, POSTAL_CODE, Gazetteer, UnknownPlace
from node.territory.places import Commune, Departement, Epci

AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A commune, with all that tells it from its namesakes."""

    commune: Commune
    departement: Departement
    epci: Epci | None
    username: str
    """The name that its account would have: besancon."""


def look_up(text: str) -> list[Found]:
    """At most 20 communes: that of an INSEE code, those of a postal code, those whose name begins so or is it.

    A name that some commune has exactly finds those alone that have it. What is both an INSEE code and a postal code
    finds both.
    """
    with Gazetteer() as gazetteer:
        found = _by_code(gazetteer, text.replace(" ", ""))
        if not found:
            found = gazetteer.by_name(text, limit=AT_MOST)
            typed = names.fold(text[:MAX_QUERY_CHARS]).replace(" ", "")
            found = [each for each in found if typed in names.keys(each.name)] or found
        return [_described(gazetteer, each) for each in found]


def of_code(insee: str) -> Found:
    """The commune with that INSEE code.

    Raises:
        UnknownPlace: there is none.
    """
    with Gazetteer() as gazetteer:
        return _described(gazetteer, gazetteer.by_insee(insee))


def _by_code(gazetteer: Gazetteer, code: str) -> list[Commune]:
    found: list[Commune] = []
    with contextlib.suppress(UnknownPlace):
        found.append(gazetteer.by_insee(code))
    if POSTAL_CODE.fullmatch(code):
        found += [each for each in gazetteer.by_postal_code(code) if each not in found]
    return found[:AT_MOST]


def _described(gazetteer: Gazetteer, commune: Commune) -> Found:
    return Found(
        commune, gazetteer.departement(commune.departement), gazetteer.epci(commune.epci) if commune.epci else None,
        handles.propose(gazetteer, commune),
    )  # fmt: skip

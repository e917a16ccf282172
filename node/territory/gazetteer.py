"""Looking places up in the data that come with the package.

One SQLite file, opened read-only and immutable: no lock, no journal, a cache of half a mebibyte. Look-ups are
synchronous and short (the slowest, a one-letter prefix, reads an index of some thousand entries), so they may be
made on the event loop. Not so the members of a whole région, and `communes`: thousands of values.
"""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from node.runtime.errors import NotFound
from node.territory import names
from node.territory.places import (
    Arrondissement,
    Commune,
    Departement,
    Epci,
    FormerCommune,
    FormerKind,
    Region,
    Source,
    Zone,
)

DATA = Path(__file__).with_name("data") / "territories.sqlite"

INSEE_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")
POSTAL_CODE = re.compile(r"[0-9]{5}")
SIREN = re.compile(r"[0-9]{9}")
DEPARTEMENT_CODE = re.compile(r"[0-9][0-9AB][0-9]?")
REGION_CODE = re.compile(r"[0-9]{2,3}")

MAX_QUERY_CHARS = 200
"""Three times the longest name (59 characters): what is longer is no name, and is not folded."""

CACHE_KIB = 512

COMMUNE = """
SELECT c.code, c.name, c.siren, c.departement, d.region, c.epci, c.ept, c.population, c.postal_codes, c.link
FROM commune AS c JOIN departement AS d ON d.code = c.departement
"""
EPCI = "SELECT siren, type, name, population FROM epci"
DEPARTEMENT = "SELECT code, name, region, seat, zone, link FROM departement"
REGION = "SELECT code, name, seat, zone, link FROM region"
FORMER = "SELECT code, name, kind, commune FROM former"
ARRONDISSEMENT = "SELECT code, name, commune, population, postal_codes FROM arrondissement"


class UnknownPlace(NotFound):
    """The official geographic code has no such code."""


class Gazetteer:
    """The official geographic code of one year; open one per process, after a fork.

    Threads may share it. Codes are read with their letters in either case and with spaces around; a SIREN also
    with spaces inside, as it is printed.
    """

    def __init__(self, path: Path = DATA) -> None:
        """Open the data at *path*.

        Raises:
            FileNotFoundError: the package was installed without its data.
        """
        if not path.is_file():
            raise FileNotFoundError(f"the territory data are missing: {path}; scripts/territory_data.py makes them")
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
        )
        self._connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back; a look-up afterwards is an error of the program."""
        self._connection.close()

    # By code

    def by_insee(self, code: str) -> Commune:
        """Today's commune with the INSEE *code*, or the one that has taken in what had it.

        A former commune's code (merged, delegated, associated, from before Corsica had 2A and 2B) and that of an
        arrondissement of Paris, Lyon or Marseille lead to today's commune: compare its `code` to know.

        Raises:
            UnknownPlace: it was never the code of a commune, as far as the source knows.
        """
        wanted = _code(code, INSEE_CODE, "INSEE code")
        found = self._row(f"{COMMUNE} WHERE c.code = ?", wanted) or self._row(
            f"""{COMMUNE} WHERE c.code = (
                SELECT commune FROM former WHERE code = ?1
                UNION ALL SELECT commune FROM arrondissement WHERE code = ?1
            )""",
            wanted,
        )
        if found is None:
            raise UnknownPlace(f"no commune has the INSEE code {wanted}")
        return _commune(found)

    def by_siren(self, siren: str) -> Commune | Epci:
        """The commune or the EPCI with this SIREN (nine digits).

        Raises:
            UnknownPlace: neither a commune nor an EPCI has it.
        """
        wanted = _code("".join(siren.split()), SIREN, "SIREN")
        found = self._row(f"{COMMUNE} WHERE c.siren = ?", wanted)
        return self.epci(wanted) if found is None else _commune(found)

    def by_postal_code(self, postal_code: str) -> list[Commune]:
        """The communes that a postal code serves, most inhabitants first; none when nobody has it."""
        wanted = postal_code[:MAX_QUERY_CHARS].strip()
        if not POSTAL_CODE.fullmatch(wanted):
            return []
        return self._communes(
            """WHERE c.code IN (SELECT commune FROM postal WHERE postal_code = ?)
            ORDER BY c.population DESC, c.code""",
            wanted,
        )

    def epci(self, siren: str) -> Epci:
        """The EPCI, or the établissement public territorial, with this SIREN.

        Raises:
            UnknownPlace: there is none.
        """
        wanted = _code("".join(siren.split()), SIREN, "SIREN")
        if found := self._row(f"{EPCI} WHERE siren = ?", wanted):
            return Epci(*found)
        raise UnknownPlace(f"no commune and no EPCI has the SIREN {wanted}")

    def departement(self, code: str) -> Departement:
        """The département with this code: 25, 2A, 974.

        Raises:
            UnknownPlace: there is none.
        """
        wanted = _code(code, DEPARTEMENT_CODE, "code of a département")
        if found := self._row(f"{DEPARTEMENT} WHERE code = ?", wanted):
            return _departement(found)
        raise UnknownPlace(f"no département has the code {wanted}")

    def region(self, code: str) -> Region:
        """The région with this code: 27.

        Raises:
            UnknownPlace: there is none.
        """
        wanted = _code(code, REGION_CODE, "code of a région")
        if found := self._row(f"{REGION} WHERE code = ?", wanted):
            return _region(found)
        raise UnknownPlace(f"no région has the code {wanted}")

    # By name

    def by_name(self, prefix: str, *, limit: int = 20) -> list[Commune]:
        """At most *limit* communes whose name begins with *prefix*, whatever its accents, case, signs and spaces.

        'St' and 'Saint' are one, and the article may be left out ('mans'). A name that is exactly *prefix* comes
        first, then the most inhabitants. Nothing but signs, or more than 200 characters, finds nothing.
        """
        found = []
        for key in dict.fromkeys(reading.replace(" ", "") for reading in _readings(prefix)):
            # Two names at most lead to one commune: with and without its article.
            found += self._rows(
                """SELECT key <> ?1, -population, commune FROM name WHERE key >= ?1 AND key < ?1 || '{'
                ORDER BY 1, 2, 3 LIMIT ?2""",  # '{' follows 'z': keys hold a-z and 0-9 only
                key,
                2 * max(0, limit),
            )
        codes = list(dict.fromkeys(code for _, _, code in sorted(found)))[: max(0, limit)]
        by_code = {place.code: place for place in self._with_codes(codes)}
        return [by_code[code] for code in codes]

    def epcis_by_name(self, words: str, *, limit: int = 20) -> list[Epci]:
        """At most *limit* EPCI with *words* in their name, from the beginning of a word; most inhabitants first."""
        found = {
            row
            for reading in _readings(words)
            for row in self._rows(
                """SELECT -population, siren, type, name FROM epci WHERE instr(' ' || folded, ' ' || ?) > 0""", reading
            )
        }
        return [Epci(siren, kind, name, -less) for less, siren, kind, name in sorted(found)[: max(0, limit)]]

    def former_by_name(self, words: str, *, limit: int = 20) -> list[FormerCommune]:
        """At most *limit* former communes with *words* in their name, from the beginning of a word, by name."""
        found = {
            row
            for reading in _readings(words)
            for row in self._rows(
                """SELECT folded, code, name, kind, commune FROM former WHERE instr(' ' || folded, ' ' || ?) > 0""",
                reading,
            )
        }
        return [_former(row[1:]) for row in sorted(found)[: max(0, limit)]]

    def namesakes(self, commune: Commune) -> list[Commune]:
        """The other communes of the same folded name, by code: they would get the same handle."""
        folded = names.fold(commune.name)
        codes = [
            code
            for (code,) in self._rows("SELECT commune FROM name WHERE key = ?", folded.replace(" ", ""))
            if code != commune.code
        ]
        return [other for other in self._with_codes(codes) if names.fold(other.name) == folded]

    # Of a place

    def members(self, place: Epci | Departement | Region) -> list[Commune]:
        """The communes of an EPCI, a département or a région, by code."""
        match place:
            case Epci(type="EPT"):
                return self._communes("WHERE c.ept = ? ORDER BY c.code", place.siren)
            case Epci():
                return self._communes("WHERE c.epci = ? ORDER BY c.code", place.siren)
            case Departement():
                return self._communes("WHERE c.departement = ? ORDER BY c.code", place.code)
            case Region():
                return self._communes(
                    "WHERE c.departement IN (SELECT code FROM departement WHERE region = ?) ORDER BY c.code", place.code
                )

    def former_of(self, commune: Commune) -> list[FormerCommune]:
        """What *commune* was made of: delegated and associated communes, and codes it has had; by code."""
        rows = self._rows(f"{FORMER} WHERE commune = ? ORDER BY code", commune.code)
        return [_former(row) for row in rows]

    def arrondissements_of(self, commune: Commune) -> list[Arrondissement]:
        """The municipal arrondissements: 20 for Paris, 9 for Lyon, 16 for Marseille, none elsewhere."""
        rows = self._rows(f"{ARRONDISSEMENT} WHERE commune = ? ORDER BY code", commune.code)
        return [_arrondissement(row) for row in rows]

    # All of a kind

    def departements(self) -> list[Departement]:
        """All 109 (101 and 8 overseas collectivities), by code."""
        return [_departement(row) for row in self._rows(f"{DEPARTEMENT} ORDER BY code")]

    def regions(self) -> list[Region]:
        """All 26 (18 and 8 overseas collectivities), by code."""
        return [_region(row) for row in self._rows(f"{REGION} ORDER BY code")]

    def epcis(self) -> list[Epci]:
        """All EPCI, by SIREN: 1,255 with taxes of their own and 11 EPT in 2026."""
        return [Epci(*row) for row in self._rows(f"{EPCI} ORDER BY siren")]

    def communes(self) -> Iterator[Commune]:
        """Every commune of today, by code: some 35,000, one at a time."""
        for row in self._connection.execute(f"{COMMUNE} ORDER BY c.code"):
            yield _commune(row)

    def source(self) -> Source:
        """Where the data come from, to be shown wherever they are."""
        rows = self._rows("SELECT package, version, year, licence, attribution FROM source")
        return Source(*rows[0])

    def _with_codes(self, codes: list[str]) -> list[Commune]:
        marks = ", ".join("?" * len(codes))
        return self._communes(f"WHERE c.code IN ({marks}) ORDER BY c.code", *codes)

    def _communes(self, condition: str, *values: str) -> list[Commune]:
        return [_commune(row) for row in self._rows(f"{COMMUNE} {condition}", *values)]

    def _rows(self, sql: str, *values: str | int | None) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def _row(self, sql: str, *values: str) -> tuple[Any, ...] | None:
        rows = self._rows(sql, *values)
        return rows[0] if rows else None


def _code(text: str, shape: re.Pattern[str], kind: str) -> str:
    """*text* without spaces around and in capitals, if it has the *shape* of a *kind*; UnknownPlace otherwise."""
    code = text[:MAX_QUERY_CHARS].strip().upper()
    if not shape.fullmatch(code):
        # In ASCII: what came may hold lone surrogates or control characters, and is shown to a stranger.
        raise UnknownPlace(f"{text[:20]!a} is no {kind}")
    return code


def _readings(text: str) -> tuple[str, ...]:
    return names.readings(text) if len(text) <= MAX_QUERY_CHARS else ()


def _commune(row: tuple[Any, ...]) -> Commune:
    code, name, siren, departement, region, epci, ept, population, postal_codes, link = row
    return Commune(code, name, siren, departement, region, epci, ept, population, tuple(postal_codes.split()), link)


def _former(row: tuple[Any, ...]) -> FormerCommune:
    code, name, kind, commune = row
    return FormerCommune(code, name, FormerKind(kind), commune)


def _arrondissement(row: tuple[Any, ...]) -> Arrondissement:
    code, name, commune, population, postal_codes = row
    return Arrondissement(code, name, commune, population, tuple(postal_codes.split()))


def _departement(row: tuple[Any, ...]) -> Departement:
    code, name, region, seat, zone, link = row
    return Departement(code, name, region, seat, Zone(zone), link)


def _region(row: tuple[Any, ...]) -> Region:
    code, name, seat, zone, link = row
    return Region(code, name, seat, Zone(zone), link)

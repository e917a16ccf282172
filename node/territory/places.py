"""What the official geographic code knows, as frozen values.

Codes are strings, because they hold letters (2A004) and leading zeros (01001), and are looked up, never
computed: a SIREN cannot be derived from an INSEE code, nor a département from a postal code. Populations are
the legal municipal population, in inhabitants; 0 where nobody lives (six villages destroyed in 1916, and the
lands of the Antarctic and of Clipperton, for which the source gives none).
"""

from dataclasses import dataclass
from enum import StrEnum

from node.territory import names

EPCI_TYPES = {
    "CC": "Communauté de communes",
    "CA": "Communauté d'agglomération",
    "CU": "Communauté urbaine",
    "METRO": "Métropole",
    "MET69": "Métropole",
    "EPT": "Établissement public territorial",
}
"""What the source's abbreviations mean. MET69 is the Métropole de Lyon, a collectivity of its own kind; an EPT
is a part of the Métropole du Grand Paris, without taxes of its own."""


class Zone(StrEnum):
    """Where a département or région is: INSEE's word."""

    METROPOLITAN = "metro"
    OVERSEAS = "drom"
    COLLECTIVITY = "com"
    """An overseas collectivity: INSEE gives it a code of département and région, which it is not in law."""


class FormerKind(StrEnum):
    """What has become of a commune whose code is no longer that of a commune, or not only."""

    DELEGATED = "commune-deleguee"
    ASSOCIATED = "commune-associee"
    CODE = "ancien-code"
    """Nothing is left but the code: the commune merged without a trace, or only changed code."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today."""

    code: str
    """INSEE code: five characters, digits but for Corsica's 2A and 2B."""
    name: str
    """With its article where it has one: Le Mans, L'Escale."""
    siren: str | None
    """Nine digits; None for the 94 communes and lands of the overseas collectivities, absent from the source."""
    departement: str
    region: str
    epci: str | None
    """SIREN of its EPCI with taxes of its own; None overseas (com) and on four islands."""
    ept: str | None
    """SIREN of its établissement public territorial, around Paris only."""
    population: int
    postal_codes: tuple[str, ...]
    link: int
    """INSEE's TNCC: which article the name has, and what 'de' becomes before it."""

    @property
    def of_name(self) -> str:
        """With 'de' before it: 'de Besançon', 'du Mans', 'd'Orléans', 'des Andelys'."""
        return names.of(self.name, self.link)


@dataclass(frozen=True, slots=True)
class FormerCommune:
    """A commune of before a merger or a change of code, linked to today's.

    584 of the delegated ones have the code of the commune of today, which took over the code of its seat.
    """

    code: str
    name: str | None
    """None when the source only remembers the code."""
    kind: FormerKind
    commune: str
    """INSEE code of today's commune."""


@dataclass(frozen=True, slots=True)
class Arrondissement:
    """A municipal arrondissement of Paris, Lyon or Marseille: a part of a commune, with a code of its own."""

    code: str
    name: str
    commune: str
    population: int
    postal_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Epci:
    """A grouping of communes: the 1,255 with taxes of their own, and the 11 EPT around Paris."""

    siren: str
    type: str
    """A key of EPCI_TYPES."""
    name: str
    """As published, with an abbreviation for three of the types: 'CU Grand Besançon Métropole'."""
    population: int

    @property
    def title(self) -> str:
        """The name in full words: 'Communauté urbaine Grand Besançon Métropole'."""
        head, _, rest = self.name.partition(" ")
        return f"{EPCI_TYPES[head]} {rest}" if head == self.type else self.name


@dataclass(frozen=True, slots=True)
class Departement:
    """A département, or an overseas collectivity in its place."""

    code: str
    name: str
    """Without its article: Doubs."""
    region: str
    seat: str
    """INSEE code of the chef-lieu, as the source has it."""
    zone: Zone
    link: int

    @property
    def of_name(self) -> str:
        """With 'de' and the article before it: 'du Doubs', 'de l'Ain', 'de la Creuse'."""
        return names.of(self.name, self.link)


@dataclass(frozen=True, slots=True)
class Region:
    """A région, or an overseas collectivity in its place."""

    code: str
    name: str
    seat: str
    zone: Zone
    link: int

    @property
    def of_name(self) -> str:
        """With 'de' and the article before it: 'de Bretagne', 'des Hauts-de-France'."""
        return names.of(self.name, self.link)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the data come from: the licence asks that it be shown with the year."""

    package: str
    version: str
    year: int
    """Of the official geographic code: the borders of 1 January."""
    licence: str
    attribution: str
    """A sentence in French, to be shown as it is."""

"""Make node/territory/data from the npm package @etalab/decoupage-administratif.

    python -m scripts.territory_data                      # fetches the version below with the npm client
    python -m scripts.territory_data --source package     # or takes the unpacked package
    python -m scripts.territory_data --check              # rebuilds, and says whether the committed file is that

Once a year, when a new version is out: change VERSION, run, read the differences in SOURCE.md, run the tests of
tests/territory, commit. The same input gives the same bytes (with one version of SQLite).
"""

import argparse
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.territory import names
from node.territory.places import EPCI_TYPES, FormerKind, Zone

PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
LICENCE = "Licence Ouverte 2.0"
OUTPUT = Path(__file__).parent.parent / "node" / "territory" / "data"
FILES = ("communes", "epci", "ept", "departements", "regions")

SCHEMA = """
CREATE TABLE source (package TEXT, version TEXT, year INTEGER, licence TEXT, attribution TEXT);
CREATE TABLE region (code TEXT PRIMARY KEY, name TEXT, seat TEXT, zone TEXT, link INTEGER) WITHOUT ROWID;
CREATE TABLE departement (
    code TEXT PRIMARY KEY, name TEXT, region TEXT, seat TEXT, zone TEXT, link INTEGER
) WITHOUT ROWID;
CREATE TABLE epci (siren TEXT PRIMARY KEY, type TEXT, name TEXT, population INTEGER, folded TEXT) WITHOUT ROWID;
CREATE TABLE commune (
    code TEXT PRIMARY KEY, name TEXT, siren TEXT, departement TEXT, epci TEXT, ept TEXT, population INTEGER,
    postal_codes TEXT, link INTEGER
) WITHOUT ROWID;
CREATE TABLE arrondissement (
    code TEXT PRIMARY KEY, name TEXT, commune TEXT, population INTEGER, postal_codes TEXT
) WITHOUT ROWID;
CREATE TABLE former (code TEXT PRIMARY KEY, name TEXT, kind TEXT, commune TEXT, folded TEXT) WITHOUT ROWID;
CREATE TABLE postal (postal_code TEXT, commune TEXT, PRIMARY KEY (postal_code, commune)) WITHOUT ROWID;
CREATE TABLE name (
    key TEXT, commune TEXT, population INTEGER, PRIMARY KEY (key, commune)
) WITHOUT ROWID;
"""
INDEXES = """
CREATE UNIQUE INDEX commune_siren ON commune (siren) WHERE siren IS NOT NULL;
CREATE INDEX commune_epci ON commune (epci) WHERE epci IS NOT NULL;
CREATE INDEX commune_ept ON commune (ept) WHERE ept IS NOT NULL;
CREATE INDEX commune_departement ON commune (departement);
CREATE INDEX former_commune ON former (commune);
"""

# The source gives every overseas collectivity 'no article'; these have one.
COLLECTIVITY_LINKS = {"984": 4, "987": 3, "988": 3, "989": 5}
ARTICLE_LINKS = {"Le ": 2, "La ": 3, "Les ": 4, "L'": 5}

Record = dict[str, Any]
Row = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """The unpacked npm package: its version, the year of its geographic code, its lists by file name."""

    version: str
    year: int
    lists: dict[str, list[Record]]

    @property
    def attribution(self) -> str:
        """What is shown to people (French)."""
        return (
            f"Découpage administratif au 1er janvier {self.year} : Insee (code officiel géographique, populations "
            f"légales), DGCL (intercommunalités), La Poste (codes postaux), réunis par Etalab ; {LICENCE}."
        )


def main(arguments: list[str] | None = None) -> int:
    """Build, or check, and say what was done; the exit status is 1 when --check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, help="the unpacked package; without it, npm fetches it")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder to write into")
    parser.add_argument("--version", default=VERSION, help="version of the package that npm fetches")
    parser.add_argument("--check", action="store_true", help="write nothing, compare with what is in the folder")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        source = options.source or fetch(options.version, Path(scratch))
        made = Path(scratch) / "made"
        made.mkdir()
        package = read(source)
        build(package, made / "territories.sqlite")
        (made / "SOURCE.md").write_text(about(package, made / "territories.sqlite"), encoding="utf-8")
        if options.check:
            different = [
                file.name
                for file in sorted(made.iterdir())
                if not (options.output / file.name).is_file()
                or file.read_bytes() != (options.output / file.name).read_bytes()
            ]
            print(f"not what the source gives: {', '.join(different)}" if different else "the data are as built")
            return 1 if different else 0
        options.output.mkdir(parents=True, exist_ok=True)
        for file in sorted(made.iterdir()):
            shutil.copyfile(file, options.output / file.name)
            print(f"{options.output / file.name}: {file.stat().st_size:,} bytes")
    return 0


def fetch(version: str, folder: Path) -> Path:
    """The package in *folder*, unpacked: `npm pack`, which runs no script of the package."""
    done = subprocess.run(
        ["npm", "pack", "--silent", "--ignore-scripts", f"{PACKAGE}@{version}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    with tarfile.open(folder / done.stdout.split()[-1]) as archive:
        wanted = ["package/package.json", "package/README.md", *(f"package/data/{name}.json" for name in FILES)]
        for name in wanted:
            member = archive.extractfile(name)
            if member is None:
                raise SystemExit(f"the package holds no {name}")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(member.read())
    return folder / "package"


def read(folder: Path) -> Package:
    """The lists of the unpacked package, and the year that its README gives for its version."""
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    major = version.partition(".")[0]
    # The table 'Millésimes et versions de package': | 2026 | 6.0.0 | …
    found = re.search(rf"^\|\s*(\d{{4}})\s*\|\s*{major}\.[\d.]+\s*\|", readme, re.MULTILINE)
    if found is None:
        raise SystemExit(f"the README of {PACKAGE} {version} does not say of which year it is")
    lists = {name: json.loads((folder / "data" / f"{name}.json").read_text(encoding="utf-8")) for name in FILES}
    return Package(version, int(found[1]), lists)


def build(package: Package, path: Path) -> None:
    """Write the SQLite file at *path*; rows go in by key, so that the pages are full and always the same."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.executescript(SCHEMA)
        for table, rows in tables(package):
            for row in sorted(rows):
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        connection.executescript(INDEXES)
        connection.commit()
        connection.execute("VACUUM")
    with path.open("r+b") as file:
        # Header fields that depend on who wrote it and how often, not on what is in it: the change counter, the
        # counter the version is valid for, the version of SQLite (https://www.sqlite.org/fileformat.html §1.3).
        for offset, value in ((24, 1), (92, 1), (96, 3_037_000)):
            file.seek(offset)
            file.write(value.to_bytes(4, "big"))


def tables(package: Package) -> Iterator[tuple[str, Iterable[Row]]]:
    """The rows of each table."""
    lists = package.lists
    communes = [record for record in lists["communes"] if record["type"] == "commune-actuelle"]
    parts = [record for record in lists["communes"] if record["type"] == "arrondissement-municipal"]
    yield "source", [(PACKAGE, package.version, package.year, LICENCE, package.attribution)]
    yield "region", [area_row(one) for one in lists["regions"]]
    yield "departement", [(*area_row(one)[:2], one["region"], *area_row(one)[2:]) for one in lists["departements"]]
    yield "epci", [epci_row(one) for one in (*lists["epci"], *lists["ept"])]
    yield "commune", commune_rows(communes, membership(lists["epci"]), membership(lists["ept"]))
    yield "arrondissement", [arrondissement_row(one) for one in parts]
    yield "former", former_rows(lists["communes"])
    yield "postal", [(code, one["code"]) for one in communes for code in one.get("codesPostaux", [])]
    yield "name", [(key, one["code"], one.get("population", 0)) for one in communes for key in names.keys(one["nom"])]


def area_row(one: Record) -> Row:
    """What a région has, and a département but for its région."""
    link = COLLECTIVITY_LINKS.get(one["code"], int(one["typeLiaison"]))
    return one["code"], one["nom"], one["chefLieu"], Zone(one["zone"]).value, link


def arrondissement_row(one: Record) -> Row:
    """One row for a municipal arrondissement."""
    return one["code"], one["nom"], one["commune"], one["population"], " ".join(sorted(one["codesPostaux"]))


def commune_rows(communes: list[Record], epcis: dict[str, str], epts: dict[str, str]) -> Iterator[Row]:
    """One row for each of today's communes."""
    for one in communes:
        code = one["code"]
        yield (
            code,
            one["nom"],
            one.get("siren"),
            one["departement"],
            epcis.get(code),
            epts.get(code),
            one.get("population", 0),
            " ".join(sorted(one.get("codesPostaux", []))),
            link_of_commune(one),
        )


def epci_row(one: Record) -> Row:
    """One row for an EPCI; some names of the source have two spaces in a row."""
    if one["type"] not in EPCI_TYPES:
        raise SystemExit(f"{one['nom']} is of a type that is not known: {one['type']}")
    name = " ".join(one["nom"].split())
    return one["code"], one["type"], name, one["populationMunicipale"], names.fold(name)


def membership(groupings: list[Record]) -> dict[str, str]:
    """From a commune's INSEE code to the SIREN of its grouping: never two of the same list."""
    found: dict[str, str] = {}
    for grouping in groupings:
        for member in grouping["membres"]:
            if member["code"] in found:
                raise SystemExit(
                    f"{member['nom']} is a member of two EPCI: {found[member['code']]}, {grouping['code']}"
                )
            found[member["code"]] = grouping["code"]
    return found


def former_rows(records: list[Record]) -> list[Row]:
    """Delegated and associated communes, then the codes of which the source remembers nothing else.

    Where the two lists disagree on today's commune (two codes in 2026: 55273 and 60455, once in another commune),
    the delegated or associated commune's own link is the present one.
    """
    found: dict[str, Row] = {}
    for one in records:
        if one["type"] in {FormerKind.DELEGATED, FormerKind.ASSOCIATED}:
            found[one["code"]] = (one["code"], one["nom"], one["type"], one["chefLieu"], names.fold(one["nom"]))
    for one in records:
        for code in one.get("anciensCodes", []):
            found.setdefault(code, (code, None, FormerKind.CODE.value, one["code"], None))
    return list(found.values())


def link_of_commune(one: Record) -> int:
    """INSEE's TNCC; the source has none overseas (com), and a wrong one for Le Vernet-Chaméane."""
    name, link = str(one["nom"]), int(one.get("typeLiaison", 0))
    for article, value in ARTICLE_LINKS.items():
        if name.startswith(article):
            return value
    if "typeLiaison" not in one and names.fold(name)[0] in "aeiou":
        return 1
    return link


def about(package: Package, path: Path) -> str:
    """The text of SOURCE.md, with how many of each there are: the yearly differences show here."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        counts = "\n".join(
            f"| {title} | {connection.execute(f'SELECT count(*) FROM {table}').fetchone()[0]:,} |"
            for title, table in (
                ("communes", "commune"),
                ("… with a SIREN", "commune WHERE siren IS NOT NULL"),
                ("… in an EPCI", "commune WHERE epci IS NOT NULL"),
                ("pairs of a postal code and a commune", "postal"),
                ("former communes (delegated, associated, or a code only)", "former"),
                ("municipal arrondissements", "arrondissement"),
                ("EPCI with taxes of their own", "epci WHERE type <> 'EPT'"),
                ("établissements publics territoriaux", "epci WHERE type = 'EPT'"),
                ("départements and overseas collectivities", "departement"),
                ("régions and overseas collectivities", "region"),
            )
        )
    return f"""# territories.sqlite

Made by `python -m scripts.territory_data`; never edited by hand.

- Source: npm package `{PACKAGE}`, version {package.version}
- Year: {package.year} (code officiel géographique on 1 January {package.year})
- Licence of the data: {LICENCE} (https://www.etalab.gouv.fr/licence-ouverte-open-licence)
- Attribution, shown to readers: {package.attribution}
- Behind the package: INSEE (code officiel géographique, populations légales), DGCL (list and members of the EPCI,
  SIREN of the communes), La Poste (base officielle des codes postaux)

| what | how many |
|---|---|
{counts}

What we changed: names of EPCI have no double spaces; a commune without a population in the source (nobody lives
there) has 0; the article of a name is filled in where the source has none (overseas collectivities); a former
commune's link to today's is that of the delegated or associated commune where the list of former codes differs.
What the source says and we keep: the populations of the EPCI are those that the DGCL publishes, of another year
than those of the communes, so they are not their sum; the seat of the Terres australes is given as 97502.
"""


if __name__ == "__main__":
    sys.exit(main())

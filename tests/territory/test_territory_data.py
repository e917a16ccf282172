"""Making the data file: the same source gives the same bytes, and a merger of 1 January is followed."""

import json
from pathlib import Path
from typing import Any

import pytest

from node.territory.gazetteer import Gazetteer, UnknownPlace
from node.territory.places import FormerKind
from scripts import territory_data


def commune(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "nom": name,
        "typeLiaison": 0,
        "zone": "metro",
        "departement": "25",
        "region": "27",
        "type": "commune-actuelle",
        "siren": f"9{code}999",
        "codesPostaux": ["25000"],
        "population": 100,
        **more,
    }


def package(folder: Path, communes: list[dict[str, Any]], *, version: str = "9.0.0", **lists: Any) -> Path:
    """A package of two or three communes, in the form of the real one."""
    area = {"chefLieu": communes[0]["code"], "typeLiaison": 2, "zone": "metro"}
    members = [{"code": one["code"], "nom": one["nom"]} for one in communes if one["type"] == "commune-actuelle"]
    contents = {
        "communes": communes,
        "epci": [
            {"code": "200000000", "type": "CC", "nom": "CC  des Essais", "populationMunicipale": 7, "membres": members}
        ],
        "ept": [],
        "departements": [{"code": "25", "nom": "Doubs", "region": "27", **area}],
        "regions": [{"code": "27", "nom": "Bourgogne-Franche-Comté", **area}],
        **lists,
    }
    (folder / "data").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"version": version}))
    (folder / "README.md").write_text("| Année | Version |\n|---|---|\n| 2030  | 9.0.0 |\n| 2031 | 10.0.0 |\n")
    for name, records in contents.items():
        (folder / "data" / f"{name}.json").write_text(json.dumps(records))
    return folder


def make(source: Path, output: Path) -> Path:
    assert territory_data.main(["--source", str(source), "--output", str(output)]) == 0
    return output / "territories.sqlite"


TOWNS = [commune("25001", "Amont"), commune("25002", "Aval", siren=None), commune("25003", "Le Milieu")]


def test_the_same_source_gives_the_same_bytes(tmp_path):
    first = make(package(tmp_path / "a", TOWNS), tmp_path / "first")
    second = make(package(tmp_path / "b", TOWNS[::-1], regions=[]), tmp_path / "second")
    third = make(package(tmp_path / "c", [TOWNS[0], *TOWNS[:0:-1]]), tmp_path / "third")
    assert first.read_bytes() == third.read_bytes(), "the order of the source's records shows in the file"
    assert first.with_name("SOURCE.md").read_bytes() == third.with_name("SOURCE.md").read_bytes()
    assert first.read_bytes() != second.read_bytes()


def test_check_says_when_the_committed_file_is_another(tmp_path, capsys):
    source = package(tmp_path / "source", TOWNS)
    made = make(source, tmp_path / "out")
    check = ["--source", str(source), "--output", str(made.parent), "--check"]
    assert territory_data.main(check) == 0
    made.write_bytes(made.read_bytes()[:-1] + b"x")
    assert territory_data.main(check) == 1
    assert "territories.sqlite" in capsys.readouterr().out


def test_a_merger_of_the_new_year_is_followed(tmp_path):
    """Amont and Aval become Amont-et-Aval: Aval's code, and all that is filed under it, leads there."""
    merged = [
        commune("25001", "Amont-et-Aval", anciensCodes=["25002", "25009"]),
        commune("25003", "Le Milieu"),
        {**commune("25001", "Amont", chefLieu="25001"), "type": "commune-deleguee"},
        {**commune("25002", "Aval", chefLieu="25001"), "type": "commune-deleguee"},
    ]
    with Gazetteer(make(package(tmp_path / "old", TOWNS), tmp_path / "before")) as before:
        assert before.by_insee("25002").name == "Aval"
        assert before.source().year == 2030
        with pytest.raises(UnknownPlace):
            before.by_insee("25009")
    with Gazetteer(make(package(tmp_path / "new", merged, version="10.0.0"), tmp_path / "after")) as after:
        assert after.source().year == 2031
        assert after.by_insee("25002").name == "Amont-et-Aval"
        assert after.by_insee("25001").name == "Amont-et-Aval"
        assert [one.code for one in after.by_name("aval")] == []
        assert [(one.code, one.name) for one in after.former_by_name("aval")] == [("25002", "Aval")]
        (code_only,) = [one for one in after.former_of(after.by_insee("25001")) if one.code == "25009"]
        assert (code_only.kind, code_only.name) == (FormerKind.CODE, None)
        assert [one.name for one in after.members(after.epci("200000000"))] == ["Amont-et-Aval", "Le Milieu"]
        assert after.epci("200000000").title == "Communauté de communes des Essais"


def test_a_commune_in_two_epci_stops_the_build(tmp_path):
    epci = {"type": "CC", "nom": "CC", "populationMunicipale": 1, "membres": [{"code": "25001", "nom": "Amont"}]}
    source = package(tmp_path / "source", TOWNS, epci=[{"code": "200000000", **epci}, {"code": "200000001", **epci}])
    with pytest.raises(SystemExit, match="Amont is a member of two EPCI"):
        territory_data.main(["--source", str(source), "--output", str(tmp_path / "out")])


def test_a_version_of_no_known_year_stops_the_build(tmp_path):
    source = package(tmp_path / "source", TOWNS, version="11.0.0")
    with pytest.raises(SystemExit, match="does not say of which year"):
        territory_data.main(["--source", str(source), "--output", str(tmp_path / "out")])

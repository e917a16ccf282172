"""`beffroi federation read`: a keeper sees what the node understands of a document, without a node."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

NOTE = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://a.test/notes/1",
    "type": "Note",
    "attributedTo": "https://a.test/anne",
    "published": "2026-01-31T10:00:00Z",
    "to": ["as:Public"],
    "content": "<p>Marché <b>ouvert</b> \u001b[31mce soir</p>",
    "contentMap": {"fr": "<p>Marché ouvert ce soir</p>"},
    "attachment": [{"type": "Image", "url": "https://a.test/1.png", "name": "Un étal de pommes\u001b]0;title\u0007"}],
    "tag": [{"type": "Hashtag", "name": "#Marché"}],
}


def document(folder: Path, name: str, raw: Any) -> str:
    path = folder / name
    path.write_text(raw if isinstance(raw, str) else json.dumps(raw), encoding="utf-8")
    return str(path)


def test_a_note_is_shown_in_the_keepers_language(beffroi, tmp_path):
    name = document(tmp_path, "note.json", NOTE)
    said = "\n".join(beffroi.ok("federation", "read", name))
    for words in (
        f"{name}: lu", "auteur: https://a.test/anne", "visibilité: publique", "date: 2026-01-31T10:00:00Z", "langue: fr",
        "Marché ouvert", "Un étal de pommes", "mots-clés: Marché",
    ):  # fmt: skip
        assert words in said
    assert "\u001b" not in said, "a stranger's text gave orders to the terminal"
    beffroi.set(language="en")
    assert "author: https://a.test/anne" in "\n".join(beffroi.ok("federation", "read", name))


def test_machines_get_one_object_a_line(beffroi, tmp_path):
    names = [document(tmp_path, f"{number}.json", {**NOTE, "id": f"https://a.test/{number}"}) for number in range(2)]
    lines = [json.loads(line) for line in beffroi.ok("federation", "read", "--json", *names)]
    assert [line["file"] for line in lines] == names
    assert lines[1]["verdict"] == "read"
    assert lines[1]["attachments"] == [
        {
            "type": "Image",
            "url": "https://a.test/1.png",
            "mediaType": "image/png",
            "alt": "Un étal de pommes\u001b]0;title\u0007",
        }
    ]


def test_one_refused_document_is_said_and_the_exit_code_too(beffroi, tmp_path):
    good = document(tmp_path, "good.json", NOTE)
    stolen = {"type": "Create", "id": "https://b.test/1", "actor": "https://b.test/b", "object": NOTE}
    bad = document(tmp_path, "bad.json", stolen)
    said = beffroi("federation", "read", bad, good)
    assert said.code == 1
    assert f"{bad}: refusé: l’identifiant de la publication est sur un autre serveur que son auteur" in said.lines
    assert f"{good}: lu" in said.lines


def test_what_is_not_understood_is_no_error(beffroi, tmp_path):
    name = document(tmp_path, "place.json", {"type": "Shelf", "id": "https://a.test/s"})
    assert beffroi.ok("federation", "read", name)[0] == (
        f"{name}: gardé sans être lu: les objets du type Shelf ne sont pas compris ici"
    )


def test_plain_http_is_refused_when_asked(beffroi, tmp_path):
    name = document(tmp_path, "http.json", {**NOTE, "id": "http://a.test/1", "attributedTo": "http://a.test/u"})
    beffroi.ok("federation", "read", name)
    assert beffroi("federation", "read", "--https-only", name).code == 1


def test_votes_of_one_ballot_are_all_shown(beffroi, tmp_path):
    votes = [
        {"type": "Note", "id": f"https://a.test/v{number}", "name": option, "inReplyTo": "https://b.test/poll", "content": "<br>"}
        for number, option in enumerate(("oui", "non"))
    ]  # fmt: skip
    name = document(tmp_path, "votes.json", {"type": "Create", "actor": "https://a.test/anne", "object": votes})
    said = "\n".join(beffroi.ok("federation", "read", name))
    assert "vote pour: oui" in said
    assert "vote pour: non" in said


def test_no_json_and_no_file(beffroi, tmp_path):
    said = beffroi("federation", "read", document(tmp_path, "x.json", "<html>"))
    assert (said.code, "n’est pas du JSON" in said.out) == (1, True)
    said = beffroi("federation", "read", str(tmp_path / "missing.json"))
    assert said.code == 1
    assert "missing.json" in said.err
    assert "Traceback" not in said.err


def test_the_standard_input(tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", "from node.cli import main; main()", "federation", "read", "--json", "-"],
        input=json.dumps(NOTE).encode(),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert json.loads(said.stdout)["author"] == "https://a.test/anne"

"""An agent who was invited by mail writes with toot; another approves at the desk; the neighbours read it."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.clients.test_toot import Toot
from tests.stories_browser.towns import PASSWORD, Land, Person, done, waited
from tests.tls.towns import Town

pytestmark = pytest.mark.xdist_group("tls")
CARLA = "carla@poste.example"
NEWS = "La salle des fêtes rouvre samedi"


async def toot_for(land: Land, agent: Person, folder: Path) -> Toot:
    """toot, unmodified, logged in as it says: it prints an address, the agent opens it in her browser and brings a code."""
    toot = Toot(folder)
    toot.environment["REQUESTS_CA_BUNDLE"] = str(land.town.node.authority)
    asking = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("toot")), "--no-color", "login", "--instance", land.town.node.url,
        env=toot.environment, cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert asking.stdin is not None
    assert asking.stdout is not None
    said = ""
    try:
        while line := (await asking.stdout.readline()).decode():
            said += line
            if line.startswith("http"):
                break
        else:
            pytest.fail(f"toot login gave no address: {said}")
        await agent.open(line.strip())
        await agent.look("consentement-equipe")
        await agent.page.check("input[name=actor] >> nth=0")
        await agent.press("Autoriser")
        code = await agent.page.inner_text("#authorization-code")
        rest, _ = await asyncio.wait_for(asking.communicate(f"n\n{code}\n".encode()), 60)
        assert "Successfully logged in" in rest.decode(), f"toot login: {said}{rest.decode()}"
    finally:
        if asking.returncode is None:
            asking.kill()
            await asking.wait()
    return toot


async def test_invited_by_mail_written_with_toot_approved_at_the_desk(land: Land, tmp_path: Path) -> None:
    """From the owner's invitation to the neighbour's home page; nobody but the team reads it before."""
    town, neighbour = land.town, land.neighbour
    await done(neighbour.follow, town)

    odile = await land.person()
    await odile.log_in(town.agent.email)
    desk = await land.desk(odile)
    await odile.open(f"{desk}/team")
    await odile.type(email=CARLA)
    await odile.page.check("#as-contributor")
    await odile.press("Inviter")
    assert CARLA in await odile.words()
    await odile.look("bureau-equipe-invitation")

    carla = await land.person()
    await carla.open(await land.letter(CARLA))
    await carla.look("invitation")
    await carla.press("Je n’en ai pas encore : en créer un")
    await carla.look("invitation-compte")
    await carla.type(name="Carla (exemple)", password=PASSWORD)
    await carla.page.check("#agreement")
    await asyncio.sleep(4)  # a person takes longer than a program: what is sent sooner is taken for one
    await carla.page.click("main form button")
    await carla.page.wait_for_load_state()
    if "/account" not in carla.page.url:
        await carla.log_in(CARLA)
    (tmp_path / "carla").mkdir()
    toot = await toot_for(land, carla, tmp_path / "carla")
    post = await done(toot.json, "post", NEWS)
    assert post["visibility"] == "direct", "toot should see that it is not public yet"
    assert "En attente d’approbation" in await done(toot.say, "status", post["id"])
    stranger = await land.person()
    name = desk.rpartition("/")[2]
    assert NEWS not in await stranger.open(f"/@{name}")

    await odile.open(desk)
    await odile.keys(">À approuver", "Enter")
    assert NEWS in await odile.words()
    await odile.look("bureau-a-approuver")
    await odile.keys(">Relire et décider", "Enter")
    await odile.look("bureau-relire")
    await odile.keys(">Approuver", "Enter")
    assert NEWS in await stranger.open(f"/@{name}")
    seen = await waited("the post at Ornans", lambda: _at_home(neighbour))
    assert seen.account.acct == f"{name}@{town.node.authority_part}"
    assert NEWS in await done(toot.say, "status", post["id"])
    for each in land.people:
        each.nothing_strange()


def _at_home(town: Town) -> Any:
    return next((each for each in town.client.timeline_home(limit=20) if NEWS in each.content), None)

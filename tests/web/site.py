"""A sample town served over HTTP on this machine, as a browser sees it. All of it is marked as a sample."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn

from node import reactions
from node.actors import actors, domains, follows, memberships, people
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.app import create_app
from node.media import addresses, attachments
from node.moderation import audit
from node.moderation.audit import Hand
from node.oauth import apps
from node.oauth.apps import Registered
from node.runtime.clock import SetClock
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import boosts, favourites, posts, waiting
from node.timeline.posts import Post
from tests.support.context import NOON_MS, make_context
from tests.support.fediverse import some_keys
from tests.web import drawings
from tests.web.conftest import digest

HOST = "saint-exemple.example"
EMAIL = "odile@saint-exemple.example"
OOB = "urn:ietf:wg:oauth:2.0:oob"


@dataclass(frozen=True, slots=True)
class Site:
    """A node that answers, and what is on it."""

    home: str
    """Its address; the browser is told that every name leads to `port`."""
    port: int
    ctx: Context
    hall: Actor
    post: Post
    """The one with pictures and replies."""
    warned: Post
    application: Registered
    draft: Post
    """What Carla of the town hall wrote, and nobody approved yet."""


@dataclass(frozen=True, slots=True)
class Empty:
    """A node without a domain that answers."""

    home: str
    port: int
    ctx: Context


@asynccontextmanager
async def served(folder: Path, **settings: Any) -> AsyncIterator[Site]:
    """Saint-Exemple on a free port, until the block ends, with *settings* that differ from the usual."""
    clock = SetClock(NOON_MS - 9 * 3600 * 1000)
    async with _answering(folder, clock, settings) as (ctx, port):
        yield await _fill(ctx, clock, port)


@asynccontextmanager
async def empty(folder: Path) -> AsyncIterator[Empty]:
    """A node that nobody has set up, on a free port."""
    async with _answering(folder, SetClock(NOON_MS), {}) as (ctx, port):
        yield Empty("http://social.besancon.test", port, ctx)


@asynccontextmanager
async def _answering(folder: Path, clock: SetClock, settings: Mapping[str, Any]) -> AsyncIterator[tuple[Context, int]]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        url = f"sqlite:///{folder / 'site.sqlite3'}"
        ctx = await make_context(url, folder, clock=clock, scheme="http", **settings)

        async def react(tx: Tx, fact: object) -> None:
            await reactions.react(tx, ctx, fact)

        ctx.db.before_commit = react
        config = uvicorn.Config(create_app(ctx, with_worker=False), log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        server.config.setup_event_loop = lambda: None  # type: ignore[method-assign]
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield ctx, port
        finally:
            server.should_exit = True
            await serving
            await ctx.db.close()


async def _fill(ctx: Context, clock: SetClock, port: int) -> Site:
    domain = await _domain(ctx, HOST)
    hall = await _actor(ctx, domain, "mairie", "Mairie de Saint-Exemple (exemple)", drawings.arms(), kind="commune")
    await _present(ctx, hall)
    club = await _actor(
        ctx, domain, "velo", "Saint-Exemple à vélo (exemple)", drawings.arms("#2f6b4f", "#f4efe4"), kind="association"
    )
    camille = await _actor(
        ctx, domain, "camille", "Camille (exemple)", drawings.portrait("#cfe3e6", "#8d4a36"), type="Person"
    )
    await _people(ctx, hall, club)
    hall = await actors.require_by_id(ctx.db.reader, hall.id)

    async def post(author: Actor, text: str, *, pictures: tuple[tuple[bytes, str], ...] = (), **more: Any) -> Post:
        clock.forward(5400)
        media = [
            (await attachments.upload(ctx, actor_id=author.id, data=data, description=said)).id
            for data, said in pictures
        ]
        draft = posts.Draft(
            author=author, text=text, media_ids=tuple(media), language="fr", **{"visibility": "public", **more}
        )
        return await ctx.db.write(lambda tx: posts.publish(tx, ctx, draft=draft))

    await post(
        hall,
        "Le compte rendu du conseil municipal du 14 septembre est en ligne : budget de l’école, éclairage public, "
        "jumelage.\n\nhttps://saint-exemple.example/conseil/2026-09-14/compte-rendu-complet.html #ConseilMunicipal",
    )
    warned = await post(
        hall,
        "Un renard malade a été trouvé près de l’étang. Ne le touchez pas, tenez vos chiens en laisse, appelez la mairie.",
        summary="Animal malade, photo pénible",
        pictures=((drawings.bridge(), "L’étang vu du pont"),),
    )
    closed = await post(
        club,
        "Le pont Vieux est fermé aux voitures jusqu’à vendredi. À vélo et à pied, on passe !\n\n#Travaux",
        pictures=((drawings.bridge(), "Le pont Vieux, deux barrières rouges et blanches en travers de la chaussée"),),
    )
    main = await post(
        hall,
        "Marché d’automne samedi de 8 h à 13 h sous la halle : quarante producteurs, une fanfare, et la soupe des "
        "écoles.\n\nLe parking de la gare est gratuit. Venez à pied si vous pouvez ! #Marché #SaintExemple",
        pictures=(
            (drawings.market(), "La halle du marché, trois étals de fruits sous des toiles rayées"),
            (drawings.skyline(), "Saint-Exemple au soir : les toits et le beffroi devant les collines"),
        ),
    )
    asked = await post(camille, "Y aura-t-il une garderie pour les petits ?", reply_to=main)
    await post(hall, "Oui, à la salle des fêtes, de 9 h à midi, sans inscription.", reply_to=asked)

    async def react(tx: Tx) -> None:
        await boosts.boost(tx, ctx, actor=hall, post=closed)
        for each in (camille, club):
            await favourites.add(tx, ctx, actor=each, post=main)
            await follows.request(tx, ctx, follower=each, followee=hall)
        await boosts.boost(tx, ctx, actor=club, post=main)

    await ctx.db.write(react)
    said = apps.describe(
        name="Tusky (exemple)", website="https://tusky.app", redirect_uris=(OOB,), scope="read write follow push"
    )
    application = await ctx.db.write(lambda tx: apps.register(tx, ctx, registration=said))
    return Site(f"http://{HOST}", port, ctx, hall, main, warned, application, await _draft(ctx, hall))


async def _draft(ctx: Context, hall: Actor) -> Post:
    """Carla wrote twice; Odile sent one back, which is in the log."""
    odile = await people.by_email(ctx.db.reader, EMAIL)
    assert odile is not None
    media = await attachments.upload(
        ctx, actor_id=hall.id, data=drawings.bridge(), description="Le pont Vieux, rouvert"
    )
    hand = Hand(odile.id, odile.email, "desk")

    async def step(tx: Tx) -> Post:
        carla = await people.create(tx, ctx, email="carla@saint-exemple.example", name="Carla")
        await memberships.add(tx, ctx, person_id=carla.id, actor_id=hall.id, role="contributor")
        written = posts.Draft(author=hall, text="Réunion publique jeudi #Travaux", language="fr", person_id=carla.id)
        first = await waiting.submit(tx, ctx, draft=written)
        await waiting.refuse(tx, ctx, post=first, by=odile, reason="À quelle heure, et dans quelle salle ?")
        await audit.record(
            tx, ctx, by=hand, act="post.refuse", about=first.url, actor_id=hall.id,
            details={"written_by": carla.id, "reason": "À quelle heure, et dans quelle salle ?"},
        )  # fmt: skip
        text = "Le pont Vieux rouvre vendredi à 7 h. Merci de votre patience !\n\n#Travaux"
        return await waiting.submit(tx, ctx, draft=replace(written, text=text, media_ids=(media.id,)))

    return await ctx.db.write(step)


async def _domain(ctx: Context, host: str) -> Domain:
    keys = await some_keys()

    async def step(tx: Tx) -> Domain:
        domain = await domains.create(
            tx, ctx, handle_host=host, service_host=host, name="Saint-Exemple", contact_email="contact@saint-exemple.example",
            description="Exemple : les nouvelles de la commune de Saint-Exemple, de ses associations et de ses habitants.",
        )  # fmt: skip
        await actors.create_instance_actor(tx, ctx, domain=domain, keys=keys)
        return domain

    return await ctx.db.write(step)


async def _actor(
    ctx: Context, domain: Domain, username: str, name: str, avatar: bytes, *, type: actors.Type = "Organization", kind: str = ""  # noqa: A002
) -> Actor:  # fmt: skip
    keys, key = await some_keys(), addresses.new_key("avatars", "image/png")
    await ctx.storage.put(key, avatar, "image/png")

    async def step(tx: Tx) -> Actor:
        made = await actors.create_local(
            tx, ctx, domain=domain, username=username, type=type, name=name, keys=keys, kind=kind
        )
        return await actors.update_profile(tx, ctx, actor=made, changes={"avatar": key})

    return await ctx.db.write(step)


async def _present(ctx: Context, hall: Actor) -> None:
    key = addresses.new_key("headers", "image/png")
    await ctx.storage.put(key, drawings.skyline(), "image/png")
    changes: actors.Changes = {
        "summary_source": "Exemple de page d’une commune. Les nouvelles de la mairie : travaux, conseil, fêtes, école, alertes.",
        "header": key,
        "header_alt": "Saint-Exemple au soir : les toits et le beffroi devant les collines",
        "avatar_alt": "Blason : un beffroi d’or sur champ d’azur",
        "fields": [
            ("Site", "https://saint-exemple.example"),
            ("Horaires", "du lundi au vendredi, 9 h – 12 h et 14 h – 17 h"),
            ("Téléphone", "01 00 00 00 00"),
        ],
        "insee": "00000",
        "siren": "000000000",
    }
    await ctx.db.write(lambda tx: actors.update_profile(tx, ctx, actor=hall, changes=changes))


async def _people(ctx: Context, *spoken_for: Actor) -> None:
    hashed = await digest()

    async def step(tx: Tx) -> None:
        odile = await people.create(tx, ctx, email=EMAIL, password=hashed, name="Odile")
        for actor in spoken_for:
            await memberships.add(tx, ctx, person_id=odile.id, actor_id=actor.id, role="owner")

    await ctx.db.write(step)

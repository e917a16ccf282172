"""A town with something at every address: for attacks on each form and looks at each page.

`POSTS` is every form of the node: where its page is, who opens it, what she fills in. A route that stands in no line of
it fails a test, so that no form comes without its attacks.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from starlette.routing import Route

import admin.console.routes
import node.web.routes
from node.actors import domains, invitations, mailed_links, memberships, people, recovery, sessions, totp
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.people import Person
from node.agreements import agreements, speaking, terms
from node.agreements.speaking import Pair
from node.moderation import cases, decisions, filing, sign_ups
from node.moderation.asked import Asked
from node.moderation.audit import Hand
from node.moderation.grounds import Ground
from node.oauth import apps, tokens
from node.runtime.context import Context
from node.runtime.database import Reader as Rows
from node.runtime.database import Tx
from node.runtime.mail.letters import opened
from node.timeline import posts, waiting
from tests.support.fediverse import EVERYTHING, Citizen, Fediverse
from tests.support.peer import Peer, PeerActor, peer_on
from tests.web.conftest import PASSWORD, Town, digest
from tests.web.reader import Form, Reader

Who = Literal["stranger", "bruno", "odile", "keeper"]
OOB: Final = "urn:ietf:wg:oauth:2.0:oob"
_LINK: Final = re.compile(r"https://[^/\s]+(/\S+)")
FAR: Final = "loin.example"


@dataclass(frozen=True)
class Post:
    """A form: where its page is, who opens it, and what she types; {words} are of `House.names`."""

    page: str
    who: Who
    given: Mapping[str, str] = field(default_factory=dict)
    has: str = ""
    """Of several forms that go there, the one that has this field."""
    idle: str = ""
    """Why the database stays as it is even when all is right; empty: it changes."""
    bare: str = ""
    """Why it carries no token of its own; empty: it does."""
    last: bool = False
    """After it, the one who sent it can do nothing more."""


_LEADS: Final = "it leads a stranger to her own server; nothing of hers is here to abuse"
_CODE: Final = "the code that was typed is wrong, and tries are counted in memory"
_DESK: Final = "/desk/mairie"
_MEMBER: Final = {"email": "{carla}", "role": "editor"}

POSTS: Final[Mapping[str, Post]] = {
    "/@{name}/follow": Post("/@mairie/follow", "stranger", {"handle": "zoe@loin.example"}, idle=_LEADS, bare=_LEADS),
    "/@{name}/{id}/interact": Post(
        "/@mairie/{post}/interact", "stranger", {"handle": "zoe@loin.example"}, idle=_LEADS, bare=_LEADS
    ),
    "/@{name}/agreements/{digest}/decide": Post(
        "/@mairie/agreements/{digest}/decide", "odile", {"act": "accept"}, has="hash"
    ),
    "/oauth/authorize": Post(
        "/oauth/authorize?response_type=code&client_id={client}&redirect_uri=urn:ietf:wg:oauth:2.0:oob&scope=read",
        "odile", {"decision": "allow", "actor": "mairie@montreuil.example"},
    ),
    "/authorize_interaction": Post("/authorize_interaction?uri={far}", "odile", {"act": "follow", "actor": "mairie@montreuil.example"}),
    "/login": Post("/login", "stranger", {"email": "odile@mairie.example", "password": PASSWORD}),
    "/login/factor": Post("/login/factor", "keeper", {"code": "123456"}),
    "/login/forgotten": Post("/login/forgotten", "stranger", {"email": "odile@mairie.example"}),
    "/login/reset": Post("/login/reset", "stranger", {"wanted": "un autre long mot", "again": "un autre long mot"}, last=True),
    "/sign-up": Post(
        "/sign-up", "stranger",
        {"username": "gaston", "name": "Gaston", "email": "gaston@poste.example", "password": PASSWORD, "age": "yes",
         "agreement": "on", "reason": "Je vis ici."},
    ),
    "/sign-up/confirm/{token}": Post("{confirm}", "stranger"),
    "/sign-up/parent/{token}": Post("{parent}", "stranger", {"answer": "no"}),
    "/invitations/{token}": Post("{invitation}", "bruno"),
    "/invitations/{token}/sign-up": Post(
        "{invitation2}/sign-up", "stranger",
        {"name": "Lise", "email": "lise@poste.example", "password": PASSWORD, "agreement": "on"},
    ),
    "/logout": Post("/account", "odile"),
    "/account/revoke": Post("/account", "odile", has="token"),
    "/account/password": Post(
        "/account", "odile", {"present": "un autre long mot", "wanted": "encore un autre mot"}, last=True
    ),
    "/account/email": Post("/account/email", "odile", {"present": PASSWORD, "email": "odile@poste.example"}),
    "/account/email/{token}": Post("{address}", "stranger", last=True),
    "/account/delete": Post("/account/delete", "bruno", {"password": PASSWORD, "sure": "on"}, last=True),
    "/account/factor": Post("/account/factor", "keeper", {"code": "123456"}, idle=_CODE),
    "/account/security/add": Post(
        "/account/security", "odile", {"kind": "totp", "name": "téléphone", "password": PASSWORD}
    ),
    "/account/security/confirm": Post("/account/security", "odile", {"code": "123456"}, idle=_CODE),
    "/account/security/remove": Post("/account/security", "keeper", {"password": PASSWORD}, last=True),
    "/account/security/codes": Post("/account/security", "keeper", {"password": PASSWORD}),
    "/account/security/sessions": Post("/account/security", "odile"),
    "/account/decisions/{id}": Post(
        "/account/decisions/{decision}", "odile", {"words": "Ce n’était pas nous, relisez."}
    ),
    "/report": Post(
        "/report", "stranger",
        {"about": "https://montreuil.example/@mairie", "ground": "fraud", "comment": "Toujours la même réclame, dix fois.",
         "name": "Lise", "email": "lise@poste.example", "good_faith": "on"},
    ),
    "/report/{token}": Post("{report}", "stranger", {"words": "Relisez le troisième message."}),
    "/desk/{actor}/write": Post(f"{_DESK}/write", "odile", {"text": "Marché samedi", "act": "send"}),
    "/desk/{actor}/posts/{id}": Post(_DESK + "/posts/{plain}", "odile", {"text": "Marché dimanche", "act": "send"}),
    "/desk/{actor}/posts/{id}/delete": Post(_DESK + "/posts/{post}", "odile", {"sure": "on"}),
    "/desk/{actor}/posts/{id}/approve": Post(_DESK + "/posts/{draft}", "odile"),
    "/desk/{actor}/posts/{id}/refuse": Post(_DESK + "/posts/{draft2}", "odile", {"reason": "À quelle heure ?"}),
    "/desk/{actor}/replies": Post(f"{_DESK}/replies", "odile", {"who": "nobody"}, has="who"),
    "/desk/{actor}/replies/{id}": Post(f"{_DESK}/replies", "odile", {"word": "approve"}),
    "/desk/{actor}/team/invite": Post(f"{_DESK}/team", "odile", {"email": "lise@poste.example", "role": "editor"}),
    "/desk/{actor}/team/withdraw": Post(f"{_DESK}/team", "odile"),
    "/desk/{actor}/team/role": Post(f"{_DESK}/team", "odile", {"person": "{carla_id}", "role": "reader"}),
    "/desk/{actor}/team/remove": Post(f"{_DESK}/team", "odile", {"person": "{carla_id}"}),
    "/desk/{actor}/team/leave": Post(f"{_DESK}/team", "odile", last=True),
    "/desk/{actor}/profile": Post(f"{_DESK}/profile", "odile", {"name": "La Mairie"}),
    "/desk/{actor}/move": Post(
        f"{_DESK}/move", "odile", {"target": "zoe@loin.example", "password": PASSWORD}, idle="zoe does not name the town hall"
    ),
    "/desk/{actor}/move/back": Post(f"{_DESK}/move", "odile", idle="it has not moved"),
    "/desk/{actor}/move/alias": Post(f"{_DESK}/move", "odile", {"alias": "zoe@loin.example"}, has="alias"),
    "/admin/people/new": Post("/admin/people/new", "keeper", {"email": "paul@mairie.example", "duty": "none"}),
    "/admin/people/{id}/{act}": Post("/admin/people/{carla_id}", "keeper"),
    "/admin/accounts/new": Post(
        "/admin/accounts/new", "keeper", {"username": "ecole", "name": "École", "kind": "association"}
    ),
    "/admin/accounts/{id}/{act}": Post(
        "/admin/accounts/{hall_id}", "keeper", {"why": "Essai", **_MEMBER}, idle="whom it sends away has gone already"
    ),
    "/admin/domains": Post(
        "/admin/domains", "keeper", {"handle_host": "autre.example", "service_host": "autre.example", "name": "Autre"}
    ),
    "/admin/domains/{id}": Post("/admin/domains/{domain}", "keeper", {"name": "Un autre nom"}),
    "/admin/agreements/{id}": Post(
        "/admin/agreements/{agreement}", "keeper", {"act": "end", "party": "member"}, has="party"
    ),
    "/admin/domains/{id}/legal": Post("/admin/domains/{domain}", "keeper", {"publisher": "Commune de Montreuil"}),
    "/admin/rules": Post("/admin/rules", "keeper", {"act": "add", "words": "Pas de réclame"}, has="hint"),
    "/admin/announcements": Post("/admin/announcements", "keeper", {"act": "add", "words": "Mairie fermée lundi"}, has="starts"),
    "/admin/emojis": Post(
        "/admin/emojis", "keeper", {"act": "add", "shortcode": "mairie"}, has="category", idle="it brings no picture"
    ),
    "/admin/health": Post("/admin/health", "keeper", idle="it looks, and changes nothing"),
    "/admin/queues": Post("/admin/queues", "keeper", {"act": "retry"}, idle="nothing was given up"),
    "/admin/storage": Post("/admin/storage", "keeper", {"act": "keep", "days": "40"}),
    "/admin/sign-ups/{id}": Post("/admin/sign-ups", "keeper", {"act": "refuse", "reason": "Nom inconnu"}, has="reason"),
    "/admin/sign-up-rules": Post(
        "/admin/sign-up-rules", "keeper", {"kind": "mail", "value": "jetable.example", "act": "refuse"}
    ),
    "/admin/invitations": Post("/admin/invitations", "keeper", {"email": "lise@poste.example", "domain": "montreuil.example"}),
    "/admin/mail": Post("/admin/mail", "keeper", {"act": "test", "address": "karim@mairie.example"}, idle="no mail server answers"),
    "/admin/audit": Post("/admin/audit", "keeper", idle="it reads the chain"),
    "/admin/hosts": Post("/admin/hosts", "keeper", {"host": "mal.example", "severity": "suspend"}, has="host"),
    "/admin/hosts/lists": Post(
        "/admin/hosts/lists", "keeper", {"act": "take", "text": "#domain,#severity\npire.example,suspend\n"}, has="text"
    ),
    "/admin/hosts/waves": Post("/admin/hosts/waves", "keeper", {"act": "freeze", "wave": "1"}, idle="no wave stands"),
    "/admin/hosts/of/{host}": Post("/admin/hosts/of/loin.example", "keeper", {"severity": "silence"}, has="severity"),
    "/admin/reports/{id}": Post("/admin/reports/{case}", "keeper", {"act": "note", "words": "Vu"}, has="words"),
}  # fmt: skip


def routes(method: str) -> list[Route]:
    """Every route of pages and console that takes *method*."""
    every = [*node.web.routes.routes, *admin.console.routes.routes]
    return [route for route in every if method in (route.methods or set())]


@dataclass
class House:
    """The town, and who comes to it."""

    fediverse: Fediverse
    town: Town
    people: dict[str, Person]
    names: dict[str, str]
    peer: Peer
    zoe: PeerActor

    @property
    def ctx(self) -> Context:
        return self.town.node.ctx

    def fill(self, text: str) -> str:
        """*text* with this house's words for {…}."""
        for name, value in self.names.items():
            text = text.replace("{" + name + "}", value)
        return text

    def calm(self) -> None:
        """Nobody has tried anything yet: limits have tests of their own."""
        for name in list(self.ctx.cache._named):
            if name.startswith("window of "):
                self.ctx.cache.clear(name)

    async def browser(self, who: Who, *, address: str = "203.0.113.7") -> Reader:
        """Her browser, logged in with a second factor of now; a stranger's has nothing."""
        reader = self.town.reader(address=address)
        if who != "stranger":
            person = self.people[who]
            reader.client.cookies["__Host-beffroi"] = await self.ctx.db.write(
                lambda tx: sessions.open(tx, self.ctx, person_id=person.id, factor=True)
            )
        return reader

    async def form(self, path: str, post: Post) -> tuple[Reader, Form, dict[str, str]]:
        """The page opened in a fresh browser, its form, and what is sent with it."""
        reader = await self.browser(post.who)
        if path == "/login/factor":
            reader = self.town.reader()
            page = await reader.log_in(self.people["keeper"].email, PASSWORD)
        elif path == "/login/reset":
            await reader.open(self.names["reset"])
            page = reader.page
        else:
            page = await reader.open(self.fill(post.page))
        given = {name: self.fill(value) for name, value in post.given.items()}
        wanted = re.compile(re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(path)) + r"(\?.*)?")
        found = [
            each
            for each in page.forms
            if each.method == "post"
            and wanted.fullmatch(each.action)
            and (not post.has or f'name="{post.has}"' in reader.answer.text)
        ]
        if found and post.has:
            found = [each for each in found if post.has in each.fields or post.has in each.choices] or found
        if found:
            return reader, found[0], given
        # No button for it today (no wave, no application waits to be confirmed): as somebody would write it herself.
        if post.who == "stranger":
            token = (await reader.open("/report")).form("/report").fields["form_token"]
        else:
            token = (await reader.open("/account")).form("/logout").fields["form_token"]
        action = re.sub(r"\{\w+\}", "1", path)
        return reader, Form(action, "post", {"form_token": token}), given


async def digest_of(rows: Rows) -> str:
    """One value for all that the database holds: nothing changed while it stays the same."""
    made = hashlib.sha256()
    if rows.dialect == "sqlite":
        tables = await rows.fetch("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    else:
        tables = await rows.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    for (name,) in tables:
        lines = sorted(repr(tuple(row)) for row in await rows.fetch(f'SELECT * FROM "{name}"'))
        made.update(f"{name} {lines}\n".encode("utf-8", "backslashreplace"))
    return made.hexdigest()


async def built(fediverse: Fediverse, town: Town) -> House:
    """Somebody in every role, something at every address."""
    ctx, hall = town.node.ctx, town.hall.actor
    hashed = await digest()
    luc, doubs = await town.node.person("luc"), await town.node.territory("doubs")
    peer = peer_on(fediverse, FAR)
    zoe = await peer.actor("zoe")
    names: dict[str, str] = {"far": zoe.uri, "hall_id": str(hall.id), "domain": str(town.node.domain.id)}
    asked = (await town.hall.client.post(
        "/api/v1/statuses", json={"status": "Conseil jeudi", "interaction_policy": {"can_reply": {"with_approval": ["public"]}}}
    )).ok()  # fmt: skip
    await luc.post("Et la piscine ?", in_reply_to_id=asked["id"])
    names["plain"] = asked["id"]
    names["post"] = str((await town.rich_post()).id)
    await town.hall.find(zoe.handle)

    async def step(tx: Tx) -> dict[str, Person]:
        await tx.execute(
            "UPDATE domains SET registrations = 'approval', contact_email = 'mairie@montreuil.example' WHERE id = $1",
            town.node.domain.id,
        )
        who = {"odile": town.odile, "bruno": await people.create(tx, ctx, email="bruno@poste.example", password=hashed)}
        who["keeper"] = await people.create(tx, ctx, email="karim@mairie.example", password=hashed, keeper=True)
        carla = who["carla"] = await people.create(tx, ctx, email="carla@mairie.example", password=hashed, name="Carla")
        await memberships.add(tx, ctx, person_id=carla.id, actor_id=hall.id, role="contributor")
        await memberships.add(tx, ctx, person_id=carla.id, actor_id=doubs.actor.id, role="owner")
        await memberships.add(tx, ctx, person_id=town.odile.id, actor_id=doubs.actor.id, role="owner")
        await totp.begin(tx, ctx, person_id=who["keeper"].id, name="téléphone")
        await tx.execute("UPDATE factors SET confirmed = TRUE")
        names.update(carla=carla.email, carla_id=str(carla.id), handle=f"@{hall.handle}")
        for name in ("draft", "draft2"):
            written = posts.Draft(author=hall, text=f"À relire : {name}", person_id=carla.id)
            names[name] = str((await waiting.submit(tx, ctx, draft=written)).id)
        await _judged(tx, ctx, hall, luc, Hand(who["keeper"].id, "karim@mairie.example", "console"), names)
        await speaking.propose(tx, ctx, pair=Pair(doubs.actor, hall), by="territory", terms=terms.make())
        domain = await _domain_of(tx, town)
        for name in ("invitation", "invitation2"):
            token = await invitations.invite(
                tx, ctx, email=None, by=town.odile, domain_id=domain.id, actor_id=hall.id, role="editor"
            )
            names[name] = f"/invitations/{token}"
        for name, parent in (("a", ""), ("b", "maman@poste.example"), ("c", "")):
            wanted = Asked(
                f"{name}@poste.example",
                f"nouveau_{name}",
                hashed,
                f"Nouveau {name}",
                "fr",
                "",
                parent,
                "203.0.113.9",
                False,
            )
            await sign_ups.ask(tx, ctx, domain=domain, asked=wanted)
        token = await mailed_links.issue(tx, ctx, purpose="password", person_id=town.odile.id)
        names["reset"] = f"/login/reset/{token}"
        await recovery.ask_address(tx, ctx, person=who["bruno"], email="bruno@ailleurs.example", domain=domain)
        app = await apps.register(tx, ctx, registration=apps.Registration("Tusky", None, (OOB,), EVERYTHING))
        names["client"] = app.app.client_id
        await tokens.issue(tx, ctx, app=app.app, scopes=EVERYTHING, person_id=town.odile.id, actor_id=hall.id)
        return who

    who = await ctx.db.write(step)
    house = House(fediverse, town, who, names, peer, zoe)
    for cache in ("domains_by_host",):
        ctx.forget(cache)
    found = await agreements.of_actor(ctx.db.reader, hall.id)
    names.update(digest=found[0].digest, agreement=str(found[0].id))
    # Bruno's and Lise's sign-ups: one's link is still to be opened, one waits for a parent, one for a keeper
    for name, key in (("a@poste.example", "confirm"), ("b@poste.example", "b"), ("c@poste.example", "c"),
                      ("bruno@ailleurs.example", "address")):  # fmt: skip
        names[key] = await house_link(house, name)
    for key in ("b", "c"):
        reader = town.reader()
        page = await reader.open(names[key])
        await reader.send(page.form(names[key]))
    names["parent"] = await house_link(house, "maman@poste.example")
    return house


async def house_link(house: House, email: str) -> str:
    """The path in the latest letter to *email*."""
    rows = await house.ctx.db.reader.fetch("SELECT * FROM letters ORDER BY id DESC")
    for row in rows:
        letter = opened(house.ctx, row)
        if letter.to == email and (found := _LINK.search(letter.text)):
            return found[1]
    raise AssertionError(f"no letter with a link to {email}")


async def _domain_of(tx: Tx, town: Town) -> Domain:
    found = await domains.by_id(tx, town.node.domain.id)
    assert found is not None
    return found


async def _judged(tx: Tx, ctx: Context, hall: Actor, luc: Citizen, by: Hand, names: dict[str, str]) -> None:
    """The hall was warned; a report about Luc came to nothing; another waits."""
    ground = Ground("rule", "Pas de réclame")

    def told(comment: str) -> filing.Notice:
        return filing.Notice("other", "", comment, "Lise", "lise@poste.example", "fr")

    warned = await cases.opened(tx, ctx, target=hall)
    names["decision"] = str(
        (
            await decisions.decide(
                tx, ctx, by=by, case=warned, kind="warn", ground=ground, facts="Trois fois la même annonce."
            )
        ).id
    )
    host = hall.service_host or ""
    report, token = await filing.file_notice(tx, ctx, notice=told("Il ment"), target=luc.actor, posts=(), host=host)
    names["report"] = f"/report/{token}"
    case = await cases.require(tx, report.case_id)
    await decisions.decide(tx, ctx, by=by, case=case, kind="none", ground=ground, facts="Rien de contraire aux règles.")
    open_, _ = await filing.file_notice(tx, ctx, notice=told("Encore"), target=luc.actor, posts=(), host=host)
    names["case"] = (await cases.require(tx, open_.case_id)).number

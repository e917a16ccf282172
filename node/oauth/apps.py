"""Applications: the clients that people use. Anybody may register one; it can do nothing until a person consents."""

from dataclasses import dataclass

from node.oauth import redirects, scopes, secrets
from node.oauth.errors import InvalidClient
from node.oauth.scopes import Scopes
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid
from node.runtime.text.cleaning import storable

_MAX_NAME_CHARS = 60
_MAX_WEBSITE_CHARS = 2000
_COLUMNS = "id, client_id, secret_hash, name, website, redirect_uris, scopes"


@dataclass(frozen=True, slots=True)
class App:
    """One registered application."""

    id: int
    client_id: str
    secret_hash: str
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: Scopes

    def check_secret(self, secret: str) -> None:
        """Pass, if *secret* is the application's.

        Raises:
            InvalidClient: it is not.
        """
        if not secrets.same(secret, self.secret_hash):
            raise InvalidClient("the client secret is not this application's")


@dataclass(frozen=True, slots=True)
class Registered:
    """A new application and its secret, which is shown this once."""

    app: App
    client_secret: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What an application says about itself, checked."""

    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: Scopes


def describe(*, name: str, website: str, redirect_uris: tuple[str, ...], scope: str) -> Registration:
    """Check what an application says about itself.

    Raises:
        Invalid: no name, no redirect URI, or one that is refused.
        InvalidScope: a scope that does not exist.
    """
    name = " ".join(storable(name).split())
    website = storable(website).strip()
    if not name:
        raise Invalid("Validation failed: Application name can't be blank")
    if len(name) > _MAX_NAME_CHARS:
        raise Invalid(f"Validation failed: Application name is too long (maximum is {_MAX_NAME_CHARS} characters)")
    if website and (len(website) > _MAX_WEBSITE_CHARS or not website.startswith(("https://", "http://"))):
        raise Invalid("Validation failed: Website must be a valid URL")
    return Registration(name, website or None, redirects.read(redirect_uris), scopes.read(scope))


async def register(tx: Tx, ctx: Context, *, registration: Registration) -> Registered:
    """Take an application in. Its ids are random text: clients compare them as such."""
    secret = secrets.fresh()
    app = App(
        ctx.ids.next(), secrets.fresh(), secrets.hashed(secret), registration.name, registration.website,
        registration.redirect_uris, registration.scopes,
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO oauth_apps ({_COLUMNS}, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        app.id, app.client_id, app.secret_hash, app.name, app.website, "\n".join(app.redirect_uris),
        scopes.write(app.scopes), ctx.clock.now_ms(),
    )  # fmt: skip
    return Registered(app, secret)


async def by_client_id(reader: Reader, client_id: str) -> App | None:
    """The application of that client id."""
    if "\0" in client_id:
        return None
    row = await reader.row(f"SELECT {_COLUMNS} FROM oauth_apps WHERE client_id = $1", client_id)
    return None if row is None else _app(row)


async def by_id(reader: Reader, app_id: int) -> App | None:
    """The application of that row."""
    row = await reader.row(f"SELECT {_COLUMNS} FROM oauth_apps WHERE id = $1", app_id)
    return None if row is None else _app(row)


async def authenticate(reader: Reader, *, client_id: str, client_secret: str) -> App:
    """The application that speaks.

    Raises:
        InvalidClient: unknown, or not its secret.
    """
    app = await by_client_id(reader, client_id)
    if app is None:
        raise InvalidClient("there is no such client")
    app.check_secret(client_secret)
    return app


def _app(row: Row) -> App:
    id_, client_id, secret_hash, name, website, uris, scope = row
    return App(id_, client_id, secret_hash, name, website, tuple(uris.split("\n")), tuple(scope.split(" ")))

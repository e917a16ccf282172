"""The tables of client programs and their tokens, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import BigIntField, ForeignKeyField

from node.runtime.database.orm import Table, Text


class App(Table):
    """A client program."""

    id = BigIntField(primary_key=True, generated=False)
    client_id = Text(unique=True)
    secret_hash = Text()
    name = Text()
    website = Text(null=True)
    redirect_uris = Text()
    scopes = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "oauth_apps"


class Code(Table):
    """A code that becomes a token, once."""

    code_hash = Text(primary_key=True)
    app: Any = ForeignKeyField("beffroi.App", related_name=False)
    app_id: int
    person: Any = ForeignKeyField("beffroi.Person", related_name=False)
    person_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    scopes = Text()
    redirect_uri = Text()
    challenge = Text(null=True)
    expires_ms = BigIntField()
    used_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "oauth_codes"


class Token(Table):
    """What a client program shows with each request."""

    id = BigIntField(primary_key=True, generated=False)
    token_hash = Text(unique=True)
    code_hash = Text(null=True)
    app: Any = ForeignKeyField("beffroi.App", related_name=False)
    app_id: int
    person: Any = ForeignKeyField("beffroi.Person", related_name=False, null=True)
    person_id: int | None
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False, null=True)
    actor_id: int | None
    scopes = Text()
    created_ms = BigIntField()
    revoked_ms = BigIntField(null=True)
    sign_up: Any = ForeignKeyField("beffroi.SignUp", related_name=False, null=True)
    sign_up_id: int | None

    class Meta:
        """For Tortoise."""

        table = "oauth_tokens"

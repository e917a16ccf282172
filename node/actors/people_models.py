"""The tables of people: how they come in, and how they prove who they are. For the ORM; the migrations are the truth."""

from typing import Any

from tortoise.fields import SET_NULL, BigIntField, BinaryField, BooleanField, ForeignKeyField, IntField, OneToOneField

from node.runtime.database.orm import Pair, Table, Text


class Person(Table):
    """Somebody who logs in."""

    id = BigIntField(primary_key=True, generated=False)
    email = Text(unique=True)
    password_hash = Text(null=True)
    name = Text(default="")
    language = Text(default="fr")
    keeper = BooleanField(default=False)
    moderator = BooleanField(default=False)
    state = Text(default="active")
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "people"


class Session(Table):
    """A log-in of the web pages."""

    token_hash = Text(primary_key=True)
    person: Any = ForeignKeyField("beffroi.Person", related_name=False)
    person_id: int
    device = Text(default="")
    factor_ms = BigIntField(null=True)
    challenge = Text(default="")
    seen_ms = BigIntField(default=0)
    created_ms = BigIntField()
    expires_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "sessions"


class Factor(Table):
    """A second proof of who somebody is: an authenticator app or a security key."""

    id = BigIntField(primary_key=True, generated=False)
    person: Any = ForeignKeyField("beffroi.Person", related_name=False)
    person_id: int
    kind = Text()
    name = Text()
    confirmed = BooleanField(default=False)
    sealed = BinaryField(null=True)
    last_step = BigIntField(default=0)
    host = Text(default="")
    credential = Text(null=True, unique=True)
    public_key = BinaryField(null=True)
    sign_count = BigIntField(default=0)
    created_ms = BigIntField()
    used_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "factors"


class RecoveryCode(Pair):
    """A code on paper that replaces a second factor once."""

    person_id = BigIntField(primary_key=True, generated=False)
    digest = Text()
    used_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "recovery_codes"
        unique_together = (("person_id", "digest"),)


class LogIn(Table):
    """A log-in whose password was right, and whose second factor is still to come."""

    token_hash = Text(primary_key=True)
    person: Any = ForeignKeyField("beffroi.Person", related_name=False)
    person_id: int
    challenge = Text(default="")
    tries = IntField(default=0)
    expires_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "log_ins"


class FirstRun(Table):
    """An address by which a node without a domain is set up."""

    token_hash = Text(primary_key=True)
    expires_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "first_runs"


class MailedLink(Table):
    """What a link in a letter opens."""

    token_hash = Text(primary_key=True)
    purpose = Text()
    person: Any = ForeignKeyField("beffroi.Person", related_name=False)
    person_id: int
    email = Text(default="")
    created_ms = BigIntField()
    expires_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "mailed_links"


class Invitation(Table):
    """An invitation to make an account, or to speak for one."""

    id = BigIntField(primary_key=True, generated=False)
    token_hash = Text(unique=True)
    domain: Any = ForeignKeyField("beffroi.Domain", related_name=False)
    domain_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False, null=True)
    actor_id: int | None
    role = Text(null=True)
    email = Text(null=True)
    made_by: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    made_by_id: int | None
    uses = IntField()
    used = IntField(default=0)
    created_ms = BigIntField()
    expires_ms = BigIntField()
    withdrawn_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "invitations"


class InvitationUse(Pair):
    """Who used an invitation."""

    invitation_id = BigIntField(primary_key=True, generated=False)
    person: Any = ForeignKeyField("beffroi.Person", related_name=False)
    person_id: int
    used_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "invitation_uses"
        unique_together = (("invitation_id", "person_id"),)


class ParentalConsent(Table):
    """A parent's yes."""

    person: Any = OneToOneField("beffroi.Person", related_name=False, primary_key=True)
    person_id: int
    parent_email = Text()
    agreed_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "parental_consents"


class ConnectionTrace(Table):
    """From where an account was made."""

    id = BigIntField(primary_key=True, generated=False)
    person_id = BigIntField()
    act = Text()
    sealed = BinaryField()
    at_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "connection_traces"


class SignUp(Table):
    """Who asked for an account."""

    id = BigIntField(primary_key=True, generated=False)
    domain: Any = ForeignKeyField("beffroi.Domain", related_name=False)
    domain_id: int
    state = Text()
    token_hash = Text(unique=True, null=True)
    email = Text()
    username = Text()
    skeleton = Text(null=True)
    password_hash = Text()
    name = Text()
    language = Text()
    reason = Text()
    parent_email = Text(default="")
    parent_ms = BigIntField(null=True)
    held = BooleanField(default=False)
    invitation: Any = ForeignKeyField("beffroi.Invitation", related_name=False, on_delete=SET_NULL, null=True)
    invitation_id: int | None
    client = BinaryField()
    created_ms = BigIntField()
    confirmed_ms = BigIntField(null=True)
    expires_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "sign_ups"


class SignUpRule(Table):
    """Who may not simply make an account."""

    id = BigIntField(primary_key=True, generated=False)
    kind = Text()
    value = Text()
    act = Text()
    note = Text(default="")
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "sign_up_rules"
        unique_together = (("kind", "value"),)

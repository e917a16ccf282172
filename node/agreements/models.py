"""The tables of agreements, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import NO_ACTION, BigIntField, ForeignKeyField, IntField

from node.runtime.database.orm import Pair, Table, Text


class Agreement(Table):
    """One for each pair of a territory and a member."""

    id = BigIntField(primary_key=True, generated=False)
    uri = Text(unique=True)
    territory: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    territory_id: int
    member: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    member_id: int
    medium = Text()
    state = Text()
    proposed_by = Text(default="")
    terms = Text(default="")
    terms_hash = Text(default="")
    active_since_ms = BigIntField(null=True)
    created_ms = BigIntField()
    changed_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "agreements"
        unique_together = (("territory_id", "member_id"),)


class AgreementWord(Pair):
    """What a party last said."""

    agreement_id = BigIntField(primary_key=True, generated=False)
    party = Text()
    sequence = BigIntField()
    stance = Text()
    terms = Text(default="")
    heard = BigIntField(default=0)
    refused = BigIntField(default=0)
    at_ms = BigIntField()
    acked = BigIntField(default=0)
    remind_ms = BigIntField(null=True)
    reminders = IntField(default=0)

    class Meta:
        """For Tortoise."""

        table = "agreement_words"
        unique_together = (("agreement_id", "party"),)


class AgreementEvent(Table):
    """One word of the history, which is never edited."""

    id = BigIntField(primary_key=True, generated=False)
    agreement: Any = ForeignKeyField("beffroi.Agreement", related_name=False, on_delete=NO_ACTION)
    agreement_id: int
    number = IntField()
    party = Text()
    act = Text()
    sequence = BigIntField()
    terms = Text(default="")
    state = Text()
    source = Text(default="")
    said_ms = BigIntField()
    at_ms = BigIntField()
    previous = Text()
    digest = Text()

    class Meta:
        """For Tortoise."""

        table = "agreement_events"
        unique_together = (("agreement_id", "number"),)


class AgreementAnnouncement(Pair):
    """A boost, and an agreement that it follows from."""

    boost_id = BigIntField(primary_key=True, generated=False)
    agreement: Any = ForeignKeyField("beffroi.Agreement", related_name=False)
    agreement_id: int

    class Meta:
        """For Tortoise."""

        table = "agreement_announcements"
        unique_together = (("boost_id", "agreement_id"),)

"""The tables of what waits, for its time or for a yes, and of the yes that was given. For the ORM; the migrations are the truth."""

from typing import Any

from tortoise.fields import SET_NULL, BigIntField, BinaryField, ForeignKeyField, OneToOneField

from node.runtime.database.orm import Table, Text


class Approval(Table):
    """An approval that an author elsewhere gave to an answer or a boost of ours."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "approvals"


class WaitingPost(Table):
    """What a contributor wrote, until it is approved, and what became of it."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    person: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    person_id: int | None
    visibility = Text()
    state = Text()
    wanted = Text(default="{}")
    reason = Text(default="")
    decided_by: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    decided_by_id: int | None
    decided_ms = BigIntField(null=True)
    published: Any = ForeignKeyField("beffroi.Post", related_name=False, null=True)
    published_id: int | None
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "waiting_posts"


class ScheduledPost(Table):
    """What is to be published later."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    person: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    person_id: int | None
    at_ms = BigIntField()
    draft = Text()
    failure = Text(default="")
    idempotency_key = Text(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "scheduled_posts"


class HeldPost(Table):
    """A post that waits for somebody's yes."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    owner: Any = ForeignKeyField("beffroi.Actor", related_name=False, null=True)
    owner_id: int | None
    governing: Any = ForeignKeyField("beffroi.Post", related_name=False, null=True)
    governing_id: int | None
    reason = Text()
    state = Text()
    request = Text(default="")
    body = BinaryField(null=True)
    created_ms = BigIntField()
    judged_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "held_posts"


class ReplyStamp(Table):
    """Consent of one of our authors to a reply."""

    id = BigIntField(primary_key=True, generated=False)
    answered: Any = ForeignKeyField("beffroi.Post", related_name=False)
    answered_id: int
    replier: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    replier_id: int
    reply_uri = Text()
    created_ms = BigIntField()
    revoked_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "reply_stamps"
        unique_together = (("answered_id", "reply_uri"),)

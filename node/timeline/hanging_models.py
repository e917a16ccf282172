"""The tables of what hangs on a post: what it asks, quotes, links to, when it takes place, and who reacted. For the ORM; the migrations are the truth."""

from typing import Any

from tortoise.fields import SET_NULL, BigIntField, BooleanField, ForeignKeyField, IntField, OneToOneField

from node.runtime.database.orm import Pair, Table, Text


class Poll(Table):
    """What a Question asks."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    multiple = BooleanField()
    hides_totals = BooleanField(default=False)
    ends_ms = BigIntField(null=True)
    told = BooleanField(default=False)
    voters_count = BigIntField(null=True)
    fetched_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "polls"


class PollOption(Pair):
    """An answer that may be chosen."""

    post_id = BigIntField(primary_key=True, generated=False)
    position = BigIntField()
    title = Text()
    votes = BigIntField(default=0)

    class Meta:
        """For Tortoise."""

        table = "poll_options"
        unique_together = (("post_id", "position"),)


class PollVote(Table):
    """Who chose what: shown to the voter alone."""

    id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    choice = IntField()
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "poll_votes"
        unique_together = (("post_id", "actor_id", "choice"),)


class Quote(Table):
    """Which post quotes which, and whether the quoted author agreed."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    quoted_uri = Text()
    quoted: Any = ForeignKeyField("beffroi.Post", related_name=False, on_delete=SET_NULL, null=True)
    quoted_id: int | None
    state = Text()
    stamp = Text(null=True)
    request = Text(null=True)

    class Meta:
        """For Tortoise."""

        table = "quotes"


class QuoteStamp(Table):
    """Consent that one of our authors gave."""

    id = BigIntField(primary_key=True, generated=False)
    quoted: Any = ForeignKeyField("beffroi.Post", related_name=False)
    quoted_id: int
    quoter: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    quoter_id: int
    post_uri = Text()
    created_ms = BigIntField()
    revoked_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "quote_stamps"
        unique_together = (("quoted_id", "post_uri"),)


class EmojiReaction(Table):
    """An emoji with which somebody reacted."""

    id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    name = Text()
    picture = Text(null=True)
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "emoji_reactions"
        unique_together = (("post_id", "actor_id", "name"),)


class Event(Table):
    """When and where an Event is held, and how one takes part."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    starts_ms = BigIntField(null=True)
    ends_ms = BigIntField(null=True)
    timezone = Text(default="")
    place = Text(default="{}")
    online_url = Text(null=True)
    join_mode = Text(default="")
    join_url = Text(null=True)
    status = Text(default="")
    attendees = BigIntField(null=True)
    max_attendees = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "events"


class Card(Table):
    """What a page says of itself that posts link to."""

    id = BigIntField(primary_key=True, generated=False)
    url = Text(unique=True)
    state = Text()
    title = Text(default="")
    description = Text(default="")
    language = Text(default="")
    author_name = Text(default="")
    author_url = Text(default="")
    provider_name = Text(default="")
    image_url = Text(null=True)
    image_description = Text(default="")
    width = IntField(null=True)
    height = IntField(null=True)
    fetched_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "cards"


class PostCard(Table):
    """Which post shows which card."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    card: Any = ForeignKeyField("beffroi.Card", related_name=False)
    card_id: int

    class Meta:
        """For Tortoise."""

        table = "post_cards"


class Attendance(Table):
    """Who of ours asked to take part in which event."""

    id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    uri = Text(unique=True)
    state = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "attendances"
        unique_together = (("post_id", "actor_id"),)

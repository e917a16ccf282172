"""The tables of what readers keep, arrange and ask not to see. For the ORM; the migrations are the truth."""

from typing import Any

from tortoise.fields import BigIntField, BooleanField, ForeignKeyField

from node.runtime.database.orm import Pair, Table, Text


class Bookmark(Table):
    """Who keeps which post."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "bookmarks"
        unique_together = (("actor_id", "post_id"),)


class Pin(Table):
    """Which post an actor shows first."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "pins"
        unique_together = (("actor_id", "post_id"),)


class ThreadMute(Pair):
    """A conversation that an account mutes."""

    actor_id = BigIntField(primary_key=True, generated=False)
    thread_id = BigIntField()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "thread_mutes"
        unique_together = (("actor_id", "thread_id"),)


class Filter(Table):
    """What a reader wants hidden."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    title = Text()
    contexts = Text()
    action = Text()
    expires_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "filters"


class FilterKeyword(Table):
    """A word of a filter."""

    id = BigIntField(primary_key=True, generated=False)
    of: Any = ForeignKeyField("beffroi.Filter", related_name=False, source_field="filter_id")
    of_id: int
    keyword = Text()
    whole_word = BooleanField(default=True)

    class Meta:
        """For Tortoise."""

        table = "filter_keywords"


class FilterPost(Table):
    """A post of a filter."""

    id = BigIntField(primary_key=True, generated=False)
    of: Any = ForeignKeyField("beffroi.Filter", related_name=False, source_field="filter_id")
    of_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int

    class Meta:
        """For Tortoise."""

        table = "filter_posts"
        unique_together = (("filter_id", "post_id"),)


class List(Table):
    """A list of one's own."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    title = Text()
    replies = Text()
    exclusive = BooleanField(default=False)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "lists"


class ListMember(Table):
    """Who is in it."""

    id = BigIntField(primary_key=True, generated=False)
    list: Any = ForeignKeyField("beffroi.List", related_name=False)
    list_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int

    class Meta:
        """For Tortoise."""

        table = "list_members"
        unique_together = (("list_id", "target_id"),)


class TagFollow(Table):
    """A hashtag that an account follows."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    tag: Any = ForeignKeyField("beffroi.Tag", related_name=False)
    tag_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "tag_follows"
        unique_together = (("actor_id", "tag_id"),)


class FeaturedTag(Table):
    """A hashtag that a profile shows."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    tag: Any = ForeignKeyField("beffroi.Tag", related_name=False)
    tag_id: int
    name = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "featured_tags"
        unique_together = (("actor_id", "tag_id"),)

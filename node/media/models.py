"""The tables of files, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import SET_NULL, BigIntField, BooleanField, FloatField, ForeignKeyField, IntField

from node.runtime.database.orm import Table, Text


class Media(Table):
    """A file of a post, or one that waits for its post."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False, null=True)
    post_id: int | None
    scheduled: Any = ForeignKeyField("beffroi.ScheduledPost", related_name=False, on_delete=SET_NULL, null=True)
    scheduled_id: int | None
    position = IntField(default=0)
    kind = Text()
    mime = Text(default="")
    storage_key = Text(null=True)
    preview_key = Text(null=True)
    remote_url = Text(null=True)
    width = IntField(null=True)
    height = IntField(null=True)
    preview_width = IntField(null=True)
    preview_height = IntField(null=True)
    size_bytes = BigIntField(default=0)
    blurhash = Text(null=True)
    description = Text(default="")
    focus_x = FloatField(null=True)
    focus_y = FloatField(null=True)
    created_ms = BigIntField()
    state = Text(default="ready")
    duration_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "media"


class CustomEmoji(Table):
    """A custom emoji of the node."""

    id = BigIntField(primary_key=True, generated=False)
    shortcode = Text(unique=True)
    category = Text(default="")
    image_key = Text()
    static_key = Text()
    in_picker = BooleanField(default=True)
    disabled = BooleanField(default=False)
    size_bytes = BigIntField(default=0)
    created_ms = BigIntField()
    updated_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "custom_emojis"


class CachedMedia(Table):
    """A remote picture that the node keeps for its readers."""

    url = Text(primary_key=True)
    storage_key = Text(null=True)
    mime = Text(default="")
    size_bytes = BigIntField(default=0)
    fetched_ms = BigIntField()
    used_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "media_cache"

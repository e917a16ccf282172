"""The form in which a post is written or changed, read: its words, for whom it is, its pictures with what they show.

Without JavaScript: the button that adds a picture sends the form, which comes back with the picture in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from node.media import addresses, attachments, images, recordings
from node.media.attachments import Media
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import Sentence, sentence
from node.timeline import replies
from node.timeline.attached import MAX_LOCAL
from node.timeline.replies import Rule
from node.timeline.visibility import VISIBILITIES, Visibility
from node.web.forms import Form

MAX_FORM_BYTES: Final = images.MAX_BYTES + 64 * 1024

LEVELS: Final[dict[Visibility, Sentence]] = {
    "public": sentence("Everybody, and it stands in the public timelines"),
    "unlisted": sentence("Everybody, but it stands in no public timeline"),
    "followers": sentence("The followers of the account"),
    "direct": sentence("Only the accounts that it names"),
}
LANGUAGES: Final[dict[str, str]] = {
    "fr": "Français", "en": "English", "de": "Deutsch", "es": "Español", "it": "Italiano", "pt": "Português",
    "ar": "العربية", "br": "Brezhoneg", "ca": "Català", "co": "Corsu", "eu": "Euskara", "oc": "Occitan",
}  # fmt: skip
"""In their own words."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is uploaded, with what stands in its field."""

    id: int
    preview: str
    alt: str


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the form."""

    text: str = ""
    summary: str = ""
    visibility: str = "public"
    language: str = "fr"
    replies: str = ""
    """Who may reply; empty: as is usual for the account."""
    pictures: Sequence[Picture] = field(default_factory=tuple)
    adding: bool = False
    """Only the button for the picture was pressed."""

    @property
    def level(self) -> Visibility:
        """For whom it is.

        Raises:
            Invalid: nobody that the form offers.
        """
        if self.visibility not in VISIBILITIES:
            raise Invalid(sentence("The visibility is public, unlisted, followers or direct."))
        return self.visibility

    @property
    def rule(self) -> Rule | None:
        """Who may reply; None: as is usual for the account.

        Raises:
            Invalid: a word that the form does not offer.
        """
        return replies.rule_of(self.replies) if self.replies else None

    @property
    def media_ids(self) -> tuple[int, ...]:
        return tuple(picture.id for picture in self.pictures)

    @property
    def room(self) -> bool:
        """Whether one more picture goes in."""
        return len(self.pictures) < MAX_LOCAL

    def require_described(self) -> None:
        """Pass, if it is said of each picture what it shows.

        Raises:
            Invalid: one has no description.
        """
        if not all(picture.alt.strip() for picture in self.pictures):
            raise Invalid(sentence("Say of each picture what it shows: some people hear it instead of seeing it."))


async def read(
    ctx: Context, form: Form, *, actor_id: int, post_id: int | None = None
) -> tuple[Written, Sentence | None]:
    """What was sent, and what is wrong with a picture that came along: then the rest is there, and nothing is lost.

    A picture that is not the account's, or stands in another post than *post_id*, is left out.
    """
    named = [
        int(name[6:]) for name in form.values if name.startswith("media_") and name[6:].isdigit() and len(name) < 25
    ]
    found = await attachments.by_ids(ctx.db.reader, named)
    held = [
        found[media_id]
        for media_id in named
        if media_id in found
        and found[media_id].actor_id == actor_id
        and found[media_id].post_id in (None, post_id)
        and form.text(f"remove_{media_id}") != "on"
    ]
    pictures = [_shown(media, form.text(f"alt_{media.id}")) for media in held]
    problem: Sentence | None = None
    data = form.files.get("picture")
    if data is not None and recordings.looks_like(data):
        problem = sentence("This page takes pictures. Publish films and sounds with an application.")
    elif data is not None and len(pictures) < MAX_LOCAL:
        alt = form.text("alt")
        try:
            media = await attachments.upload(ctx, actor_id=actor_id, data=data, description=alt)
            pictures.append(_shown(media, alt))
        except BeffroiError as error:
            said = error.args[0]
            problem = said if isinstance(said, Sentence) else sentence("This picture cannot be read. Take another one.")
    written = Written(
        text=form.text("text"),
        summary=form.text("summary"),
        visibility=form.text("visibility") or "public",
        language=form.text("language") or "fr",
        replies=form.text("replies"),
        pictures=pictures,
        adding=form.text("act") == "picture",
    )
    return written, problem


async def kept(reader: Reader, media_ids: Sequence[int]) -> list[Picture]:
    """The pictures of a post that is to be changed."""
    found = await attachments.by_ids(reader, media_ids)
    return [_shown(found[each], found[each].description) for each in media_ids if each in found]


async def describe(tx: Tx, written: Written) -> None:
    """Keep what each picture shows."""
    found = await attachments.by_ids(tx, written.media_ids)
    for picture in written.pictures:
        if found[picture.id].description != picture.alt.strip():
            await attachments.describe(tx, media=found[picture.id], description=picture.alt)


def _shown(media: Media, alt: str) -> Picture:
    key = media.preview_key or (media.storage_key if media.kind == "image" else None)
    return Picture(media.id, addresses.of_default("", "header") if key is None else addresses.of_key("", key), alt)

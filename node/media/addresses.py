"""Where files are served: `/media/…` on a service host. Addresses never change their content, so they are kept forever.

- `/media/{folder}/{random}.{extension}`: what our own people uploaded; the path is the key in the storage;
- `/media/cache/{kind}/{id}/{version}`: a stranger's picture, fetched by the node when first asked for, so that
  its server never learns who reads. `{version}` is drawn from the picture's URL: it changes with it, and makes an
  address that was not given unguessable;
- `/media/default/{name}.png`: for actors without a picture.
"""

import hashlib
import re
import secrets
from typing import Final, Literal

Kind = Literal["avatar", "header", "image", "preview", "emoji", "post_emoji", "reaction", "card"]

KINDS: Final[tuple[Kind, ...]] = ("avatar", "header", "image", "preview", "emoji", "post_emoji", "reaction", "card")
FOLDERS: Final = ("files", "avatars", "headers", "emojis")
EXTENSIONS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/webm": "weba",
    "audio/flac": "flac",
    "audio/wav": "wav",
}
MIMES: Final = {extension: mime for mime, extension in EXTENSIONS.items()}
_NAME: Final = re.compile(rf"[0-9a-f]{{32}}\.(?:{'|'.join(MIMES)})")


def new_key(folder: str, mime: str) -> str:
    """A fresh key in the storage, which nobody can guess: files of followers-only posts have no other lock."""
    return f"{folder}/{secrets.token_hex(16)}.{EXTENSIONS[mime]}"


def is_key(folder: str, name: str) -> bool:
    """Whether `folder/name` is a key that `new_key` makes."""
    return folder in FOLDERS and _NAME.fullmatch(name) is not None


def of_key(home: str, key: str) -> str:
    """The address of a file of ours; *home* is `https://service.host`."""
    return f"{home}/media/{key}"


def of_remote(home: str, kind: Kind, owner_id: int, url: str) -> str:
    """The address under which the node shows a stranger's picture; *owner_id* is the actor's, the media's or the card's id."""
    return f"{home}/media/cache/{kind}/{owner_id}/{version(url)}"


def of_default(home: str, kind: Literal["avatar", "header"]) -> str:
    """The address of the picture of those who have none."""
    return f"{home}/media/default/{kind}.png"


def of_actor(home: str, kind: Literal["avatar", "header"], actor_id: int, held: str | None, *, local: bool) -> str:
    """The address of an actor's picture, never empty; *held* is the column: a key of ours, or a stranger's URL."""
    if not held:
        return of_default(home, kind)
    return of_key(home, held) if local else of_remote(home, kind, actor_id, held)


def version(url: str) -> str:
    """What stands for *url* in an address of the cache."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:20]

"""Forms, as a browser posts them from our own pages and from nowhere else."""

import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from node.runtime.errors import Forbidden, Malformed, TooLarge
from node.runtime.i18n import sentence
from node.runtime.text.cleaning import storable
from node.web.visits import Visit

_MAX_BYTES: Final = 64 * 1024
_MAX_FIELDS: Final = 100
_MAX_FILES: Final = 8
TOKEN: Final = "form_token"  # noqa: S105 - the name of a field


class ForgedForm(Forbidden):
    """A form that another site sent, or that is older than the session it belongs to."""

    def __init__(self) -> None:
        super().__init__(sentence("This form did not come from this site, or it has expired. Go back and try again."))


@dataclass(frozen=True, slots=True)
class Form:
    """Names to values; of a repeated name, the last."""

    values: Mapping[str, str]
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Names to the files that were chosen; a field where none was is left out."""

    def text(self, name: str) -> str:
        """The value, or an empty text."""
        return self.values.get(name, "")

    def require_token(self, expected: str) -> None:
        """Pass, if the form carries the token that our page put into it.

        Raises:
            ForgedForm: it does not.
        """
        if not expected or not secrets.compare_digest(self.text(TOKEN).encode(), expected.encode()):
            raise ForgedForm


async def read(visit: Visit, *, max_bytes: int = _MAX_BYTES) -> Form:
    """The form that was posted; more than *max_bytes* only where it brings files.

    Raises:
        ForgedForm: the browser says that another site's page sent it.
        Malformed: not a form.
        TooLarge: more than the form can hold.
    """
    _check_origin(visit)
    kind = visit.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Malformed(sentence("This is not a form that a page of this site sends."))
    body = bytearray()
    async for piece in visit.request.stream():
        body += piece
        if len(body) > max_bytes:
            raise TooLarge(sentence("The form is too long."))
    if kind == "multipart/form-data":
        return await _parts(visit, bytes(body))
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise TooLarge(sentence("The form is too long.")) from None
    return Form({name: storable(value) for name, value in pairs})


async def _parts(visit: Visit, body: bytes) -> Form:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        visit.request.headers, whole(), max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=_MAX_BYTES
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):  # a part without a name, a header that is none
        raise Malformed(sentence("This is not a form that a page of this site sends.")) from None
    try:
        items = [(storable(name), value) for name, value in form.multi_items()]
        files = {name: await value.read() for name, value in items if isinstance(value, UploadFile)}
        values = {name: storable(value) for name, value in items if isinstance(value, str)}
    finally:
        await form.close()
    return Form(values, {name: data for name, data in files.items() if data})


def _check_origin(visit: Visit) -> None:
    # Every browser of today names the origin of a POST. A program without one has no cookies to abuse.
    origin = visit.request.headers.get("origin")
    if origin is None and (referer := visit.request.headers.get("referer")):
        parts = urlsplit(referer)
        origin = f"{parts.scheme}://{parts.netloc}"
    if origin is not None and origin.lower() != visit.home:
        raise ForgedForm

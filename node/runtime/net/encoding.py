"""A compressed body, unpacked no further than its reader takes."""

import zlib

_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS  # zlib's own way to say: read the header and find out


class Garbled(ValueError):
    """The body cannot be unpacked; the message says why."""


class Swollen(ValueError):
    """Unpacked, the body is longer than the limit."""


def unpacked(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """The content of *body*, sent with `Content-Encoding: encoding`.

    Memory stays under *max_bytes* whatever the ratio: 10 kB of gzip can hold 10 MB of zeros.

    Raises:
        Garbled: an encoding that was not asked for, a broken or cut stream, or several streams in a row (each may
            be empty, so that reading them all is work without end).
        Swollen: more than *max_bytes*.
    """
    name = encoding.strip().lower()
    if name in ("", "identity") or not body:
        return body
    if name not in ("gzip", "x-gzip", "deflate"):
        raise Garbled("it is compressed in a way that was not asked for")
    stream = zlib.decompressobj(_ZLIB_OR_GZIP)
    try:
        content = stream.decompress(body, max_bytes + 1)
    except zlib.error:
        raise Garbled("its compression is broken") from None
    if len(content) > max_bytes:
        raise Swollen
    if not stream.eof or stream.unused_data:
        raise Garbled("its compression is cut or has a tail")
    return content

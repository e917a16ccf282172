"""What depends on who is asked, put into JSON that was rendered once for all.

One node serves several domains: at home an account is `mairie`, on another domain of the node `mairie@ville.fr`;
and addresses of files lie on the service host that the client talks to. Rendered bytes hold marks in these
places: 0x01 around `@host`, 0x02 for `https://service.host`. JSON escapes control characters in every string, so
no text of anybody can hold a mark.
"""

import orjson

from node.actors.actor import Actor
from node.actors.domains import Domain

HOME = "\x02"
"""Stands for `https://service.host`; for `address` only, as orjson would escape it."""


def acct(actor: Actor) -> orjson.Fragment:
    """The account's name, as JSON: a stranger's with its host, a local one's with a mark around it."""
    name = orjson.dumps(actor.username)[1:-1]
    host = orjson.dumps(actor.handle_host)[1:-1]
    return orjson.Fragment(b'"%s\x01@%s\x01"' % (name, host) if actor.local else b'"%s@%s"' % (name, host))


def address(url: str) -> orjson.Fragment:
    """An address that may begin with `HOME`, as JSON."""
    if not url.startswith(HOME):
        return orjson.Fragment(orjson.dumps(url))
    return orjson.Fragment(b'"\x02' + orjson.dumps(url[1:])[1:])


def splice(body: bytes, domain: Domain, scheme: str) -> bytes:
    """*body* as the clients of *domain* get it."""
    pieces = body.split(b"\x01")
    if len(pieces) > 1:  # every second one stood between marks
        here = b"@%s" % domain.handle_host.encode()
        pieces[1::2] = [b"" if each == here else each for each in pieces[1::2]]
        body = b"".join(pieces)
    if b"\x02" in body:
        body = body.replace(b"\x02", f"{scheme}://{domain.service_host}".encode())
    return body

"""Addresses of mail, as a header may hold them."""

from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final

from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

_MAX_CHARS: Final = 254  # RFC 5321 §4.5.3.1.3, less its brackets
_NOT_BARE: Final = frozenset(' "(),:;<>[\\]')


def checked(address: str, name: str = "") -> Address:
    """*address*, its host in ASCII, called *name*.

    Raises:
        Invalid: it is none, or it or *name* tries to be more than that.
    """
    local, _, host = address.rpartition("@")
    try:
        if not (address + name).isprintable() or len(address) > _MAX_CHARS or not local.isascii():
            raise ValueError
        # The library forgives: it reads `a@b (c)` and `"a b"@c` too.
        if not local or not _NOT_BARE.isdisjoint(local) or "@" in local or not _NOT_BARE.isdisjoint(host):
            raise ValueError
        ascii_host = host.encode("idna").decode("ascii").lower()
        if not ascii_host.replace("-", "").replace(".", "").isalnum():
            raise ValueError
        return Address(display_name=name, addr_spec=f"{local}@{ascii_host}")
    except (ValueError, IndexError, MessageError):  # of the last kind for `a@b.`
        raise Invalid(sentence("This is not an e-mail address.")) from None


def sender(written: str) -> Address:
    """`mairie@commune.example`, or `Mairie <mairie@commune.example>`.

    Raises:
        Invalid: it is no address.
    """
    if not written.isprintable():
        raise Invalid(sentence("This is not an e-mail address."))
    name, address = parseaddr(written)
    return checked(address, name)

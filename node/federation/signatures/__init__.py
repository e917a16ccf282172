"""Who sent this request: HTTP signatures behind one policy, keys, and object proofs. Pure: no network, no database.

A request is refused in order of cost: `read` parses the claim, `check` asks for strength, freshness and a true
digest before any key is fetched, `verify` does the arithmetic. Each wire format has a file (`cavage`, `rfc9421`); what is
asked of all of them is in `policy` alone.
"""

from node.federation.signatures.policy import check, key_owner_hint, read, sign, verify
from node.federation.signatures.requests import Claim, Request, Scheme

__all__ = ["Claim", "Request", "Scheme", "check", "key_owner_hint", "read", "sign", "verify"]

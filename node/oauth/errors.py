"""OAuth's refusals, by the names that RFC 6749 §4.1.2.1 and §5.2 give them."""

from typing import ClassVar

from node.runtime.errors import BeffroiError


class OAuthError(BeffroiError):
    """A request that the authorisation server refuses: `code` is OAuth's word, the message explains."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid_request"


class InvalidRequest(OAuthError):
    """A parameter is missing, repeated or unreadable."""


class InvalidClient(OAuthError):
    """No such application, or not its secret."""

    status = 401
    code = "invalid_client"


class InvalidGrant(OAuthError):
    """The code is unknown, used, expired, or was given for something else."""

    code = "invalid_grant"


class InvalidScope(OAuthError):
    """A scope that does not exist, or that the application did not register."""

    code = "invalid_scope"


class UnsupportedGrantType(OAuthError):
    """Neither authorization_code nor client_credentials."""

    code = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    """Anything but `code`."""

    code = "unsupported_response_type"

"""Who calls: a program with a token, or a person's browser."""

from hmac import compare_digest

from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from apps.core.api.errors import CsrfFailed
from apps.users.models import ApiToken, User
from apps.users.services.tokens import note_use

_REFUSED = "The token is unknown, expired or revoked, or its owner may not sign in."


class Tokens(TokenAuthentication):
    """The library's header, read with care, and one query: an expired token stays in
    its owner's list until they revoke it."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        try:
            text = token.decode("ascii")
        except UnicodeDecodeError as error:
            raise AuthenticationFailed(_REFUSED) from error
        row = self._row_of(text) if text.isprintable() else None
        if row is None or row.is_expired or not row.user.is_active:
            raise AuthenticationFailed(_REFUSED)
        note_use(row)
        return row.user, row

    def _row_of(self, text: str) -> ApiToken | None:
        digest = hash_token(text)
        start = text[: CONSTANTS.TOKEN_KEY_LENGTH]
        rows = ApiToken.objects.filter(token_key=start).select_related("user")
        found = (row for row in rows if compare_digest(row.digest, digest))
        return next(found, None)


class Sessions(SessionAuthentication):
    """Somebody signed in with a browser; what they send is checked against CSRF."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed(str(error.detail)) from error

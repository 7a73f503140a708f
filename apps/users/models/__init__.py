"""People, the clients they work for, and the trail of what was done."""

from apps.users.models.api import ApiToken, IdempotencyRecord
from apps.users.models.audit import AuditEntry
from apps.users.models.authenticator import Authenticator
from apps.users.models.people import AnyUser, Client, Membership, User

__all__ = [
    "AnyUser",
    "ApiToken",
    "AuditEntry",
    "Authenticator",
    "Client",
    "IdempotencyRecord",
    "Membership",
    "User",
]

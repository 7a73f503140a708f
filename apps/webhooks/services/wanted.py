"""Which subjects a shop is to be told of, and through which of its apps.

A subject needs the permission of what it is about; two are about the consent itself,
and each app has its own. Source: Partner Center, webhook pages.
"""

from dataclasses import dataclass, field

from apps.integrations.tiktok.topics import Topic
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Authorization, Credential, Shop
from apps.platforms.services.scopes import (
    AUTHORIZATION,
    FULFILMENT,
    ORDERS,
    PRODUCTS,
    RETURNS,
    credential_for,
    credentials_of,
    grants,
)

OF_CONSENT = (Topic.SELLER_DEAUTHORIZATION, Topic.UPCOMING_AUTHORIZATION_EXPIRATION)
NEEDS = {
    Topic.ORDER_STATUS_CHANGE: ORDERS,
    Topic.RECIPIENT_ADDRESS_UPDATE: ORDERS,
    Topic.PACKAGE_UPDATE: FULFILMENT,
    Topic.CANCELLATION_STATUS_CHANGE: RETURNS,
    Topic.RETURN_STATUS_CHANGE: RETURNS,
    Topic.PRODUCT_STATUS_CHANGE: PRODUCTS,
    Topic.PRODUCT_INFORMATION_CHANGE: PRODUCTS,
    Topic.PRODUCT_CREATION: PRODUCTS,
    Topic.PRODUCT_AUDIT_STATUS_CHANGE: PRODUCTS,
}


@dataclass(slots=True)
class Wanted:
    """Subjects by the credential through which they are to be had; `barred` are those
    that no app of the shop may have, each with the reason."""

    by_credential: dict[Credential, list[Topic]] = field(default_factory=dict)
    barred: list[tuple[Topic, str]] = field(default_factory=list)

    @property
    def credentials(self) -> list[Credential]:
        return list(self.by_credential)


def wanted_of(shop: Shop) -> Wanted:
    """A few queries, and no call."""
    able = [row for row in credentials_of(shop) if not _keeps(row)]
    found = Wanted({row: [] for row in able})
    for topic, scope in NEEDS.items():
        try:
            credential = credential_for(shop, scope)
        except ReconnectNeeded as error:
            found.barred.append((topic, str(error)))
            continue
        if credential in able:
            found.by_credential[credential].append(topic)
        else:
            found.barred.append((topic, _keeps(credential)))
    for topics in found.by_credential.values():
        topics += OF_CONSENT
    return found


def _keeps(credential: Credential) -> str:
    """What keeps us from subscribing through this app; empty if nothing does."""
    if credential.authorization.state != Authorization.State.ACTIVE:
        return f"The consent for {credential.api_app} is over: reconnect the shop."
    if not grants(credential.authorization, AUTHORIZATION):
        return (
            f"{credential.api_app} has no permission to subscribe ({AUTHORIZATION}). "
            "Add it to the app in Partner Center, then connect again."
        )
    return ""

"""What staff do to a connected shop: name it, make it the main one, pause, let go."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Authorization, Invitation, Shop, ShopRole
from apps.platforms.services.token_store import wipe
from apps.platforms.services.trail import Actor
from apps.users.access import Place
from apps.users.models import Client, User
from apps.users.roles import CHANGE_SHOP
from apps.users.services import audit

FIGURES = ("rating", "product_count", "follower_count")


@transaction.atomic
def set_default(
    shop: Shop, *, actor: User | None = None, address: str | None = None
) -> Shop:
    """Make `shop` its client's main shop in place of the one before.

    Repeating it changes nothing. Raises ShopRefuses for a disconnected shop.
    """
    shop = _locked(shop)
    if shop.is_default:
        return shop
    if shop.state == Shop.State.DISCONNECTED:
        raise ShopRefuses(f"{shop} is disconnected. Reconnect it first.")
    before = Shop.objects.filter(client=shop.client_id, is_default=True).first()
    Shop.objects.filter(client=shop.client_id, is_default=True).update(is_default=False)
    shop.is_default = True
    shop.save(update_fields=["is_default", "modified_at"])
    details: dict[str, Any] = {"instead_of": str(before)} if before else {}
    audit.record(
        "made default",
        shop,
        actor=actor,
        client=shop.client,
        address=address,
        **details,
    )
    return shop


@transaction.atomic
def ensure_default(client: Client) -> Shop | None:
    """The client's main shop; the one linked first becomes it where there is none."""
    client = Client.objects.select_for_update().get(pk=client.pk)
    shops = Shop.objects.filter(client=client)
    if default := shops.filter(is_default=True).first():
        return default
    linked = shops.exclude(state=Shop.State.DISCONNECTED)
    first = linked.order_by("created_at", "pk").first()
    return set_default(first) if first else None


@transaction.atomic
def pause(shop: Shop, *, actor: User | None = None, address: str | None = None) -> Shop:
    """Stop pulling the shop; its tokens are still looked after."""
    shop = _locked(shop)
    if shop.state != Shop.State.CONNECTED:
        raise ShopRefuses(
            f"{shop} is {shop.get_state_display().lower()}: only a connected shop "
            "can be paused."
        )
    shop.state, shop.state_reason = Shop.State.PAUSED, ""
    shop.save(update_fields=["state", "state_reason", "modified_at"])
    audit.record("paused", shop, actor=actor, client=shop.client, address=address)
    return shop


@transaction.atomic
def resume(
    shop: Shop, *, actor: User | None = None, address: str | None = None
) -> Shop:
    """Pull the shop again; where its consent went meanwhile, say so instead."""
    shop = _locked(shop)
    if shop.state != Shop.State.PAUSED:
        raise ShopRefuses(f"{shop} is not paused.")
    refused = Authorization.objects.filter(credentials__shop=shop).exclude(
        state=Authorization.State.ACTIVE
    )
    lost = refused.first()
    shop.state = Shop.State.RECONNECT_NEEDED if lost else Shop.State.CONNECTED
    shop.state_reason = lost.last_error if lost else ""
    shop.save(update_fields=["state", "state_reason", "modified_at"])
    audit.record("resumed", shop, actor=actor, client=shop.client, address=address)
    return shop


def check_name(shop: Shop, typed_name: str) -> None:
    """Raises ShopRefuses unless that is the shop's name: it is this one for sure."""
    if typed_name.strip() != shop.name:
        raise ShopRefuses(f"Type the shop's name, “{shop.name}”, to disconnect it.")


@transaction.atomic
def disconnect(
    shop: Shop,
    typed_name: str,
    *,
    actor: User | None = None,
    address: str | None = None,
) -> Shop:
    """Stop the shop's jobs and forget what opens it; its history stays, read-only.

    A consent that also opens other shops is kept for them. Raises ShopRefuses unless
    `typed_name` is the shop's name. Repeating it changes nothing.
    """
    shop = _locked(shop)
    check_name(shop, typed_name)
    if shop.state == Shop.State.DISCONNECTED:
        return shop
    wiped = _close(shop, Actor(actor, address=address))
    shop.state = Shop.State.DISCONNECTED
    shop.state_reason = f"Disconnected on {timezone.now():%d %b %Y %H:%M} UTC."
    shop.failures_in_a_row, shop.rested_until, shop.rest_reason = 0, None, ""
    shop.save()
    audit.record(
        "disconnected",
        shop,
        actor=actor,
        client=shop.client,
        address=address,
        tokens_wiped=wiped,
    )
    return shop


@transaction.atomic
def save_settings(
    shop: Shop,
    values: dict[str, Any],
    *,
    actor: User | None = None,
    address: str | None = None,
) -> list[str]:
    """Write what differs; the names of the fields that did.

    A shop that changes hands keeps both clients with one main shop each, and leaves
    behind what was said of it in the old one's team. Raises ShopRefuses for a
    disconnected shop, which is read-only, and for a client that is not the actor's to
    give a shop to.
    """
    new_client = values.get("client", shop.client)
    # Both clients are locked, in the order of their keys, before any shop is.
    keys = {shop.client_id, new_client.pk}
    list(Client.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    shop = Shop.objects.select_for_update(of=["self"]).get(pk=shop.pk)
    old_client = shop.client
    if shop.state == Shop.State.DISCONNECTED:
        raise ShopRefuses(f"{shop} is disconnected and can only be read.")
    changed = {
        name: [_plain(getattr(shop, name)), _plain(value)]
        for name, value in values.items()
        if getattr(shop, name) != value
    }
    if not changed:
        return []
    if "client" in changed:
        _check_may_give(actor, shop, new_client)
        shop.is_default = False
    for name in changed:
        setattr(shop, name, values[name])
    if any(name in changed for name in FIGURES):
        shop.figures_at = timezone.now()
    shop.save()
    details: dict[str, Any] = {"changes": changed}
    if "client" in changed:
        details["ended"] = _leave_team(shop)
        ensure_default(old_client)
        ensure_default(shop.client)
    audit.record(
        "changed settings",
        shop,
        actor=actor,
        client=shop.client,
        address=address,
        **details,
    )
    return list(changed)


def _check_may_give(actor: User | None, shop: Shop, client: Client) -> None:
    """Out of a client whose shop one runs, into one all whose shops one runs."""
    if actor is None:
        return
    runs = actor.access.may(CHANGE_SHOP, Place(shop.client_id, shop.pk))
    if not runs or not actor.access.may(CHANGE_SHOP, Place(client.pk)):
        raise ShopRefuses("A shop can only be moved to a client whose shops you run.")


def _leave_team(shop: Shop) -> dict[str, int]:
    """Forget roles at the shop, and invitations to it: the people were another
    client's. An invitation that also names other shops goes with it, since it no
    longer is what its inviter wrote."""
    roles, _ = ShopRole.objects.filter(shop=shop).delete()
    waiting = Invitation.objects.filter(
        shops=shop, accepted_at=None, revoked_at=None
    ).values("pk")
    # Through the keys: an update cannot follow the table between.
    keys = [row["pk"] for row in waiting]
    revoked = Invitation.objects.filter(pk__in=keys).update(revoked_at=timezone.now())
    return {"shop_roles": roles, "invitations": revoked}


def _locked(shop: Shop) -> Shop:
    """The row as it is now, under its client's lock and its own."""
    Client.objects.select_for_update().get(pk=shop.client_id)
    return (
        Shop.objects.select_for_update(of=["self"])
        .select_related("client")
        .get(pk=shop.pk)
    )


def _close(shop: Shop, by: Actor) -> int:
    """Forget the tokens that opened this shop alone, and for the others what names
    the shop in a call; how many consents were wiped."""
    wiped = 0
    opened_by = Authorization.objects.filter(credentials__shop=shop).order_by("pk")
    for row in opened_by.distinct():
        others = row.credentials.exclude(shop=shop).exclude(
            shop__state=Shop.State.DISCONNECTED
        )
        if others.exists():
            row.credentials.filter(shop=shop).delete()
        else:
            wipe(row, by=by, client=shop.client)
            wiped += 1
    return wiped


def _plain(value: Any) -> Any:
    """For the audit trail, which keeps JSON."""
    return value if isinstance(value, str | int | None) else str(value)

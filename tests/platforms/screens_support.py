"""Rows for the screens: plain functions, each makes one thing and what it needs."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.models import (
    ApiApp,
    ApiCall,
    Authorization,
    Credential,
    Shop,
)
from apps.platforms.regions import region_of
from apps.sync.models import Resource, SyncRun
from apps.users.models import Client, Membership, User

_number = count(1)
LIST = "admin:platforms_shop_changelist"

VIEWER = ("platforms.view_shop",)
MANAGER = (
    "platforms.view_shop",
    "platforms.change_shop",
    "platforms.manage_credentials",
)


def make_client(name: str = "") -> Client:
    return Client.objects.get_or_create(name=name or f"Client {next(_number)}")[0]


def make_user(
    *clients: Client, permissions: tuple[str, ...] = MANAGER, **fields: Any
) -> User:
    """Staff who see the clients' shops and hold the permissions."""
    user = User.objects.create(
        **{"username": f"person{next(_number)}", "is_staff": True} | fields
    )
    for client in clients:
        Membership.objects.create(user=user, client=client)
    for name in permissions:
        app, codename = name.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def make_shop(**fields: Any) -> Shop:
    number = next(_number)
    region = region_of(fields.get("region", "US"))
    return Shop.objects.create(
        **{
            "client": fields.get("client") or make_client(),
            "remote_id": f"7495{number:012d}",
            "name": f"Store {number:03d}",
            "region": region.code,
            "currency": region.currency,
            "time_zone": region.time_zone,
        }
        | fields
    )


def make_app(**fields: Any) -> ApiApp:
    number = next(_number)
    return ApiApp.objects.create(
        **{
            "name": f"App {number}",
            "app_key": f"key{number}",
            "app_secret": f"app-secret-{number}-5e0f",
            "service_id": str(number),
        }
        | fields
    )


def make_consent(*shops: Shop, **fields: Any) -> Authorization:
    """One consent that opens the shops, with tokens that live for a while."""
    number, now = next(_number), timezone.now()
    consent = Authorization.objects.create(
        **{
            "api_app": fields.get("api_app") or make_app(),
            "open_id": f"open{number}",
            "seller_name": f"Seller {number}",
            "scopes": ["seller.order.info"],
            "access_token": f"access-token-{number}-4f2a",
            "refresh_token": f"refresh-token-{number}-9b1c",
            "access_expires_at": now + timedelta(hours=20, minutes=5),
            "refresh_expires_at": now + timedelta(days=61, minutes=5),
            "refresh_due_at": now + timedelta(hours=10),
            "refreshed_at": now,
        }
        | fields
    )
    for shop in shops:
        Credential.objects.create(
            shop=shop,
            api_app=consent.api_app,
            authorization=consent,
            shop_cipher=f"cipher-of-{shop.pk}",
        )
    return consent


def make_run(shop: Shop, **fields: Any) -> SyncRun:
    """A pull that went well five minutes ago, in two seconds."""
    started = fields.get("started_at") or timezone.now() - timedelta(minutes=5)
    return SyncRun.objects.create(
        **{
            "shop": shop,
            "resource": Resource.ORDERS,
            "trigger": SyncRun.Trigger.SCHEDULE,
            "state": SyncRun.State.DONE,
            "started_at": started,
            "ended_at": started + timedelta(seconds=2),
        }
        | fields
    )


def make_order(shop: Shop, **fields: Any) -> Order:
    return Order.objects.create(
        **{
            "shop": shop,
            "remote_id": f"57{next(_number):014d}",
            "status": Order.Status.TO_SHIP,
            "currency": shop.currency,
            "placed_at": timezone.now() - timedelta(days=1),
            "total_amount": "10.00",
            "lines_source": Order.Source.API,
        }
        | fields
    )


def make_call(shop: Shop | None, **fields: Any) -> ApiCall:
    return ApiCall.objects.create(
        **{
            "shop": shop,
            "method": "POST",
            "path": "/order/202309/orders/search",
            "http_status": 200,
            "code": 0,
            "milliseconds": 120,
            "request_id": f"r{next(_number)}",
        }
        | fields
    )


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page_of(shop: Shop, tab: str = "") -> str:
    address = reverse("admin:platforms_shop_change", args=[shop.pk])
    return f"{address}?tab={tab}" if tab else address


def deed(shop: Shop, name: str) -> str:
    return reverse("admin:platforms_shop_act", args=[shop.pk, name])


def notices(response: Any) -> str:
    """What the next page will say on top."""
    return " ".join(str(m) for m in response.context["messages"])

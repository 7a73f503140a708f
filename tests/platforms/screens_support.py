"""What the tests of the shop screens share: addresses, and somebody at a browser."""

from typing import Any

from django.test import Client as Browser
from django.urls import reverse

from apps.platforms.models import Shop
from apps.users.models import User

LIST = "admin:platforms_shop_changelist"


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

"""What can be done to a shop from its card or its page: POST, permission, one service.

Each deed returns what to tell the user, or the form that did not hold; a broken rule
is shown as it is put.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.orders.services.handing_over import save_shop_settings
from apps.platforms.admin import forms
from apps.platforms.admin.words import instant
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.platforms.services import shops as service
from apps.platforms.services.clients import client_at_page_through
from apps.platforms.services.features import features_of, switch_features
from apps.platforms.services.renewal import renew
from apps.platforms.services.trail import Actor
from apps.sync.models import Resource
from apps.sync.services.intervals import schedules_of, set_interval
from apps.sync.start import STARTED_BY, start_pull
from apps.users.models import User
from apps.users.roles import CHANGE_SHOP, MANAGE_CREDENTIALS, START_SYNC
from apps.users.services import audit
from apps.webhooks.services import leaving

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Deed:
    """What was asked: of which shop, by whom, from where."""

    request: HttpRequest
    shop: Shop

    @property
    def sent(self) -> Any:
        return self.request.POST

    @property
    def by(self) -> dict[str, Any]:
        """Who answers for it, as the services note it."""
        assert isinstance(self.request.user, User)
        return {
            "actor": self.request.user,
            "address": address_of(self.request),
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A form did not hold: show its tab again, with it."""

    tab: str
    forms: dict[str, Any]


Answer = str | Refused


def sync_now(deed: Deed) -> Answer:
    """News since last time; with `days`, the last so many days again."""
    if deed.sent.get("days") == "7":
        now = timezone.now()
        return _sync(deed, now - WEEK, now)
    return _sync(deed)


def sync_products(deed: Deed) -> Answer:
    return _sync(deed, resource=Resource.PRODUCTS)


def sync_stock(deed: Deed) -> Answer:
    return _sync(deed, resource=Resource.STOCK)


def _sync_of(resource: Resource) -> Callable[[Deed], Answer]:
    return lambda deed: _sync(deed, resource=resource)


def sync_period(deed: Deed) -> Answer:
    form = forms.PeriodForm(deed.sent, deed.shop)
    if not form.is_valid():
        return Refused("", {"period_form": form})
    return _sync(deed, *form.instants)


def make_default(deed: Deed) -> Answer:
    shop = service.set_default(deed.shop, **deed.by)
    return f"{shop} is now the default shop of {shop.client}."


def pause(deed: Deed) -> Answer:
    shop = service.pause(deed.shop, **deed.by)
    return f"{shop} is paused. Nothing is pulled until it is resumed."


def resume(deed: Deed) -> Answer:
    shop = service.resume(deed.shop, **deed.by)
    if shop.state == Shop.State.CONNECTED:
        return f"{shop} is connected again and will be pulled within a minute."
    return f"{shop} is no longer paused, but must be reconnected first."


def wake(deed: Deed) -> Answer:
    """End the rest of a shop that only erred, and see."""
    with transaction.atomic():
        breaker.wake(deed.shop)
        audit.record("ended the rest", deed.shop, client=deed.shop.client, **deed.by)
    return _sync(deed)


def disconnect(deed: Deed) -> Answer:
    left = leaving.disconnect(
        deed.shop,
        deed.sent.get("typed_name", ""),
        Actor(deed.by["actor"], address=deed.by["address"]),
        client_of=client_at_page_through,
    )
    if left.warning:
        messages.warning(deed.request, left.warning)
    ended = len(left.done.changed)
    webhooks = (
        f" TikTok posts {ended} subject{'' if ended == 1 else 's'} to us no more."
        if ended
        else ""
    )
    return f"{left.shop} is disconnected. Its history stays, read-only.{webhooks}"


def save_settings(deed: Deed) -> Answer:
    # The form writes into the instance it is given; the service takes the values.
    form = forms.SettingsForm(
        deed.sent,
        instance=Shop.objects.get(pk=deed.shop.pk),
        user=deed.request.user,
    )
    if not form.is_valid():
        return Refused("settings", {"settings_form": form})
    changed = save_shop_settings(deed.shop, form.cleaned_data, **deed.by)
    return "Settings saved." if changed else "Nothing was changed."


def save_features(deed: Deed) -> Answer:
    form = forms.FeatureForm(deed.sent, features_of([deed.shop])[deed.shop.pk])
    if not form.is_valid():
        return Refused("settings", {"feature_form": form})
    changed = switch_features(deed.shop, form.wanted, **deed.by)
    return "Features saved." if changed else "Nothing was changed."


def save_intervals(deed: Deed) -> Answer:
    # A page from before a resource was added does not ask for it.
    interval_forms = [
        forms.IntervalForm(deed.sent, instance=row, prefix=row.resource)
        for row in schedules_of(deed.shop)
        if f"{row.resource}-minutes" in deed.sent
    ]
    if any(form.errors for form in interval_forms):
        return Refused("settings", {"interval_forms": interval_forms})
    changed = [
        form.resource
        for form in interval_forms
        if set_interval(
            deed.shop,
            form.resource,
            is_on=form.cleaned_data["is_on"],
            minutes=form.cleaned_data["minutes"],
            **deed.by,
        )
    ]
    return "Sync schedule saved." if changed else "Nothing was changed."


def refresh_tokens(deed: Deed) -> Answer:
    """Of one consent (`authorization`), or of all that open the shop."""
    by = Actor(deed.by["actor"], address=deed.by["address"])
    key = deed.sent.get("authorization", "")
    return " ".join(
        f"{row.api_app}: access ended {instant(row.access_expires_at)}, now ends "
        f"{instant(fresh.access_expires_at)}; consent ended "
        f"{instant(row.refresh_expires_at)}, now ends "
        f"{instant(fresh.refresh_expires_at)}."
        for row, fresh in renew(deed.shop, by=by, authorization=key)
    )


# Name in the address: (permission, or those of which one will do; deed).
DEEDS: dict[str, tuple[str | tuple[str, ...], Callable[[Deed], Answer]]] = {
    "sync": (START_SYNC, sync_now),
    "sync-products": (STARTED_BY[Resource.PRODUCTS], sync_products),
    "sync-stock": (STARTED_BY[Resource.STOCK], sync_stock),
    **{
        f"sync-{resource.value}": (STARTED_BY[resource], _sync_of(resource))
        for resource in (Resource.PACKAGES, Resource.CANCELLATIONS, Resource.RETURNS)
    },
    "sync-period": (START_SYNC, sync_period),
    "default": (CHANGE_SHOP, make_default),
    "pause": (CHANGE_SHOP, pause),
    "wake": (START_SYNC, wake),
    "resume": (CHANGE_SHOP, resume),
    "settings": (CHANGE_SHOP, save_settings),
    "features": (CHANGE_SHOP, save_features),
    "intervals": (CHANGE_SHOP, save_intervals),
    "refresh-tokens": (MANAGE_CREDENTIALS, refresh_tokens),
    "disconnect": (MANAGE_CREDENTIALS, disconnect),
}


def act(
    request: HttpRequest,
    name: str,
    shop: Callable[[], Shop | None],
    missing: Callable[[], HttpResponse],
    show: Callable[[Shop, Refused], HttpResponse],
) -> HttpResponse:
    """Do it and go back to where it was asked. GET does nothing."""
    if name not in DEEDS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    permission, deed = DEEDS[name]
    found = shop()
    if found is None:
        return missing()
    enough = (permission,) if isinstance(permission, str) else permission
    if not any(request.user.has_perm(name, found) for name in enough):
        raise PermissionDenied
    try:
        answer = deed(Deed(request, found))
    except (DomainError, PlatformError) as error:
        messages.error(request, str(error))
    else:
        if isinstance(answer, Refused):
            return show(found, answer)
        messages.success(request, answer)
    return HttpResponseRedirect(_way_back(request, found))


def _sync(
    deed: Deed,
    since: datetime | None = None,
    until: datetime | None = None,
    resource: Resource = Resource.ORDERS,
) -> str:
    run = start_pull(deed.shop, resource, since=since, until=until, **deed.by)
    what = resource.label.lower()
    if run is not None:
        return f"{deed.shop}: {what} sync running since {run.started_at:%H:%M} UTC."
    return f"{deed.shop}: {what} sync started."


def _way_back(request: HttpRequest, shop: Shop) -> str:
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return back
    return reverse("admin:platforms_shop_change", args=[shop.pk])

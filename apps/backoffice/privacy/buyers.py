"""A buyer's request: find them, hand out what we hold, erase it.

For those who process the orders of a shop and manage its settings: its Admins.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.backoffice.privacy.downloads import json_file
from apps.core.addresses import address_of
from apps.orders.admin.words import STATUS_BADGES
from apps.orders.errors import ErasureRefused
from apps.orders.models import Buyer, Order
from apps.orders.services.privacy import (
    Subject,
    erase_buyer,
    export_buyer,
    find_subjects,
    holdings_of,
    subject_of,
)
from apps.platforms.models import Shop, ShopQuerySet
from apps.users.models import AnyUser, User
from apps.users.roles import CHANGE_SHOP, PROCESS_ORDERS

MOST_ORDERS = 100

View = Callable[[HttpRequest, Subject], HttpResponse]


def shops_of(user: AnyUser) -> ShopQuerySet:
    """Where somebody may answer buyers' requests."""
    return Shop.objects.visible_to(user, PROCESS_ORDERS).visible_to(user, CHANGE_SHOP)


def for_admins(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    allowed = permission_required([PROCESS_ORDERS, CHANGE_SHOP], raise_exception=True)
    return never_cache(login_required(allowed(view)))


def with_subject(view: View) -> Callable[..., HttpResponse]:
    """Hands the buyer to the view; one elsewhere is as good as none."""

    @for_admins
    @wraps(view)
    def found(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return view(request, _subject(request.user, kind, pk))

    return found


@require_safe
@for_admins
def buyers(request: HttpRequest) -> HttpResponse:
    """Search by handle, TikTok user ID or order ID."""
    text = request.GET.get("q", "").strip()[:200]
    subjects = find_subjects(shops_of(request.user), text) if text else []
    return _page(
        request,
        "buyers",
        "Buyers' data",
        text=text,
        rows=[(row, address(row), row.orders.count()) for row in subjects],
    )


@require_safe
@with_subject
def buyer(request: HttpRequest, subject: Subject) -> HttpResponse:
    if subject.order is not None and subject.order.buyer is not None:
        return redirect(address(subject_of(subject.order)))
    orders = subject.orders.select_related("shop").order_by("-placed_at", "-pk")
    return _page(
        request,
        "buyer",
        "Buyer's data",
        subject=subject,
        held=holdings_of(subject),
        orders=[
            (row, STATUS_BADGES[Order.Status(row.status)])
            for row in orders[:MOST_ORDERS]
        ],
        export_address=address(subject, "export"),
        erase_address=address(subject, "erase"),
    )


@require_POST
@with_subject
def export(request: HttpRequest, subject: Subject) -> HttpResponse:
    assert isinstance(request.user, User)
    data = export_buyer(subject, actor=request.user, address=address_of(request))
    return json_file(f"{_kind(subject)}-{subject.row.pk}", data)


@require_POST
@with_subject
def erase(request: HttpRequest, subject: Subject) -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        held = erase_buyer(
            subject,
            request.POST.get("typed_name", ""),
            actor=request.user,
            address=address_of(request),
        )
    except ErasureRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            f"The buyer's data is erased from {held.orders:,} "
            f"order{'' if held.orders == 1 else 's'}. It does not come back.",
        )
    return redirect(address(subject))


def address(subject: Subject, deed: str = "") -> str:
    """Of the page about them, or where a deed is asked for."""
    name = f"backoffice:{_kind(subject)}{deed and f'_{deed}'}"
    return reverse(name, args=[subject.row.pk])


def _kind(subject: Subject) -> str:
    return "buyer" if subject.buyer is not None else "order"


def _subject(user: AnyUser, kind: str, pk: int) -> Subject:
    if kind == "buyer":
        people = Buyer.objects.filter(shop__in=shops_of(user))
        row = people.select_related("shop__client").filter(pk=pk).first()
        if row is not None:
            return Subject(row.shop, buyer=row)
    else:
        orders = Order.objects.filter(shop__in=shops_of(user))
        order = orders.select_related("shop__client", "buyer").filter(pk=pk).first()
        if order is not None:
            return Subject(order.shop, order=order)
    raise Http404


def _page(
    request: HttpRequest, template: str, title: str, **context: object
) -> TemplateResponse:
    everything = admin.site.each_context(request) | {"title": title} | context
    return TemplateResponse(request, f"backoffice/{template}.html", everything)

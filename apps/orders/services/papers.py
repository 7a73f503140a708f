"""Labels and slips: fetched once, kept some days, put together for the printer.

They show who bought: their content goes to whoever may process the order, and into no
log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.storing import portions
from apps.integrations.contracts import PlatformClient
from apps.orders.errors import ActionRefused
from apps.orders.models import (
    ActionRun,
    Order,
    OrderAction,
    OrderEvent,
    OrderPackage,
    Package,
    ShippingDocument,
    ShopOrderSettings,
)
from apps.orders.services.actions.package_rules import NO_BUYER
from apps.orders.services.actions.wishes import Wish
from apps.orders.services.events import Happening, note_events
from apps.orders.services.order_settings import settings_of_shops
from apps.orders.services.preferences import locked_shop
from apps.orders.services.printing import Printout, check_readable, merged
from apps.platforms.services import scopes
from apps.platforms.services.clients import client_at_page
from apps.users.services import audit
from apps.users.services.audit import By

__all__ = [
    "Found",
    "Paper",
    "Printout",
    "fetch",
    "kept",
    "kept_of_run",
    "merged",
    "note_printed",
    "purge",
    "usual_paper",
    "wishes",
]
Kind = ShippingDocument.Kind
State = OrderAction.State


@dataclass(frozen=True, slots=True)
class Paper:
    """Which paper: `kind`, `size` and `format` as ShippingDocument has them."""

    kind: str = Kind.LABEL
    size: str = ShippingDocument.Size.A6
    format: str = ShippingDocument.Format.PDF

    @property
    def details(self) -> dict[str, str]:
        """As a wish for it has them."""
        parts = {"kind": self.kind, "size": self.size, "format": self.format}
        return {name: str(value) for name, value in parts.items()}


@dataclass(slots=True)
class Found:
    """Kept papers in the order of their packages, and the packages without one: (what,
    why)."""

    documents: list[ShippingDocument] = field(default_factory=list)
    missing: list[tuple[Package, str]] = field(default_factory=list)


def usual_paper(shop_id: int) -> Paper:
    """As the shop's settings have it."""
    settings = settings_of_shops([shop_id])[shop_id]
    return Paper(
        settings.document_kind, settings.document_size, settings.document_format
    )


def fetch(
    package: Package, paper: Paper, client: PlatformClient | None = None
) -> ShippingDocument:
    """The paper kept, else fetched now. Raises PlatformError, ReconnectNeeded, and
    ActionRefused for a package that TikTok does not know, one whose buyer was erased,
    or an answer that is no such paper."""
    known = ShippingDocument.objects.filter(package=package, **paper.details).first()
    if known is not None:
        return known
    if not package.remote_id:
        raise ActionRefused("Only a file has told of this package: it has no label.")
    _refuse_erased(package)
    client = client or client_at_page(package.shop, scopes.FULFILMENT)
    link = client.shipping_document(
        package.remote_id, paper.kind, size=paper.size, format_=paper.format
    )
    content = client.fetch_document(link.url)
    check_readable(content, paper.kind, paper.format)
    row = ShippingDocument(
        package=package,
        content=content,
        tracking_number=link.tracking_number[:80],
        fetched_at=timezone.now(),
        **paper.details,
    )
    return _keep(row)


@transaction.atomic
def _keep(row: ShippingDocument) -> ShippingDocument:
    """Under the lock that erasing takes, so that neither misses the other."""
    package = row.package
    locked_shop(package.shop_id)
    _refuse_erased(package)
    # Who fetched the same at the same moment has it from the same place.
    ShippingDocument.objects.bulk_create([row], ignore_conflicts=True)
    return ShippingDocument.objects.get(
        package=package, kind=row.kind, size=row.size, format=row.format
    )


def _refuse_erased(package: Package) -> None:
    if package.orders.filter(buyer_erased_at__isnull=False).exists():
        raise ActionRefused(NO_BUYER)


def kept(packages: Sequence[Package], paper: Paper) -> Found:
    """Of what is kept, in the order of the packages; one query a few thousand."""
    found: dict[int, ShippingDocument] = {}
    for some in portions([package.pk for package in packages]):
        rows = ShippingDocument.objects.filter(package__in=some, **paper.details)
        found |= {row.package_id: row for row in rows.select_related("package")}
    return _sorted(packages, found, {})


def kept_of_run(run: ActionRun) -> Found:
    """What a run of labels brought, in the order asked, and why some are missing."""
    actions = run.actions.filter(kind=OrderAction.Kind.LABEL, package__isnull=False)
    rows = list(actions.select_related("package").order_by("row", "pk"))
    packages = [row.package for row in rows if row.package is not None]
    wanted = {row.package_id: row for row in rows}
    found: dict[int, ShippingDocument] = {}
    for some in portions([package.pk for package in packages]):
        documents = ShippingDocument.objects.filter(package__in=some)
        for document in documents.select_related("package"):
            details = wanted[document.package_id].details
            if _is_as_asked(document, details):
                found[document.package_id] = document
    why = {key or 0: _why_missing(row) for key, row in wanted.items()}
    return _sorted(packages, found, why)


def wishes(packages: Sequence[Package], paper: Paper) -> list[Wish]:
    """To have the papers of many packages fetched in the background, in their order:
    ask them shop by shop. A combined package is asked for once."""
    links = OrderPackage.objects.filter(package__in=[p.pk for p in packages])
    orders: dict[int, Order] = {}
    for link in links.select_related("order__shop").order_by("order"):
        orders.setdefault(link.package_id, link.order)
    distinct = {p.pk: p for p in packages if p.pk in orders}
    return [
        Wish(orders[key], OrderAction.Kind.LABEL, paper.details, package, row=place)
        for place, (key, package) in enumerate(distinct.items(), start=1)
    ]


@transaction.atomic
def note_printed(documents: Sequence[ShippingDocument], by: By) -> None:
    """Somebody took them to the printer: the orders' timelines and the trail say so."""
    now = timezone.now()
    keys = [document.pk for document in documents]
    for some in portions(keys):
        ShippingDocument.objects.filter(pk__in=some).update(printed_at=now)
    links = OrderPackage.objects.filter(
        package__in={document.package_id for document in documents}
    )
    names = {d.package_id: d.get_kind_display() for d in documents}
    events: list[Happening] = []
    shops: dict[int, int] = {}
    for link in links.select_related("order__shop__client", "package"):
        words = f"Printed: {names[link.package_id].lower()} of {link.package}"
        events.append(Happening(link.order, OrderEvent.Kind.PRINTED, words, by))
        shops.setdefault(link.order.shop_id, len(events) - 1)
    note_events(events)
    for place in shops.values():
        shop = events[place].order.shop
        audit.record(
            "printed shipping papers",
            shop,
            actor=by.user,
            process=by.process,
            client=shop.client,
            address=by.address,
            count=sum(event.order.shop_id == shop.pk for event in events),
        )


def purge(now: datetime | None = None) -> int:
    """Let papers go that are older than their shop keeps them; how many."""
    now = now or timezone.now()
    usual = ShopOrderSettings().document_days
    own = dict(ShopOrderSettings.objects.values_list("shop", "document_days"))
    rows = ShippingDocument.objects.all()
    gone, _ = (
        rows.filter(fetched_at__lt=now - timedelta(days=usual))
        .exclude(package__shop__in=own)
        .delete()
    )
    for shop_id, days in own.items():
        old = rows.filter(
            package__shop=shop_id, fetched_at__lt=now - timedelta(days=days)
        )
        gone += old.delete()[0]
    return gone


def _sorted(
    packages: Sequence[Package],
    found: Mapping[int, ShippingDocument],
    why: Mapping[int, str],
) -> Found:
    result = Found()
    for package in {package.pk: package for package in packages}.values():
        if document := found.get(package.pk):
            result.documents.append(document)
        else:
            words = why.get(package.pk, "") or "It was not fetched yet."
            result.missing.append((package, words))
    return result


def _is_as_asked(document: ShippingDocument, details: Mapping[str, str]) -> bool:
    return all(getattr(document, name) == value for name, value in details.items())


def _why_missing(action: OrderAction) -> str:
    if action.state == State.DONE:
        return "It was let go after some days: fetch it again."
    return action.message or str(action.get_state_display())

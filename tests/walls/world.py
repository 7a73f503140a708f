"""A client and one row of every model that can be a client's, all marked.

Rows are made from the models themselves, so that a new model joins by itself. Every
text bears the world's word, and every row the world's key: whatever table an address
means, the same number is that client's row, and a number that stands on a page without
having been asked for gives itself away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.http import urlsafe_base64_encode

from apps.alerts.models import AlertEvent, AlertHook, AlertHours
from apps.backoffice.models import (
    CountedOrder,
    SalesDay,
    SalesDue,
    SalesHour,
    SettledDay,
)
from apps.content.models import AffiliateOrder, CreatorPerformance
from apps.credit.models import (
    Applicant,
    CreditReport,
    LenderDelivery,
    ReportShare,
    Score,
    ScoreInput,
)
from apps.credit.rules import Entity, Features, score
from apps.credit.services.reports.content import content_of
from apps.inventory.models import (
    Booking,
    OversellIncident,
    StockCount,
    StockDocument,
    StockDocumentLine,
    StockLevel,
    StockMovement,
    StockRule,
    Warehouse,
)
from apps.orders.models import ActionRun, Buyer, Order, OrderLine, OrderPayload
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    ConnectLink,
    CreatorAccount,
    Invitation,
    Shop,
    ShopRole,
)
from apps.platforms.services.connecting.tickets import digest
from apps.products.models import (
    AttributeRule,
    BundleComponent,
    ChannelCategory,
    ListingDraft,
    ListingSku,
    PriceRule,
    Product,
    Variant,
)
from apps.sync.models import CreatorRun, StockPush, SyncGap, SyncRun
from apps.users.models import AuditEntry, Client, Membership, User
from apps.users.roles import Role
from apps.webhooks.models import WebhookAttempt, WebhookDay

TEXT = (models.CharField, models.TextField)  # an encrypted column is a TextField

# Models that belong to no client, and why.
NOBODYS = {
    "alerts.AlertCheck": "when this server last looked at all shops",
    "backoffice.Heartbeat": "signs of life of the server's own processes",
    "backoffice.RetentionRule": "how long the server keeps what, for all clients",
    "finance.ExchangeRate": "what currencies were worth, for all clients",
    "auth.Permission": "Django's list of what can be permitted",
    "auth.Group": "counts for nothing here, see platforms.backends",
    "contenttypes.ContentType": "Django's list of models",
    "sessions.Session": "a browser's; its content is signed and read by nobody else",
    "django_celery_beat.SolarSchedule": "the server's own timetable",
    "django_celery_beat.IntervalSchedule": "the server's own timetable",
    "django_celery_beat.ClockedSchedule": "the server's own timetable",
    "django_celery_beat.CrontabSchedule": "the server's own timetable",
    "django_celery_beat.PeriodicTasks": "the server's own timetable",
    "django_celery_beat.PeriodicTask": "the server's own timetable",
}

# Text columns that cannot bear the word, and why.
UNMARKED = {
    "admin.LogEntry.object_id": "a key",
    "admin.LogEntry.change_message": "JSON of Django's own",
    "alerts.AlertHours.time_zone": "a time zone's name",
    "backoffice.SalesDay.currency": "a currency's code",
    "backoffice.SalesHour.currency": "a currency's code",
    "backoffice.SettledDay.currency": "a currency's code",
    "content.AffiliateOrder.currency": "a currency's code",
    "content.CreatorPerformance.currency": "a currency's code",
    "credit.ReportShare.token_hash": "a hash of the word",
    "finance.Payment.bank_account_ends": "four characters",
    "finance.Payment.currency": "a currency's code",
    "finance.Payment.settlement_currency": "a currency's code",
    "finance.SettlementTransaction.currency": "a currency's code",
    "finance.Statement.currency": "a currency's code",
    "finance.UnsettledTransaction.currency": "a currency's code",
    "finance.Withdrawal.currency": "a currency's code",
    "platforms.ConnectAttempt.region": "a country's code",
    "platforms.ConnectAttempt.state_hash": "a hash of the word",
    "platforms.ConnectLink.token_hash": "a hash of the word",
    "platforms.CreatorAccount.time_zone": "a time zone's name",
    "platforms.Shop.currency": "a currency's code",
    "platforms.Shop.time_zone": "a time zone's name",
    "orders.Order.currency": "a currency's code",
    "orders.Cancellation.currency": "a currency's code",
    "orders.Return.currency": "a currency's code",
    "products.Variant.cost_currency": "a currency's code",
    "products.VariantPrice.currency": "a currency's code",
    "products.SupplySource.currency": "a currency's code",
    "products.Supplier.currency": "a currency's code",
    "products.ListingSku.currency": "a currency's code",
    "products.PriceRule.base_currency": "a currency's code",
    "products.PriceRule.currency": "a currency's code",
    "users.ApiToken.ends_with": "four characters",
    "users.AuditEntry.target_id": "a key",
    "users.AuditEntry.target_type": "a model's name",
}


@dataclass(frozen=True, eq=False)
class World:
    """`key` is the primary key of all its rows."""

    word: str
    key: int
    rows: dict[type[models.Model], models.Model] = field(default_factory=dict)

    def __getitem__(self, model: type[models.Model]) -> Any:
        return self.rows[model]

    @property
    def client(self) -> Client:
        row: Client = self[Client]
        return row

    @property
    def shop(self) -> Shop:
        row: Shop = self[Shop]
        return row

    @property
    def marks(self) -> tuple[str, ...]:
        """What must not be seen by others, in lower case."""
        return (self.word.lower(), str(self.key), f"{self.key:,}", self.address)

    @property
    def address(self) -> str:
        """Where its people's requests came from; 7_000_001 makes 2001:db8::7000:1."""
        return f"2001:db8::{self.key // 1000}:{self.key % 1000}"

    @cached_property
    def told(self) -> dict[str, str]:
        """What can stand in an address: the key in its forms, the word, and the tokens
        of doors that were closed behind somebody. (Whoever brings the token of an open
        one is let in on purpose.)"""
        return {
            "word": self.word,
            "key": str(self.key),
            "key64": urlsafe_base64_encode(str(self.key).encode()),
            "link": f"{self.word}-link",
            "invitation": Invitation(pk=self.key, nonce=self.nonce).token,
        }

    @property
    def nonce(self) -> str:
        return f"{self.word}-nonce"


# Rows of the stock that all shops of a client share. Whoever sees one shop sees them,
# whichever shop they are about, and must not learn which. Those of the shop beside have
# keys of their own, so that only what they refer to gives itself away.
POOLED = (Booking, StockMovement, OversellIncident)
POOLED_STEP = 500_000

# Nothing is in it: a number and a word as good as those of a world.
ABSENT = World("Numbat", 9_000_001)


def make_world(word: str, key: int, beside: World | None = None) -> World:
    """A client with all that is its own; `beside` makes a further shop of that client,
    with all that hangs on the shop."""
    world = World(word, key)
    for model in owned_models():
        _row_of(world, model, beside)
    if beside is not None:
        _promise(world, world.key + POOLED_STEP, beside[StockLevel])
    return world


def owned_models() -> Iterator[type[models.Model]]:
    """All that could belong to a client, be they ours or a library's."""
    for model in apps.get_models():
        options = model._meta
        if options.label not in NOBODYS and not (options.proxy or options.swapped):
            yield model


def unmarked_texts(world: World) -> Iterator[str]:
    """Text columns of the world's rows in which its word is not to be found."""
    for model, row in world.rows.items():
        for column in model._meta.concrete_fields:
            is_text = isinstance(column, TEXT) and not column.choices
            text = str(column.value_from_object(row)).lower()
            if is_text and world.word.lower() not in text:
                yield f"{model._meta.label}.{column.name}"


def _row_of(
    world: World, model: type[models.Model], beside: World | None
) -> models.Model:
    """The world's row of a model, made with all it refers to."""
    if model in world.rows:
        return world.rows[model]
    if beside is not None and (model in POOLED or not _hangs_on_a_shop(model)):
        world.rows[model] = beside.rows[model]
        return world.rows[model]
    given = GIVEN.get(model, lambda world: {})

    def refer(target: Any) -> models.Model | None:
        if target is model or target._meta.label in NOBODYS:
            return None
        return _row_of(world, target, beside)

    references = {
        column.name: refer(column.related_model)
        for column in model._meta.concrete_fields
        if column.is_relation and column.name not in FREE.get(model, ())
    }
    values = {
        column.name: value
        for column in model._meta.concrete_fields
        if not column.is_relation
        and (value := _value(world, column)) is not models.NOT_PROVIDED
    }
    row = model(**(references | values | given(world)))
    # Not save(): what is written once only would not take a key of ours.
    model._default_manager.bulk_create([row])
    row = model._default_manager.get(pk=row.pk)
    world.rows[model] = row
    for column in model._meta.many_to_many:
        # Links with a model of their own are rows of it.
        through = column.remote_field.through
        assert through is not None
        is_plain = through._meta.auto_created
        if is_plain and (target := refer(column.related_model)) is not None:
            getattr(row, column.name).set([target])
    return row


def _value(world: World, column: Any) -> Any:
    """Something for a column: the key, the word, or else its default."""
    word = world.word.lower()
    if column.primary_key:
        if isinstance(column, models.UUIDField):
            return UUID(int=world.key)
        return f"{word}-{column.name}" if isinstance(column, TEXT) else world.key
    if column.choices:
        return column.default if column.has_default() else column.choices[0][0]
    if isinstance(column, models.EmailField):
        return f"{column.name}@{word}.example"
    if isinstance(column, models.URLField):
        return f"https://{word}.example/{column.name}"
    if isinstance(column, TEXT):
        return f"{world.word}-{column.name}"[: column.max_length]
    if isinstance(column, models.JSONField):
        return [f"{word}-said"] if column.default is list else {"said": f"{word}-said"}
    if isinstance(column, models.GenericIPAddressField):
        return world.address
    if column.null or column.has_default():
        return models.NOT_PROVIDED
    if isinstance(column, models.DateTimeField):
        return timezone.now()
    if isinstance(column, models.DecimalField):
        return Decimal("40.40")
    return 1 if isinstance(column, models.IntegerField) else models.NOT_PROVIDED


def _hangs_on_a_shop(model: Any) -> bool:
    if model in (Shop, Authorization, AuditEntry):
        return True
    columns = [*model._meta.concrete_fields, *model._meta.many_to_many]
    targets = {c.related_model for c in columns if c.is_relation} - {model, None}
    return any(_hangs_on_a_shop(target) for target in targets)


# References that stay empty: the two ways of a consent exclude each other, and what a
# rule says of a shop's last pieces goes before what the client's says. A commission is
# told by one side.
FREE: dict[type[models.Model], tuple[str, ...]] = {
    AffiliateOrder: ("creator_account",),
    # A client that asks is nobody's home, and an address is no person's.
    Applicant: ("home",),
    ReportShare: ("user",),
    ConnectAttempt: ("link",),
    StockRule: ("last_pieces_shop",),
}


def _someone(world: World) -> dict[str, Any]:
    return {"password": f"!{world.word}", "is_staff": True}


def _a_shop(world: World) -> dict[str, Any]:
    return {
        "region": "MY",
        "currency": "MYR",
        "time_zone": "Asia/Kuala_Lumpur",
        "rating": Decimal("4.5"),
        "remote_id": f"{world.word}-shop-id",
    }


def _a_consent(world: World) -> dict[str, Any]:
    now = timezone.now()
    return {
        "access_expires_at": now + timedelta(days=7),
        "refresh_expires_at": now + timedelta(days=90),
        "refresh_due_at": now + timedelta(days=3),
    }


def _a_creator_account(world: World) -> dict[str, Any]:
    return {"time_zone": "Asia/Kuala_Lumpur"}


def _a_performance(world: World) -> dict[str, Any]:
    today = timezone.now().date()
    return {"first_on": today, "last_on": today}


def _an_attempt(world: World) -> dict[str, Any]:
    now = timezone.now()
    return {
        "state_hash": digest(f"{world.word}-state"),
        "region": "MY",
        "expires_at": now + timedelta(minutes=10),
        "problem": "",
    }


def _a_link(world: World) -> dict[str, Any]:
    now = timezone.now()
    return {
        "token_hash": digest(world.told["link"]),
        "expires_at": now + timedelta(days=7),
        "used_at": now,
    }


def _an_order(world: World) -> dict[str, Any]:
    now = timezone.now()
    return {
        "status": Order.Status.TO_SHIP,
        "is_status_understood": False,
        "is_cancel_requested": True,
        "currency": "MYR",
        "total_amount": Decimal(world.key) / 100,
        "placed_at": now - timedelta(days=1),
        "ship_by_at": now + timedelta(hours=1),
        "lines_source": Order.Source.API,
        "testimony": {},
    }


def _an_entry(world: World) -> dict[str, Any]:
    return {
        "shop_key": world.key,
        "target_type": Shop._meta.label_lower,
        "target_id": str(world.key),
    }


def _a_log_entry(world: World) -> dict[str, Any]:
    return {
        "content_type": ContentType.objects.get_for_model(Shop),
        "object_id": str(world.key),
        "action_flag": CHANGE,
        "change_message": "[]",
    }


# What a model's rows must be like, where the rule for its columns does not do.
def _a_component(world: World) -> dict[str, Any]:
    """A bundle is not made of itself: there is a second variant."""
    part = Variant(
        pk=world.key + 500_000,
        client=world.client,
        product=world[Product],
        sku=f"{world.word}-part",
        name=f"{world.word}-part",
    )
    Variant.objects.bulk_create([part])
    return {"component": part}


def _a_draft(world: World) -> dict[str, Any]:
    said = f"{world.word.lower()}-said"
    note = {"field": "title", "text": said, "needs_person": True}
    return {
        "content": {"title": said, "description": said},
        "notes": [note, note | {"needs_person": False}],
        "removed_sku_ids": [],
    }


def _a_count(world: World) -> dict[str, Any]:
    return {"counted_at": timezone.now() - timedelta(days=3)}


def _a_document(world: World) -> dict[str, Any]:
    """It says of which order's line goods came back."""
    return {"kind": StockDocument.Kind.INSPECTION, "reason": ""}


def _a_document_line(world: World) -> dict[str, Any]:
    return {"outcome": StockDocumentLine.Outcome.SELLABLE, "order_id": world.key}


def _a_booking(world: World) -> dict[str, Any]:
    at = timezone.now() - timedelta(days=1)
    return {
        "cause_kind": Booking.Kind.ORDER,
        "cause_id": world.key,
        "reserved": 2,
        "expected_back": 1,
        "occurred_at": at,
        "claimed_at": at,
        "movement_count": 1,
    }


def _a_movement(world: World) -> dict[str, Any]:
    changes = {"reserved": 2, "expected_back": 1}
    changes |= {"on_hand_after": 0, "reserved_after": 2}
    placed = {"number": 1, "sequence": 1, "reason": StockMovement.Reason.ORDER}
    return placed | changes


def _promise(world: World, key: int, level: StockLevel) -> None:
    """The world's order is promised pieces of a level that is not its alone, and once
    some came back of it."""
    about = {"level": level, "pk": key}
    booking = Booking(
        **about,
        **_a_booking(world),
        cause_part=f"{world.word}-cause_part",
        shop=world.shop,
        sold=level.variant,
    )
    Booking.objects.bulk_create([booking])
    said = _a_movement(world) | {"number": 2, "reserved_after": 4}
    StockMovement.objects.bulk_create(
        [StockMovement(**about, **said, booking=booking, occurred_at=timezone.now())]
    )
    incident = OversellIncident(
        **about, booking=booking, quantity=2, worst=2, opened_at=timezone.now()
    )
    OversellIncident.objects.bulk_create([incident])
    StockDocumentLine.objects.create(
        pk=key,
        document=StockDocument.objects.get(client=world.client),
        position=2,
        variant=level.variant,
        quantity=1,
        outcome=StockDocumentLine.Outcome.SELLABLE,
        order_id=world.key,
        order_line_key=f"{world.word}-order_line_key",
    )
    StockLevel.objects.filter(pk=level.pk).update(
        reserved=4, expected_back=2, short=4, movement_count=2
    )
    # It rules the shops that are seen, too, and is not to name this one to them.
    last = {"last_pieces": 2, "last_pieces_shop": world.shop}
    StockRule.objects.create(pk=key, client=world.client, **last)


def _a_score(world: World) -> dict[str, Any]:
    """Of too little data; the shop's figures are told all the same."""
    features = Features(covered_days=0)
    return {
        "as_of": timezone.now().date(),
        "status": Score.Status.UNSCORABLE,
        "features": features.to_dict(),
        "result": score(features).to_dict(),
        "facts": _facts(world),
        "monthly_usd": Decimal(world.key) / 100,
        "rates_used": {},
    }


def _facts(world: World) -> dict[str, Any]:
    money = f"{world.key}.00"
    sums = {"gmv_usd": money, "refunds_usd": "0.00", "orders": 1, "returned_orders": 0}
    left_out = dict.fromkeys(("return_rate", "returned_share", "left_out_share"))
    earned = ("left_out_usd", "provision_usd", "net_seller_usd", "commission_usd")
    told = ("total_usd", "commission_paid_usd", "aov_usd", "monthly_usd", "net_usd")
    shop = {
        "shop": world.key,
        "name": f"{world.word} Lamps",
        "shop_id": f"{world.word}-shop-id",
        "region": "MY",
        "currency": "MYR",
        "time_zone": "Asia/Kuala_Lumpur",
        "net_usd": money,
        "gaps": [],
        "standing": Entity("shop").to_dict(),
    }
    return {
        "window": {
            "from": "2026-01-01",
            "to": "2026-03-31",
            "covered_days": 0,
            "gaps": [],
        },
        "measured": {
            **sums,
            **left_out,
            **dict.fromkeys((*earned, *told), money),
            "clawback": None,
            "settled_share": None,
            "fx_missing": 0,
        },
        "months": [],
        "shops": [shop | sums],
        "creators": [],
        "counts": {},
        "rates": [],
        "shown_by_others": [],
    }


def _a_report(world: World) -> dict[str, Any]:
    number = f"{world.word}-number"
    made = Score.objects.get(pk=world.key)
    return {"number": number, "content": content_of(made, number, "2026-04-01")}


def _a_share(world: World) -> dict[str, Any]:
    """An address that was taken back."""
    now = timezone.now()
    return {
        "token_hash": digest(world.told["link"]),
        "expires_at": now + timedelta(days=7),
        "revoked_at": now,
    }


def _sales(world: World) -> dict[str, Any]:
    today = timezone.now().date()
    gmv = {"currency": "MYR", "gmv": Decimal(world.key) / 100, "refunds": 0}
    return {"day": today, "rate_on": today, "cancelled": 0} | gmv


GIVEN: dict[type[models.Model], Callable[[World], dict[str, Any]]] = {
    LogEntry: _a_log_entry,
    User: _someone,
    Membership: lambda world: {"role": Role.ADMIN, "extra_permissions": []},
    AuditEntry: _an_entry,
    Shop: _a_shop,
    ApiApp: lambda world: {"app_secret": f"{world.word}-app-secret"},
    Authorization: _a_consent,
    ConnectAttempt: _an_attempt,
    CreatorAccount: _a_creator_account,
    CreatorPerformance: _a_performance,
    ConnectLink: _a_link,
    ShopRole: lambda world: {"role": Role.ADMIN, "extra_permissions": []},
    Invitation: lambda world: {
        "role": Role.ANALYST,
        "extra_permissions": [],
        "nonce": world.nonce,
        "accepted_at": timezone.now(),
        "expires_at": timezone.now() + timedelta(days=7),
    },
    Buyer: lambda world: {},
    Order: _an_order,
    OrderLine: lambda world: {
        "quantity": 2,
        "units": [[f"{world.word}-unit", "to_ship", f"{world.word}-remote_id"]],
    },
    OrderPayload: lambda world: {"source": Order.Source.API},
    ActionRun: lambda world: {
        "refused_rows": [[1, f"{world.word}-order", f"{world.word}-why"]],
    },
    CreatorRun: lambda world: {"issues": [[f"{world.word}-sale", world.word]]},
    SyncRun: lambda world: {"state": SyncRun.State.PARTLY},
    BundleComponent: _a_component,
    ChannelCategory: lambda world: {"is_leaf": True},
    ListingDraft: _a_draft,
    ListingSku: lambda world: {
        "mapping": ListingSku.Mapping.MATCHED,
        "mapped_reason": ListingSku.Reason.CHOSEN,
    },
    AttributeRule: lambda world: {"field": AttributeRule.Field.BRAND},
    PriceRule: lambda world: {"rate": 1, "rate_on": timezone.localdate()},
    Warehouse: lambda world: {"is_default": True},
    StockLevel: lambda world: {
        "is_counted": True,
        "reserved": 2,
        "expected_back": 1,
        "short": 2,
        "movement_count": 1,
    },
    StockCount: _a_count,
    StockDocument: _a_document,
    StockDocumentLine: _a_document_line,
    Booking: _a_booking,
    StockMovement: _a_movement,
    OversellIncident: lambda world: {"quantity": 2, "worst": 2},
    StockRule: lambda world: {"buffer": 1},
    Applicant: lambda world: {"buyer_ids": [], "erased_at": None},
    ScoreInput: lambda world: {"body": b""},
    Score: _a_score,
    CreditReport: _a_report,
    ReportShare: _a_share,
    LenderDelivery: lambda world: {"state": LenderDelivery.State.DONE},
    SalesDay: _sales,
    SalesHour: _sales,
    SalesDue: lambda world: {"day": timezone.now().date()},
    CountedOrder: lambda world: {"day": timezone.now().date()},
    SettledDay: lambda world: {
        "day": timezone.now().date(),
        "currency": "MYR",
        "amount": Decimal(world.key) / 100,
    },
    AlertEvent: lambda world: {"severity": "warning"},
    # Nobody listens there: who tries it out is told so at once.
    AlertHook: lambda world: {"address": f"http://127.0.0.1:9/{world.word}"},
    AlertHours: lambda world: {"time_zone": "Asia/Kuala_Lumpur"},
    WebhookAttempt: lambda world: {"is_ok": False},
    WebhookDay: lambda world: {"day": timezone.now().date()},
    SyncGap: lambda world: {
        "day": timezone.now().date() - timedelta(days=2),
        "their_money": {"MYR": f"{world.key}.50"},
        "our_money": {},
    },
    StockPush: lambda world: {
        name: {f"{world.word}-remote_id": 3}
        for name in ("wanted", "sent", "accepted", "found")
    },
}

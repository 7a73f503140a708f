"""Whatever is sent, by whomever: a documented answer, in the documented form.

FUZZ_EXAMPLES=200 asks longer, and as every role: more than the suite has time for.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.alerts.models import Alert
from apps.content.models import AffiliateOrder, Creator
from apps.credit.models import (
    Applicant,
    CreditReport,
    Dispute,
    ReportShare,
    Score,
)
from apps.finance.models import (
    Payment,
    SettlementTransaction,
    Statement,
    UnsettledTransaction,
)
from apps.imports.models import ImportRun
from apps.integrations.tiktok.retries import RetryPolicy
from apps.inventory.models import (
    Booking,
    OversellIncident,
    ShopWarehouse,
    StockDocument,
    StockLevel,
    StockMovement,
    StockRule,
    Warehouse,
)
from apps.orders.models import (
    ActionRun,
    Cancellation,
    Order,
    OrderAction,
    OrderNote,
    Package,
    Return,
    ShippingDocument,
    ShippingProvider,
)
from apps.platforms.models import (
    ApiCall,
    ConnectLink,
    CreatorAccount,
    Invitation,
    Shop,
)
from apps.products.models import (
    Category,
    Listing,
    ListingDraft,
    ListingSku,
    MappingBatch,
    PriceRule,
    Product,
    PublishItem,
    PublishRun,
    Supplier,
    Variant,
)
from apps.sync.models import CreatorRun, StockDrift, StockPush, SyncGap, SyncRun
from apps.users.models import ApiToken, AuditEntry, Client, Membership
from apps.users.roles import Role
from apps.webhooks.models import WebhookEvent
from tests.api.catalogue import make_catalogue
from tests.api.order_rows import make_order_rows
from tests.api.stock import make_stock
from tests.api.support import Caller
from tests.api.world import make_world
from tests.conftest import is_postgres
from tests.credit.selling import make_reported
from tests.factories.alerts import make_alert
from tests.factories.content import (
    make_affiliate_order,
    make_creator,
    make_creator_account,
)
from tests.factories.finance import (
    make_payment,
    make_statement,
    make_unsettled,
    remote_settlement,
)
from tests.factories.sync import make_creator_run
from tests.factories.users import make_user
from tests.factories.webhooks import make_event

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "3"))
IS_LONG = "FUZZ_EXAMPLES" in os.environ
# Who sees all and who sees some: one of them on each database.
CALLERS = ["superuser" if is_postgres() else "analyst"]
if IS_LONG:
    CALLERS = ["superuser", *Role.values]
# A 500 is described nowhere, so it is found, too; a 502 is the platform's.
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TABLES = {
    "action-runs": ActionRun,
    "affiliate-orders": AffiliateOrder,
    "alerts": Alert,
    "audit": AuditEntry,
    "calls": ApiCall,
    "cancellations": Cancellation,
    "carriers": ShippingProvider,
    "categories": Category,
    "clients": Client,
    "connect-links": ConnectLink,
    "creator-accounts": CreatorAccount,
    "creator-runs": CreatorRun,
    "creators": Creator,
    "gaps": SyncGap,
    "imports": ImportRun,
    "inspections": Booking,
    "invitations": Invitation,
    "listing-drafts": ListingDraft,
    "listing-skus": ListingSku,
    "listings": Listing,
    "mapping-batches": MappingBatch,
    "members": Membership,
    "order-actions": OrderAction,
    "orders": Order,
    "oversell-incidents": OversellIncident,
    "packages": Package,
    "payments": Payment,
    "price-rules": PriceRule,
    "products": Product,
    "publish-items": PublishItem,
    "publish-runs": PublishRun,
    "returns": Return,
    "runs": SyncRun,
    "settlement-transactions": SettlementTransaction,
    "shop-warehouses": ShopWarehouse,
    "shops": Shop,
    "statements": Statement,
    "stock-documents": StockDocument,
    "stock-drifts": StockDrift,
    "stock-levels": StockLevel,
    "stock-movements": StockMovement,
    "stock-pushes": StockPush,
    "stock-reservations": StockDocument,
    "stock-rules": StockRule,
    "suppliers": Supplier,
    "tokens": ApiToken,
    "unsettled": UnsettledTransaction,
    "variants": Variant,
    "warehouses": Warehouse,
    "webhook-events": WebhookEvent,
}
# Of an address with several places: whose key each is.
PLACES = {
    "shop_id": Shop,
    "order_id": Order,
    "package_id": Package,
    "share_id": ReportShare,
    "dispute_id": Dispute,
}
BELOW = {
    "notes": OrderNote,
    "documents": ShippingDocument,
    "applicants": Applicant,
    "scores": Score,
    "reports": CreditReport,
}


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests stay in the test's transaction: no signal closes its connection."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    yield
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform answers nobody in a test; to ask again would only take time."""
    monkeypatch.setattr(RetryPolicy, "pause_seconds", lambda *_: None)


def make_caller(role: str) -> Caller:
    world = make_world()
    make_stock(world, make_catalogue(world))
    make_order_rows(world)
    make_alert(world.shop)
    creator = make_creator(world.client)
    make_affiliate_order(world.shop, creator=creator, amount_texts={"price": "Rp9"})
    issues = [["5790001", "The amount cannot be read."]]
    make_creator_run(make_creator_account(world.client), issues=issues)
    make_statement(world.shop, remote_settlement(), remote_id="7301")
    make_payment(world.shop)
    make_unsettled(world.shop)
    make_event(world.shop, state=WebhookEvent.State.DEAD)
    make_reported(world.client, world.shop)
    if role == "superuser":
        return Caller(make_user(is_superuser=True))
    return Caller(make_user(clients=[world.client], role=role))


@pytest.mark.parametrize("role", CALLERS)
def test_no_request_gets_an_answer_that_is_not_described(role: str):
    caller = make_caller(role)
    headers = {"Authorization": f"Bearer {caller.token}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/schema/", get_wsgi_application(), headers=headers
    )
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    failures = {
        operation.label: failure
        for operation in operations
        if (failure := failure_of(operation, headers))
    }
    assert not failures, "\n\n".join(failures.values())
    assert len(operations) > 35


def failure_of(operation: Any, headers: dict[str, str]) -> str:
    """What went wrong with an operation, or nothing."""
    asked = 0

    @seed(2026)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(data=st.data())
    def ask(data: Any) -> None:
        nonlocal asked
        for mode in GenerationMode:
            try:
                case = data.draw(operation.as_strategy(generation_mode=mode))
            except Unsatisfiable:
                continue  # nothing about it can be wrong
            if data.draw(st.booleans()):
                aim(case)
            asked += 1
            undisturbed(case, headers)

    try:
        ask()
    except (FailureGroup, Failure) as failure:
        return f"{operation.label}\n{failure}"
    assert asked >= EXAMPLES, operation.label
    return ""


def aim(case: Any) -> None:
    """Half of the requests are for rows that are there, in whatever state."""
    for name in ("Idempotency-Key", "If-Match", "If-None-Match"):
        case.headers.pop(name, None)
    _, _, _, resource, *parts = case.operation.path.split("/")
    last = next((BELOW[part] for part in parts if part in BELOW), TABLES.get(resource))
    for name in case.path_parameters:
        table: Any = PLACES.get(name, last)
        rows = table.objects.order_by("pk")
        if resource == "stock-reservations":
            rows = rows.filter(kind=StockDocument.Kind.HOLD)
        row = rows.first()
        case.path_parameters[name] = row.pk if row else 1


def undisturbed(case: Any, headers: dict[str, str]) -> None:
    """Ask, check, and take back what it did."""
    before = transaction.savepoint()
    try:
        case.call_and_validate(headers=headers, checks=CHECKS)
    finally:
        transaction.savepoint_rollback(before)

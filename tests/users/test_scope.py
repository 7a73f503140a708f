"""People see what belongs to the clients they work for, and nothing else."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import Client as Browser
from django.utils import timezone

from apps.imports.models import ImportRun
from apps.orders.models import Buyer, Order, Parcel
from apps.platforms.models import ApiCall, Shop
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.users.models import AuditEntry, Client, User
from apps.users.services.audit import record
from tests.factories.orders import make_order
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


def make_world(word: str) -> Shop:
    """A client, a person, a shop and one of everything, all named with the word."""
    client = make_client(f"{word} Client")
    make_user(f"{word}-person", clients=[client])
    shop = make_shop(client, name=f"{word} Store", remote_id=f"{word}-shop-id")
    shop.code = f"{word}-code"
    shop.state_reason = f"{word}-reason"
    shop.save()
    make_authorization(shops=[shop])
    order = make_order(
        shop,
        f"{word}-order",
        sku=f"{word}-sku",
        remote_sku_id=f"{word}-sku-id",
        status_text=f"{word}-words",
        is_status_understood=False,
        carrier=f"{word}-carrier",
        tracking_number=f"{word}-tracking",
        recipient_name=f"{word}-recipient",
        seller_note=f"{word}-note",
        ship_by_at=timezone.now() + timedelta(hours=1),
        is_cancel_requested=True,
        buyer=Buyer.objects.create(shop=shop, username=f"{word}-buyer"),
    )
    Parcel.objects.create(order=order, tracking_number=f"{word}-parcel")
    run = SyncRun.objects.create(
        shop=shop,
        resource=Resource.ORDERS,
        trigger=SyncRun.Trigger.USER,
        state=SyncRun.State.PARTLY,
        first_error=f"{word}-error",
        started_at=timezone.now() - timedelta(hours=2),
    )
    SyncIssue.objects.create(run=run, remote_id=f"{word}-issue", message=f"{word}-why")
    ImportRun.objects.create(
        shop=shop,
        kind=ImportRun.Kind.ORDERS,
        state=ImportRun.State.PARTLY,
        file_name=f"{word}.csv",
        file_hash="",
        first_error=f"{word}-bad-row",
    )
    ApiCall.objects.create(
        shop=shop,
        method="GET",
        path=f"/{word}/path",
        http_status=200,
        code=105005,
        message=f"{word}-message",
        milliseconds=5,
        request_id=f"{word}-request",
        request=f"{word}-sent",
        response=f"{word}-answer",
    )
    record(f"{word}-did", shop, process=f"{word}-process", client=client)
    return shop


OURS, THEIRS = "Mangrove", "Quokka"


@pytest.fixture
def ours():
    return make_world(OURS)


@pytest.fixture
def theirs():
    return make_world(THEIRS)


@pytest.fixture
def browser(ours, theirs):
    """Signed in as a member of our client who may view and change all there is."""
    user = make_user("member", clients=[ours.client])
    user.user_permissions.set(Permission.objects.all())
    browser = Browser()
    browser.force_login(user)
    return browser


def html(page):
    assert page.status_code == 200, page
    return unescape(page.content.decode())


LISTS = sorted(
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
)
SCOPED: dict[str, Any] = {
    "/admin/orders/order/": Order,
    "/admin/platforms/shop/": Shop,
    "/admin/sync/syncrun/": SyncRun,
    "/admin/imports/importrun/": ImportRun,
    "/admin/platforms/apicall/": ApiCall,
    "/admin/users/client/": Client,
    "/admin/users/user/": User,
    "/admin/users/auditentry/": AuditEntry,
}


def test_every_admin_page_with_rows_of_clients_is_among_those_tested():
    assert set(SCOPED) <= set(LISTS)
    others = {address.split("/")[2] for address in set(LISTS) - set(SCOPED)}
    assert others == {"auth", "django_celery_beat", "platforms"}  # groups, API apps


@pytest.mark.parametrize("address", LISTS)
def test_no_list_shows_anything_of_another_client(browser, theirs, address):
    parameters = ["", "all=", "_facets=True", f"shop={theirs.pk}", "q=Quok", "_popup=1"]
    model = next(
        m
        for m in admin.site._registry
        if address.endswith(f"/{m._meta.app_label}/{m._meta.model_name}/")
    )
    for each in admin.site._registry[model].list_filter:
        name = each if isinstance(each, str) else getattr(each, "parameter_name", "")
        parameters += [f"{name}__exact=x", f"{name}={theirs.pk}", f"{name}__exact=1"]
    if model is Order:
        tabs = ("open", "all", "ship-24h", "overdue", "cancel-requested")
        parameters += [f"tab={tab}" for tab in tabs]

    for query in parameters:
        page = browser.get(f"{address}?{query}", follow=True)
        shown = html(page)
        assert THEIRS not in shown, f"{address}?{query}"
        if address in SCOPED and query == "":
            assert OURS in shown


PAGES = [
    "/admin/",
    "/admin/platforms/shop/?view=list",
    "/admin/platforms/shop/?include=test",
    "/platforms/connect/",
    "/platforms/links/",
    "/health/",
]


@pytest.mark.parametrize("address", PAGES)
def test_no_other_page_shows_anything_of_another_client(browser, address):
    assert THEIRS not in html(browser.get(address))


def test_the_audit_export_holds_nothing_of_another_client(browser):
    page = browser.get("/admin/users/auditentry/export/")

    exported = b"".join(page.streaming_content).decode()
    assert OURS in exported
    assert THEIRS not in exported


TABS = ["overview", "orders", "connection", "settings", "team", "history"]


@pytest.mark.parametrize("tab", TABS)
def test_a_shop_page_shows_nothing_of_another_client(browser, ours, tab):
    assert THEIRS not in html(
        browser.get(f"/admin/platforms/shop/{ours.pk}/?tab={tab}")
    )


def test_health_says_nothing_but_that_it_is_well(browser):
    assert browser.get("/health/").json() == {"status": "ok"}


@pytest.mark.parametrize(("address", "model"), SCOPED.items())
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_a_foreign_row_is_like_one_that_does_not_exist(
    browser, theirs, address, model, page
):
    foreign = (
        model.objects.get(username=f"{THEIRS}-person")
        if model is User
        else theirs.client
        if model is Client
        else theirs
        if model is Shop
        else model.objects.get(client=theirs.client)
        if model is AuditEntry
        else model.objects.get(shop=theirs)
    )

    def answer(pk):
        answered = browser.get(f"{address}{pk}/{page}/")
        said = browser.get("/admin/").context["messages"]
        return (
            answered.status_code,
            answered.headers.get("Location"),
            [str(message).replace(str(pk), "…") for message in said],
        )

    assert answer(foreign.pk) == answer(10**9)


def test_auto_completion_offers_only_people_of_ones_clients(browser):
    answer = browser.get(
        "/admin/autocomplete/",
        {"app_label": "users", "model_name": "membership", "field_name": "user"},
    )

    names = {row["text"] for row in answer.json()["results"]}
    assert names == {"member", f"{OURS}-person"}


def test_a_shop_can_only_be_given_to_a_client_one_belongs_to(browser, ours, theirs):
    answer = browser.post(
        f"/admin/platforms/shop/{ours.pk}/do/settings/",
        {
            "name": "x",
            "client": theirs.client.pk,
            "time_zone": "Asia/Kuala_Lumpur",
            "environment": ours.environment,
        },
        follow=True,
    )

    assert THEIRS not in html(answer)
    kept = Shop.objects.get(pk=ours.pk)
    assert (kept.client, kept.name) == (ours.client, ours.name)


def test_a_foreign_shop_cannot_be_synced(browser, theirs):
    answer = browser.post(f"/admin/platforms/shop/{theirs.pk}/do/sync/", {"days": "7"})
    missing = browser.post(f"/admin/platforms/shop/{10**9}/do/sync/", {"days": "7"})

    assert answer.status_code == missing.status_code

    assert not SyncRun.objects.filter(shop=theirs, state="running").exists()


CLOSED = [
    "/admin/orders/order/",
    "/admin/sync/syncrun/",
    "/admin/imports/importrun/",
]


@pytest.mark.parametrize("address", CLOSED)
def test_what_platforms_and_runs_write_nobody_adds_changes_or_deletes(
    browser, ours, address
):
    model = SCOPED[address]
    row = model.objects.get(shop=ours)
    before = list(model.objects.order_by("pk").values())
    root = Browser()
    root.force_login(make_user(is_superuser=True))

    for person in (browser, root):
        assert person.get(f"{address}add/").status_code == 403
        assert person.post(f"{address}add/", {"shop": ours.pk}).status_code == 403
        for page in ("change", "delete"):
            answer = person.post(f"{address}{row.pk}/{page}/", {"post": "yes"})
            assert answer.status_code == 403
        assert person.get(f"{address}{row.pk}/delete/").status_code == 403
        person.post(
            address, {"action": "delete_selected", "_selected_action": [row.pk]}
        )

    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("address", LISTS)
def test_without_permission_there_is_no_list(address):
    browser = Browser()
    browser.force_login(make_user(clients=[make_client()]))

    assert browser.get(address).status_code == 403


@pytest.mark.parametrize("address", [*LISTS, "/admin/", "/platforms/connect/"])
def test_signed_out_people_are_asked_to_sign_in(address):
    answer = Browser().get(address)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


def test_who_sees_which_clients(ours, theirs):
    member = make_user("one", clients=[ours.client])
    both = make_user("both", clients=[ours.client, theirs.client])
    root = make_user("root", is_superuser=True)
    nobody = make_user("nobody")
    gone = make_user("gone", clients=[ours.client], is_superuser=True)
    gone.is_active = False
    gone.save()

    def seen(user):
        rows = (Client, Shop, Order, SyncRun, ImportRun, Buyer)
        counts = {model.objects.visible_to(user).count() for model in rows}
        assert len(counts) == 1, counts
        return counts.pop()

    assert seen(member) == 1
    assert seen(both) == 2
    assert seen(root) == 2
    assert seen(nobody) == seen(gone) == seen(AnonymousUser()) == 0

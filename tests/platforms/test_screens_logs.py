"""The API log, the audit trail, the shop switcher and the sidebar."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.platforms.models import ApiApp, Shop, ShopFeature
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.services import audit
from tests.factories.orders import make_order
from tests.factories.platforms import make_call, make_shop
from tests.factories.users import make_client, make_user
from tests.platforms.screens_support import signed_in

pytestmark = pytest.mark.django_db
CALLS = reverse("admin:platforms_apicall_changelist")
AUDIT = reverse("admin:users_auditentry_changelist")
ORDERS = reverse("admin:orders_order_changelist")
READER = ("manage_settings", "view_analytics", "manage_credentials")


def reader(*clients, **fields):
    return signed_in(make_user(clients=clients, permissions=READER, **fields))


def rows(response):
    return list(response.context["cl"].result_list)


# The API log.


def test_the_log_shows_a_call():
    shop = make_shop(name="Main Store", region="US", environment="sandbox")
    make_call(shop, http_status=500, code=36009003, message="Internal error")

    page = reader(shop.client).get(CALLS).content.decode()

    for words in (
        "Main Store (US)",
        "Sandbox</span>",
        "POST",
        "/order/202309/orders/search",
        "500",
        "36009003",
        "Internal error",
        "120",
    ):
        assert words in page, words


def test_foreign_calls_are_in_no_list_group_count_or_page():
    shop, foreign = make_shop(name="Ours"), make_shop(name="Theirs")
    mine = make_call(shop, code=7)
    hidden = make_call(foreign, code=7, request_id="hidden-request")
    make_call(None, code=7, request_id="token-request")
    browser = reader(shop.client)

    for query in ("", "?code=7", f"?shop={foreign.pk}"):
        response = browser.get(CALLS + query)
        page = response.content.decode()
        assert rows(response) == [mine]
        assert [row["group"].count for row in response.context["groups"]] == [1]
        for leak in ("Theirs", "hidden-request", "token-request"):
            assert leak not in page

    detail = reverse("admin:platforms_apicall_change", args=[mine.pk])
    assert "1 today" in browser.get(detail).content.decode()
    for pk in (hidden.pk, hidden.pk + 10_000):
        address = reverse("admin:platforms_apicall_change", args=[pk])
        assert browser.get(address).status_code == 302


def test_filters_of_the_log():
    shop, other = make_shop(), make_shop()
    now = timezone.now()
    good = make_call(shop)
    refused = make_call(shop, http_status=401, code=105001, path="/authorization/x")
    down = make_call(other, http_status=503, code=36009003)
    silent = make_call(shop, http_status=0, code=-1, at=now - timedelta(days=3))
    said_no = make_call(shop, http_status=200, code=12)
    browser = reader(shop.client, other.client)

    def found(query):
        return set(rows(browser.get(f"{CALLS}?{query}")))

    assert found("status=2") == {good, said_no}
    assert found("status=4") == {refused}
    assert found("status=5") == {down}
    assert found("status=0") == {silent}
    assert found("status=error") == {refused, down, silent, said_no}
    assert found("code=105001") == {refused}
    assert found("code=-1") == {silent}
    assert found("path=authorization") == {refused}
    assert found(f"shop={other.pk}") == {down}
    assert found(f"since={now:%Y-%m-%d}") == {good, refused, down, said_no}
    assert found(f"until={now - timedelta(days=2):%Y-%m-%d}") == {silent}


def test_a_filter_that_does_not_fit_is_named():
    shop = make_shop()
    make_call(shop)

    response = reader(shop.client).get(f"{CALLS}?code=abc&since=soon")

    page = response.content.decode()
    assert len(rows(response)) == 1
    assert "TikTok code: ignored" in page
    assert "From: ignored" in page


def test_the_most_frequent_errors_stand_above():
    shop = make_shop()
    for _ in range(3):
        make_call(shop, code=36009003, message="Busy")
    make_call(shop, code=105001)
    make_call(shop)

    groups = reader(shop.client).get(CALLS).context["groups"]

    assert [(g["group"].code, g["group"].count) for g in groups] == [
        (36009003, 3),
        (105001, 1),
    ]
    assert "code=36009003" in groups[0]["query"]


def test_a_call_shows_what_was_kept_and_how_often_it_failed_today():
    shop = make_shop()
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    fields = {"code": 36009003, "http_status": 500}
    for _ in range(13):
        make_call(shop, at=midnight, **fields)
    make_call(shop, at=midnight - timedelta(seconds=1), **fields)
    call = make_call(
        shop,
        at=midnight,
        request='{"query": {"sign": "***"}}',
        response='{"code": 36009003, "cut off',
        **fields,
    )

    address = reverse("admin:platforms_apicall_change", args=[call.pk])
    page = reader(shop.client).get(address).content.decode()

    assert "14 today" in page
    assert "&quot;sign&quot;: &quot;***&quot;" in page
    assert "cut off" in page
    assert call.request_id in page


def test_the_log_is_read_only():
    shop = make_shop()
    call = make_call(shop)
    browser = reader(shop.client, is_superuser=True)

    add = browser.get(reverse("admin:platforms_apicall_add"))
    delete = browser.post(reverse("admin:platforms_apicall_delete", args=[call.pk]))

    assert (add.status_code, delete.status_code) == (403, 403)


def test_calls_for_no_shop_are_shown_to_superusers():
    call = make_call(None, path="/api/v2/token/refresh")

    assert rows(reader(is_superuser=True).get(CALLS)) == [call]


def test_many_calls_cost_as_many_queries():
    shop = make_shop()
    browser = reader(shop.client)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            browser.get(CALLS)
        return len(queries)

    make_call(shop, code=1)
    few = cost()
    for number in range(30):
        make_call(make_shop(shop.client), code=number)
    assert cost() == few


# The audit trail.


def test_the_trail_tells_who_did_what_to_what():
    shop, actor = make_shop(name="Main Store", region="US"), make_user("anna")
    audit.record(
        "changed settings",
        shop,
        actor=actor,
        client=shop.client,
        address="192.0.2.7",
        changes={"name": ["Shop 1", "Main Store"], "rating": [None, "4.5"]},
    )

    page = reader(shop.client).get(AUDIT).content.decode()

    for words in (
        "anna",
        "192.0.2.7",
        "changed settings",
        "Main Store (US)",
        "name: Shop 1 → Main Store · rating: — → 4.5",
    ):
        assert words in page, words


def test_foreign_entries_are_in_no_list_filter_or_export():
    ours, theirs = make_shop(name="Ours"), make_shop(name="Theirs")
    audit.record("paused", ours, client=ours.client)
    audit.record("secretly renamed", theirs, client=theirs.client)
    audit.record("rotated keys", theirs)
    browser = reader(ours.client)

    listed = browser.get(AUDIT)
    exported = browser.get(reverse("admin:users_auditentry_export"))

    assert [entry.verb for entry in rows(listed)] == ["paused"]
    page = listed.content.decode()
    text = b"".join(exported.streaming_content).decode()
    for leak in ("secretly renamed", "rotated keys", "Theirs", theirs.client.name):
        assert leak not in page
        assert leak not in text


def test_filters_of_the_trail_hold_for_the_export():
    one, two = make_shop(name="One"), make_shop(name="Two")
    anna = make_user("anna")
    audit.record("paused", one, actor=anna, client=one.client)
    with time_machine.travel(timezone.now() - timedelta(days=5)):
        audit.record("resumed", two, client=two.client, process="nightly")
    browser = reader(one.client, two.client)
    today = f"{timezone.now():%Y-%m-%d}"

    for query, verb in (
        ("actor=ann", "paused"),
        ("actor=night", "resumed"),
        ("verb=resumed", "resumed"),
        ("target=Two", "resumed"),
        (f"since={today}", "paused"),
        (f"until={timezone.now() - timedelta(days=1):%Y-%m-%d}", "resumed"),
        # Last: that this client's trail was taken is a line of it.
        (f"client={two.client.pk}", "resumed"),
    ):
        assert [e.verb for e in rows(browser.get(f"{AUDIT}?{query}"))] == [verb], query
        export = browser.get(f"{reverse('admin:users_auditentry_export')}?{query}")
        lines = b"".join(export.streaming_content).decode()
        table = list(csv.DictReader(io.StringIO(lines)))
        assert [line["did"] for line in table] == [verb]


def test_an_export_holds_no_formula():
    shop = make_shop(name='=HYPERLINK("http://example.com")')
    audit.record("paused", shop, client=shop.client)

    export = reader(shop.client).get(reverse("admin:users_auditentry_export"))

    (row,) = csv.DictReader(io.StringIO(b"".join(export.streaming_content).decode()))
    assert row["what"].startswith("'=HYPERLINK")


def test_the_trail_is_read_only_and_needs_its_permission():
    shop = make_shop()
    audit.record("paused", shop, client=shop.client)
    nobody = signed_in(make_user(clients=[shop.client]))

    assert nobody.get(AUDIT).status_code == 403
    assert nobody.get(reverse("admin:users_auditentry_export")).status_code == 403
    root = reader(is_superuser=True)
    assert root.get(reverse("admin:users_auditentry_add")).status_code == 403


# API apps.


def test_an_apps_secret_is_written_never_shown_and_its_change_is_noted():
    root = make_user(is_superuser=True)
    browser = signed_in(root)
    data = {
        "name": "Our app",
        "platform": "tiktok",
        "environment": "production",
        "app_key": "key1",
        "service_id": "1",
        "scope_category": "multi_channel",
    }

    refused = browser.post(reverse("admin:platforms_apiapp_add"), data)
    assert "A new app needs its secret." in refused.content.decode()
    browser.post(
        reverse("admin:platforms_apiapp_add"), data | {"new_secret": "first-11aa"}
    )
    app = ApiApp.objects.get()
    address = reverse("admin:platforms_apiapp_change", args=[app.pk])
    browser.post(address, data | {"name": "Our main app", "new_secret": ""})
    app.refresh_from_db()
    assert (app.name, app.app_secret) == ("Our main app", "first-11aa")
    browser.post(address, data | {"name": "Our main app", "new_secret": "next-22bb"})

    app.refresh_from_db()
    assert app.app_secret == "next-22bb"
    for page in (address, reverse("admin:platforms_apiapp_changelist")):
        assert "next-22bb" not in browser.get(page).content.decode()
    entries = AuditEntry.objects.filter(actor=root).order_by("pk")
    assert [entry.verb for entry in entries] == [
        "added app",
        "changed secret",
        "changed app",
        "changed secret",
    ]
    assert not any("22bb" in str(entry.details) for entry in entries)


# The switcher.


def entries(response):
    return [entry.title for entry in response.context["switcher"]["entries"]]


def test_the_switcher_names_what_a_shop_has_default_first():
    client = make_client()
    make_shop(client, name="Alpha", region="GB")
    make_shop(client, name="Main Store", region="US", is_default=True)
    quiet = make_shop(client, name="Quiet", region="US", environment="sandbox")
    ShopFeature.objects.create(shop=quiet, feature="live", state="off")
    make_shop(client, name="Gone", state=Shop.State.DISCONNECTED)
    make_shop(name="Hidden")

    response = reader(client).get(ORDERS)

    assert entries(response) == [
        "★ Main Store (US) · Live · Affiliate",
        "Alpha (GB) · Live",
        "Quiet (US) · Sandbox · Affiliate",
    ]
    assert "Hidden" not in response.content.decode()


def test_choosing_a_shop_keeps_the_other_filters():
    client = make_client()
    shop, other = make_shop(client, name="A"), make_shop(client, name="B")
    make_order(shop)
    browser = reader(client)

    response = browser.get(f"{ORDERS}?tab=all&status=to_ship&shop={other.pk}&p=1")

    switcher = response.context["switcher"]
    assert switcher["current"] == str(other)
    for part in ("tab=all", "status=to_ship", f"shop={shop.pk}"):
        assert part in switcher["entries"][0].query
    assert "&p=" not in switcher["entries"][0].query
    assert "shop=" not in switcher["all"]
    followed = browser.get(ORDERS + switcher["entries"][0].query)
    assert [order.shop for order in rows(followed)] == [shop]


def test_the_last_entry_adds_a_shop_for_those_who_may():
    client = make_client()
    may = make_user(clients=[client], role=Role.ADMIN)
    may_not = make_user(clients=[client], role=Role.ANALYST)

    assert "+ Add New Shop" in signed_in(may).get(ORDERS).content.decode()
    assert "+ Add New Shop" not in signed_in(may_not).get(ORDERS).content.decode()

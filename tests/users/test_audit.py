"""The audit trail: what gets in, who reads it, and that nobody changes it."""

import csv
import io
import json
from datetime import timedelta
from html import unescape

import pytest
from django.contrib import admin
from django.db import transaction
from django.db.models import F, ProtectedError
from django.test import Client as Browser
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.backoffice.services.retention import set_days
from apps.core.exports import csv_lines, harmless
from apps.platforms.models import ApiApp
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.services.audit import record
from tests.factories.orders import make_order
from tests.factories.platforms import make_api_app, make_shop
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

PAGE = "/admin/users/auditentry/"
EXPORT = f"{PAGE}export/"


def text(page):
    return unescape(page.content.decode())


def signed_in(user):
    browser = Browser()
    browser.force_login(user)
    return browser


def lines(answer):
    """The rows of a streamed CSV, without its heading."""
    written = b"".join(answer.streaming_content).decode()
    return list(csv.reader(io.StringIO(written)))[1:]


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def entry(shop):
    return record(
        "changed settings",
        shop,
        actor=make_user("ann"),
        client=shop.client,
        changes={"name": ["Old Store", "Main Store"], "rating": [None, "4.5"]},
        instead_of="Other Store",
        shops=["One", "Two"],
    )


# What gets in.


def test_details_named_like_secrets_or_people_are_hidden(shop):
    entry = record(
        "did",
        shop,
        access_token="planted",
        new_password="planted",
        changes={
            "app_secret": ["planted-old", "planted-new"],
            "recipient_phone": ["", 60123456789],
            "name": ["Old", "New"],
        },
        rows=[{"e_mail": "planted@example.com", "role": "admin"}],
        shipping_address={"street": "planted", "zip": ["planted"]},
    )

    kept = AuditEntry.objects.get(pk=entry.pk).details
    assert "planted" not in json.dumps(kept)
    assert kept["changes"] == {
        "app_secret": ["***", "***"],
        "recipient_phone": ["", "***"],
        "name": ["Old", "New"],
    }
    assert kept["rows"] == [{"e_mail": "***", "role": "admin"}]


def test_that_and_how_many_is_no_secret(shop):
    entry = record("did", shop, tokens_wiped=2, has_secret=True, buyer=None, orders=3)

    assert entry.details == {
        "tokens_wiped": 2,
        "has_secret": True,
        "buyer": None,
        "orders": 3,
    }


def test_a_target_may_be_called_otherwise_than_it_is(shop):
    entry = record("did", shop, target_text="A shop", shop_key=7)

    assert (entry.target_text, entry.shop_key) == ("A shop", 7)


# Nobody changes it.


def test_an_entry_is_never_changed_nor_deleted(entry):
    entry.verb = "did nothing"
    entries = AuditEntry.objects.all()
    for deed in (
        entry.save,
        entry.delete,
        entries.delete,
        lambda: entries.update(verb="x"),
        lambda: entries.update(at=F("at")),
        lambda: entries.filter(pk=entry.pk).delete(),
        lambda: AuditEntry.objects.bulk_update([entry], ["verb"]),
        lambda: AuditEntry.objects.update_or_create(
            pk=entry.pk, defaults={"verb": "x"}
        ),
    ):
        with pytest.raises(TypeError, match="cannot be"), transaction.atomic():
            deed()

    kept = AuditEntry.objects.get()
    assert kept.verb == "changed settings"


def test_a_person_who_did_something_cannot_be_deleted_with_the_trail(entry):
    with pytest.raises(ProtectedError):
        entry.actor.delete()

    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("path", ["add/", "{pk}/change/", "{pk}/delete/", ""])
def test_the_admin_offers_no_way_to_write(entry, superuser, path):
    browser = signed_in(superuser)
    data = {
        "verb": "x",
        "action": "delete_selected",
        "_selected_action": [entry.pk],
        "post": "yes",
    }

    answer = browser.post(f"{PAGE}{path.format(pk=entry.pk)}", data)

    assert answer.status_code in (200, 302, 403)
    kept = AuditEntry.objects.get(pk=entry.pk)
    assert kept.verb == "changed settings"
    page = admin.site._registry[AuditEntry]
    assert page.actions is None


def test_only_what_is_too_old_is_ever_dropped(entry, shop):
    later = timezone.now() + timedelta(days=1)
    for _ in range(3):
        record("did", shop)

    assert AuditEntry.objects.forget_before(later, most=3) == 3
    assert AuditEntry.objects.forget_before(later, most=3) == 1
    assert AuditEntry.objects.forget_before(later, most=3) == 0


# Who reads it.


def test_the_list_is_filtered_by_shop(entry, company, superuser):
    other = make_shop(company, name="Second Store")
    record("paused", other, client=company)

    page = text(signed_in(superuser).get(f"{PAGE}?shop={other.pk}"))

    assert "paused" in page
    assert "Old Store" not in page


def test_only_shops_whose_trail_one_may_read_can_be_chosen(entry, shop):
    elsewhere = make_shop(make_client("Southwind"), name="Secret Store")
    record("paused", elsewhere, client=elsewhere.client)
    browser = signed_in(make_user(clients=[shop.client], role=Role.ADMIN))

    page = browser.get(f"{PAGE}?shop={elsewhere.pk}")

    assert "Secret Store" not in text(page)
    absent = browser.get(f"{PAGE}?shop=999999")
    assert "Shop: ignored" in text(page)
    assert "Shop: ignored" in text(absent)


def test_an_entry_s_page_shows_before_and_after(entry, superuser):
    page = text(signed_in(superuser).get(f"{PAGE}{entry.pk}/change/"))

    assert "<td>name</td><td>Old Store</td><td>Main Store</td>" in page
    assert "<td>rating</td><td>—</td><td>4.5</td>" in page
    assert "<dt>instead of</dt><dd>Other Store</dd>" in page
    assert "<dt>shops</dt><dd>One, Two</dd>" in page


def test_an_entry_of_another_client_is_as_good_as_none(entry):
    browser = signed_in(make_user(clients=[make_client()], role=Role.ADMIN))

    def asked(key):
        with statements() as sql:
            answer = browser.get(f"{PAGE}{key}/change/", follow=True)
        return answer.redirect_chain, text(answer).replace(str(key), "N"), len(sql)

    asked(entry.pk)
    there, absent = asked(entry.pk), asked(999_999)
    assert there[0] == absent[0]
    assert there[2] == absent[2]
    assert "Old Store" not in there[1]


def test_targets_are_linked_where_the_viewer_may_open_them(shop, company, superuser):
    order = make_order(shop)
    record("looked", order, client=company)
    record("looked", superuser, client=company)
    record("looked", shop, client=company)
    gone = make_api_app()
    record("deleted app", gone, client=company)
    ApiApp.objects.filter(pk=gone.pk).delete()
    browser = signed_in(
        make_user(clients=[company], permissions=["manage_settings", "process_orders"])
    )

    page = text(browser.get(PAGE))

    assert f"/admin/orders/order/{order.pk}/change/" in page
    assert f'href="/admin/platforms/shop/{shop.pk}/"' in page
    assert f"/admin/users/user/{superuser.pk}/" not in page
    assert "apiapp" not in page.split("result_list")[-1].replace("platforms.apiapp", "")


def test_the_list_takes_the_same_statements_however_many_entries(shop, superuser):
    browser = signed_in(superuser)
    for target in (shop, make_order(shop), superuser):
        record("did", target)
    browser.get(PAGE)
    with statements() as few:
        browser.get(PAGE)
    for _ in range(10):
        for target in (shop, make_order(shop), superuser):
            record("did", target)

    with statements() as many:
        browser.get(PAGE)

    assert len(many) == len(few)


def test_the_list_says_how_long_it_is_kept(entry, superuser):
    browser = signed_in(superuser)

    assert "Kept for 730 days" in text(browser.get(PAGE))
    set_days("audit", None)
    assert "Kept for good" in text(browser.get(PAGE))


# Copies.


def test_a_copy_holds_what_the_filters_leave_and_is_itself_written_down(
    entry, shop, company
):
    record("paused", shop, client=company)
    reader = make_user("reader", clients=[company], role=Role.ADMIN)
    browser = signed_in(reader)
    before = AuditEntry.objects.count()

    answer = browser.get(EXPORT, {"verb": "paused", "shop": shop.pk})

    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = lines(answer)
    assert [row[2] for row in rows] == ["paused"]
    assert AuditEntry.objects.count() == before + 1
    taken = AuditEntry.objects.get(verb="exported the audit trail")
    assert (taken.actor, taken.client) == (reader, company)
    assert taken.details == {"filters": {"verb": "paused", "shop": str(shop)}}


def test_a_copy_cannot_run_in_a_spreadsheet(shop, superuser):
    dangerous = ['=HYPERLINK("x")', "+1", "-1", "@SUM(1)", "\t=1", "\r=1"]
    for words in dangerous:
        record("did", shop, process=words)

    rows = lines(signed_in(superuser).get(EXPORT, {"verb": "did"}))

    assert sorted(row[1] for row in rows) == sorted(f"'{w}" for w in dangerous)


@pytest.mark.parametrize("cell", ["a=1", "1-1", " =1", "", "2026-01-01", "'="])
def test_a_harmless_cell_stays_as_it_is(cell):
    assert harmless(cell) == cell


def test_nothing_and_numbers_have_a_place_in_a_file():
    assert list(csv_lines(["a", "b"], [[None, 5]])) == ["a,b\r\n", ",5\r\n"]


def test_a_copy_is_made_a_row_at_a_time():
    taken = []

    def rows():
        for number in range(1000):
            taken.append(number)
            yield [number]

    written = csv_lines(["n"], rows())
    next(written)
    next(written)

    assert taken == [0]


def test_a_copy_asks_the_database_for_no_more_than_it_writes(shop, superuser):
    for _ in range(50):
        record("did", shop)
    browser = signed_in(superuser)

    answer = browser.get(EXPORT)
    with statements() as asked:
        rows = lines(answer)

    assert len(rows) == 50
    assert len(asked) == 1


def test_a_reader_s_copy_has_nothing_of_other_clients(entry):
    other = make_client("Southwind")
    record("paused", make_shop(other, name="Secret Store"), client=other)
    browser = signed_in(make_user(clients=[entry.client], role=Role.ADMIN))

    written = b"".join(browser.get(EXPORT).streaming_content).decode()

    assert "Main Store" in written
    assert "Secret Store" not in written


def test_nobody_copies_what_they_may_not_read(entry, visitor):
    assert signed_in(visitor).get(EXPORT).status_code == 403
    assert not AuditEntry.objects.filter(verb__startswith="exported").exists()


# Writes of the admin.


@pytest.fixture
def task():
    every = IntervalSchedule.objects.create(every=5, period="minutes")
    return PeriodicTask.objects.create(name="Job", task="a.task", interval=every)


def last(verb):
    return AuditEntry.objects.filter(verb=verb).latest("pk")


def test_a_changed_line_of_the_schedule_is_written_down(task, superuser):
    form = {
        "name": "Job",
        "task": "a.task",
        "regtask": "",
        "interval": task.interval_id,
        "args": "[]",
        "kwargs": "{}",
        "headers": "{}",
        "description": "Less often",
    }

    answer = signed_in(superuser).post(
        f"/admin/django_celery_beat/periodictask/{task.pk}/change/", form
    )

    assert answer.status_code == 302
    entry = last("changed the schedule")
    assert entry.target_text == str(PeriodicTask.objects.get())
    assert entry.details["changes"] == {
        "enabled": [True, False],
        "description": ["", "Less often"],
    }


@pytest.mark.parametrize(
    ("action", "enabled"), [("disable_tasks", False), ("toggle_tasks", False)]
)
def test_switching_tasks_in_the_list_is_written_down(task, superuser, action, enabled):
    PeriodicTask.objects.create(
        name="Off", task="a.task", interval=task.interval, enabled=False
    )
    chosen = PeriodicTask.objects.filter(name="Job").values_list("pk", flat=True)

    signed_in(superuser).post(
        "/admin/django_celery_beat/periodictask/",
        {"action": action, "_selected_action": list(chosen)},
    )

    assert last("changed the schedule").details == {"enabled": [True, enabled]}
    assert AuditEntry.objects.filter(verb="changed the schedule").count() == 1


def test_adding_and_deleting_lines_is_written_down(task, superuser):
    browser = signed_in(superuser)
    root = "/admin/django_celery_beat"

    browser.post(f"{root}/intervalschedule/add/", {"every": 7, "period": "hours"})
    browser.post(f"{root}/periodictask/{task.pk}/delete/", {"post": "yes"})
    browser.post(
        f"{root}/intervalschedule/",
        {
            "action": "delete_selected",
            "_selected_action": [task.interval_id],
            "post": "yes",
        },
    )

    assert last("added to the schedule").details["changes"]["every"] == [None, 7]
    deleted = AuditEntry.objects.filter(verb="deleted from the schedule")
    assert [entry.target_type for entry in deleted.order_by("pk")] == [
        "django_celery_beat.periodictask",
        "django_celery_beat.intervalschedule",
    ]


def test_an_app_s_life_is_written_down(superuser, company):
    app = make_api_app("App")
    browser = signed_in(superuser)
    form = {
        "name": "App",
        "client": company.pk,
        "platform": "tiktok",
        "environment": "production",
        "app_key": app.app_key,
        "service_id": "7399",
        "scope_category": "multi_channel",
        "new_secret": "",
    }

    browser.post(f"/admin/platforms/apiapp/{app.pk}/change/", form)
    browser.post(f"/admin/platforms/apiapp/{app.pk}/delete/", {"post": "yes"})

    changed = last("changed app")
    assert changed.client == company
    assert changed.details["changes"]["service_id"] == [app.service_id, "7399"]
    assert last("deleted app").target_text == "App"
    assert not ApiApp.objects.exists()

"""Runs: how far each is, what TikTok said, and what can be done about it."""

import csv
import io
import json
from html import unescape

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pypdf import PdfWriter

from apps.orders.models import ActionRun, OrderAction, OrderEvent, ShippingDocument
from tests.factories.orders import make_action, make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

RUNS = "/admin/orders/actionrun/"
State = OrderAction.State


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def browser_of(name, shop, permission="process_orders"):
    browser = Browser()
    user = make_user(name, clients=[shop.client], permissions=[permission])
    browser.force_login(user)
    return browser


@pytest.fixture
def browser(shop):
    return browser_of("ann", shop)


def make_run(shop, *states, kind="pull", refused_rows=(), **changes):
    rows = [[n, order_id, why] for n, order_id, why in refused_rows]
    run = ActionRun.objects.create(
        shop=shop,
        kind=kind,
        title="Pull again",
        total=len(states) + len(rows),
        refused_rows=rows,
        state="running",
        **changes,
    )
    for row, state in enumerate(states, start=1):
        make_action(make_order(shop), kind, run=run, row=row, state=state)
    return run


def text_of(page):
    assert page.status_code == 200
    return " ".join(unescape(page.content.decode()).split())


def test_the_page_shows_how_far_it_is_and_each_answer(browser, shop):
    run = make_run(
        shop, "done", "refused", "waiting", refused_rows=[(4, "59", "Over.")]
    )
    refused = run.actions.get(state="refused")
    run.actions.filter(pk=refused.pk).update(message="Order not found", code=12038007)

    page = browser.get(f"{RUNS}{run.pk}/")

    text = text_of(page)
    assert "3 of 4" in text
    assert "Order not found" in text
    assert "12038007" in text
    assert f"/admin/orders/order/{refused.order_id}/change/" in text
    assert "Done 1</a>" in text
    assert "Not asked 1</a>" in text
    only = text_of(browser.get(f"{RUNS}{run.pk}/?state=refused"))
    assert only.count("/change/") == 1
    assert "Over." in text_of(browser.get(f"{RUNS}{run.pk}/?state=not_taken"))
    assert "3 of 4" in text_of(browser.get(f"{RUNS}{run.pk}/?state=nonsense&p=x"))
    status = json.loads(browser.get(f"{RUNS}{run.pk}/status/").content)
    assert (status["is_over"], status["done"], status["total"]) == (False, 3, 4)
    assert status["counts"]["refused"] == 1


def test_the_result_is_a_file_of_every_row(browser, shop):
    run = make_run(shop, "done", "refused", refused_rows=[(3, "=59", "Over.")])
    run.actions.filter(state="refused").update(message="=Not found", code=7)

    file = browser.get(f"{RUNS}{run.pk}/result/")

    rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert rows[0] == ["row", "order", "package", "what", "state", "message"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert rows[2][4:] == ["Refused", "'=Not found"]
    assert rows[3][1:] == ["'=59", "", "", "Not asked for", "Over."]


def test_a_run_is_stopped_repeated_and_released(browser, shop):
    run = make_run(shop, "done", "refused", "waiting")

    stopped = browser.post(f"{RUNS}{run.pk}/do/stop/", follow=True)
    assert "1 not sent any more. What was sent stays sent." in text_of(stopped)
    assert run.actions.get(state=State.WITHDRAWN)
    again = browser.post(f"{RUNS}{run.pk}/do/retry/", follow=True)
    assert "1 sent again." in text_of(again)
    none = browser.post(f"{RUNS}{run.pk}/do/retry/", follow=True)
    assert "Nothing of this run is left to be repeated." in text_of(none)
    held = make_run(shop, "held", "held")
    released = browser.post(f"{RUNS}{held.pk}/do/release/", follow=True)
    assert "2 on their way to TikTok." in text_of(released)


def pdf():
    out = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.write(out)
    return out.getvalue()


def test_labels_of_a_run_are_one_file_and_that_they_were_taken_is_noted(browser, shop):
    run = ActionRun.objects.create(shop=shop, kind="label", title="Labels", total=2)
    for number in range(2):
        order = make_order(shop)
        package = make_package(order, remote_id=str(number))
        paper = {"kind": "SHIPPING_LABEL", "size": "A6", "format": "PDF"}
        make_action(
            order,
            "label",
            run=run,
            row=number,
            state="done",
            package=package,
            details=paper,
        )
        ShippingDocument.objects.create(
            package=package, content=pdf(), fetched_at=timezone.now(), **paper
        )

    assert "Open for the printer" in text_of(browser.get(f"{RUNS}{run.pk}/"))
    file = browser.post(f"{RUNS}{run.pk}/do/print/")

    assert file["Content-Type"] == "application/pdf"
    assert "no-store" in file["Cache-Control"]
    assert file.content.count(b"/Type /Page\n") == 2
    assert OrderEvent.objects.filter(kind="printed").count() == 2


def test_runs_of_others_are_as_none_and_who_only_looks_does_nothing(browser, shop):
    run = make_run(shop, "waiting")
    foreign = make_run(make_shop(), "waiting")
    looker = browser_of("bob", shop, "view_analytics")

    absent = browser.get(f"{RUNS}999999/")
    assert browser.get(f"{RUNS}{foreign.pk}/")["Location"] == absent["Location"]
    assert browser.get(f"{RUNS}{foreign.pk}/status/").status_code == 404
    assert browser.get(f"{RUNS}{foreign.pk}/result/").status_code == 302
    assert browser.post(f"{RUNS}{foreign.pk}/do/stop/").status_code == 302
    assert "0 of 1" in text_of(looker.get(f"{RUNS}{run.pk}/"))
    assert "Stop</button>" not in text_of(looker.get(f"{RUNS}{run.pk}/"))
    for deed in ("stop", "retry", "release", "print"):
        assert looker.post(f"{RUNS}{run.pk}/do/{deed}/").status_code == 403
        assert browser.get(f"{RUNS}{run.pk}/do/{deed}/").status_code == 405
    assert browser.post(f"{RUNS}{run.pk}/do/eat/").status_code == 404
    assert set(ActionRun.objects.values_list("state", flat=True)) == {"running"}
    assert list(browser.get(RUNS).context["cl"].result_list) == [run]


def test_the_list_is_filtered_and_costs_the_same_however_many_runs(browser, shop):
    make_run(shop, "done", "refused", group="g1")
    labels = make_run(shop, "done", kind="label")

    assert "1 refused" in text_of(browser.get(RUNS))
    assert list(browser.get(f"{RUNS}?kind=label").context["cl"].result_list) == [labels]
    assert browser.get(f"{RUNS}?group=g1").context["cl"].result_count == 1
    assert "No runs match these filters." in text_of(
        browser.get(f"{RUNS}?state=stopped")
    )
    with statements() as few:
        browser.get(RUNS)
    for _ in range(20):
        make_run(shop, "done", "waiting")
    with statements() as many:
        browser.get(RUNS)
    assert len(many) == len(few)

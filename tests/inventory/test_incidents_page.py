"""Oversells on their pages: who lost, what can be done, who sees to it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.inventory.errors import StockRefuses
from apps.inventory.models import OversellIncident, StockDocument
from apps.inventory.services import incident_deeds
from apps.inventory.services.documents import By
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.inventory import make_document, make_warehouse, receive
from tests.factories.orders import PLACED
from tests.factories.platforms import make_shop
from tests.factories.products import make_product, make_variant
from tests.factories.team import as_user, make_shop_member
from tests.factories.users import make_client, make_user
from tests.inventory.pages import sell, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:inventory_oversellincident_changelist")
Kind = StockDocument.Kind


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def lamp(company):
    """Ten of it were received."""
    lamp = make_variant(make_product(company), "LAMP-30")
    receive(lamp, 10)
    return lamp


@pytest.fixture
def main(lamp):
    return lamp.stock_levels.get().warehouse


@pytest.fixture
def oversold(shop, lamp):
    """Six were promised first, then six more: two are missing."""
    sell(lamp, 6, shop=shop, remote_id="58011")
    sell(lamp, 6, shop=shop, remote_id="58012", placed_at=PLACED + timedelta(hours=1))
    return OversellIncident.objects.get()


@pytest.fixture
def worker(company, shop):
    return working_for(company)


def page_of(incident):
    return reverse("admin:inventory_oversellincident_change", args=[incident.pk])


def act_of(incident, deed):
    return reverse("admin:inventory_oversellincident_act", args=[incident.pk, deed])


def links(page):
    return [way.url for way in page.context["ways"]]


def test_the_list_names_the_order_that_lost(worker, oversold):
    text = words(worker.get(LIST))

    assert "Order 58012" in text
    assert "Order 58011" not in text
    assert "2 units missing" in text


def test_an_empty_list_says_that_nothing_is_oversold(worker):
    assert "Nothing is oversold." in words(worker.get(LIST))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        ({"state": "free"}, 1),
        ({"state": "mine"}, 0),
        ({"state": "closed"}, 0),
        ({"q": "lamp"}, 1),
        ({"q": "chair"}, 0),
    ],
)
def test_the_list_is_filtered(worker, oversold, query, count):
    assert worker.get(LIST, query).context["cl"].result_count == count


def test_the_list_costs_the_same_however_long_it_is(worker, company, shop, oversold):
    with statements() as one:
        worker.get(LIST)
    for number in range(6):
        chair = make_variant(client=company)
        receive(chair, 1)
        sell(chair, 2, shop=shop, remote_id=f"5809{number}")

    with statements() as many:
        page = worker.get(LIST)

    assert page.context["cl"].result_count == 7
    assert len(many) == len(one)


def test_a_page_shows_the_queue_and_who_is_covered(worker, oversold):
    page = worker.get(page_of(oversold))

    text = words(page)
    assert text.index("Order 58011") > text.index("2 promises")
    states = [str(each.state) for each in page.context["queue"]]
    assert "Covered" in states[0]
    assert "4 of 6 covered" in states[1]
    assert "counts against the shop" in text
    assert "It closes by itself" in text


def test_each_way_out_has_its_figure_and_a_form_filled_in(
    worker, company, lamp, main, oversold
):
    annex = make_warehouse(company, "Annex")
    receive(lamp, 9, annex)
    make_document(Kind.QUARANTINE, {lamp: 5}, annex)
    make_document(Kind.QUARANTINE, {lamp: 1}, main)

    page = worker.get(page_of(oversold))

    text = words(page)
    assert "Fetch 3 from Annex 4 free there" in text
    assert "1 quarantined" in text
    assert "3 missing" in text
    new = reverse("admin:inventory_document_new")
    wanted = (
        f"{new}?kind=transfer&warehouse={annex.pk}&sku=LAMP-30&quantity=3"
        f"&to_warehouse={main.pk}",
        f"{new}?kind=quarantine&warehouse={main.pk}&sku=LAMP-30&quantity=1"
        "&direction=back",
        f"{new}?kind=receipt&warehouse={main.pk}&sku=LAMP-30&quantity=3",
        f"{new}?kind=count&warehouse={main.pk}&sku=LAMP-30",
    )
    assert set(wanted) <= set(links(page))
    assert "4 in Annex" in words(worker.get(LIST))


def test_what_is_held_back_can_be_let_go(worker, shop, lamp, main):
    hold = make_document(Kind.HOLD, {lamp: 4}, main)
    sell(lamp, 8, shop=shop, remote_id="58012")
    incident = OversellIncident.objects.get()

    page = worker.get(page_of(incident))

    assert f"Let go what is held back by Hold {hold.pk}" in words(page)
    address = reverse("admin:inventory_stockdocument_act", args=[hold.pk, "take-back"])
    assert address in links(page)
    worker.post(address)
    incident.refresh_from_db()
    assert incident.closed_at is not None


def test_it_closes_by_itself_and_stays_to_be_read(worker, lamp, oversold):
    receive(lamp, 5)

    page = worker.get(page_of(oversold))

    assert "Stock came in" in words(page)
    assert not page.context["ways"]
    assert worker.get(LIST).context["cl"].result_count == 0
    closed = worker.get(LIST, {"state": "closed"})
    assert closed.context["cl"].result_count == 1
    oversold.refresh_from_db()
    assert f"{oversold.worst} Order" in words(closed)


def test_somebody_takes_it_and_lets_it_go(worker, oversold):
    page = worker.post(act_of(oversold, "take"), follow=True)
    oversold.refresh_from_db()
    assert "It is yours to see to." in words(page)
    assert oversold.taken_by is not None
    assert worker.get(LIST, {"state": "mine"}).context["cl"].result_count == 1

    worker.post(act_of(oversold, "let-go"))

    oversold.refresh_from_db()
    assert oversold.taken_by is None
    verbs = AuditEntry.objects.values_list("verb", flat=True)
    assert {"took an oversell", "let an oversell go"} <= set(verbs)


def test_a_note_is_kept(worker, oversold):
    for _ in range(2):
        page = worker.post(
            act_of(oversold, "note"), {"note": " More on Friday "}, follow=True
        )

    oversold.refresh_from_db()
    assert oversold.note == "More on Friday"
    assert "The note says so already." in words(page)
    assert AuditEntry.objects.filter(verb="noted at an oversell").count() == 1


def test_a_note_of_a_novel_is_refused(oversold):
    with pytest.raises(StockRefuses, match="at most 2,000"):
        incident_deeds.set_note(oversold, "x" * 2_001, By())

    oversold.refresh_from_db()
    assert oversold.note == ""


def test_what_is_closed_is_taken_by_nobody(lamp, oversold):
    receive(lamp, 5)

    with pytest.raises(StockRefuses, match="closed already"):
        incident_deeds.take(oversold, By(make_user()))

    oversold.refresh_from_db()
    assert oversold.taken_by is None


def test_nothing_closes_it_by_hand(worker, oversold):
    assert worker.post(act_of(oversold, "close")).status_code == 404


def test_who_only_looks_sees_no_forms_and_is_refused(company, oversold):
    viewer = working_for(company, Role.ANALYST)

    page = viewer.get(page_of(oversold))

    assert "Take it" not in words(page)
    assert "Transfer" not in words(page)
    for deed in ("take", "let-go", "note"):
        assert viewer.post(act_of(oversold, deed)).status_code == 403
    oversold.refresh_from_db()
    assert oversold.taken_by is None


def test_an_order_of_a_shop_one_does_not_see_is_not_named(company, lamp):
    hidden = make_shop(company, name="Hidden")
    sell(lamp, 12, shop=hidden, remote_id="58017777")
    incident = OversellIncident.objects.get()
    member = make_shop_member(make_shop(company), Role.ORDER_FULFILLMENT)
    browser = signed_in(as_user(member))

    for page in (browser.get(LIST), browser.get(page_of(incident))):
        text = words(page)
        assert "An order in a shop you do not see" in text
        assert "58017777" not in text


def test_another_clients_oversell_is_like_none(worker):
    other = make_client("Other")
    chair = make_variant(client=other)
    receive(chair, 1)
    sell(chair, 2, shop=make_shop(other), remote_id="58019")
    theirs = OversellIncident.objects.get()

    absent = reverse("admin:inventory_oversellincident_change", args=[999_999])
    answers = [worker.get(address) for address in (page_of(theirs), absent)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert worker.post(act_of(theirs, "take")).status_code == 302
    theirs.refresh_from_db()
    assert theirs.taken_by is None
    assert worker.get(LIST).context["cl"].result_count == 0

"""A buyer is found, told, forgotten; and no later news brings them back."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from apps.integrations.contracts import (
    OrderStatus,
    RemoteBuyer,
    RemoteTrackingStep,
    Source,
)
from apps.orders.errors import ActionRefused, ErasureRefused
from apps.orders.models import (
    Buyer,
    Order,
    OrderAction,
    OrderEvent,
    OrderNote,
    OrderPayload,
    ShippingDocument,
    TrackingStep,
)
from apps.orders.services import forgetting
from apps.orders.services.actions import Wish, objection
from apps.orders.services.editing import edit, settle
from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.orders.services.looking_up import fetch_tracking
from apps.orders.services.papers import Paper, fetch
from apps.orders.services.privacy import (
    Subject,
    erase_buyer,
    export_buyer,
    find_subjects,
    holdings_of,
)
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.orders import (
    make_action,
    make_order,
    make_package,
    make_remote_order,
)
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.orders.order_pages import MOMENT, connected
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

PRIVATE = (
    "Ahmad Planted",
    "(+60)12-3456789",
    "12 Jalan Planted",
    "05000-P",
    "Kedah Planted",
    "Ring twice, planted",
    "planted_lover",
    "7200000000000000009",
    "Called him, planted",
)
BUYER = RemoteBuyer(
    remote_id="7200000000000000009",
    username="planted_lover",
    name="Ahmad Planted",
    phone="(+60)12-3456789",
    address="12 Jalan Planted",
    postal_code="05000-P",
    region_code="Kedah Planted",
)


def news(remote_id="581", *, version: int | None = 1, **changes):
    said = {
        "buyer": BUYER,
        "buyer_message": "Ring twice, planted",
        "seller_note": "Called him, planted",
        "tracking_number": "TN-1",
    } | changes
    return make_remote_order(remote_id, version=version, **said)


def told(shop, *remotes, source=Source.API):
    ingest_orders(shop, list(remotes), source)


def subject_of(shop):
    return Subject(shop, buyer=Buyer.objects.get(shop=shop))


def erase(subject, **options):
    return erase_buyer(subject, subject.name, **options)


def everything_kept():
    """All rows of the app as one text, to look for what must not be there."""
    rows = [
        list(model._default_manager.values())
        for model in (
            Order,
            OrderPayload,
            OrderNote,
            OrderEvent,
            OrderAction,
            TrackingStep,
            Buyer,
            AuditEntry,
        )
    ]
    return json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False)


def assert_nothing_private():
    kept = everything_kept()
    assert [words for words in PRIVATE if words in kept] == []


def test_what_is_planted_would_be_found():
    told(make_shop(), news())

    kept = everything_kept()

    assert all(words in kept for words in PRIVATE)


def test_erasing_leaves_the_orders_their_amounts_and_skus():
    shop = make_shop()
    told(shop, news("581"), news("582", status=OrderStatus.DELIVERED))
    before = list(Order.objects.order_by("pk").values("total_amount", "status"))

    held = erase(subject_of(shop), actor=make_user("ann"))

    assert (held.orders, held.unfinished, held.payloads) == (2, 1, 2)
    assert_nothing_private()
    orders = Order.objects.order_by("pk")
    assert list(orders.values("total_amount", "status")) == before
    assert {order.lines.get().seller_sku for order in orders} == {"LAMP-30"}
    assert {order.tracking_number for order in orders} == {"TN-1"}
    assert all(order.buyer_erased_at for order in orders)
    buyer = Buyer.objects.get()
    assert buyer.is_erased
    assert buyer.orders.count() == 2


def write_beside(order):
    """What hangs on an order and tells who bought."""
    OrderNote.objects.create(order=order, text="Called him, planted")
    TrackingStep.objects.create(
        order=order,
        happened_at=timezone.now(),
        description="Signed by Ahmad Planted",
    )
    ShippingDocument.objects.create(
        package=make_package(order, "1161"),
        kind=ShippingDocument.Kind.LABEL,
        content=b"Ahmad Planted",
        fetched_at=timezone.now(),
    )
    make_action(
        order,
        OrderAction.Kind.REJECT_CANCELLATION,
        details={"reason": "shipped", "comment": "Dear Ahmad Planted, it is packed"},
    )


def test_what_hangs_on_an_order_goes_with_its_buyer():
    shop = make_shop()
    told(shop, news())
    write_beside(Order.objects.get())

    erase(subject_of(shop))

    assert_nothing_private()
    assert not OrderNote.objects.exists()
    assert not ShippingDocument.objects.exists()
    assert not TrackingStep.objects.exists()
    (action,) = OrderAction.objects.all()
    assert action.details == {"reason": "shipped", "comment": ""}


def test_scans_of_an_erased_order_are_not_looked_up(monkeypatch):
    fake = connected(monkeypatch)
    fake.scans = [RemoteTrackingStep("Signed by Ahmad Planted", MOMENT, 8, "TN-1")]
    shop = make_shop()
    told(shop, news())
    erase(subject_of(shop))

    answer = fetch_tracking(Order.objects.get())

    assert (answer.value, "was erased" in answer.problem) == (0, True)
    assert fake.calls == []
    assert not TrackingStep.objects.exists()


def test_scans_that_come_while_a_buyer_is_erased_are_not_kept(monkeypatch):
    fake = connected(monkeypatch)
    fake.scans = [RemoteTrackingStep("Signed by Ahmad Planted", MOMENT, 8, "TN-1")]
    shop = make_shop()
    told(shop, news())
    order = Order.objects.get()
    fake.before = lambda name, about: erase(subject_of(shop))

    assert fetch_tracking(order).value == 0
    assert not TrackingStep.objects.exists()


def test_papers_of_an_erased_order_are_not_fetched(monkeypatch):
    fake = connected(monkeypatch)
    order = make_order(shipping_type="platform", status="awaiting_collection")
    package = make_package(order, "1161", status="processing")
    fake.papers = {"1161": b"%PDF-1.7 Ahmad Planted"}
    assert objection(Wish(order, OrderAction.Kind.LABEL)) == ""
    erase(Subject(order.shop, order=order))
    order.refresh_from_db()

    with pytest.raises(ActionRefused, match="was erased"):
        fetch(package, Paper(), fake.client)

    assert fake.calls == []
    assert "was erased" in objection(Wish(order, OrderAction.Kind.LABEL))
    assert not ShippingDocument.objects.exists()


def test_a_paper_that_comes_while_a_buyer_is_erased_is_not_kept(monkeypatch):
    fake = connected(monkeypatch)
    order = make_order(shipping_type="platform", status="awaiting_collection")
    package = make_package(order, "1161", status="processing")
    fake.papers = {"1161": b"%PDF-1.7 Ahmad Planted"}
    fake.before = lambda name, about: erase(Subject(order.shop, order=order))

    with pytest.raises(ActionRefused, match="was erased"):
        fetch(package, Paper(), fake.client)

    assert not ShippingDocument.objects.exists()


def test_what_sources_and_people_said_beside_the_order_goes_too():
    shop = make_shop()
    told(shop, news(buyer=replace(BUYER, name="Ahmad Other", address="14 Jalan Other")))
    told(shop, news(version=None, carrier="Slow", buyer=BUYER), source=Source.FILE)
    by = By(make_user("ann"))
    order = edit(Order.objects.get(), {"seller_note": "Planted, as I was told"}, by)
    settle(order, "recipient_name", "file", by)
    edit(order, {"recipient_phone": "(+60)12-planted", "warehouse": "North"}, by)
    kept = json.dumps(Order.objects.get().testimony)
    for words in ("14 Jalan Other", "Ahmad Other", "Planted, as", "(+60)12-planted"):
        assert words in everything_kept()
    assert "14 Jalan Other" in kept or "12 Jalan Planted" in kept

    erase(subject_of(shop))

    assert_nothing_private()
    for words in ("Jalan", "Ahmad", "Planted", "planted"):
        assert words not in everything_kept()
    order = Order.objects.get()
    assert (order.warehouse, order.carrier) == ("North", "Slow")
    # Sources differ on nothing that is left, and go on differing where they did.
    assert not order.has_conflict
    told(shop, news(version=7, carrier="Quick"))
    assert Order.objects.get().has_conflict
    assert_nothing_private()


def test_the_trail_tells_who_erased_and_not_whom():
    shop = make_shop()
    told(shop, news())
    buyer = Buyer.objects.get()

    erase(subject_of(shop), actor=make_user("ann"), address="198.51.100.7")

    entry = AuditEntry.objects.get()
    assert (entry.actor_text, entry.verb) == ("ann", "erased a buyer's data")
    assert (entry.client, entry.shop_key) == (shop.client, shop.pk)
    assert entry.target_text == f"Buyer {buyer.pk} of {shop}"
    assert entry.details == {"orders": 1}


@pytest.mark.parametrize("source", list(Source))
def test_no_later_news_of_an_erased_order_brings_the_buyer_back(source):
    shop = make_shop()
    told(shop, news())
    erase(subject_of(shop))
    version = 5 if source.is_platform else None
    later = news(version=version, status=OrderStatus.IN_TRANSIT, carrier="Quick")

    result = ingest_orders(shop, [later], source)

    assert result.updated == 1
    order = Order.objects.get()
    assert (order.status, order.carrier) == ("in_transit", "Quick")
    assert_nothing_private()
    assert Buyer.objects.count() == 1


def test_the_very_same_news_again_is_still_known_and_writes_nothing():
    shop = make_shop()
    told(shop, news())
    erase(subject_of(shop))

    with statements() as asked:
        result = ingest_orders(shop, [news()], Source.API)

    assert (result.same, asked.writing, len(asked)) == (1, [], 1)
    assert_nothing_private()


def test_changed_news_of_an_erased_order_is_known_the_second_time():
    shop = make_shop()
    told(shop, news())
    erase(subject_of(shop))
    told(shop, news(version=2, carrier="Quick"))

    with statements() as asked:
        ingest_orders(shop, [news(version=2, carrier="Quick")], Source.API)

    assert asked.writing == []
    payload = OrderPayload.objects.get()
    assert payload.body == {}
    assert payload.emptied_at is not None


def test_an_older_version_and_a_preview_bring_nothing_back_either():
    shop = make_shop()
    told(shop, news(version=3))
    erase(subject_of(shop))

    told(shop, news(version=2, carrier="Quick"))
    preview_orders(shop, [news(version=4)], Source.API)

    assert_nothing_private()


def test_erased_and_other_orders_of_one_batch_take_the_same_statements():
    shop = make_shop()
    told(shop, *(news(str(number)) for number in range(581, 591)))
    change = [news(str(number), version=2, carrier="A") for number in range(581, 591)]
    with statements() as plain:
        ingest_orders(shop, change, Source.API)
    forgetting.forget_buyer_of(shop.pk, [Order.objects.earliest("pk").pk])

    change = [news(str(number), version=3, carrier="B") for number in range(581, 591)]
    with statements() as with_erased:
        ingest_orders(shop, change, Source.API)

    assert with_erased.kinds == plain.kinds
    assert Order.objects.exclude(recipient_name="").count() == 9


def test_a_new_order_of_somebody_erased_is_a_new_order():
    shop = make_shop()
    told(shop, news("581"))
    erase(subject_of(shop))

    told(shop, news("582"))

    assert Order.objects.get(remote_id="582").recipient_name == "Ahmad Planted"
    assert Order.objects.get(remote_id="581").recipient_name == ""
    assert Buyer.objects.count() == 2


def test_a_buyer_who_bought_elsewhere_too_is_known_there_still():
    one, two = make_shop(), make_shop()
    told(one, news("581"))
    told(two, news("582"))

    erase(subject_of(one))

    assert Order.objects.get(shop=two).recipient_name == "Ahmad Planted"
    assert not Buyer.objects.get(shop=two).is_erased


def test_a_wrong_name_erases_nothing():
    shop = make_shop()
    told(shop, news())
    before = everything_kept()

    with pytest.raises(ErasureRefused, match="Type “planted_lover”"):
        erase_buyer(subject_of(shop), "planted_loser")

    assert everything_kept() == before


def test_erasing_twice_is_harmless_and_noted_once():
    shop = make_shop()
    told(shop, news())
    subject = subject_of(shop)
    erase(subject)
    before = everything_kept()

    held = erase_buyer(Subject(shop, buyer=Buyer.objects.get()), "whatever")

    assert held.orders == 0
    assert everything_kept() == before


def test_whoever_placed_an_order_without_a_handle_can_be_erased():
    shop = make_shop()
    order = make_order(
        shop, "581", recipient_name="Ahmad Planted", buyer_message="Ring twice, planted"
    )

    held = erase(Subject(shop, order=order))

    assert held.orders == 1
    assert_nothing_private()
    told(shop, news("581"))
    assert_nothing_private()
    assert Order.objects.get().buyer is None


def test_a_buyer_without_any_order_loses_the_handle():
    shop = make_shop()
    buyer = Buyer.objects.create(shop=shop, username="planted_lover")

    erase(Subject(shop, buyer=buyer))

    assert Buyer.objects.get().username == ""
    assert_nothing_private()


@pytest.mark.parametrize(
    "text",
    ["planted_lover", " @planted_lover ", "7200000000000000009", "581"],
)
def test_a_buyer_is_found_by_handle_user_id_and_order(text):
    shop = make_shop()
    told(shop, news())
    told(shop, news("999", buyer=RemoteBuyer(remote_id="73")))

    found = find_subjects(Shop.objects.filter(pk=shop.pk), text)

    assert [subject.name for subject in found] == ["planted_lover"]


@pytest.mark.parametrize("text", ["", "  ", "nobody", "Ahmad Planted", "\0", "x" * 999])
def test_nobody_is_found_by_anything_else(text):
    shop = make_shop()
    told(shop, news())

    assert find_subjects(Shop.objects.all(), text) == []


def test_a_buyer_of_another_shop_is_not_found():
    told(make_shop(), news())

    assert find_subjects(Shop.objects.filter(pk=make_shop().pk), "planted_lover") == []


def test_an_order_without_a_handle_is_found_by_its_id():
    shop = make_shop()
    order = make_order(shop, "581")

    (found,) = find_subjects(Shop.objects.all(), "581")

    assert (found.order, found.name) == (order, "581")


def test_an_export_holds_all_we_have_and_is_noted():
    shop = make_shop()
    told(shop, news())
    write_beside(Order.objects.get())

    taken = export_buyer(subject_of(shop), actor=make_user("ann"))

    text = json.dumps(taken, cls=DjangoJSONEncoder, ensure_ascii=False)
    assert [words for words in PRIVATE if words not in text] == []
    (order,) = taken["orders"]
    assert order["remote_id"] == "581"
    assert order["lines"][0]["seller_sku"] == "LAMP-30"
    assert order["payloads"][0]["body"] == news().raw
    assert order["notes"][0]["text"] == "Called him, planted"
    assert order["tracking_steps"][0]["description"] == "Signed by Ahmad Planted"
    assert order["papers"][0]["kind"] == "SHIPPING_LABEL"
    assert order["actions"][0]["details"]["comment"].startswith("Dear Ahmad")
    entry = AuditEntry.objects.get()
    assert entry.verb == "exported a buyer's data"
    assert "planted" not in f"{entry.target_text}{entry.details}"


def test_an_export_takes_the_same_statements_however_many_orders():
    shop = make_shop()
    told(shop, news("581"))
    with statements() as one:
        export_buyer(subject_of(shop))
    told(shop, *(news(str(number)) for number in range(582, 590)))

    with statements() as many:
        export_buyer(subject_of(shop))

    assert len(many) == len(one)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_news_under_way_while_a_buyer_is_erased_leaves_nothing_of_them():
    shop = make_shop()
    numbers = [str(number) for number in range(581, 591)]
    told(shop, *(news(number) for number in numbers))
    begun = threading.Event()

    def keep_telling():
        try:
            for version in range(2, 12):
                told(shop, *(news(number, version=version) for number in numbers))
                begun.set()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        teller = pool.submit(keep_telling)
        begun.wait(timeout=30)
        held = erase(subject_of(shop))
        teller.result(timeout=60)

    assert held.orders == 10
    assert_nothing_private()
    assert OrderPayload.objects.exclude(body={}).count() == 0


def old(order, days=400):
    placed = timezone.now() - timedelta(days=days)
    Order.objects.filter(pk=order.pk).update(placed_at=placed)


def test_finished_orders_forget_their_buyers_and_open_ones_do_not():
    shop = make_shop()
    told(
        shop,
        news("581", status=OrderStatus.COMPLETED),
        news("582", status=OrderStatus.TO_SHIP),
        news("583", status=OrderStatus.COMPLETED),
    )
    for order in Order.objects.exclude(remote_id="583"):
        old(order)
    year_ago = timezone.now() - timedelta(days=365)

    assert forgetting.finished_before(year_ago).count() == 1
    assert forgetting.forget_finished(year_ago) == 1
    assert forgetting.forget_finished(year_ago) == 0

    names = dict(Order.objects.values_list("remote_id", "recipient_name"))
    assert names == {"581": "", "582": "Ahmad Planted", "583": "Ahmad Planted"}
    # Two orders still say who it is; the forgotten one no longer points there.
    assert Order.objects.get(remote_id="581").buyer is None
    assert Buyer.objects.get().username == "planted_lover"


def test_a_buyer_all_of_whose_orders_are_forgotten_is_nobody():
    shop = make_shop()
    told(shop, news("581", status=OrderStatus.COMPLETED))
    old(Order.objects.get())

    forgetting.forget_finished(timezone.now() - timedelta(days=365))

    assert_nothing_private()
    assert Buyer.objects.get().is_erased


def test_forgetting_goes_in_batches_and_on_after_a_crash(monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for shop in (make_shop(), make_shop()):
        told(
            shop,
            *(
                news(str(number), status=OrderStatus.COMPLETED)
                for number in range(581, 584)
            ),
        )
    for order in Order.objects.all():
        old(order)
    year_ago = timezone.now() - timedelta(days=365)
    told_of: list[int] = []

    def crash(count):
        told_of.append(count)
        if len(told_of) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forgetting.forget_finished(year_ago, crash)

    assert told_of == [2, 3]
    assert Order.objects.filter(buyer_erased_at=None).count() == 3
    assert forgetting.forget_finished(year_ago) == 3
    assert_nothing_private()


def test_payloads_lose_their_bodies_and_are_still_known():
    shop = make_shop()
    told(shop, news())
    later = timezone.now() + timedelta(days=1)

    assert forgetting.payloads_before(later).count() == 1
    assert forgetting.empty_payloads(later) == 1
    assert forgetting.empty_payloads(later) == 0

    assert OrderPayload.objects.get().body == {}
    assert Order.objects.get().recipient_name == "Ahmad Planted"
    with statements() as asked:
        ingest_orders(shop, [news()], Source.API)
    assert asked.writing == []


def test_later_news_brings_a_whole_body_where_only_the_payload_was_dropped():
    shop = make_shop()
    told(shop, news())
    forgetting.empty_payloads(timezone.now() + timedelta(days=1))

    told(shop, news(version=2, carrier="Quick"))

    payload = OrderPayload.objects.get()
    assert payload.body == news(version=2, carrier="Quick").raw
    assert payload.emptied_at is None


def test_what_is_left_to_erase_counts_no_order_twice():
    shop = make_shop()
    told(shop, news("581"), news("582"))
    told(shop, news("581", version=None), source=Source.FILE)
    subject = subject_of(shop)

    assert holdings_of(subject).as_json() == {"orders": 2, "payloads": 3}

"""Labels and slips: fetched once, put together in order, let go after some days."""

import io
import logging
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader, PdfWriter

from apps.integrations.errors import PlatformUnavailable
from apps.orders.errors import ActionRefused
from apps.orders.models import OrderAction, ShippingDocument, ShopOrderSettings
from apps.orders.services.actions import ask
from apps.orders.services.papers import (
    Paper,
    fetch,
    kept,
    kept_of_run,
    merged,
    note_printed,
    purge,
    usual_paper,
    wishes,
)
from apps.orders.tasks import purge_papers
from apps.sync.services.actions import work_actions
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_user
from tests.sync.order_shop import FakeOrderShop, no_answer, run_of

pytestmark = pytest.mark.django_db
LABEL = Paper()
ZPL = Paper(format="ZPL")
PICTURE = Paper(kind="SHIPPING_LABEL_PICTURE")


def make_pdf(width, pages=1):
    """Told apart by the width of its pages, in points."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=width, height=400)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def make_png(mode="RGB"):
    stream = io.BytesIO()
    Image.new(mode, (420, 595)).save(stream, format="PNG")
    return stream.getvalue()


def make_paper(package, content, paper=LABEL, **changes):
    return ShippingDocument.objects.create(
        package=package,
        content=content,
        fetched_at=changes.pop("fetched_at", timezone.now()),
        **paper.details,
        **changes,
    )


def packages(count, shop=None):
    shop = shop or make_shop()
    return [
        make_package(
            make_order(shop, shipping_type="platform", status="awaiting_collection"),
            f"11520{number}",
            status="processing",
        )
        for number in range(count)
    ]


def test_a_paper_is_fetched_once_and_kept():
    [package] = packages(1)
    fake = FakeOrderShop(papers={package.remote_id: make_pdf(200)})

    first = fetch(package, LABEL, fake.client)
    again = fetch(package, LABEL, fake.client)

    assert first.pk == again.pk
    assert bytes(again.content) == fake.papers[package.remote_id]
    assert again.tracking_number == f"TT{package.remote_id}"
    assert [name for name, _ in fake.calls] == ["shipping_document", "fetch_document"]
    fake.papers[package.remote_id] = b"^XA^FDlabel^XZ"
    assert fetch(package, ZPL, fake.client).pk != first.pk


@pytest.mark.parametrize(
    ("content", "paper"),
    [
        (b"<html>Expired</html>", LABEL),
        (make_pdf(200), ZPL),
        (b"^XA^XZ", LABEL),
        (b"<html>", PICTURE),
    ],
)
def test_what_is_no_such_paper_is_not_kept(content, paper):
    [package] = packages(1)
    fake = FakeOrderShop(papers={package.remote_id: content})

    with pytest.raises(ActionRefused, match="something else than the paper"):
        fetch(package, paper, fake.client)

    assert not ShippingDocument.objects.exists()


def test_a_package_only_a_file_told_of_has_no_label():
    order = make_order()
    with pytest.raises(ActionRefused, match="Only a file"):
        fetch(make_package(order, tracking_number="JX1"), LABEL, FakeOrderShop().client)


def test_pdfs_and_pictures_are_merged_in_the_order_of_the_packages():
    rows = packages(3)
    documents = [
        make_paper(rows[0], make_pdf(300, pages=2)),
        make_paper(rows[1], make_png("RGBA"), PICTURE),
        make_paper(rows[2], make_pdf(200)),
    ]

    out = merged(documents)

    assert (out.content_type, out.file_name) == ("application/pdf", "labels.pdf")
    pages = PdfReader(io.BytesIO(out.content)).pages
    widths = [round(float(page.mediabox.width)) for page in pages]
    assert widths == [300, 300, 298, 200]  # a picture is as wide as A6: 105 mm
    turned = merged(list(reversed(documents)))
    pages = PdfReader(io.BytesIO(turned.content)).pages
    assert round(float(pages[0].mediabox.width)) == 200


def test_zpl_is_put_one_after_the_other():
    one, two = packages(2)
    documents = [
        make_paper(one, b"^XA^FD1^XZ\n", ZPL),
        make_paper(two, b"^XA^FD2^XZ", ZPL),
    ]

    out = merged(documents)

    assert out.content == b"^XA^FD1^XZ\n^XA^FD2^XZ\n"
    assert out.file_name == "labels.zpl"


def test_what_cannot_be_one_file_says_why():
    one, two = packages(2)
    pdf = make_paper(one, make_pdf(200))
    zpl = make_paper(two, b"^XA^XZ", ZPL)
    broken = make_paper(two, b"%PDF-1.4 and then nothing")

    with pytest.raises(ActionRefused, match="nothing to print"):
        merged([])
    with pytest.raises(ActionRefused, match="PDF and ZPL"):
        merged([pdf, zpl])
    with pytest.raises(ActionRefused, match=f"package {two.remote_id} cannot be read"):
        merged([pdf, broken])


def test_the_papers_of_many_packages_come_as_a_run(caplog):
    caplog.set_level(logging.DEBUG)
    shop, fake, user = make_shop(), FakeOrderShop(), make_user()
    rows = packages(3, shop)
    for row in rows:
        fake.papers[row.remote_id] = make_pdf(200) + b"% To Siti, 12 Jalan Ampang"
    late = rows[1].remote_id

    def busy(name, about):
        if about == late:
            raise PlatformUnavailable("The label is being made", code=11034023)

    fake.before = busy
    wanted = wishes(list(reversed(rows)), LABEL)
    run = run_of(ask(shop, wanted, By(user), title="Labels"))
    work_actions(shop, client=fake.client)

    found = kept_of_run(run)
    assert [d.package_id for d in found.documents] == [rows[2].pk, rows[0].pk]
    assert [(p.pk, why) for p, why in found.missing] == [
        (rows[1].pk, "The label is being made")
    ]
    fake.before = lambda name, about: None
    run.actions.filter(state="waiting").update(due_at=timezone.now())
    work_actions(shop, client=fake.client)
    assert [d.package_id for d in kept_of_run(run).documents] == [
        row.pk for row in reversed(rows)
    ]
    assert "Siti" not in caplog.text
    assert "Siti" not in str(list(run.actions.values())) + str(
        list(AuditEntry.objects.values())
    )


def test_a_combined_package_is_asked_for_once():
    [package] = packages(1)
    other = make_order(package.shop, status="awaiting_collection")
    other.order_packages.create(package=package)

    assert len(wishes([package, package], LABEL)) == 1


def test_what_is_kept_is_found_in_order_with_few_queries(django_assert_num_queries):
    rows = packages(6)
    for row in rows[:5]:
        make_paper(row, make_pdf(200))

    with django_assert_num_queries(1):
        found = kept(list(reversed(rows)), LABEL)

    assert [d.package_id for d in found.documents] == [r.pk for r in reversed(rows[:5])]
    assert found.missing == [(rows[5], "It was not fetched yet.")]


def test_printing_is_told_by_the_orders_and_the_trail():
    rows, user = packages(2), make_user()
    documents = [make_paper(row, make_pdf(200)) for row in rows]

    note_printed(documents, By(user))

    assert ShippingDocument.objects.filter(printed_at__isnull=False).count() == 2
    event = rows[0].orders.get().events.get()
    assert (event.kind, event.user) == ("printed", user)
    assert event.text == f"Printed: shipping label of {rows[0].remote_id}"
    entry = AuditEntry.objects.get(verb="printed shipping papers")
    assert (entry.actor, entry.shop_key) == (user, rows[0].shop_id)
    assert entry.details["count"] == 2


def test_papers_go_when_their_shop_keeps_them_no_longer():
    now = timezone.now()
    patient = make_shop()
    ShopOrderSettings.objects.create(shop=patient, document_days=30)
    old, new = packages(2)
    kept_long = packages(1, patient)[0]
    make_paper(old, b"%PDF-", fetched_at=now - timedelta(days=8))
    make_paper(new, b"%PDF-", fetched_at=now - timedelta(days=6))
    make_paper(kept_long, b"%PDF-", fetched_at=now - timedelta(days=29))

    assert purge_papers() == 1
    left = ShippingDocument.objects.values_list("package", flat=True)
    assert set(left) == {new.pk, kept_long.pk}
    assert purge(now + timedelta(days=2)) == 2


def test_a_shop_has_a_usual_paper():
    shop = make_shop()
    assert usual_paper(shop.pk) == Paper("SHIPPING_LABEL", "A6", "PDF")
    ShopOrderSettings.objects.create(shop=shop, document_format="ZPL")
    assert usual_paper(shop.pk) == ZPL


def test_a_run_says_that_a_paper_was_let_go():
    shop, fake = make_shop(), FakeOrderShop()
    rows = packages(2, shop)
    fake.papers = {row.remote_id: make_pdf(200) for row in rows}
    run = run_of(ask(shop, wishes(rows, LABEL), By()))
    work_actions(shop, client=fake.client)
    ShippingDocument.objects.filter(package=rows[0]).delete()

    found = kept_of_run(run)

    assert len(found.documents) == 1
    assert "let go" in found.missing[0][1]


def test_an_outage_is_no_refusal():
    [package] = packages(1)
    fake = FakeOrderShop(papers={})

    def hook(name, about):
        raise no_answer()

    fake.before = hook
    [wish] = wishes([package], LABEL)
    [action] = ask(package.shop, [wish], By()).actions
    assert work_actions(package.shop, client=fake.client).waiting == 1
    action.refresh_from_db()
    assert action.state == OrderAction.State.WAITING

"""The pages of the catalogue: what they show to whom, and what is done from them."""

import io
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.products.models import (
    Category,
    PriceRule,
    Product,
    ProductImage,
    Supplier,
    SupplySource,
    Variant,
)
from apps.products.services.categories import save_category
from apps.products.services.images import add_image
from apps.products.services.price_rules import save_rule
from apps.products.services.suppliers import set_sources
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.team import as_user, make_shop_member
from tests.factories.users import make_client, make_user
from tests.products.pictures import picture, upload

pytestmark = pytest.mark.django_db

LIST = reverse("admin:products_product_changelist")
FILES = reverse("admin:products_product_files")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def working_for(client, role=Role.CONTENT_MANAGER) -> Browser:
    return signed_in(make_user(clients=[client], role=role))


@pytest.fixture
def manager(company, shop):
    return working_for(company)


def page_of(row: Any, name: str = "change", *more: Any) -> str:
    kind = row._meta.model_name
    return reverse(f"admin:products_{kind}_{name}", args=[row.pk, *more])


def words(page: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", unescape(page.content.decode()))
    return re.sub(r"\s+", " ", text)


def listed(browser: Browser, **query: Any) -> list[str]:
    page = browser.get(LIST, query)
    assert page.status_code == 200
    return [row.name for row in page.context["cl"].result_list]


def notices(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


# The list -------------------------------------------------------------------------


@pytest.fixture
def many(company, shop):
    home = save_category(company, "Home")
    lamps = save_category(company, "Lamps", parent=home)
    lamp = make_product(company, "Rattan lamp", brand="Loom", category=lamps)
    small = make_variant(lamp, "LAMP-30", barcode="4006381333931", prices={"MYR": "40"})
    make_variant(lamp, "LAMP-40", prices={"MYR": "55.5", "USD": "12"})
    make_listing_sku(shop=shop, variant=small)
    make_bundle({small: 2}, "SET", product_name="Pair of lamps")
    make_variant(make_product(company, "Chair", category=home), "CHAIR")
    make_variant(make_product(company, "Old", is_active=False), "OLD")
    return lamp


def test_products_are_listed_with_what_one_asks_of_them(many, manager):
    page = manager.get(LIST)
    text = words(page)

    assert listed(manager) == ["Chair", "Pair of lamps", "Rattan lamp"]
    assert "LAMP-30, LAMP-40" in text
    assert "MYR 40.00 to 55.50" in text
    assert "USD 12.00" in text
    assert "Main Store (MY) · 1" in text
    assert "Home > Lamps" in text
    assert text.count("No listing") == 2


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "lamp-40"}, ["Rattan lamp"]),
        ({"q": "4006381333931"}, ["Rattan lamp"]),
        ({"q": "400-638"}, ["Rattan lamp"]),
        ({"q": "loom rattan"}, ["Rattan lamp"]),
        ({"q": "nothing"}, []),
        ({"state": "archived"}, ["Old"]),
        ({"state": "all"}, ["Chair", "Old", "Pair of lamps", "Rattan lamp"]),
        ({"kind": "bundle"}, ["Pair of lamps"]),
        ({"kind": "single"}, ["Chair", "Rattan lamp"]),
        ({"listed": "yes"}, ["Rattan lamp"]),
        ({"listed": "no"}, ["Chair", "Pair of lamps"]),
    ],
)
def test_products_are_found(many, manager, query, names):
    assert listed(manager, **query) == names


def test_a_category_holds_what_is_within_it(many, manager):
    home, lamps = Category.objects.order_by("name")

    assert listed(manager, category=home.pk) == ["Chair", "Rattan lamp"]
    assert listed(manager, category=lamps.pk) == ["Rattan lamp"]


def test_listings_one_may_not_see_do_not_count(many, company, shop):
    elsewhere = make_shop(company)
    user = as_user(make_shop_member(elsewhere, Role.CONTENT_MANAGER))
    browser = signed_in(user)

    assert listed(browser, listed="yes") == []
    assert "Main Store" not in words(browser.get(LIST))
    page = words(browser.get(page_of(many)))
    assert "Main Store" not in page
    assert "No shop lists it yet" in page


def test_the_number_of_queries_does_not_grow(company, shop, manager):
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(address).status_code == 200
        return len(queries)

    def grow(number: int = 0) -> Product:
        category = save_category(company, f"Category {number}")
        product = make_product(company, category=category)
        for _ in range(3):
            row = make_variant(product, prices={"USD": "10", "MYR": "40"})
            make_listing_sku(shop=shop, variant=row)
            make_bundle({row: 1})
        return product

    first = grow()
    few_listed, few = count(LIST), count(page_of(first))
    few_edited = count(page_of(first, "edit"))
    for number in range(1, 5):
        grow(number)
    for _ in range(6):
        row = make_variant(first, prices={"USD": "10"})
        make_listing_sku(shop=shop, variant=row)
        make_bundle({row: 1})
    assert count(LIST) == few_listed <= 24
    assert count(page_of(first)) == few <= 33
    assert count(page_of(first, "edit")) == few_edited <= 24


def test_an_empty_list_says_what_to_do(company, manager):
    assert "Bring your catalogue along as a file" in words(manager.get(LIST))
    assert "Add product" in words(manager.get(LIST))
    watching = working_for(company, Role.ANALYST).get(LIST)
    assert "No products yet." in words(watching)
    assert "Add product" not in words(watching)


# One product ----------------------------------------------------------------------


@pytest.fixture
def full(company, shop):
    """A product with some of everything."""
    product = make_product(company, "Rattan lamp", description="Made\nby hand")
    row = make_variant(
        product,
        "LAMP-30",
        barcode="4006381333932",
        cost_amount=Decimal("4.25"),
        cost_currency="USD",
        weight_grams=900,
        prices={"USD": "10"},
    )
    save_rule(
        company,
        {
            "region": "MY",
            "base_currency": "USD",
            "rate": Decimal("4.70"),
            "rate_on": timezone.localdate(),
        },
    )
    listing = make_listing(shop, title="Lamp rattan")
    make_listing_sku(listing, variant=row, seller_sku="OTHER", quantity=0)
    make_bundle({row: 2}, "SET", product_name="Pair")
    supplier = Supplier.objects.create(client=company, name="Weavers")
    offer = {"variant": row, "supplier": supplier, "supplier_sku": "W-1"}
    cost = {"cost_amount": Decimal("3.75"), "currency": "CNY"}
    set_sources(product, [offer | cost], actor=make_user("ann", is_superuser=True))
    return product


def test_the_page_has_it_all(full, manager):
    text = words(manager.get(page_of(full)))

    for told in (
        "LAMP-30",
        "USD 4.25",
        "900 g",
        "would end in 1, not 2",
        "USD 10.00 × 4.70 = MYR 47.00",  # noqa: RUF001
        "Lamp rattan",
        "Title differs ours: Rattan lamp",
        "OTHER differs",
        "planned MYR 47.00",
        "Chosen by hand",
        "Part of SET",
        "Weavers",
        "CNY 3.75",
    ):
        assert told in text, told
    # Nothing in stock is a number; a stock nobody told is none.
    assert "MYR 40.00 planned MYR 47.00 0 Chosen" in text


def test_part_of_a_cent_is_shown(full, manager):
    full.variants.update(cost_amount=Decimal("0.0125"))
    SupplySource.objects.update(cost_amount=Decimal("1250.3375"))

    text = words(manager.get(page_of(full)))

    assert "USD 0.0125" in text
    assert "CNY 1,250.3375" in text
    assert "CNY 1,250.3375" in words(manager.get(page_of(Supplier.objects.get())))


def test_all_listings_are_shown_page_by_page_and_counted(full, shop, manager):
    row = full.variants.get()
    for number in range(24):
        make_listing_sku(make_listing(shop, title=f"No. {number}"), variant=row)
    gone = make_listing(shop, status="deleted")
    make_listing_sku(gone, variant=row)

    first = manager.get(page_of(full), {"p": "1"})
    second = manager.get(page_of(full), {"listings": "2"})

    shown = [
        each["listing"] for page in (first, second) for each in page.context["listings"]
    ]
    assert len(set(shown)) == len(shown) == 26
    assert "26 listings in shops" in words(first)
    assert "?p=1&amp;listings=2#listings" in first.content.decode()
    # As the list of products counts them: without those that are deleted.
    (told,) = first.context["variants"]
    assert told["listed"] == 25


def test_without_a_rule_the_reason_stands_in_the_place_of_the_price(full, manager):
    PriceRule.objects.all().delete()

    assert "No price in MYR and no rule for MY" in words(manager.get(page_of(full)))


def test_who_sees_what(full, company):
    manager, analyst, partner, admin = (
        words(working_for(company, role).get(page_of(full)))
        for role in (
            Role.CONTENT_MANAGER,
            Role.ANALYST,
            Role.CREATOR_PARTNER,
            Role.ADMIN,
        )
    )

    for page, costs, changes, history in (
        (manager, True, True, False),
        (analyst, True, False, False),
        (partner, False, False, False),
        (admin, True, True, True),
    ):
        assert "Rattan lamp" in page
        assert ("USD 4.25" in page) is costs
        assert ("CNY 3.75" in page) is costs
        assert ("Weavers" in page) is costs
        assert (" Edit " in page) is changes
        assert ("Add pictures" in page) is changes
        assert ("ann changed the suppliers" in page) is history


def test_who_only_looks_changes_nothing(full, company):
    browser = working_for(company, Role.ANALYST)
    image, _ = add_image(full, upload(picture()))

    for address in (
        page_of(full, "edit"),
        page_of(full, "sources"),
        page_of(full, "act", "archive"),
        page_of(full, "act", "delete"),
        page_of(full, "act", "upload"),
        page_of(full, "picture", image.pk, "delete"),
        FILES,
        reverse("admin:products_product_add"),
        reverse("admin:products_category_add"),
        page_of(PriceRule.objects.get()),
        page_of(Supplier.objects.get()),
        page_of(PriceRule.objects.get(), "delete"),
    ):
        assert browser.post(address, {"name": "x"}).status_code == 403, address
    full.refresh_from_db()
    assert full.is_active
    assert ProductImage.objects.filter(pk=image.pk).exists()
    assert "Rattan" in words(browser.get(page_of(full)))


def test_a_foreign_product_is_like_one_that_is_not_there(full, company):
    outsider = working_for(make_client("Southwind"))
    image, _ = add_image(full, upload(picture()))
    unknown = 999_999

    for name, more in (
        ("change", ()),
        ("edit", ()),
        ("sources", ()),
        ("act", ("archive",)),
        ("act", ("delete",)),
        ("picture", (image.pk, "delete")),
    ):
        answers = [
            outsider.post(reverse(f"admin:products_product_{name}", args=[key, *more]))
            if more
            else outsider.get(reverse(f"admin:products_product_{name}", args=[key]))
            for key in (full.pk, unknown)
        ]
        assert answers[0].status_code == answers[1].status_code == 302
        assert answers[0]["Location"] == answers[1]["Location"]
    assert listed(outsider) == []
    assert outsider.get(LIST, {"client": company.pk}).status_code == 200
    # Nor in any choice of theirs.
    add = reverse("admin:products_product_add")
    assert "Northwind" not in words(outsider.get(add))


# Writing --------------------------------------------------------------------------


def form(rows: list[dict[str, Any]], stored: int = 0, **product: Any) -> dict[str, Any]:
    """As a browser sends it."""
    sent = {
        "name": "Rattan lamp",
        "brand": "",
        "category": "",
        "description": "",
        "variants-TOTAL_FORMS": len(rows),
        "variants-INITIAL_FORMS": stored,
    } | product
    for number, row in enumerate(rows):
        values = {"is_active": "on"} | row
        sent |= {f"variants-{number}-{name}": value for name, value in values.items()}
    return sent


def test_a_product_is_added(company, manager):
    address = reverse("admin:products_product_add")
    assert manager.get(address).status_code == 200

    page = manager.post(
        address,
        form(
            [
                {
                    "sku": "A",
                    "price_MYR": "39.90",
                    "other_amount": "9.5",
                    "other_currency": "usd",
                    "cost_amount": "4",
                    "cost_currency": "cny",
                    "weight_grams": "900",
                    "barcode": "4006381333932",
                },
                {"sku": "SET", "is_bundle": "on", "components": "A*2"},
                {},
            ]
        ),
        follow=True,
    )

    assert "Rattan lamp is added." in notices(page)
    assert any("would end in 1" in told for told in notices(page))
    a, bundle = Variant.objects.all()
    assert {str(each) for each in a.prices.all()} == {"MYR 39.90", "USD 9.50"}
    assert (str(a.cost), a.weight_grams) == ("CNY 4.00", 900)
    assert bundle.components.get().quantity == 2


@pytest.mark.parametrize("key", ["own", "-1", "9" * 30])
def test_a_new_product_takes_no_variant_that_is_there(full, company, manager, key):
    key = str(full.variants.get().pk) if key == "own" else key
    sent = form([{"sku": "A"}, {"sku": "B", "variant_id": key}], name="New")

    page = manager.post(reverse("admin:products_product_add"), sent)

    assert "no longer there" in words(page)
    assert not Product.objects.filter(name="New").exists()


def test_the_trail_names_the_skus_of_a_new_product(company, shop):
    """Two of them are no value before and after."""
    browser = working_for(company, Role.ADMIN)
    sent = form([{"sku": "A"}, {"sku": "B"}])

    page = browser.post(reverse("admin:products_product_add"), sent, follow=True)

    assert "skus: A, B" in words(page)


@pytest.mark.parametrize("name", ["product_add", "product_files", "pricerule_add"])
def test_labels_and_hints_belong_to_one_field_each(company, shop, manager, name):
    page = manager.get(reverse(f"admin:products_{name}")).content.decode()

    ids = re.findall(r'\sid="([^"]+)"', page)
    named = re.findall(r'\sfor="([^"]+)"', page)
    hints = re.findall(r'aria-describedby="([^"]+)"', page)
    assert set(named) <= set(ids)
    assert {each for told in hints for each in told.split()} <= set(ids)
    assert not [each for each in named if ids.count(each) > 1]


def test_what_is_wrong_stands_beside_its_field(company, manager):
    make_variant(client=company, sku="TAKEN")

    page = manager.post(
        reverse("admin:products_product_add"),
        form(
            [
                {"sku": "TAKEN"},
                {"sku": "B", "price_MYR": "1.005", "components": "NONE"},
                {"sku": "C C", "cost_amount": "1"},
            ],
            name="",
        ),
    )
    assert page.context["form"].errors["name"] == ["This field is required."]
    page = manager.post(
        reverse("admin:products_product_add"),
        form(
            [
                {"sku": "TAKEN"},
                {"sku": "B", "price_MYR": "1.005"},
                {"sku": "C C"},
            ]
        ),
    )

    said = [dict(each.errors) for each in page.context["variants"]]
    assert said[0] == {"sku": ["Rattan lamp has the SKU TAKEN already."]}
    assert said[1] == {"price_MYR": ["MYR has 2 decimals."]}
    assert "no spaces" in said[2]["sku"][0]
    assert "Not saved" in words(page)
    assert Product.objects.count() == 1
    page = manager.post(
        reverse("admin:products_product_add"),
        form([{"sku": "SET", "components": "NONE"}]),
    )
    told = page.context["variants"][0].errors["components"][0]
    assert "There is no SKU “NONE”" in told


def test_more_rows_come_without_losing_what_was_written(manager):
    sent = form([{"sku": "A"}]) | {"more": "1"}

    page = manager.post(reverse("admin:products_product_add"), sent)

    assert len(page.context["variants"].forms) == 6
    assert page.context["variants"][0]["sku"].value() == "A"
    assert not Product.objects.exists()
    # What is sent next has five rows nobody filled in.
    rows = [{"sku": "A"}, {}, {}, {}, {}, {}]
    manager.post(reverse("admin:products_product_add"), form(rows))
    assert Variant.objects.count() == 1


def stored(row: Variant, **changes: Any) -> dict[str, Any]:
    values = {
        "variant_id": row.pk,
        "sku": row.sku,
        "name": row.name,
        "barcode": row.barcode,
        "price_MYR": "40",
    }
    return values | changes


def test_a_product_is_edited(company, manager):
    product = make_product(company)
    a = make_variant(product, "A", prices={"MYR": "40"})
    b = make_variant(product, "B", prices={"MYR": "40"})
    seen = product.modified_at.isoformat()

    page = manager.post(
        page_of(product, "edit"),
        form(
            [stored(a, price_MYR=""), stored(b, DELETE="on"), {"sku": "C"}],
            stored=2,
            seen=seen,
            brand="Loom",
        ),
        follow=True,
    )

    assert "Rattan lamp is saved." in notices(page)
    product.refresh_from_db()
    assert product.brand == "Loom"
    assert {row.sku for row in product.variants.all()} == {"A", "C"}
    assert not a.prices.exists()
    page = manager.post(
        page_of(product, "edit"), form([stored(a)], stored=1, seen=seen)
    )
    assert "Somebody changed this product" in words(page)
    assert not a.prices.exists()


def test_nothing_changed_is_said(company, manager):
    row = make_variant(make_product(company), "A", prices={"MYR": "40"})

    page = manager.post(
        page_of(row.product, "edit"), form([stored(row)], stored=1), follow=True
    )

    assert "Nothing was changed." in notices(page)
    assert not AuditEntry.objects.exists()


def test_a_form_sends_back_what_it_shows(full, manager):
    """Saving untouched what the page shows changes nothing, whatever is in it."""
    page = manager.get(page_of(full, "edit"))
    sent: dict[str, Any] = {"seen": page.context["seen"]}
    for each in (page.context["form"], *page.context["variants"]):
        for field in each:
            value = field.value()
            if value not in (None, False, ""):
                sent[field.html_name] = "on" if value is True else value
    management = page.context["variants"].management_form
    sent |= {field.html_name: field.value() for field in management}

    answer = manager.post(page_of(full, "edit"), sent, follow=True)

    assert "Nothing was changed." in notices(answer)


def test_a_variant_in_use_is_kept_and_it_says_why(full, manager):
    row = full.variants.get()
    other = make_variant(full, "B")

    page = manager.post(
        page_of(full, "edit"),
        form([stored(row, DELETE="on"), stored(other, price_MYR="")], stored=2),
    )

    assert "in use: 1 bundle and 1 SKU of a listing" in words(page)
    assert Variant.objects.filter(pk=row.pk).exists()


def test_a_foreign_category_is_no_choice(company, manager):
    foreign = save_category(make_client(), "Theirs")

    page = manager.post(
        reverse("admin:products_product_add"),
        form([{"sku": "A"}], category=str(foreign.pk)),
    )

    assert "Select a valid choice" in str(page.context["form"].errors["category"])
    assert not Product.objects.exists()


def test_who_works_for_several_clients_says_for_which(company):
    other = make_client("Southwind")
    browser = signed_in(make_user(clients=[company, other], role=Role.ADMIN))
    address = reverse("admin:products_product_add")

    assert "For the client" in words(browser.get(address))
    browser.post(f"{address}?client={other.pk}", form([{"sku": "A"}]))
    assert Product.objects.get().client == other
    for key in ("x", "9" * 30, make_client().pk):
        assert "For the client" in words(browser.get(address, {"client": key}))


def test_a_product_is_archived_restored_and_deleted(company, manager):
    row = make_variant(make_product(company))

    for deed, told in (
        ("archive", "is archived"),
        ("restore", "is active again"),
        ("delete", "is deleted"),
    ):
        page = manager.post(page_of(row.product, "act", deed), follow=True)
        assert any(told in each for each in notices(page))
    assert not Product.objects.exists()
    assert manager.get(page_of(row.product, "act", "archive")).status_code == 405


def test_a_product_in_use_is_not_deleted(full, manager):
    page = manager.post(page_of(full, "act", "delete"), follow=True)

    assert "Archive it instead" in words(page)
    assert Product.objects.filter(pk=full.pk).exists()


# Pictures -------------------------------------------------------------------------


def test_pictures_are_uploaded_ordered_and_said_to_show_a_variant(full, manager):
    row = full.variants.get()
    page = manager.post(
        page_of(full, "act", "upload"),
        {
            "pictures": [
                upload(picture(colour="red"), "a.jpg"),
                upload(b"no picture", "b.jpg"),
                upload(picture(colour="blue"), "c.jpg"),
            ]
        },
        follow=True,
    )

    assert "2 pictures added." in notices(page)
    assert any(
        told.startswith("b.jpg: The file is no picture") for told in notices(page)
    )
    first, second = full.images.all()
    manager.post(page_of(full, "picture", second.pk, "earlier"))
    assert list(full.images.all()) == [second, first]
    manager.post(page_of(full, "picture", first.pk, "show"), {"variant": row.pk})
    first.refresh_from_db()
    assert first.variant == row
    shown = manager.get(LIST).content.decode()
    assert reverse("products:thumb", args=[second.pk]) in shown
    for odd in ("x", "9" * 5_000, str(make_variant().pk)):
        told = manager.post(
            page_of(full, "picture", first.pk, "show"), {"variant": odd}, follow=True
        )
        assert "Choose a variant of this product." in notices(told)
    first.refresh_from_db()
    assert first.variant == row
    manager.post(page_of(full, "picture", first.pk, "delete"))
    assert list(full.images.all()) == [second]


def test_a_picture_of_another_product_is_not_reached(full, company, manager):
    other = make_product(company)
    image, _ = add_image(other, upload(picture()))

    page = manager.post(page_of(full, "picture", image.pk, "delete"))

    assert page.status_code == 302
    assert ProductImage.objects.filter(pk=image.pk).exists()


# Suppliers, categories, rules -----------------------------------------------------


def sources(rows: list[dict[str, Any]], stored: int = 0) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "sources-TOTAL_FORMS": len(rows),
        "sources-INITIAL_FORMS": stored,
    }
    for number, row in enumerate(rows):
        sent |= {f"sources-{number}-{name}": value for name, value in row.items()}
    return sent


def test_where_a_product_is_bought_is_edited(full, company, manager):
    row = full.variants.get()
    old = Supplier.objects.get()
    new = Supplier.objects.create(client=company, name="Others")
    rows = [
        {"variant": row.pk, "supplier": old.pk, "is_preferred": "on"},
        {"variant": row.pk, "supplier": new.pk, "is_preferred": "on"},
    ]
    assert manager.get(page_of(full, "sources")).status_code == 200

    page = manager.post(page_of(full, "sources"), sources(rows, 1))
    assert "has another preferred supplier" in words(page)
    del rows[0]["is_preferred"]
    rows[1] |= {"cost_amount": "2", "currency": ""}
    page = manager.post(page_of(full, "sources"), sources(rows, 1))
    assert "Say in which currency" in words(page)
    rows[1]["currency"] = "usd"
    page = manager.post(page_of(full, "sources"), sources(rows, 1), follow=True)

    assert "Suppliers saved." in notices(page)
    preferred = SupplySource.objects.get(is_preferred=True)
    assert (preferred.supplier, preferred.cost_amount) == (new, 2)
    rows = [
        {"variant": row.pk, "supplier": old.pk, "is_preferred": "on"},
        {"variant": row.pk, "supplier": new.pk, "DELETE": "on"},
    ]
    manager.post(page_of(full, "sources"), sources(rows, 2))
    assert SupplySource.objects.get().supplier == old


def test_suppliers_somebody_added_meanwhile_are_not_lost(full, company, manager):
    row = full.variants.get()
    old = Supplier.objects.get()
    seen = manager.get(page_of(full, "sources")).context["seen"]
    other = Supplier.objects.create(client=company, name="Others")
    both = [{"variant": row, "supplier": each} for each in (old, other)]
    set_sources(full, both)

    sent = sources([{"variant": row.pk, "supplier": old.pk}], 1) | {"seen": seen}
    page = manager.post(page_of(full, "sources"), sent)

    assert "Somebody changed these suppliers" in words(page)
    assert row.sources.count() == 2


def test_a_least_order_is_for_those_who_see_costs_at_all_shops(company, shop):
    least = {"currency": "USD", "minimum_order_amount": Decimal("512.50")}
    supplier = Supplier.objects.create(client=company, name="Weavers", **least)
    listed_at = reverse("admin:products_supplier_changelist")
    limited = signed_in(as_user(make_shop_member(shop, Role.CONTENT_MANAGER)))

    for browser, is_seen in ((working_for(company), True), (limited, False)):
        for address in (listed_at, page_of(supplier)):
            page = browser.get(address)
            assert "Weavers" in words(page)
            assert ("512.5" in page.content.decode()) is is_seen


def test_suppliers_are_for_those_who_see_costs(full, company):
    address = reverse("admin:products_supplier_changelist")

    assert working_for(company, Role.CREATOR_PARTNER).get(address).status_code == 403
    page = working_for(company, Role.ANALYST).get(address)
    assert "Weavers" in words(page)
    assert "Weavers" not in words(working_for(make_client()).get(address))
    supplier = Supplier.objects.get()
    detail = working_for(company, Role.ANALYST).get(page_of(supplier))
    assert "CNY 3.75" in words(detail)
    partner = working_for(company, Role.CREATOR_PARTNER).get(page_of(supplier))
    assert partner.status_code == 403


def test_a_supplier_is_added_changed_and_kept_while_needed(full, company, manager):
    add = reverse("admin:products_supplier_add")
    sent = {"name": "New", "currency": "cny", "is_active": "on"}

    page = manager.post(add, sent, follow=True)
    assert "New is saved." in notices(page)
    page = manager.post(add, sent | {"name": "NEW"})
    assert "There is such a supplier already." in words(page)
    page = manager.post(add, {"name": "X", "minimum_order_amount": "5"})
    assert "Say in which currency" in words(page)
    page = manager.post(
        page_of(Supplier.objects.get(name="New"), "delete"), follow=True
    )
    assert "New is deleted." in notices(page)
    kept = Supplier.objects.get()
    page = manager.post(page_of(kept, "delete"), follow=True)
    assert "1 variant is bought there" in words(page)


def test_categories_stand_as_a_tree_and_never_within_themselves(company, manager):
    add = reverse("admin:products_category_add")
    for name, parent in (("Home", ""), ("Lamps", "Home"), ("Art", "")):
        within = Category.objects.filter(name=parent).first()
        manager.post(add, {"name": name, "parent": within.pk if within else ""})
    home, lamps = (Category.objects.get(name=name) for name in ("Home", "Lamps"))

    page = manager.get(reverse("admin:products_category_changelist"))
    rows = [(row.name, row.depth) for row in page.context["cl"].result_list]
    assert rows == [("Art", 0), ("Home", 0), ("Lamps", 1)]
    page = manager.post(page_of(home), {"name": "Home", "parent": lamps.pk})
    assert "cannot be within itself" in words(page)
    page = manager.post(add, {"name": "home", "parent": ""})
    assert "There is such a category already." in words(page)
    page = manager.post(page_of(home, "delete"), follow=True)
    assert "1 category within it" in words(page)
    page = manager.post(page_of(lamps, "delete"), follow=True)
    assert "Lamps is deleted." in notices(page)


def rule(**changes: Any) -> dict[str, Any]:
    values = {
        "region": "MY",
        "only_shop": "",
        "base_currency": "usd",
        "rate": "4.70",
        "rate_on": "2026-01-02",
        "factor": "1.15",
        "round_to": "1",
        "ending": "0.10",
        "is_active": "on",
    }
    return values | changes


def test_a_price_rule_is_tried_out_before_it_is_saved(company, shop, manager):
    make_variant(make_product(company), "A", prices={"USD": "19.90"})
    make_variant(make_product(make_client(), "Theirs"), prices={"USD": "1"})
    add = reverse("admin:products_pricerule_add")

    page = manager.post(add, rule(rate_on=timezone.localdate(), preview="1"))

    told = (
        "USD 19.90 × 4.70 × 1.15 = MYR 107.56, up to the next 1.00 less 0.10 = "  # noqa: RUF001
        "MYR 107.90"
    )
    assert told in words(page)
    assert "Theirs" not in words(page)
    assert not PriceRule.objects.exists()
    page = manager.post(add, rule(rate_on=timezone.localdate()), follow=True)
    assert told in words(page)
    stored = PriceRule.objects.get()
    assert (stored.currency, stored.base_currency) == ("MYR", "USD")
    page = manager.post(add, rule())
    assert "a rule for this region or shop already" in words(page)
    page = manager.post(page_of(stored), rule(rate="0"))
    assert "more than 0" in words(page)
    manager.post(page_of(stored), rule())
    assert "more than 30 days ago" in words(manager.get(page_of(stored)))


def test_a_rule_for_a_shop_is_for_those_who_see_the_shop(company, shop):
    other = make_shop(company, name="Second")
    values = {
        "region": "MY",
        "only_shop": shop,
        "base_currency": "USD",
        "rate": Decimal(4),
        "rate_on": timezone.localdate(),
    }
    hidden, _ = save_rule(company, values)
    browser = signed_in(as_user(make_shop_member(other, Role.CONTENT_MANAGER)))

    assert "Main Store" not in words(
        browser.get(reverse("admin:products_pricerule_changelist"))
    )
    assert browser.get(page_of(hidden)).status_code == 302


# Files ----------------------------------------------------------------------------


def test_a_catalogue_goes_out_and_comes_in_through_the_page(full, company, manager):
    answer = manager.get(
        reverse("admin:products_product_export"), {"client": company.pk}
    )
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "4.25" in text
    changed = text.replace("Rattan lamp", "Rattan lamp (large)") + "NEW,X\r\nB B,Y\r\n"

    page = manager.post(
        FILES,
        {
            "client": company.pk,
            "file": SimpleUploadedFile("mine.csv", changed.encode()),
        },
    )
    told = words(page)
    for count in ("1 new", "1 changed", "1 same", "1 refused"):
        assert count in told
    assert "name: Rattan lamp → Rattan lamp (large)" in told
    assert Variant.objects.filter(sku="NEW").count() == 0

    signed = page.context["signed"]
    errors = manager.post(reverse("admin:products_product_errors"), {"signed": signed})
    assert "B B,Y" in errors.content.decode("utf-8-sig")
    page = manager.post(
        reverse("admin:products_product_apply"), {"signed": signed}, follow=True
    )
    assert "Imported into Northwind: 1 new and 1 changed SKUs." in notices(page)
    full.refresh_from_db()
    assert full.name == "Rattan lamp (large)"
    page = manager.post(
        reverse("admin:products_product_apply"), {"signed": signed}, follow=True
    )
    assert "Nothing has changed." in notices(page)


def test_a_page_writes_so_many_products_and_says_what_is_left(
    company, shop, manager, monkeypatch
):
    monkeypatch.setattr("apps.products.admin.product_files.MOST_AT_ONCE", 2)
    data = b"sku,product\nA,One\nB,Two\nC,Three\n"

    for told in ("2 products are written, 1 are left", "1 new and 0 changed SKUs"):
        file = SimpleUploadedFile("a.csv", data)
        page = manager.post(FILES, {"client": company.pk, "file": file})
        apply = reverse("admin:products_product_apply")
        signed = {"signed": page.context["signed"]}
        assert told in words(manager.post(apply, signed, follow=True))
    assert Product.objects.count() == 3


def test_a_preview_is_good_for_whoever_made_it_alone(company, shop, manager):
    page = manager.post(
        FILES,
        {
            "client": company.pk,
            "file": SimpleUploadedFile("a.csv", b"sku,product\nA,Lamp\n"),
        },
    )
    signed = page.context["signed"]

    for browser in (working_for(company), working_for(make_client())):
        answer = browser.post(
            reverse("admin:products_product_apply"), {"signed": signed}, follow=True
        )
        assert "This preview is over" in words(answer)
    assert not Product.objects.exists()


def test_files_that_cannot_be_used_say_why_beside_the_field(company, manager):
    for data, told in ((b"x,y\n1,2\n", "No column is called"), (b"", "empty")):
        file = SimpleUploadedFile("a.csv", data)
        page = manager.post(FILES, {"client": company.pk, "file": file})
        assert told in words(page)
    foreign = make_client("Southwind")
    file = SimpleUploadedFile("a.csv", b"sku,product\nA,Lamp\n")
    page = manager.post(FILES, {"client": foreign.pk, "file": file})
    assert "Select a valid choice" in words(page)


def test_an_export_holds_no_costs_for_those_who_do_not_see_them(full, company):
    address = reverse("admin:products_product_export")
    partner = working_for(company, Role.CREATOR_PARTNER)

    answer: Any = partner.get(address, {"client": company.pk})
    text = b"".join(answer.streaming_content)

    assert b"LAMP-30" in text
    assert b"4.25" not in text
    outsider = working_for(make_client())
    foreign = outsider.get(address, {"client": company.pk})
    unknown = outsider.get(address, {"client": 999_999})
    assert foreign.status_code == unknown.status_code == 302
    assert io.BytesIO(text).readline().startswith(b"\xef\xbb\xbfsku,product")

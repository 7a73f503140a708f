"""Products and variants: what holds, what is refused and why, and what is in use."""

from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections

from apps.products.errors import (
    CatalogueRefuses,
    ChangedMeanwhile,
    InUse,
    ProductRefused,
)
from apps.products.models import MappingState, Product, Variant, VariantPrice
from apps.products.services.barcodes import barcode_warning, normal_barcode
from apps.products.services.catalogue import (
    create_product,
    delete_product,
    set_active,
    update_product,
)
from apps.products.services.categories import save_category
from apps.products.services.checks import VariantInput
from apps.products.services.skus import lookup
from apps.users.models import AuditEntry
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


def wanted(sku: str = "LAMP-30", **given: Any) -> VariantInput:
    return VariantInput(
        {"sku": sku, **given.pop("values", {})},
        prices=given.pop("prices", {}),
        **given,
    )


def faults(refused: pytest.ExceptionInfo[Any]) -> dict[tuple[int | None, str], str]:
    return {(each.row, each.field): each.message for each in refused.value.faults}


def test_a_product_is_made_with_variants_prices_and_a_line_in_the_trail():
    client, actor = make_client(), make_user(is_superuser=True)

    product = create_product(
        client,
        {"name": "  Rattan   lamp ", "brand": "Loom"},
        [
            wanted(
                " LAMP-30 ",
                values={
                    "barcode": "4006381 333931",
                    "cost_amount": Decimal("4.1"),
                    "cost_currency": "usd",
                    "weight_grams": 900,
                },
                prices={"MYR": Decimal("39.90"), "IDR": Decimal(150_000)},
            ),
            wanted("LAMP-40"),
        ],
        actor=actor,
        address="192.0.2.7",
    )

    lamp, other = product.variants.all()
    assert (product.name, product.brand) == ("Rattan lamp", "Loom")
    assert (lamp.sku, lamp.barcode, lamp.weight_grams) == (
        "LAMP-30",
        "4006381333931",
        900,
    )
    assert str(lamp.cost) == "USD 4.10"
    assert {str(row) for row in lamp.prices.all()} == {"MYR 39.90", "IDR 150,000"}
    assert (other.client, other.position) == (client, 1)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.client, entry.actor) == (
        "created a product",
        client,
        actor,
    )
    assert entry.details == {"skus": ["LAMP-30", "LAMP-40"]}
    assert MappingState.objects.get(client=client).stale_since


@pytest.mark.parametrize(
    ("sku", "words"),
    [
        ("", "needs a SKU"),
        ("  ", "needs a SKU"),
        ("LAMP 30", "no spaces"),
        ("LAMP\u00a030", "no spaces"),
        ("LAMP\u200b30", "cannot be seen"),
        ("LAMP\x0030", "cannot be seen"),
        ("LAMP\ud800", "cannot be seen"),
        ("L" * 51, "at most 50 characters, not 51"),
    ],
)
def test_a_sku_the_platform_would_refuse_is_refused_here(sku, words):
    with pytest.raises(ProductRefused, match=words):
        create_product(make_client(), {"name": "Lamp"}, [wanted(sku)])

    assert not Product.objects.exists()
    assert not AuditEntry.objects.exists()


def test_everything_that_is_wrong_is_said_at_once_and_where():
    client = make_client()
    make_variant(client=client, sku="taken")
    foreign = save_category(make_client(), "Theirs")

    with pytest.raises(ProductRefused) as refused:
        create_product(
            client,
            {"name": " ", "category": foreign},
            [
                wanted("TAKEN"),
                wanted("A", values={"cost_currency": "XXQ"}),
                wanted("a", prices={"IDR": Decimal("1.5"), "USD": Decimal(-1)}),
                wanted("B", prices={"ZZZ": Decimal(1), "MYR": Decimal("1.005")}),
                wanted("C", values={"weight_grams": Decimal("0.5")}),
                wanted("D", values={"length_cm": Decimal("NaN")}),
            ],
        )

    said = faults(refused)
    assert said[None, "name"] == "A product needs a name."
    assert said[None, "category"] == "There is no such category."
    assert said[0, "sku"] == "Rattan lamp has the SKU taken already."
    assert "no currency" in said[1, "cost_currency"]
    assert said[2, "sku"] == "a stands here twice."
    assert said[2, "price_IDR"] == "IDR has no decimals."
    assert "not less than 0" in said[2, "price_USD"]
    assert "no currency" in said[3, "price_ZZZ"]
    assert said[3, "price_MYR"] == "MYR has 2 decimals."
    assert "decimals" in said[4, "weight_grams"]
    assert "number" in said[5, "length_cm"]
    assert Product.objects.count() == 1


def test_a_cost_needs_a_currency():
    with pytest.raises(ProductRefused, match="in which currency"):
        create_product(
            make_client(),
            {"name": "Lamp"},
            [wanted(values={"cost_amount": Decimal(1)})],
        )


def test_the_same_sku_is_good_for_another_client():
    make_variant(client=make_client(), sku="LAMP-30")

    create_product(make_client(), {"name": "Lamp"}, [wanted("lamp-30")])

    assert Variant.objects.count() == 2


def test_only_what_is_named_changes():
    row = make_variant(
        sku="A",
        barcode="4006381333931",
        cost_amount=Decimal(2),
        cost_currency="USD",
        prices={"MYR": "40", "USD": "10"},
    )

    said = update_product(
        row.product,
        {"brand": "Loom"},
        [
            VariantInput(
                {"name": "Red"},
                row.pk,
                prices={"MYR": Decimal("44.90"), "USD": None},
            )
        ],
    )

    row.refresh_from_db()
    assert said == [
        "brand: — → Loom",
        "A name: — → Red",
        "A price MYR: 40 → 44.9",
        "A price USD: 10 → —",
    ]
    assert (row.name, row.barcode, row.cost_amount) == ("Red", "4006381333931", 2)
    assert [str(each) for each in row.prices.all()] == ["MYR 44.90"]


def test_what_is_so_already_writes_nothing():
    row = make_variant(sku="A", prices={"MYR": "40"})
    tables = (Product, Variant, VariantPrice)
    before = [table.objects.values().get() for table in tables]

    said = update_product(
        row.product,
        {"name": row.product.name},
        [VariantInput({"sku": "A"}, row.pk, {"MYR": Decimal("40.00")}, {})],
    )

    assert said == []
    assert [table.objects.values().get() for table in tables] == before
    assert not AuditEntry.objects.exists()


def test_the_trail_does_not_tell_what_things_cost():
    row = make_variant(cost_amount=Decimal("2.5"), cost_currency="USD")

    update_product(
        row.product, {}, [VariantInput({"cost_amount": Decimal("3.75")}, row.pk)]
    )

    told = str(AuditEntry.objects.get().details)
    assert "cost: changed" in told
    assert "2.5" not in told
    assert "3.75" not in told


def test_two_variants_swap_their_skus():
    product = make_product()
    one, two = make_variant(product, "A"), make_variant(product, "B")

    update_product(
        product,
        {},
        [VariantInput({"sku": "B"}, one.pk), VariantInput({"sku": "a"}, two.pk)],
    )

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.sku, two.sku) == ("B", "a")


def test_a_sku_of_a_variant_that_keeps_it_is_taken():
    product = make_product()
    one, two = make_variant(product, "A"), make_variant(product, "B")

    with pytest.raises(ProductRefused, match="has the SKU B already"):
        update_product(
            product,
            {},
            [VariantInput({"sku": "B"}, one.pk), VariantInput({"name": "x"}, two.pk)],
        )

    assert {row.sku for row in product.variants.all()} == {"A", "B"}


def test_a_removed_variants_sku_is_free_at_once():
    product = make_product()
    old = make_variant(product, "A", prices={"MYR": "1"})

    update_product(product, {}, [wanted("A")], removed=[old.pk])

    assert product.variants.get().pk != old.pk
    assert not VariantPrice.objects.exists()


def test_a_product_keeps_one_variant_at_least():
    row = make_variant()

    with pytest.raises(ProductRefused, match="1 to 300 variants, not 0"):
        update_product(row.product, {}, removed=[row.pk])
    with pytest.raises(ProductRefused, match="1 to 300 variants, not 0"):
        create_product(make_client(), {"name": "Lamp"}, [])


def test_a_variant_of_another_product_is_not_touched():
    row, other = make_variant(), make_variant()

    for given in (
        {"variants": [VariantInput({"name": "x"}, other.pk)]},
        {"removed": [other.pk]},
    ):
        with pytest.raises(ChangedMeanwhile):
            update_product(row.product, {}, **given)

    other.refresh_from_db()
    assert other.name == ""


def test_who_saves_an_old_reading_is_told():
    row = make_variant()
    seen = row.product.modified_at
    update_product(row.product, {"name": "Newer"}, seen=seen)

    with pytest.raises(ChangedMeanwhile, match="Somebody changed this product"):
        update_product(row.product, {"name": "Older"}, seen=seen)

    row.product.refresh_from_db()
    assert row.product.name == "Newer"


def test_what_is_in_use_is_not_deleted_and_it_says_by_what():
    shop = make_shop()
    product = make_product(shop.client)
    row = make_variant(product, "A")
    make_variant(product, "B")
    make_listing_sku(shop=shop, variant=row)
    make_bundle({row: 2}, "SET")
    make_order(shop).lines.update(variant=row)

    with pytest.raises(InUse) as refused:
        update_product(product, {}, removed=[row.pk])
    with pytest.raises(InUse, match="Archive it instead"):
        delete_product(product)

    for words in ("1 order line", "1 SKU of a listing", "1 bundle"):
        assert words in str(refused.value)
    assert Variant.objects.filter(pk=row.pk).exists()
    assert set_active(product, is_active=False)
    assert not set_active(product, is_active=False)
    assert lookup(shop.client, "A") == []
    assert set_active(product, is_active=True)
    assert lookup(shop.client, "A")[0] == row


def test_what_was_made_by_mistake_goes_with_its_bundles():
    product = make_product()
    part, bundle = make_variant(product, "A"), make_variant(product, "SET")
    update_product(product, {}, [VariantInput({}, bundle.pk, components={"A": 2})])
    third = make_variant(product, "C")

    update_product(product, {}, removed=[part.pk, bundle.pk])
    assert list(product.variants.all()) == [third]

    delete_product(product)
    assert not Product.objects.exists()
    assert AuditEntry.objects.filter(verb="deleted a product").count() == 1


def test_variants_are_found_by_sku_barcode_and_words():
    client = make_client()
    product = make_product(client, "Rattan lamp", brand="Loom")
    exact = make_variant(product, "LAMP")
    longer = make_variant(product, "LAMP-30", name="Natural")
    coded = make_variant(make_product(client, "Chair"), "CH", barcode="4006381333931")
    make_variant(client=make_client(), sku="LAMP")
    make_variant(product, "LAMP-OLD", is_active=False)
    make_variant(make_product(client, "Gone lamp", is_active=False), "LAMP-GONE")

    assert lookup(client, "lamp") == [exact, longer]
    assert lookup(client, "400-6381 333931") == [coded]
    assert lookup(client, "natural rattan loom") == [longer]
    assert lookup(client, "rattan chair") == []
    assert lookup(client, "lamp", limit=1) == [exact]
    assert lookup(client, "%") == []
    assert lookup(client, " \x00 ") == []


def test_looking_up_is_one_query(django_assert_num_queries):
    client = make_client()
    for _ in range(5):
        make_variant(make_product(client), prices={"MYR": "1"})

    with django_assert_num_queries(1):
        assert [row.title for row in lookup(client, "rattan")] == ["Rattan lamp"] * 5


@pytest.mark.parametrize(
    ("barcode", "words"),
    [
        ("", ""),
        ("4006381333931", ""),  # EAN-13
        ("4901234567894", ""),  # JAN
        ("036000291452", ""),  # UPC-A
        ("96385074", ""),  # EAN-8
        ("10614141000415", ""),  # GTIN-14
        ("080442957X", ""),  # ISBN-10
        ("9780306406157", ""),  # ISBN-13
        ("4006381333932", "would end in 1, not 2"),
        ("0804429570", "would end in X, not 0"),
        ("12345", "has 5 digits"),
        ("ABC-1", "no GTIN"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "no GTIN"),
    ],
)
def test_a_check_digit_that_does_not_hold_is_a_warning(barcode, words):
    said = barcode_warning(barcode)

    assert words in said
    assert bool(said) == bool(words)


def test_an_odd_barcode_is_kept():
    create_product(
        make_client(), {"name": "Lamp"}, [wanted(values={"barcode": "4006381333932"})]
    )

    assert Variant.objects.get().barcode == "4006381333932"
    assert normal_barcode("0-8044-2957-x") == "080442957X"
    assert normal_barcode(" AB-12 ") == "AB-12"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_the_same_sku_one_is_told():
    client = make_client()
    outcomes = at_once(
        *[
            lambda name=name: create_product(
                client, {"name": name}, [wanted("LAMP-30")]
            )
            for name in ("One", "Two")
        ]
    )

    assert Product.objects.count() == 1
    assert [type(each) for each in outcomes if isinstance(each, Exception)] in (
        [CatalogueRefuses],
        [ProductRefused],
    )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(5))
def test_no_race_makes_a_bundle_of_a_bundle(_):
    client = make_client()
    one, two = (make_variant(make_product(client), sku) for sku in ("A", "B"))
    part = make_variant(make_product(client), "C")

    outcomes = at_once(
        lambda: update_product(
            one.product, {}, [VariantInput({}, one.pk, components={"B": 1})]
        ),
        lambda: update_product(
            two.product, {}, [VariantInput({}, two.pk, components={part.sku: 1})]
        ),
    )

    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [ProductRefused]
    assert Variant.objects.filter(is_bundle=True).count() == 1
    assert not Variant.objects.filter(is_bundle=True, in_bundles__isnull=False).exists()


def at_once(*deeds: Any) -> list[Any]:
    """What each gave or raised, begun together."""
    barrier = Barrier(len(deeds))
    outcomes: list[Any] = [None] * len(deeds)

    def run(number: int) -> None:
        barrier.wait()
        try:
            outcomes[number] = deeds[number]()
        except Exception as error:  # noqa: BLE001 (told to the test)
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[number]) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connection.vendor == "postgresql"
    return outcomes

"""Own products: who sees what of them, and changes that are whole or not at all."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from apps.platforms.models import ShopRole
from apps.products.models import (
    BundleComponent,
    Category,
    Product,
    Supplier,
    Variant,
    VariantPrice,
)
from apps.users.models import AuditEntry, Membership
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, errors, make_catalogue, member
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.products import make_listing_sku, make_product, make_variant
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def own(world) -> Catalogue:
    return make_catalogue(world)


@pytest.fixture
def foreign() -> Catalogue:
    return make_catalogue(make_world("Quokka"), "Quokka")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


LISTS = {
    "categories": 5,
    "price-rules": 4,
    "products": 4,
    "suppliers": 4,
    "variants": 7,
}


@pytest.mark.parametrize(("address", "queries"), LISTS.items())
def test_a_list_takes_as_many_queries_as_a_short_one(
    world, own, admin, address, queries, django_assert_num_queries
):
    for number in range(3):
        product = make_product(world.client, f"More {number}")
        make_variant(product, prices={"MYR": "1", "USD": "2"})
        Category.objects.create(client=world.client, name=f"More {number}")
        Supplier.objects.create(client=world.client, name=f"More {number}")
    admin.get("me/")  # the use of the token is noted

    with django_assert_num_queries(queries):
        admin.get(f"{address}/")


@pytest.mark.parametrize("count", [1, 4])
def test_a_product_takes_as_many_queries_however_many_variants(
    own, admin, count, django_assert_num_queries
):
    for number in range(count):
        make_variant(own.product, f"V{number}", prices={"MYR": "1"}, position=9)
    admin.get("me/")

    with django_assert_num_queries(8):
        answer = admin.get(f"products/{own.product.pk}/")
    assert len(answer.json()["variants"]) == 2 + count


def test_a_product_tells_its_variants_prices_and_pictures(own, admin):
    shown = admin.get(f"products/{own.product.pk}/").json()
    bundle = admin.get(f"variants/{own.bundle.pk}/").json()

    first, second = shown["variants"]
    assert (shown["name"], shown["category"]) == ("Lamp of rattan", own.category.pk)
    assert first["prices"] == [{"amount": "40.00", "currency": "MYR"}]
    assert second["prices"] == []
    assert shown["images"][0]["width"] == 600
    assert "file" not in shown["images"][0]
    assert bundle["components"] == [
        {"variant": own.variant.pk, "sku": "Lamp-30", "quantity": 2}
    ]
    assert bundle["product_name"] == "Lamp set"


def test_costs_are_for_those_who_may_see_them_and_exact(world, own):
    address = f"variants/{own.variant.pk}/"
    cost = {"amount": "7.125", "currency": "USD"}

    for role in (Role.ADMIN, Role.CONTENT_MANAGER, Role.ANALYST):
        shown = member(world, role).get(address).json()
        assert Decimal(shown["cost"]["amount"]) == Decimal("7.125"), role
        assert shown["cost"]["currency"] == cost["currency"]
        assert shown["sources"][0]["supplier"] == own.supplier.pk
    for role in (Role.ORDER_FULFILLMENT, Role.CREATOR_PARTNER):
        caller = member(world, role)
        shown = caller.get(address).json()
        assert shown["cost"] is None
        assert shown["sources"] is None
        assert caller.get("variants/").json()["results"][0]["cost"] is None
        product = caller.get(f"products/{own.product.pk}/")
        assert b"7.125" not in product.content
        assert keys(caller.get("suppliers/")) == []


def test_who_sees_costs_at_one_shop_alone_is_told_no_amount(world, own):
    limited = make_user(clients=[world.client])
    ShopRole.objects.create(
        membership=Membership.objects.get(user=limited),
        shop=world.shop,
        role=Role.ADMIN,
    )
    caller = Caller(limited)

    supplier = caller.get(f"suppliers/{own.supplier.pk}/").json()

    assert supplier["name"] == "Lamp works"
    assert supplier["minimum_order_amount"] is None
    assert caller.get(f"variants/{own.variant.pk}/").json()["cost"] is None
    answer = caller.patch(f"products/{own.product.pk}/", {"name": "x"})
    assert code(answer) == (403, "permission_denied")


def test_products_are_found_by_name_sku_and_change(world, own, admin):
    make_product(world.client, "Basket", is_active=False)
    changed = own.product.modified_at.isoformat().replace("+00:00", "Z")

    assert keys(admin.get("products/?search=rattan")) == [own.product.pk]
    assert keys(admin.get("products/?search=lamp-30")) == [own.product.pk]
    assert keys(admin.get("products/?search=lamp-3")) == []
    assert own.product.pk in keys(admin.get(f"products/?updated_since={changed}"))
    assert keys(admin.get("products/?updated_since=2999-01-01T00:00:00Z")) == []
    assert len(keys(admin.get("products/?is_active=false"))) == 1


def test_variants_are_found_by_sku_barcode_and_change(own, admin):
    assert keys(admin.get("variants/?sku=LAMP-30")) == [own.variant.pk]
    assert keys(admin.get("variants/?sku=LAMP-3")) == []
    assert keys(admin.get("variants/?barcode=4006381-333931")) == [own.variant.pk]
    assert keys(admin.get("variants/?is_bundle=true")) == [own.bundle.pk]
    assert keys(admin.get("variants/?updated_since=2999-01-01T00:00:00Z")) == []
    assert code(admin.get("variants/?colour=red")) == (400, "unknown_parameter")


NEW: dict[str, Any] = {
    "name": "Basket",
    "variants": [
        {
            "sku": "BASKET-S",
            "name": "Small",
            "prices": [{"amount": "12.30", "currency": "MYR"}],
            "cost": {"amount": "1.0625", "currency": "usd"},
            "weight_grams": 300,
            "length_cm": "20.5",
        },
        {"sku": "BASKET-SET", "components": [{"sku": "BASKET-S", "quantity": 3}]},
    ],
}


def test_a_product_is_made_with_all_its_variants_and_written_down(world, own, admin):
    body = NEW | {"client": world.client.pk, "category": own.category.pk}

    answer = admin.post("products/", body)

    assert answer.status_code == 201, answer.content
    small, bundle = answer.json()["variants"]
    assert small["prices"] == [{"amount": "12.30", "currency": "MYR"}]
    assert small["cost"] == {"amount": "1.0625", "currency": "USD"}
    assert small["length_cm"] == "20.50"
    assert bundle["is_bundle"] is True
    assert bundle["components"][0] == {
        "variant": small["id"],
        "sku": "BASKET-S",
        "quantity": 3,
    }
    entry = AuditEntry.objects.get(verb="created a product", target_text="Basket")
    assert entry.actor == world.admin


def test_a_product_is_made_once_however_often_it_is_asked_for(world, admin):
    body = NEW | {"client": world.client.pk}

    first = admin.post("products/", body, Idempotency_Key="basket")
    again = admin.post("products/", body, Idempotency_Key="basket")

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert again["ETag"] == first["ETag"]
    assert Product.objects.filter(name="Basket").count() == 1


def test_what_does_not_hold_is_told_by_field_and_nothing_is_made(world, own, admin):
    body = {
        "client": world.client.pk,
        "name": "Basket",
        "variants": [
            {"sku": "lamp-30", "cost": {"amount": "1", "currency": "XXX"}},
            {"sku": "two words"},
            {"sku": "OK", "prices": [{"amount": "1.5", "currency": "VND"}]},
        ],
    }

    told_errors = errors(admin.post("products/", body))

    assert "has the SKU Lamp-30 already" in told_errors["variants.0.sku"]
    assert told_errors.keys() == {
        "variants.0.sku",
        "variants.0.cost",
        "variants.1.sku",
        "variants.2.prices",
    }
    assert not Product.objects.filter(name="Basket").exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variants": []}, "non_field"),
        ({"variants": None}, "variants"),
        ({"variants": [None]}, "variants.0"),
        ({"name": "a\u0000b"}, "name"),
        ({"colour": "red"}, "colour"),
        ({"variants": [{"sku": "A", "stock": 3}]}, "variants.0.stock"),
        ({"variants": [{"sku": "A", "cost": {"amount": "NaN"}}]}, "variants.0.cost"),
        ({"removed_variants": [1]}, "removed_variants"),
        (
            {
                "variants": [
                    {
                        "sku": "A",
                        "prices": [
                            {"amount": "1", "currency": "MYR"},
                            {"amount": "2", "currency": "myr"},
                        ],
                    }
                ]
            },
            "variants.0.prices",
        ),
    ],
)
def test_a_body_that_is_no_product_makes_none(world, admin, change, field):
    answer = admin.post("products/", NEW | {"client": world.client.pk} | change)

    found = errors(answer)
    assert field == "non_field" or any(name.startswith(field) for name in found)
    assert not Product.objects.filter(client=world.client).exists()


def test_a_product_cannot_be_made_for_a_foreign_client_or_category(
    world, own, foreign, admin
):
    body = NEW | {"client": world.client.pk}

    for change in (
        {"client": foreign.product.client_id},
        {"client": 987654321},
        {"category": foreign.category.pk},
        {"category": 987654321},
    ):
        (field,) = change
        assert errors(admin.post("products/", body | change)) == {
            field: "There is nothing with this id."
        }


def test_a_change_leaves_alone_what_it_does_not_name(own, admin):
    variant = own.variant
    body = {
        "brand": "Harbour",
        "variants": [
            {
                "id": variant.pk,
                "prices": [{"amount": "9.90", "currency": "USD"}],
                "barcode": "",
            },
            {"sku": "Lamp-50", "name": "50 cm"},
        ],
    }

    shown = admin.patch(f"products/{own.product.pk}/", body).json()

    variant.refresh_from_db()
    assert (shown["brand"], shown["name"]) == ("Harbour", "Lamp of rattan")
    assert [row["sku"] for row in shown["variants"]] == [
        "Lamp-30",
        "Lamp-40",
        "Lamp-50",
    ]
    assert (variant.sku, variant.name, variant.barcode) == ("Lamp-30", "30 cm", "")
    assert variant.cost_amount == Decimal("7.125")
    assert {(row.currency, row.amount) for row in variant.prices.all()} == {
        ("MYR", Decimal(40)),
        ("USD", Decimal("9.9")),
    }


@pytest.mark.parametrize(
    ("half", "field"),
    [
        ({"prices": [{"currency": "MYR"}]}, "prices.0.amount"),
        ({"prices": [{"amount": "1"}]}, "prices.0.currency"),
        ({"cost": {"amount": "1"}}, "cost.currency"),
        ({"cost": {"currency": "USD"}}, "cost.amount"),
        ({"components": [{"sku": "Lamp-40"}]}, "components.0.quantity"),
        ({"components": [{"quantity": 2}]}, "components.0.sku"),
    ],
)
def test_what_stands_within_a_change_is_whole(own, admin, half, field):
    body = {"variants": [{"id": own.variant.pk} | half]}

    answer = admin.patch(f"products/{own.product.pk}/", body)

    assert errors(answer) == {f"variants.0.{field}": "This field is required."}


@pytest.mark.parametrize("key", ["own", 2**63 - 1])
def test_a_new_product_takes_no_variant_that_is_there(world, own, admin, key):
    key = own.variant.pk if key == "own" else key
    variants = [{"sku": "NEW-1"}, {"id": key, "sku": "NEW-2"}]
    body = {"client": world.client.pk, "name": "New", "variants": variants}

    answer = admin.post("products/", body)

    assert errors(answer) == {"variants": "A new product has new variants: no id."}
    assert not Product.objects.filter(name="New").exists()


def test_a_price_and_a_cost_are_taken_away_by_null(own, admin):
    body = {
        "variants": [
            {
                "id": own.variant.pk,
                "prices": [{"amount": None, "currency": "MYR"}],
                "cost": None,
            }
        ]
    }

    shown = admin.patch(f"products/{own.product.pk}/", body).json()["variants"][0]

    assert shown["prices"] == []
    assert shown["cost"] is None
    assert not VariantPrice.objects.filter(variant=own.variant).exists()


def test_a_bundle_is_dissolved_by_an_empty_list_and_not_by_silence(own, admin):
    address = f"products/{own.bundle.product_id}/"
    silent = {"variants": [{"id": own.bundle.pk, "name": "Two of them"}]}
    empty = {"variants": [{"id": own.bundle.pk, "components": []}]}

    kept = admin.patch(address, silent).json()["variants"][0]
    gone = admin.patch(address, empty).json()["variants"][0]

    assert kept["components"][0]["quantity"] == 2
    assert (gone["is_bundle"], gone["components"]) == (False, [])
    assert not BundleComponent.objects.filter(bundle=own.bundle).exists()


def test_a_variant_in_use_is_kept_and_so_is_all_the_rest(own, admin):
    body = {"name": "Other", "removed_variants": [own.variant.pk]}

    refused = admin.patch(f"products/{own.product.pk}/", body)
    removed = admin.patch(
        f"products/{own.product.pk}/", {"removed_variants": [own.other.pk]}
    )

    assert code(refused) == (409, "in_use")
    assert "Lamp-30" in refused.json()["detail"]
    assert removed.json()["name"] == "Lamp of rattan"
    assert [row["sku"] for row in removed.json()["variants"]] == ["Lamp-30"]


def test_a_variant_of_another_product_is_not_changed_through_this_one(
    own, foreign, admin
):
    for key in (own.bundle.pk, foreign.variant.pk, 987654321):
        answer = admin.patch(
            f"products/{own.product.pk}/", {"variants": [{"id": key, "sku": "MINE"}]}
        )
        removed = admin.patch(
            f"products/{own.product.pk}/", {"removed_variants": [key]}
        )
        assert code(answer) == code(removed) == (409, "changed_meanwhile")
    twice = {"variants": [{"id": own.variant.pk}], "removed_variants": [own.variant.pk]}
    assert "variants" in errors(admin.patch(f"products/{own.product.pk}/", twice))
    assert not Variant.objects.filter(sku="MINE").exists()


def test_only_the_product_that_was_seen_is_changed(own, admin):
    address = f"products/{own.product.pk}/"
    seen = admin.get(address)["ETag"]

    first = admin.patch(address, {"brand": "Harbour"}, If_Match=seen)
    late = admin.patch(address, {"brand": "Tamarind"}, If_Match=seen)
    archived = admin.post(f"{address}archive/", If_Match=first["ETag"])

    assert admin.get(address, If_None_Match=archived["ETag"]).status_code == 304
    assert first.json()["brand"] == "Harbour"
    assert code(late) == (412, "stale")
    assert archived.json()["is_active"] is False
    assert admin.post(f"{address}restore/").json()["is_active"] is True


def test_the_state_seen_is_another_for_who_sees_no_costs(world, own, admin):
    """An ETag is of what one was shown: a cost that changes is none of theirs."""
    address = f"products/{own.product.pk}/"
    partner = member(world, Role.CREATOR_PARTNER)
    before, theirs = admin.get(address)["ETag"], partner.get(address)["ETag"]

    Variant.objects.filter(pk=own.variant.pk).update(cost_amount=8)

    assert admin.get(address)["ETag"] != before
    assert partner.get(address)["ETag"] == theirs


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_the_same_sku_at_once_one_is_told():
    world = make_world("Mangrove")
    answers: list[Any] = []

    def ask(name: str) -> None:
        try:
            body = NEW | {"client": world.client.pk, "name": name}
            answers.append(Caller(world.admin).post("products/", body))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=[name]) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers)[:1] == [201]
    assert {answer.status_code for answer in answers} <= {201, 400, 409}
    assert Product.objects.count() == 1
    assert Variant.objects.count() == 2


def test_a_matched_variant_may_be_archived_with_its_product(own, admin):
    make_listing_sku(own.listing, variant=own.other)

    answer = admin.post(f"products/{own.product.pk}/archive/")

    assert answer.json()["is_active"] is False
    assert keys(admin.get(f"listing-skus/?variant={own.other.pk}"))

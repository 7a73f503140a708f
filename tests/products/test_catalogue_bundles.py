"""Bundles: of what they are made, and of what they are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.products.errors import ProductRefused
from apps.products.models import BundleComponent
from apps.products.services.bundles import components_from, components_text
from apps.products.services.catalogue import create_product, update_product
from apps.products.services.checks import VariantInput
from apps.users.models import AuditEntry
from tests.factories.products import make_bundle, make_product, make_variant
from tests.factories.users import make_client

pytestmark = pytest.mark.django_db


def bundle(sku="SET", components=None, **values):
    return VariantInput({"sku": sku, **values}, components=components)


def make_of(row, components, **values):
    return update_product(
        row.product, {}, [VariantInput(values, row.pk, components=components)]
    )


def made_of(row):
    return {each.component.sku: each.quantity for each in row.components.all()}


def test_a_bundle_is_made_of_variants_also_of_its_own_product():
    client = make_client()
    make_variant(client=client, sku="BULB")

    product = create_product(
        client,
        {"name": "Lamp"},
        [bundle(components={"bulb": 2, "LAMP": 1}), VariantInput({"sku": "LAMP"})],
    )

    row = product.variants.get(sku="SET")
    assert row.is_bundle
    assert made_of(row) == {"BULB": 2, "LAMP": 1}


def test_what_a_bundle_is_made_of_changes_and_is_told():
    client = make_client()
    a, b = (make_variant(client=client, sku=sku) for sku in "AB")
    row = make_bundle({a: 1, b: 1}, "SET")

    assert make_of(row, {"A": 3}) == ["SET made of: A + B → A*3"]
    assert made_of(row) == {"A": 3}
    assert make_of(row, {"a": 3}) == []
    details = AuditEntry.objects.get().details
    assert details == {"fields": ["SET made of: A + B → A*3"]}


@pytest.mark.parametrize(
    ("components", "words"),
    [
        ({"SET": 1}, "not made of itself"),
        ({"set": 1}, "not made of itself"),
        ({"NONE": 1}, "There is no SKU “NONE”"),
        ({"THEIRS": 1}, "There is no SKU “THEIRS”"),
        ({"OTHER": 1}, "OTHER is a bundle"),
        ({"A": 0}, "1 to 10,000"),
        ({"A": 10_001}, "1 to 10,000"),
        ({}, "at least one component"),
    ],
)
def test_what_a_bundle_cannot_be_made_of(components, words):
    client = make_client()
    a = make_variant(client=client, sku="A")
    make_variant(client=make_client(), sku="THEIRS")
    make_bundle({a: 1}, "OTHER")
    row = make_bundle({a: 2}, "SET")

    with pytest.raises(ProductRefused, match=words) as refused:
        make_of(row, components)

    assert (refused.value.faults[0].row, refused.value.faults[0].field) == (
        0,
        "components",
    )
    assert made_of(row) == {"A": 2}
    assert not AuditEntry.objects.exists()


def test_what_is_part_of_a_bundle_does_not_become_one():
    client = make_client()
    a, b = (make_variant(client=client, sku=sku) for sku in "AB")
    make_bundle({a: 1}, "SET")

    with pytest.raises(ProductRefused, match="A is part of the bundle SET"):
        make_of(a, {"B": 1})

    a.refresh_from_db()
    assert not a.is_bundle
    assert b.sku == "B"


def test_a_bundle_without_components_is_none():
    client = make_client()
    row = make_variant(client=client, sku="A")

    with pytest.raises(ProductRefused, match="at least one component"):
        make_of(row, None, is_bundle=True)
    with pytest.raises(ProductRefused, match="at least one component"):
        create_product(client, {"name": "Set"}, [bundle(is_bundle=True)])


def test_a_bundle_becomes_an_ordinary_variant_only_when_asked_to():
    client = make_client()
    a = make_variant(client=client, sku="A")
    row = make_bundle({a: 2}, "SET")

    with pytest.raises(ProductRefused, match="mark it as one"):
        make_of(row, {"A": 1}, is_bundle=False)
    assert make_of(row, {}, is_bundle=False) == ["SET made of: A*2 → —"]

    row.refresh_from_db()
    assert not row.is_bundle
    assert not BundleComponent.objects.exists()
    assert make_of(row, {}, is_bundle=False) == []


def test_a_bundle_is_found_in_its_own_product_once_it_is_no_bundle_any_more():
    product = make_product()
    a, b = make_variant(product, "A"), make_variant(product, "B")
    make_of(b, {"A": 1})

    with pytest.raises(ProductRefused, match="part of the bundle B"):
        make_of(a, {"B": 1})


@pytest.mark.parametrize(
    ("text", "components"),
    [
        ("", {}),
        ("A", {"A": 1}),
        ("A*2 + B", {"A": 2, "B": 1}),
        ("A * 2  +  B*1", {"A": 2, "B": 1}),
        ("A*2\nB", {"A": 2, "B": 1}),
        ("A + A*2", {"A": 3}),
        ("A+B", {"A+B": 1}),
        ("A*2*1", {"A*2": 1}),
        (" + A + ", {"A": 1}),
    ],
)
def test_components_are_written_as_a_sum(text, components):
    assert components_from(text) == components


@given(
    st.dictionaries(
        st.text("AB+*-123=.", min_size=1, max_size=8), st.integers(1, 999), max_size=4
    )
)
def test_any_sum_is_read_again_as_it_was_written(components):
    if "+" in components:  # a SKU of a single plus cannot be told from the sign
        return
    assert components_from(components_text(components.items())) == components

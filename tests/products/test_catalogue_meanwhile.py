"""What others did to the catalogue while somebody was at it."""

import pytest

from apps.products.errors import ChangedMeanwhile, ProductRefused
from apps.products.models import Category, Product, Supplier
from apps.products.services.catalogue import (
    delete_product,
    set_active,
    update_product,
)
from apps.products.services.categories import (
    DEEPEST,
    category_at,
    delete_category,
    save_category,
)
from apps.products.services.images import add_image
from apps.products.services.suppliers import (
    delete_supplier,
    save_supplier,
    set_sources,
)
from tests.factories.products import make_product
from tests.factories.users import make_client
from tests.products.pictures import picture, upload

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "deed",
    [
        lambda row: update_product(row, {"name": "Other"}),
        lambda row: set_active(row, is_active=False),
        lambda row: delete_product(row),
        lambda row: set_sources(row, []),
        lambda row: add_image(row, upload(picture())),
    ],
)
def test_what_somebody_deleted_meanwhile_is_told_and_stays_away(
    deed, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    row = make_product()
    Product.objects.filter(pk=row.pk).delete()

    with pytest.raises(ChangedMeanwhile, match="just deleted this product"):
        deed(row)

    assert not Product.objects.exists()
    assert not list(tmp_path.rglob("*.jpg"))


def test_shelves_and_suppliers_deleted_meanwhile_do_not_come_back():
    client = make_client()
    shelf = save_category(client, "Home")
    supplier = save_supplier(client, {"name": "Weavers"})
    delete_category(Category.objects.get())
    delete_supplier(Supplier.objects.get())

    with pytest.raises(ChangedMeanwhile, match="just deleted this category"):
        save_category(client, "Homes", category=shelf)
    with pytest.raises(ChangedMeanwhile, match="just deleted this supplier"):
        save_supplier(client, {"name": "Others"}, supplier=supplier)

    assert not Category.objects.exists()
    assert not Supplier.objects.exists()


def test_what_is_moved_takes_its_shelves_along_and_not_too_deep():
    client = make_client()
    seven = category_at(client, " > ".join(f"T{level}" for level in range(DEEPEST - 1)))
    low = category_at(client, "A > B")

    with pytest.raises(ProductRefused, match="at most 8 deep"):
        save_category(client, "A", parent=seven, category=low.parent)

    assert save_category(client, "A", parent=seven.parent, category=low.parent).parent

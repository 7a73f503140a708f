"""Letters and moments that no person types into the editor of a draft."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.products.services.publishing import save
from tests.api.catalogue import make_catalogue
from tests.api.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world("Mangrove")


@pytest.fixture
def draft(world):
    return make_catalogue(world).draft


@pytest.fixture
def browser(world):
    browser = Browser()
    browser.force_login(world.admin)
    return browser


@pytest.mark.parametrize(
    ("section", "field", "stored"),
    [
        ("basics", "title", lambda content: content["title"]),
        ("basics", "description", lambda content: content["description"]),
        ("more", "external_product_id", lambda content: content["external_product_id"]),
        ("package", "weight", lambda content: content["package_weight"]["value"]),
        ("variants", "n-new0", lambda content: content["skus"][0]["seller_sku"]),
    ],
)
def test_what_no_database_takes_is_left_out(browser, draft, section, field, stored):
    address = reverse("admin:products_listingdraft_section", args=[draft.pk, section])
    sent = {"seen_at": draft.modified_at.isoformat(), "then": section}

    browser.post(address, sent | {field: "12\x0034"})

    draft.refresh_from_db()
    assert stored(draft.content) == "1234"


def test_no_caller_can_store_it(draft):
    save(draft, {"title": "a\x00b", "search_terms": ["x\ud800"]})

    draft.refresh_from_db()
    assert draft.content["title"] == "ab"
    assert draft.content["search_terms"] == ["x?"]


@pytest.mark.parametrize(
    "seen_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", "", "1"]
)
def test_a_moment_that_cannot_be_is_another_version(browser, draft, seen_at):
    address = reverse("admin:products_listingdraft_section", args=[draft.pk, "basics"])

    answer = browser.post(address, {"seen_at": seen_at, "title": "Other"})

    assert answer.status_code < 400
    draft.refresh_from_db()
    assert draft.content["title"] == "Lamp draft"

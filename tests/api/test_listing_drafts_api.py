"""Listings being written: begun from one's own rows, stored, tried, sent."""

from typing import Any

import pytest

from apps.orders.tasks import accept_suggestions
from apps.products.models import ListingDraft, PublishRun
from apps.products.services.publishing import work
from apps.products.tasks import work_publish_run
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.catalogue import Catalogue, errors, make_catalogue
from tests.api.support import Caller, code
from tests.api.world import World, make_world
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing
from tests.factories.users import make_user
from tests.products.publishing_support import listed, open_shop, take_in

pytestmark = pytest.mark.django_db
NO_ROW = "There is nothing with this id."


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


@pytest.fixture
def queue(monkeypatch) -> list[Any]:
    """What is woken once a test's requests have committed."""
    sent: list[Any] = []
    for task in (work_publish_run, accept_suggestions):
        monkeypatch.setattr(task, "delay", lambda key: sent.append(key))
    return sent


def test_the_content_of_a_draft_is_changed_field_by_field(own, admin):
    address = f"listing-drafts/{own.draft.pk}/"
    seen = admin.get(address)
    skus = [
        {
            "variant": own.variant.pk,
            "seller_sku": "Lamp-30",
            "price": {"amount": "40", "currency": "MYR"},
            "inventory": [{"warehouse_id": "7", "quantity": 3}],
            "sales_attributes": [{"name": "Size", "value_name": "30 cm"}],
        }
    ]
    content = {"title": None, "description": "Made by hand \U0001f9fa", "skus": skus}

    changed = admin.patch(address, {"content": content}, If_Match=seen["ETag"])
    late = admin.patch(address, {"content": {"title": "x"}}, If_Match=seen["ETag"])

    assert changed.status_code == 200, changed.content
    assert changed.json()["content"] == {
        "description": "Made by hand \U0001f9fa",
        "skus": skus,
    }
    assert changed.json()["notes"][0]["text"] == "Lamp note"
    assert code(late) == (412, "stale")
    assert admin.get(f"{address}").json() == changed.json()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": {"colour": "red"}}, "content.colour"),
        ({"content": {"skus": None}}, "content.skus"),
        ({"content": {"skus": "all"}}, "content.skus"),
        ({"content": {"skus": ["x"]}}, "content.skus.0"),
        ({"content": {"skus": [None]}}, "content.skus.0"),
        ({"content": {"skus": [{"price": "40"}]}}, "content.skus.0.price"),
        ({"content": {"main_images": [{}]}}, "content.main_images.0"),
        ({"content": {"main_images": [{"image": "x"}]}}, "content.main_images.0"),
        ({"content": {"package_weight": "1 kg"}}, "content.package_weight"),
        ({"content": {"idempotency_key": "mine"}}, "content.idempotency_key"),
        ({"content": []}, "content"),
        ({"drop": ["colour"]}, "drop.0"),
        ({"removed_sku_ids": ["17"]}, "removed_sku_ids"),
        ({"state": "sent"}, "state"),
    ],
)
def test_what_cannot_be_read_as_a_listing_is_not_stored(own, admin, body, field):
    before = ListingDraft.objects.values().get(pk=own.draft.pk)

    answer = admin.patch(f"listing-drafts/{own.draft.pk}/", body)

    assert any(name.startswith(field) for name in errors(answer)), answer.content
    assert ListingDraft.objects.values().get(pk=own.draft.pk) == before


def test_a_draft_names_no_foreign_variant_or_picture(own, foreign, admin):
    address = f"listing-drafts/{own.draft.pk}/"
    picture = foreign.product.images.get().pk

    for key in (foreign.variant.pk, 987654321):
        answer = admin.patch(address, {"content": {"skus": [{"variant": key}]}})
        assert code(answer) == (409, "draft_refuses")
    for key in (picture, 987654321):
        answer = admin.patch(address, {"content": {"main_images": [{"image": key}]}})
        assert code(answer) == (409, "draft_refuses")


def test_a_draft_that_is_being_sent_or_given_up_is_not_changed(
    own, admin, queue, django_capture_on_commit_callbacks
):
    address = f"listing-drafts/{own.draft.pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        sent = admin.post(f"{address}send/", Idempotency_Key="s1")
        again = admin.post(f"{address}send/", Idempotency_Key="s1")
    busy = admin.patch(address, {"content": {"title": "x"}})
    twice = admin.post(f"{address}send/")
    admin.post(f"publish-runs/{sent.json()['id']}/stop/")
    given_up = admin.post(f"{address}discard/")
    closed = admin.patch(address, {"content": {"title": "x"}})
    late = admin.post(f"{address}send/")

    assert sent.status_code == 201
    assert sent.json()["kind"] == "create"
    assert again.json() == sent.json()
    assert queue == [sent.json()["id"]]
    assert code(busy) == (409, "draft_refuses")
    assert code(twice) == (409, "publish_run_refuses")
    assert given_up.json()["state"] == "discarded"
    assert code(closed) == (409, "draft_refuses")
    assert code(late) == (409, "publish_run_refuses")
    assert AuditEntry.objects.filter(verb="gave up a draft").count() == 1


def test_where_a_draft_was_copied_from_is_told_to_who_sees_that_shop(world, own):
    source = make_listing(make_shop(world.client, name="Closed"), title="Quokka")
    ListingDraft.objects.filter(pk=own.draft.pk).update(copied_from=source)
    limited = make_user(clients=[world.client])
    seat = limited.memberships.get()
    seat.shop_roles.create(shop=world.shop, role=Role.ADMIN)

    theirs = Caller(limited).get(f"listing-drafts/{own.draft.pk}/")

    assert theirs.json()["copied_from"] is None
    whole = Caller(world.admin).get(f"listing-drafts/{own.draft.pk}/").json()
    assert whole["copied_from"] == source.pk


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("shop",),
        ("product",),
        ("shop", "product", "copy_of"),
        ("shop", "edit_of"),
    ],
)
def test_a_draft_begins_from_one_thing_at_one_place(world, own, admin, names):
    told = {
        "shop": world.shop.pk,
        "product": own.product.pk,
        "copy_of": own.listing.pk,
        "edit_of": own.listing.pk,
    }

    answer = admin.post("listing-drafts/", {name: told[name] for name in names})

    assert errors(answer)
    assert ListingDraft.objects.filter(shop=world.shop).count() == 1


def test_nobody_begins_a_draft_from_or_for_what_is_foreign(world, own, foreign, admin):
    shop = world.shop.pk

    for body in (
        {"shop": shop, "product": foreign.product.pk},
        {"shop": shop, "copy_of": foreign.listing.pk},
        {"edit_of": foreign.listing.pk},
        {"shop": foreign.listing.shop_id, "product": own.product.pk},
    ):
        missing = {name: 987654321 for name in body if body[name] != shop}
        theirs = errors(admin.post("listing-drafts/", body))
        if body.get("shop") == foreign.listing.shop_id:
            assert theirs == {"shop": NO_ROW}
            continue
        assert theirs == errors(admin.post("listing-drafts/", body | missing))
        assert NO_ROW in theirs.values()


def test_without_the_platform_a_new_draft_has_gaps_and_an_edit_is_refused(
    world, own, admin
):
    begun = admin.post(
        "listing-drafts/", {"shop": world.shop.pk, "product": own.product.pk}
    )
    edit = admin.post("listing-drafts/", {"edit_of": own.listing.pk})

    assert begun.status_code == 201, begun.content
    assert begun.json()["content"]["title"] == "Lamp of rattan"
    assert any(note["needs_person"] for note in begun.json()["notes"])
    assert code(edit) == (502, "platform_failed")
    assert AuditEntry.objects.filter(verb="began a draft").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_listing_is_changed_from_draft_to_platform(simulator):
    shop = open_shop(simulator, "GB")
    admin = Caller(make_user(clients=[shop.client], role=Role.ADMIN))
    listing = take_in(shop, listed(simulator, shop))
    title = "Quite another name, long enough for this region"

    begun = admin.post("listing-drafts/", {"edit_of": listing.pk}, Idempotency_Key="d")
    same = admin.post("listing-drafts/", {"edit_of": listing.pk}, Idempotency_Key="d")
    address = f"listing-drafts/{begun.json()['id']}"
    admin.patch(f"{address}/", {"content": {"title": title}})
    preview = admin.post(f"{address}/preview/", {})
    sent = admin.post(f"{address}/send/")
    work(PublishRun.objects.get(pk=sent.json()["id"]))
    done = admin.get(f"publish-runs/{sent.json()['id']}/").json()

    assert begun.status_code == 201, begun.content
    assert same.json() == begun.json()
    assert preview.status_code == 200, preview.content
    assert preview.json()["can_be_sent"] is True, preview.content
    assert [row["path"] for row in preview.json()["differences"]] == ["title"]
    assert preview.json()["changed_meanwhile"] is None
    assert done["state"] == "done", done
    assert admin.get(f"{address}/").json()["state"] == "sent"


@pytest.mark.django_db(transaction=True)
def test_a_listing_that_changed_meanwhile_is_told_and_built_upon(simulator):
    shop = open_shop(simulator, "GB")
    admin = Caller(make_user(clients=[shop.client], role=Role.ADMIN))
    listing = take_in(shop, listed(simulator, shop))
    begun = admin.post("listing-drafts/", {"edit_of": listing.pk}).json()
    address = f"listing-drafts/{begun['id']}"
    simulator.control(
        f"listings/{listing.remote_id}/change",
        {"title": "Somebody else was here and named it so"},
    )
    admin.patch(f"{address}/", {"content": {"description": "<p>New words</p>"}})

    stale = admin.post(f"{address}/preview/", {}).json()
    taken = admin.post(f"{address}/take-present/")
    fresh = admin.post(f"{address}/preview/", {}).json()

    assert stale["can_be_sent"] is False
    assert [row["path"] for row in stale["changed_meanwhile"]] == ["title"]
    assert taken.status_code == 200, taken.content
    assert fresh["changed_meanwhile"] is None
    assert [row["path"] for row in fresh["differences"]] == ["description"]

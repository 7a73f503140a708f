"""Changes to listings: nothing else is lost, nothing of others' overwritten."""

from datetime import timedelta

import pytest

from apps.integrations.tiktok import retries
from apps.products.errors import DraftChanged, DraftRefuses
from apps.products.models import ListingDraft, PublishItem, PublishRun
from apps.products.services.publishing import (
    discard,
    preview,
    retry_failed,
    save,
    start_edit,
    start_run,
    take_present,
    work,
)
from tests.factories.products import make_variant
from tests.products.publishing_support import (
    listed,
    open_shop,
    outcome,
    run_of,
    shown,
    take_in,
)

Kind, State = PublishRun.Kind, PublishItem.State
pytestmark = pytest.mark.django_db(transaction=True)

NEW_TITLE = "Quite another name, long enough for this region"
# What changes by itself, or by every change.
MOVING = {"update_time", "audit", "has_draft", "listing_quality_tier", "status"}


@pytest.fixture
def shop(simulator):
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "GB")


@pytest.fixture
def listing(simulator, shop):
    return take_in(shop, listed(simulator, shop))


@pytest.fixture
def hasty(monkeypatch):
    """Repeat without the long pauses."""
    whole = retries.RetryPolicy.pause_seconds

    def pause_seconds(self, error, repeat):
        return None if whole(self, error, repeat) is None else 0.01

    monkeypatch.setattr(retries.RetryPolicy, "pause_seconds", pause_seconds)


def passed(simulator, listing):
    simulator.control(f"listings/{listing.remote_id}/review", {"verdict": "pass"})
    return shown(listing.shop, listing.remote_id)


def without_moving(product):
    return {name: value for name, value in product.items() if name not in MOVING}


def renamed_sku(listing, name="RENAMED-1"):
    """Changes of a SKU: only an overwrite carries them."""
    first = listing.skus.order_by("position").first()
    return {"skus": [{"id": first.remote_id, "seller_sku": name}]}


def test_an_overwrite_keeps_all_a_product_has_even_what_nobody_knows(
    simulator, listing
):
    path = f"listings/{listing.remote_id}/fields"
    sku_id = listing.skus.first().remote_id
    simulator.control(path, {"name": "new_thing", "value": {"a": [1, {"b": None}]}})
    simulator.control(path, {"name": "odd", "value": "x", "sku_id": sku_id})
    before = shown(listing.shop, listing.remote_id)

    run = run_of(
        listing.shop,
        Kind.EDIT,
        save(start_edit(listing, None), renamed_sku(listing)),
    )

    assert outcome(run).state == State.DONE, outcome(run).failure
    after = passed(simulator, listing)
    assert after["skus"][0].pop("seller_sku") == "RENAMED-1"
    before["skus"][0].pop("seller_sku")
    assert without_moving(after) == without_moving(before)


def test_a_text_alone_goes_as_a_partial_edit_and_a_sku_as_an_overwrite(listing):
    draft = save(start_edit(listing, None), {"title": NEW_TITLE})
    plan = preview(draft)
    assert (plan.method, list(plan.body)) == ("POST", ["title"])
    assert plan.path == f"/product/202509/products/{listing.remote_id}/partial_edit"

    draft = save(draft, renamed_sku(listing))

    plan = preview(draft)
    assert (plan.method, plan.path) == (
        "PUT",
        f"/product/202509/products/{listing.remote_id}",
    )
    assert all("inventory" not in sku for sku in plan.body["skus"])
    changed = {each.path for each in plan.differences}
    assert changed >= {"title"}
    assert len(changed) == 2
    assert plan.stale is None
    assert plan.can_be_sent, plan.problems


def test_what_was_sold_while_the_draft_was_written_stays_sold(simulator, listing):
    draft = save(start_edit(listing, None), renamed_sku(listing))
    simulator.control(f"listings/{listing.remote_id}/change", {"quantity": 3})

    run = run_of(listing.shop, Kind.EDIT, draft)

    assert outcome(run).state == State.DONE, outcome(run).failure
    after = passed(simulator, listing)
    assert after["skus"][0]["inventory"][0]["quantity"] == 3


def test_a_listing_changed_meanwhile_is_left_alone_and_both_versions_are_kept(
    simulator, listing
):
    draft = save(start_edit(listing, None), {"description": "<p>Ours, all new.</p>"})
    path = f"listings/{listing.remote_id}/change"
    simulator.control(path, {"title": "Theirs, changed in Seller Center today"})
    theirs = shown(listing.shop, listing.remote_id)

    versions = preview(draft).stale
    assert versions
    assert versions.now["title"] == theirs["title"]
    run = run_of(listing.shop, Kind.EDIT, draft)

    item = outcome(run)
    assert (run.state, item.state) == (PublishRun.State.PARTLY, State.STALE)
    assert "title" in item.failure
    assert [row["version"] for row in item.details] == ["seen", "now"]
    assert item.details[0]["body"]["title"] == listing.title
    assert item.details[1]["body"]["title"] == theirs["title"]
    assert shown(listing.shop, listing.remote_id) == theirs
    draft.refresh_from_db()
    assert draft.state == ListingDraft.State.OPEN

    # Whoever looked at both may go on, on top of theirs.
    take_present(draft)
    run = work(retry_failed(run, None))
    assert outcome(run).state == State.DONE, outcome(run).failure
    after = passed(simulator, listing)
    assert after["title"] == theirs["title"]
    assert after["description"] == "<p>Ours, all new.</p>"


def test_an_edit_in_review_is_edited_on_not_undone(simulator, listing):
    run_of(
        listing.shop,
        Kind.EDIT,
        save(start_edit(listing, None), {"title": NEW_TITLE}),
    )

    draft = save(start_edit(listing, None), renamed_sku(listing))
    run = run_of(listing.shop, Kind.EDIT, draft)

    assert draft.base["title"] == NEW_TITLE
    assert outcome(run).state == State.DONE, outcome(run).failure
    after = passed(simulator, listing)
    assert after["title"] == NEW_TITLE
    assert after["skus"][0]["seller_sku"] == "RENAMED-1"


@pytest.mark.parametrize("by_overwrite", [False, True])
def test_an_edit_whose_answer_was_lost_is_found_and_not_sent_again(
    simulator, listing, hasty, by_overwrite
):
    changes = renamed_sku(listing) if by_overwrite else {"title": NEW_TITLE}
    draft = save(start_edit(listing, None), changes)
    path = f"/product/202509/products/{listing.remote_id}"
    simulator.control("faults", {"kind": "cut", "path": path, "count": 1})

    run = run_of(listing.shop, Kind.EDIT, draft)

    item = outcome(run)
    assert (run.state, item.state) == (PublishRun.State.FAILED, State.WAITING)
    assert run.error
    seen = shown(listing.shop, listing.remote_id, "under_review")["update_time"]
    simulator.control("clock", {"advance": 60})
    again = work(retry_failed(run, None))
    assert outcome(again).state == State.DONE, outcome(again).failure
    review = shown(listing.shop, listing.remote_id, "under_review")
    assert review["update_time"] == seen
    draft.refresh_from_db()
    assert draft.state == ListingDraft.State.SENT


def test_a_refusal_is_kept_in_the_platforms_words(simulator, listing):
    draft = save(start_edit(listing, None), {"title": NEW_TITLE})
    status = f"listings/{listing.remote_id}/status"
    simulator.control(status, {"status": "FREEZE"})

    item = outcome(run_of(listing.shop, Kind.EDIT, draft))

    assert (item.state, item.code) == (State.REFUSED, 12052901)
    assert "FREEZE" in item.failure
    assert any("request" in str(each) for each in item.details)


def test_one_open_draft_a_listing_is_continued_whoever_began_it(listing):
    first = save(start_edit(listing, None), {"title": NEW_TITLE})

    second = start_edit(listing, None)

    assert second == first
    assert second.content == {"title": NEW_TITLE}
    discard(second)
    third = start_edit(listing, None)
    assert third != first
    assert third.content == {}


def test_two_people_cannot_overwrite_each_others_draft(listing):
    mine = start_edit(listing, None)
    theirs = ListingDraft.objects.get(pk=mine.pk)
    save(theirs, {"title": NEW_TITLE})

    with pytest.raises(DraftChanged, match="Reload"):
        save(mine, {"title": "Mine, and surely better than theirs"})

    mine.refresh_from_db()
    assert mine.content == {"title": NEW_TITLE}


def test_a_draft_that_is_being_sent_is_not_changed(listing):
    draft = save(start_edit(listing, None), {"title": NEW_TITLE})
    start_run(listing.shop, Kind.EDIT, [draft], None)

    with pytest.raises(DraftRefuses, match="being sent"):
        save(draft, {"title": "Too late, the run is on its way now"})


def test_a_draft_that_changes_nothing_is_not_sent(simulator, listing):
    draft = save(start_edit(listing, None), {"title": listing.title})

    item = outcome(run_of(listing.shop, Kind.EDIT, draft))

    assert item.state == State.REFUSED
    assert "changes nothing" in item.failure


def test_faults_a_listing_had_before_do_not_keep_it_from_being_changed(
    simulator, listing
):
    path = f"listings/{listing.remote_id}/change"
    simulator.control(path, {"title": "Too short"})
    draft = save(start_edit(listing, None), {"description": "<p>New words.</p>"})

    plan = preview(draft)

    assert plan.can_be_sent
    assert any("like this before" in each.message for each in plan.problems)
    assert not preview(save(draft, {"title": "Short too"})).can_be_sent


def test_a_listing_that_is_gone_is_said_to_be(simulator, shop, listing):
    draft = save(start_edit(listing, None), {"title": NEW_TITLE})
    listing.remote_id = "1729999999999999999"
    listing.save()

    item = outcome(run_of(shop, Kind.EDIT, draft))

    assert item.state == State.REFUSED
    assert "any more" in item.failure


def test_a_new_sku_of_a_listing_is_matched_to_the_variant_it_came_from(
    simulator, shop, listing
):
    variant = make_variant(client=shop.client, sku="FRESH-1")
    current = shown(shop, listing.remote_id)["skus"][0]
    rows = [
        {"id": row["id"], "name": row["name"], "value_name": "Fresh"}
        for row in current["sales_attributes"]
    ]
    picture = current["sales_attributes"][0].get("sku_img")
    if picture:
        rows[0]["sku_img"] = {"uri": picture["uri"]}
    new = {
        "variant": variant.pk,
        "seller_sku": "FRESH-1",
        "sales_attributes": rows,
        "price": {"amount": "12.50", "currency": "GBP"},
        "inventory": [
            {"warehouse_id": row["warehouse_id"], "quantity": 5}
            for row in current["inventory"]
        ],
    }
    draft = save(start_edit(listing, None), {"skus": [new]})

    item = outcome(run_of(shop, Kind.EDIT, draft))

    assert item.state == State.DONE, item.failure
    passed(simulator, listing)
    take_in(shop, listing.remote_id)
    assert listing.skus.filter(seller_sku="FRESH-1").exists()


def test_seconds_between_drafts_do_not_make_them_stale(simulator, listing):
    draft = save(start_edit(listing, None), {"title": NEW_TITLE})
    simulator.control("clock", {"advance": timedelta(hours=3).seconds})

    assert preview(draft).stale is None

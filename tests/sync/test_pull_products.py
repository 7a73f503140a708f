"""The pull of listings against a platform we can make behave badly."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.contracts import ListingStatus
from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    ScopeMissing,
)
from apps.platforms.errors import ReconnectNeeded, ShopRefuses
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingPayload, ListingSku
from apps.products.services.sold_skus import note_sold_skus
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services import products as service
from apps.sync.services.listing_windows import Window
from apps.sync.services.products import pull_products
from tests.factories.orders import make_remote_line
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.products import make_listing, make_remote_sku
from tests.sync.fake_listings import FakeShelf, listing_at

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
State = SyncRun.State


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def shelf(now) -> FakeShelf:
    """Ten listings, P0 changed last."""
    return FakeShelf.of(*(listing_at(f"P{n}", now - n * DAY - DAY) for n in range(10)))


def pull(shop: Shop, shelf: Any, **options) -> SyncRun:
    return pull_products(shop, trigger=SyncRun.Trigger.COMMAND, client=shelf, **options)


def counts(run: SyncRun) -> tuple[int, ...]:
    run.refresh_from_db()
    return run.read, run.new, run.updated, run.same, run.failed


def ids(**conditions) -> set[str]:
    rows = Listing.objects.filter(**conditions)
    return set(rows.values_list("remote_id", flat=True))


def cursor_of(shop: Shop) -> Any:
    return SyncCursor.objects.filter(shop=shop, resource=Resource.PRODUCTS).first()


def age(shop: Shop, **by) -> None:
    """The cursor as if the last pull had been longer ago."""
    cursor = cursor_of(shop)
    cursor.position -= timedelta(**by)
    cursor.save()


def test_the_first_pull_brings_all_listings_whole(shop, shelf, now):
    run = pull(shop, shelf)

    assert counts(run) == (10, 10, 0, 0, 0)
    assert (run.state, run.expected, run.pages) == (State.DONE, 10, 2)
    assert run.since is None
    assert ids() == set(shelf.listings)
    assert ListingPayload.objects.count() == ListingSku.objects.count() == 10
    assert sorted(shelf.details) == sorted(shelf.listings)
    cursor = cursor_of(shop)
    assert cursor.position == cursor.compared_at == run.until >= now


def test_the_next_pull_asks_for_what_changed_and_no_more(shop, shelf, now):
    pull(shop, shelf)
    age(shop, minutes=30)
    before = dict(
        Listing.objects.exclude(remote_id="P3").values_list("pk", "modified_at")
    )
    shelf.touch("P3", now - 5 * MINUTE, title="Another title")
    shelf.searches.clear()
    shelf.details.clear()
    shelf.pages = 0

    run = pull(shop, shelf)

    assert counts(run) == (1, 0, 1, 0, 0)
    assert [status for status, *_ in shelf.searches] == ["ALL", "DELETED"]
    assert shelf.pages == 2
    assert shelf.details == ["P3"]
    assert Listing.objects.get(remote_id="P3").title == "Another title"
    rows = Listing.objects.exclude(remote_id="P3")
    assert dict(rows.values_list("pk", "modified_at")) == before


def test_a_pull_looks_back_a_little_and_both_ends_of_a_window_count(shop, now):
    shelf = FakeShelf.of(listing_at("P0", now - DAY))
    pull(shop, shelf, until=now - 20 * MINUTE)
    shelf.put(listing_at("P1", now - 30 * MINUTE))
    shelf.put(listing_at("P2", now))

    run = pull(shop, shelf, until=now)

    assert run.since == now - 30 * MINUTE
    assert ids() == {"P0", "P1", "P2"}


def test_a_second_change_within_a_second_is_seen_in_what_is_said(shop, shelf, now):
    pull(shop, shelf)
    at = now - DAY
    shelf.touch("P0", at, status=ListingStatus.FAILED)
    shelf.touch("P1", now - 2 * DAY, skus=(make_remote_sku("P1-2"),))
    asked = len(shelf.details)

    pull(shop, shelf, is_full=True)

    assert set(shelf.details[asked:]) == {"P0", "P1"}
    assert Listing.objects.get(remote_id="P0").details_of == at
    assert ListingSku.objects.get(remote_id="P1-1").removed_at is not None
    asked = len(shelf.details)

    pull(shop, shelf, is_full=True)

    assert len(shelf.details) == asked


def test_ten_thousand_listings_again_after_one_percent_changed(shop, now):
    shelf = FakeShelf.of(
        *(listing_at(f"P{n}", now - DAY - n * SECOND) for n in range(1_000))
    )
    shelf.most = 400
    pull(shop, shelf)
    age(shop, minutes=30)
    for n in range(0, 1_000, 100):
        shelf.touch(f"P{n}", now - MINUTE)
    shelf.pages, shelf.details = 0, []

    run = pull(shop, shelf)

    assert counts(run) == (10, 0, 10, 0, 0)
    assert (shelf.pages, len(shelf.details)) == (2, 10)


def test_details_that_were_never_stored_are_due_in_each_pull_until_they_are(
    shop, shelf
):
    def fail(remote_id):
        if remote_id == "P4":
            raise MalformedReply("Product P4 cannot be read: no SKUs.")

    shelf.before_detail = fail
    run = pull(shop, shelf)

    assert counts(run) == (10, 10, 0, 0, 1)
    assert run.state == State.PARTLY
    assert run.issues.get().remote_id == "P4"
    assert "no SKUs" in run.first_error
    assert ids(details_of=None) == {"P4"}

    shelf.details.clear()
    assert pull(shop, shelf).failed == 1
    assert shelf.details == ["P4"]

    shelf.before_detail = lambda remote_id: None
    run = pull(shop, shelf)
    assert counts(run) == (1, 0, 1, 0, 0)
    assert ids(details_of=None) == set()


def test_a_listing_the_platform_cannot_show_stops_nothing(shop, shelf):
    def fail(remote_id):
        if remote_id in ("P2", "P5"):
            raise PlatformUnavailable("TikTok Shop has trouble.")
        if remote_id == "P7":
            raise RequestRefused("The product's state does not allow this.")

    shelf.before_detail = fail

    run = pull(shop, shelf)

    assert counts(run) == (10, 10, 0, 0, 3)
    issues = run.issues.values_list("remote_id", flat=True)
    assert set(issues) == {"P2", "P5", "P7"}
    assert ListingPayload.objects.count() == 7


@pytest.mark.parametrize("error", [PlatformUnavailable, RateLimited])
def test_an_outage_in_the_middle_keeps_what_came_and_the_next_pull_goes_on(
    shop, shelf, error
):
    def fail(remote_id):
        if len(shelf.details) > 6:
            raise error("TikTok did not answer.")

    shelf.before_detail = fail
    with pytest.raises(error):
        pull(shop, shelf)

    run = SyncRun.objects.get()
    assert (run.state, run.failed) == (State.FAILED, 0)
    assert run.first_error == "TikTok did not answer."
    assert ids() == set(shelf.listings)
    assert ListingPayload.objects.count() == 6
    assert cursor_of(shop).compared_at is not None

    shelf.before_detail = lambda remote_id: None
    shelf.details.clear()
    run = pull(shop, shelf)

    assert len(shelf.details) == 4
    assert counts(run) == (4, 0, 4, 0, 0)
    assert ListingPayload.objects.count() == 10


def test_a_process_killed_between_details_goes_on_where_it_was(
    shop, shelf, monkeypatch
):
    monkeypatch.setattr("apps.sync.services.listing_details.AT_ONCE", 3)

    def die(remote_id):
        if len(shelf.details) == 8:
            raise KeyboardInterrupt

    shelf.before_detail = die
    with pytest.raises(KeyboardInterrupt):
        pull(shop, shelf)
    assert SyncRun.objects.get().state == State.INTERRUPTED
    assert ListingPayload.objects.count() == 6

    shelf.before_detail = lambda remote_id: None
    shelf.details.clear()
    pull(shop, shelf)
    assert len(shelf.details) == 4


@pytest.mark.parametrize("is_silent", [False, True])
def test_no_listing_is_capped_however_many_there_are(shop, now, is_silent, monkeypatch):
    monkeypatch.setattr(service, "MOST_FOUND", 50)
    rolls = random.Random(7)
    shelf = FakeShelf.of(
        *(
            listing_at(f"P{n}", now - rolls.randrange(1, 90 * 24 * 3600) * SECOND)
            for n in range(300)
        ),
        most=50,
        is_silent=is_silent,
        page_size=20,
    )

    run = pull(shop, shelf)

    assert counts(run) == (300, 300, 0, 0, 0)
    assert ids() == set(shelf.listings)


def test_a_mass_edit_in_one_second_is_parted_by_when_listings_were_made(
    shop, now, monkeypatch
):
    monkeypatch.setattr(service, "MOST_FOUND", 50)
    shelf = FakeShelf.of(
        *(
            listing_at(f"P{n}", now - DAY, created_at=now - 2 * DAY - n * MINUTE)
            for n in range(120)
        ),
        most=50,
    )

    run = pull(shop, shelf)

    assert counts(run) == (120, 120, 0, 0, 0)


def test_what_cannot_be_parted_further_is_said(shop, now, monkeypatch):
    monkeypatch.setattr(service, "MOST_FOUND", 50)
    shelf = FakeShelf.of(*(listing_at(f"P{n}", now - DAY) for n in range(60)), most=50)

    run = pull(shop, shelf)

    assert run.state == State.PARTLY
    assert "too many" in run.first_error


def test_the_halves_of_a_window_have_each_second_once(now):
    windows: list[Any] = [Window("ALL", now - 1000 * SECOND, now)]
    seconds: list[datetime] = []
    while windows:
        window = windows.pop()
        if window.until - window.since > 10 * SECOND:
            windows += window.halves()
        else:
            span = int((window.until - window.since).total_seconds())
            seconds += [window.since + n * SECOND for n in range(span + 1)]

    assert sorted(seconds) == [now - n * SECOND for n in range(1000, -1, -1)]


def test_a_listing_that_changes_while_pages_turn_is_not_missed(shop, now):
    shelf = FakeShelf.of(
        *(listing_at(f"P{n}", now - DAY - n * MINUTE) for n in range(9)), page_size=3
    )

    def change(number):
        if number == 2:  # leaves the window; those behind it move up a place
            shelf.touch("P1", timezone.now() + MINUTE)

    shelf.before_page = change
    run = pull(shop, shelf)

    assert ids() == set(shelf.listings)
    assert run.failed == 0


def test_a_deleted_listing_is_found_by_its_status(shop, shelf, now):
    pull(shop, shelf)
    age(shop, minutes=30)
    shelf.touch("P3", now, status=ListingStatus.DELETED, status_text="DELETED")
    shelf.details.clear()

    run = pull(shop, shelf)

    assert counts(run) == (1, 0, 1, 0, 0)
    row = Listing.objects.get(remote_id="P3")
    assert (row.status, row.deleted_at is not None) == ("deleted", True)
    assert shelf.details == []


def test_a_listing_that_does_not_show_up_is_gone_only_when_denied(shop, shelf):
    pull(shop, shelf)
    del shelf.listings["P3"]
    shelf.hidden = {"P4", "P5"}

    assert counts(pull(shop, shelf)) == (0, 0, 0, 0, 0)
    assert ids(status="deleted") == set()
    shelf.details.clear()

    def refuse(remote_id):
        if remote_id == "P5":
            raise RequestRefused("The product's state does not allow this.")

    shelf.before_detail = refuse
    run = pull(shop, shelf, is_full=True)

    assert sorted(shelf.details) == ["P3", "P4", "P5"]
    assert ids(status="deleted") == {"P3"}
    assert counts(run) == (10, 0, 1, 8, 1)

    shelf.details.clear()
    pull(shop, shelf, is_full=True)
    assert sorted(shelf.details) == ["P4", "P5"]


def test_a_search_that_suddenly_shows_nothing_deletes_nothing(shop, shelf):
    pull(shop, shelf)
    shelf.hidden = set(shelf.listings)

    pull(shop, shelf, is_full=True)

    assert ids(status="live") == set(shelf.listings)


def test_everything_is_compared_again_after_a_week(shop, shelf):
    pull(shop, shelf)
    assert pull(shop, shelf).since is not None
    SyncCursor.objects.update(compared_at=timezone.now() - 8 * DAY)
    shelf.details.clear()

    run = pull(shop, shelf)

    assert run.since is None
    assert counts(run) == (10, 0, 0, 10, 0)
    assert shelf.details == []
    assert cursor_of(shop).compared_at == run.until


def test_a_comparison_that_fails_is_made_by_the_next_pull(shop, shelf):
    pull(shop, shelf)
    SyncCursor.objects.update(compared_at=timezone.now() - 8 * DAY)

    def fail(number):
        raise PlatformUnavailable("TikTok did not answer.")

    shelf.before_page = fail
    with pytest.raises(PlatformUnavailable):
        pull(shop, shelf)
    shelf.before_page = lambda number: None

    assert pull(shop, shelf).since is None


def test_a_listing_that_only_an_order_named_is_filled(shop, shelf, now):
    pull(shop, shelf)
    shelf.hidden.add("P20")
    shelf.put(listing_at("P20", now - DAY))
    lines = [
        make_remote_line("P20-1", remote_product_id="P20"),
        make_remote_line("P21-1", remote_product_id="P21"),
        make_remote_line("99-1"),
    ]
    note_sold_skus(shop, lines)
    shelf.details.clear()

    run = pull(shop, shelf)

    assert sorted(shelf.details) == ["P20", "P21"]
    assert counts(run) == (2, 0, 2, 0, 0)
    assert Listing.objects.get(remote_id="P20").status == "live"
    assert Listing.objects.get(remote_id="P21").status == "deleted"
    assert Listing.objects.get(remote_id="sku:99-1").status == ""


def test_frozen_listings_are_not_asked_for(shop, shelf, now):
    shelf.touch("P1", now - MINUTE, status=ListingStatus.FROZEN, status_text="FREEZE")

    run = pull(shop, shelf)

    assert "P1" not in shelf.details
    assert run.state == State.DONE


def test_a_listing_listed_but_not_shown_is_no_deletion(shop, shelf):
    missing = shelf.listings["P1"]

    def vanish(remote_id):
        shelf.listings.pop("P1", None)

    shelf.before_detail = vanish
    run = pull(shop, shelf)

    assert run.failed == 1
    assert Listing.objects.get(remote_id="P1").status == "live"
    shelf.put(missing)


def test_a_row_that_cannot_be_read_or_stored_is_an_issue(shop, shelf, now):
    shelf.unreadable = {"P2"}
    shelf.put(replace(listing_at("P11", now), skus=(make_remote_sku(quantity=2**40),)))

    run = pull(shop, shelf)

    assert counts(run) == (11, 9, 0, 0, 2)
    assert set(run.issues.values_list("remote_id", flat=True)) == {"P2", "P11"}


def test_a_limit_reads_so_many_and_leaves_the_cursor(shop, shelf):
    shelf.page_size = 4

    run = pull(shop, shelf, limit=3)

    assert run.read == 4
    assert len(shelf.details) == 4
    assert cursor_of(shop) is None
    assert pull(shop, shelf).new == 6


def test_a_dry_run_compares_and_writes_nothing(shop, shelf):
    run = pull(shop, shelf, dry_run=True)

    assert counts(run) == (10, 10, 0, 0, 0)
    assert shelf.details == []
    assert not Listing.objects.exists()
    assert cursor_of(shop) is None


def test_a_period_that_leaves_a_gap_moves_no_cursor(shop, shelf, now):
    run = pull(shop, shelf, since=now - 3 * DAY, until=now - 2 * DAY)

    assert ids() == {"P1", "P2"}
    assert run.read == 2
    assert cursor_of(shop) is None


def test_one_pull_of_a_kind_at_a_time(shop, shelf):
    def again(number):
        with pytest.raises(AlreadyRunning, match="products are already being synced"):
            pull(shop, shelf)

    shelf.before_page = again
    pull(shop, shelf)

    assert SyncRun.objects.count() == 1


def test_pausing_a_shop_stops_its_pull_between_details(shop, shelf, monkeypatch):
    monkeypatch.setattr("apps.sync.services.listing_details.AT_ONCE", 3)

    def pause(remote_id):
        if len(shelf.details) == 4:
            Shop.objects.update(state=Shop.State.PAUSED)

    shelf.before_detail = pause
    with pytest.raises(ShopRefuses, match="was paused"):
        pull(shop, shelf)

    assert ListingPayload.objects.count() == 3
    assert SyncRun.objects.get().state == State.FAILED


def test_a_lost_consent_stops_the_shop_and_a_missing_permission_does_not(shop, shelf):
    make_authorization(shops=[shop])

    def raising(error):
        def before_page(number):
            raise error("TikTok says no.")

        return before_page

    shelf.before_page = raising(ScopeMissing)
    with pytest.raises(ScopeMissing):
        pull(shop, shelf)
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED
    assert SyncRun.objects.latest("pk").needs_person

    shelf.before_page = raising(ConsentNeeded)
    with pytest.raises(ConsentNeeded):
        pull(shop, shelf)
    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED


def test_a_shop_without_an_app_for_products_says_which_is_missing(shop):
    make_authorization(shops=[shop], scopes=["seller.order.info"])

    with pytest.raises(ReconnectNeeded, match="products"):
        pull_products(shop, trigger=SyncRun.Trigger.SCHEDULE)

    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED
    assert SyncRun.objects.get().needs_person


def test_other_shops_listings_are_left_alone(shop, shelf):
    other = make_listing(make_shop(), "P3", title="Theirs")

    pull(shop, shelf)
    pull(shop, shelf, is_full=True)

    other.refresh_from_db()
    assert (other.title, other.status) == ("Theirs", "live")
    assert "P3" in ids(shop=shop)

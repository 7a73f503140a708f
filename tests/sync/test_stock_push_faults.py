"""What the platform does not take: tried again, or shown to a person."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from apps.integrations.contracts import BatchProgress, ItemFailure, StockFault
from apps.integrations.errors import (
    ConsentNeeded,
    HeldBack,
    MalformedReply,
    NotFound,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
)
from apps.inventory.models import ShopStockSettings
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import ApiCall, Shop
from apps.products.models import Listing
from apps.sync import tasks
from apps.sync.models import StockPush
from apps.sync.services.stock_push import noting
from apps.sync.services.stock_push.claiming import claim, shops_due
from apps.sync.services.stock_push.working import push_due
from tests.factories.inventory import make_shop_warehouse, make_warehouse
from tests.factories.platforms import make_authorization
from tests.factories.products import make_listing
from tests.sync.stock_shop import (
    FakeStockShop,
    make_stocked,
    make_told_shop,
    push_of,
    recount,
    refusal,
    tell,
)

pytestmark = pytest.mark.django_db
State = StockPush.State


@pytest.fixture
def shop():
    return make_told_shop()


@pytest.fixture
def platform():
    return FakeStockShop()


def fail_with(error):
    def before_call(product, skus):
        raise error

    return before_call


def refuse(sku, kind, code=1):
    return lambda product, skus: [refusal(sku.remote_id, kind, code)]


def let_time_pass():
    """As if all that waits had waited long enough."""
    StockPush.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))


def test_the_refused_sku_of_a_call_is_tried_again_and_the_others_are_taken(
    shop, platform
):
    listing = make_listing(shop)
    good, bad = (make_stocked(shop, 5, listing=listing) for _ in range(2))
    platform.before_call = refuse(bad, StockFault.RETRY, 12052109)

    pushed = tell(shop, platform)

    assert (pushed.accepted, pushed.failed) == (1, 1)
    assert push_of(good).state == State.IN_STEP
    push = push_of(bad)
    assert (push.state, push.fault, push.fault_code) == (
        State.FAILED,
        "retry",
        12052109,
    )
    assert push.message == "TikTok says retry."
    assert push.next_try_at is not None
    assert push.next_try_at - timezone.now() <= timedelta(seconds=5)


def test_a_retry_waits_longer_each_time_and_sends_the_newest_figure(shop, platform):
    sku = make_stocked(shop, 5)
    platform.before_call = refuse(sku, StockFault.RETRY)
    pauses = []
    for _ in range(3):
        tell(shop, platform)
        push = push_of(sku)
        assert push.next_try_at is not None
        pauses.append(round((push.next_try_at - timezone.now()).total_seconds()))
        let_time_pass()
    assert pauses == [5, 10, 20]

    platform.before_call = lambda product, skus: None
    recount(sku, 4)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 4}
    push = push_of(sku)
    assert (push.state, push.attempts, push.message) == (State.IN_STEP, 0, "")


def test_news_does_not_hurry_a_failed_push(shop, platform):
    sku = make_stocked(shop, 5)
    platform.before_call = refuse(sku, StockFault.RETRY)
    tell(shop, platform)

    recount(sku, 4)
    tell(shop, platform)

    assert len(platform.calls) == 1
    push = push_of(sku)
    assert (push.state, push.wanted) == (State.FAILED, {"69001": 4})


def forced_again(shop, platform, number=1):
    """SKUs of which the figure was taken, and is to be told again."""
    skus = [make_stocked(shop, 5) for _ in range(number)]
    tell(shop, platform)
    noting.force([sku.pk for sku in skus])
    platform.calls.clear()
    return skus


def test_what_is_to_be_told_again_and_was_refused_is_tried_until_taken(shop, platform):
    [sku] = forced_again(shop, platform)
    platform.before_call = refuse(sku, StockFault.RETRY)
    assert tell(shop, platform).failed == 1

    noting.note([sku.pk])  # as each hour
    assert push_of(sku).state == State.FAILED
    platform.before_call = lambda product, skus: None
    let_time_pass()

    assert tell(shop, platform).accepted == 1
    assert push_of(sku).state == State.IN_STEP
    assert tell(shop, platform).listings == 0


def test_what_is_to_be_told_again_survives_the_process_that_sends_it(shop, platform):
    [sku] = forced_again(shop, platform)
    claim(shop, [sku.listing_id])  # and the process dies
    StockPush.objects.update(sending_since=timezone.now() - timedelta(minutes=3))

    tell(shop, platform)

    assert platform.calls == [(sku.listing.remote_id, {sku.remote_id: {"69001": 5}})]
    assert push_of(sku).state == State.IN_STEP


def test_what_is_to_be_told_again_waits_while_the_shop_takes_nothing(shop, platform):
    skus = forced_again(shop, platform, 3)
    platform.before_call = fail_with(RateLimited("Too many calls"))
    with pytest.raises(RateLimited):
        tell(shop, platform)  # those claimed with it are put back

    platform.before_call = lambda product, skus: None
    let_time_pass()

    assert tell(shop, platform).accepted == 3
    assert {push_of(sku).state for sku in skus} == {State.IN_STEP}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (StockFault.LOCKED, "Seller Center"),
        (StockFault.STATUS, "read anew"),
        (StockFault.GONE, "read anew"),
        (StockFault.SELLER, "seller has to"),
        (StockFault.OUT_OF_RANGE, "rule"),
        (StockFault.WAREHOUSE, "warehouses"),
    ],
)
def test_what_a_person_must_see_to_is_blocked_with_what_to_do(
    shop, platform, kind, words
):
    sku = make_stocked(shop, 5)
    platform.before_call = refuse(sku, kind, 12052037)

    pushed = tell(shop, platform)
    tell(shop, platform)

    assert pushed.blocked == 1
    assert len(platform.calls) == 1
    push = push_of(sku)
    assert (push.state, push.fault) == (State.BLOCKED, kind.value)
    assert push.message.startswith("TikTok says")
    assert words in push.message
    assert push.accepted == {}


def test_what_is_blocked_is_tried_again_after_a_while_or_when_told_to(shop, platform):
    sku = make_stocked(shop, 5)
    platform.before_call = refuse(sku, StockFault.LOCKED)
    tell(shop, platform)
    assert noting.catch_up() <= 1
    tell(shop, platform)
    assert len(platform.calls) == 1

    let_time_pass()
    noting.catch_up()
    tell(shop, platform)
    assert len(platform.calls) == 2

    platform.before_call = lambda product, skus: None
    noting.force([sku.pk])
    tell(shop, platform)
    assert push_of(sku).state == State.IN_STEP


def test_what_nobody_understands_is_for_a_person_in_the_end(shop, platform):
    sku = make_stocked(shop, 5)
    platform.before_call = refuse(sku, StockFault.OTHER)
    for _ in range(8):
        tell(shop, platform)
        let_time_pass()

    assert push_of(sku).state == State.BLOCKED


@pytest.mark.parametrize("kind", [StockFault.STATUS, StockFault.GONE])
def test_a_listing_in_doubt_is_read_again(shop, platform, kind):
    sku = make_stocked(shop, 5)
    Listing.objects.update(details_of=F("remote_updated_at"))
    platform.before_call = refuse(sku, kind)

    tell(shop, platform)

    listing = Listing.objects.get()
    assert listing.details_of is not None
    assert listing.remote_updated_at is not None
    assert listing.details_of < listing.remote_updated_at


def test_what_waits_for_its_listing_goes_once_that_was_read(shop, platform):
    sku = make_stocked(shop, 5)
    platform.before_call = refuse(sku, StockFault.STATUS)
    tell(shop, platform)
    platform.before_call = lambda product, skus: None
    noting.catch_up()
    tell(shop, platform)
    assert len(platform.calls) == 1

    Listing.objects.update(status_learnt_at=timezone.now())
    noting.catch_up()
    tell(shop, platform)

    assert push_of(sku).state == State.IN_STEP


def test_a_listing_that_is_not_there_blocks_its_own_skus_alone(shop, platform):
    gone, there = make_stocked(shop, 5), make_stocked(shop, 6)

    def before_call(product, skus):
        if product == gone.listing.remote_id:
            raise NotFound("The product is not in this shop", code=12052260)

    platform.before_call = before_call
    tell(shop, platform)

    assert (push_of(gone).state, push_of(gone).fault) == (State.BLOCKED, "gone")
    assert push_of(there).state == State.IN_STEP


def test_a_call_refused_as_a_whole_is_judged_by_its_code(shop, platform):
    sku = make_stocked(shop, 5)
    platform.before_call = fail_with(RequestRefused("It is locked", code=12052037))

    tell(shop, platform)

    assert (push_of(sku).state, push_of(sku).fault) == (State.BLOCKED, "locked")


def test_an_answer_nobody_understands_is_tried_again(shop, platform):
    sku = make_stocked(shop, 5)
    platform.before_call = fail_with(MalformedReply("Not JSON"))

    tell(shop, platform)

    assert (push_of(sku).state, push_of(sku).fault) == (State.FAILED, "other")


def test_a_call_that_failed_half_way_keeps_what_was_taken(shop, platform):
    listing = make_listing(shop)
    first, second, third = (make_stocked(shop, 5, listing=listing) for _ in range(3))
    error = PlatformUnavailable("Bad gateway")
    error.progress = BatchProgress(
        taken=(first.remote_id,),
        failures=(ItemFailure(third.remote_id, 12052037, "It is locked"),),
        unsure=(second.remote_id,),
        unsent=(),
    )
    platform.before_call = fail_with(error)

    tell(shop, platform)

    assert push_of(first).state == State.IN_STEP
    assert push_of(second).state == State.FAILED
    assert (push_of(third).state, push_of(third).fault) == (State.BLOCKED, "locked")


@pytest.mark.parametrize(
    "error",
    [RateLimited("Too many calls", retry_after_seconds=9), HeldBack("Ours is used up")],
)
def test_too_many_calls_stop_the_shop_for_a_while(shop, platform, error):
    skus = [make_stocked(shop, 5) for _ in range(4)]
    platform.before_call = fail_with(error)

    with pytest.raises(RateLimited):
        tell(shop, platform)
    tell(shop, platform)

    assert len(platform.calls) == 1
    states = [push_of(sku).state for sku in skus]
    assert sorted(states) == [State.DUE] * 3 + [State.FAILED]
    let_time_pass()
    platform.before_call = lambda product, skus: None
    assert tell(shop, platform).accepted == 4


def test_one_listing_without_an_answer_does_not_stop_the_others(shop, platform):
    poisoned, *others = (make_stocked(shop, 5) for _ in range(5))

    def before_call(product, skus):
        if product == poisoned.listing.remote_id:
            raise PlatformUnavailable("Bad gateway")

    platform.before_call = before_call
    tell(shop, platform)

    assert push_of(poisoned).state == State.FAILED
    assert {push_of(sku).state for sku in others} == {State.IN_STEP}
    shop.refresh_from_db()
    assert shop.rested_until is None


def test_an_outage_stops_the_shop_and_its_breaker_opens(shop, platform):
    for _ in range(10):
        make_stocked(shop, 5)
    platform.before_call = fail_with(PlatformUnavailable("Bad gateway"))
    for _ in range(5):
        with pytest.raises(PlatformUnavailable):
            tell(shop, platform)
        let_time_pass()

    assert len(platform.calls) == 15
    shop.refresh_from_db()
    assert shop.failures_in_a_row == 5
    assert shop.rested_until > timezone.now()


def test_without_consent_nothing_is_tried_until_later(shop, platform):
    skus = [make_stocked(shop, 5) for _ in range(3)]
    platform.before_call = fail_with(ConsentNeeded("The seller took consent back"))

    with pytest.raises(ConsentNeeded):
        tell(shop, platform)
    tell(shop, platform)

    assert len(platform.calls) == 1
    for sku in skus:
        push = push_of(sku)
        assert (push.state, push.fault) == (State.BLOCKED, "consent")
        assert push.message == "The seller took consent back"
    shop.refresh_from_db()
    assert shop.failures_in_a_row == 0

    let_time_pass()
    platform.before_call = lambda product, skus: None
    noting.catch_up()
    assert tell(shop, platform).accepted == 3


def test_an_app_that_may_not_write_is_said_and_the_shop_goes_on_otherwise(shop):
    make_authorization(shops=[shop], scopes=["seller.product.basic"])
    sku = make_stocked(shop, 5)

    for _ in range(3):
        noting.note([sku.pk])
        if StockPush.objects.filter(state=State.DUE):
            with pytest.raises(ReconnectNeeded, match="editing of products"):
                push_due(shop)

    push = push_of(sku)
    assert (push.state, push.fault) == (State.BLOCKED, "consent")
    assert "editing of products" in push.message
    assert push.next_try_at is not None
    assert timezone.now() < push.next_try_at <= timezone.now() + timedelta(minutes=10)
    assert not ApiCall.objects.exists()
    shop.refresh_from_db()
    assert (shop.state, shop.failures_in_a_row) == (Shop.State.CONNECTED, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"state": Shop.State.RECONNECT_NEEDED},
        {"state": Shop.State.DISCONNECTED},
        {"rested_until": timezone.now() + timedelta(days=1)},
    ],
)
def test_a_shop_that_cannot_be_told_is_not_woken_and_goes_once_it_can(
    shop, platform, change
):
    sku = make_stocked(shop, 5)
    before = {name: getattr(shop, name) for name in change}
    Shop.objects.update(**change)

    assert tasks.sweep_stock() == 0
    tasks.push_stock(shop.pk)  # a message of a moment ago
    assert push_of(sku).state == State.DUE

    Shop.objects.update(**before)
    assert shops_due(timezone.now()) == [shop]
    tell(shop, platform)
    assert push_of(sku).state == State.IN_STEP


def test_a_warehouse_we_did_not_know_of_is_looked_for_and_sent(shop, platform):
    attic = make_warehouse(shop.client)
    sku = make_stocked(shop, 5)
    tell(shop, platform)
    make_shop_warehouse(shop, attic, "69002")
    platform.stock[sku.remote_id] = {"69001": 5, "69002": 0}
    recount(sku, 4)

    def before_call(product, skus):
        if "69002" not in skus[0].quantities:
            return [refusal(sku.remote_id, StockFault.WAREHOUSE, 12019028)]
        return None

    platform.before_call = before_call
    tell(shop, platform)

    assert platform.calls[-1][1] == {sku.remote_id: {"69001": 4, "69002": 0}}
    push = push_of(sku)
    assert (push.state, push.found) == (State.IN_STEP, {"69001": 5, "69002": 0})


# Nothing left


def sold_out(shop, *, units=0, listing=None):
    sku = make_stocked(shop, 3, listing=listing or make_listing(shop))
    recount(sku, units)
    noting.drain()
    return sku


def test_none_is_sent_as_none(shop, platform):
    sku = sold_out(shop)

    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 0}
    assert push_of(sku).state == State.IN_STEP


def test_a_listing_is_taken_off_sale_where_none_is_refused(shop, platform):
    platform.refuses_zero = True
    sku = sold_out(shop)
    platform.knows(sku)

    tell(shop, platform)
    tell(shop, platform)

    assert platform.deeds == [("off", sku.listing.remote_id)]
    push = push_of(sku)
    assert (push.state, push.is_taken_off_sale) == (State.IN_STEP, True)
    assert push.message.startswith("Sold out: the listing was taken off sale")
    assert Listing.objects.get().status == Listing.Status.SELLER_DEACTIVATED
    assert ShopStockSettings.objects.get().refused_zero_at is not None
    assert noting.recompute(shop) == 0


def test_it_is_put_on_sale_again_when_there_is_something(shop, platform):
    platform.refuses_zero = True
    listing = make_listing(shop)
    skus = [sold_out(shop, listing=listing) for _ in range(2)]
    platform.knows(skus[0])
    tell(shop, platform)
    platform.calls.clear()

    recount(skus[0], 4)
    tell(shop, platform)

    assert [deed for deed, _ in platform.deeds] == ["off", "on"]
    assert platform.stock == {
        skus[0].remote_id: {"69001": 4},
        skus[1].remote_id: {"69001": 1},
    }
    assert len(platform.calls) == 1
    push = push_of(skus[0])
    assert (push.state, push.is_taken_off_sale) == (State.IN_STEP, False)
    left = push_of(skus[1])
    assert (left.state, left.fault) == (State.BLOCKED, "zero_refused")
    assert "sells one piece" in left.message
    assert Listing.objects.get().status == Listing.Status.LIVE


def test_a_sold_out_listing_that_somebody_puts_on_sale_is_taken_off_again(
    shop, platform
):
    platform.refuses_zero = True
    sku = sold_out(shop)
    platform.knows(sku)
    tell(shop, platform)

    platform.off_sale.clear()
    Listing.objects.update(status=Listing.Status.LIVE, status_learnt_at=timezone.now())
    noting.catch_up()
    tell(shop, platform)

    assert [deed for deed, _ in platform.deeds] == ["off", "off"]
    assert push_of(sku).is_taken_off_sale is True


def test_one_piece_stays_where_that_is_set_and_a_person_sees_it(shop, platform):
    ShopStockSettings.objects.update(zero=ShopStockSettings.Zero.KEEP_ONE)
    platform.refuses_zero = True
    sku = sold_out(shop)

    tell(shop, platform)
    calls = len(platform.calls)
    noting.recompute(shop)
    tell(shop, platform)

    assert platform.deeds == []
    assert platform.stock[sku.remote_id] == {"69001": 1}
    push = push_of(sku)
    assert (push.state, push.fault) == (State.BLOCKED, "zero_refused")
    assert (push.wanted_total, push.accepted_total) == (0, 1)
    assert len(platform.calls) == calls == 2


def test_one_piece_stays_where_others_of_the_listing_are_there(shop, platform):
    platform.refuses_zero = True
    listing = make_listing(shop)
    empty = sold_out(shop, listing=listing)
    full = sold_out(shop, listing=listing, units=9)

    tell(shop, platform)

    assert platform.deeds == []
    assert push_of(empty).state == State.BLOCKED
    assert push_of(full).state == State.IN_STEP
    assert platform.stock[empty.remote_id] == {"69001": 1}


def test_stock_that_comes_in_ends_the_one_piece_at_once(shop, platform):
    ShopStockSettings.objects.update(zero=ShopStockSettings.Zero.KEEP_ONE)
    platform.refuses_zero = True
    sku = sold_out(shop)
    tell(shop, platform)

    recount(sku, 7)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 7}
    assert push_of(sku).state == State.IN_STEP


def test_a_refusal_of_none_is_learnt_and_forgotten_after_a_day(shop, platform):
    ShopStockSettings.objects.update(zero=ShopStockSettings.Zero.KEEP_ONE)
    platform.refuses_zero = True
    sku = sold_out(shop)
    tell(shop, platform)
    other = sold_out(shop)
    platform.calls.clear()

    tell(shop, platform)
    assert [sent for _, sent in platform.calls] == [{other.remote_id: {"69001": 1}}]

    platform.refuses_zero = False
    ShopStockSettings.objects.update(
        refused_zero_at=timezone.now() - timedelta(hours=25)
    )
    noting.recompute(shop)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 0}
    assert push_of(sku).state == State.IN_STEP

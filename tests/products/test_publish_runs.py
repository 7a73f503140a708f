"""Runs: one at a time in a shop, stopped between items, gone on with after a crash."""

import subprocess
import sys
from datetime import timedelta
from typing import Any, cast

import pytest
from django.utils import timezone

from apps.core.processes import process_name
from apps.integrations.errors import PlatformUnavailable
from apps.integrations.tiktok import retries
from apps.platforms.models import Shop
from apps.products import tasks
from apps.products.errors import DraftRefuses, RunRefuses
from apps.products.models import Listing, ListingDraft, PublishItem, PublishRun
from apps.products.services.publishing import (
    Channel,
    due_runs,
    is_dead,
    outcomes,
    progress,
    retry_failed,
    save,
    send_item,
    start_edit,
    start_new,
    start_run,
    stop,
    work,
)
from apps.users.models import AuditEntry
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing
from tests.products.publishing_support import (
    listed,
    make_sellable_product,
    open_shop,
    outcome,
    run_of,
    shown,
    take_in,
    with_stock,
)

Kind, State, ItemState = PublishRun.Kind, PublishRun.State, PublishItem.State
through_the_simulator = pytest.mark.django_db(transaction=True)
CREATE = "/product/202309/products"


@pytest.fixture
def hasty(monkeypatch):
    """Repeat without the long pauses."""
    whole = retries.RetryPolicy.pause_seconds

    def pause_seconds(self, error, repeat):
        return None if whole(self, error, repeat) is None else 0.01

    monkeypatch.setattr(retries.RetryPolicy, "pause_seconds", pause_seconds)


@pytest.fixture
def shop(simulator, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    simulator.control("reviews", {"automatic": False})
    return open_shop(simulator, "GB")


@pytest.fixture
def draft(shop):
    return with_stock(start_new(shop, make_sellable_product(shop), None))


class Crash(BaseException):
    """The process ends here."""


class Crashing:
    """A client that ends the process at one call: before it, or when it is done."""

    def __init__(self, client: Any, at: str, *, after: bool) -> None:
        self._client, self._at, self._after = client, at, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*args: Any, **options: Any) -> Any:
            if name == self._at and not self._after:
                raise Crash
            answer = method(*args, **options)
            if name == self._at:
                raise Crash
            return answer

        return call


def crashing(shop: Shop, at: str, *, after: bool) -> Channel:
    channel = Channel(shop)
    for scope in ("seller.product.basic", "seller.product.write"):
        client = channel.client(scope)
        channel.clients[scope] = Crashing(client, at, after=after)
    return channel


def leave_for_dead(run: PublishRun) -> None:
    """As if its process had been gone for some time."""
    PublishRun.objects.filter(pk=run.pk).update(
        heartbeat_at=timezone.now() - timedelta(minutes=6)
    )


def in_the_shop(simulator, shop: Shop) -> set[str]:
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&limit=500")
    return {row["id"] for row in rows}


@through_the_simulator
@pytest.mark.parametrize(
    ("at", "after"),
    [
        ("upload_image", False),
        ("upload_image", True),
        ("create_listing", False),
        ("create_listing", True),
        ("get_listing", False),
    ],
)
def test_a_creation_that_crashed_is_finished_and_makes_one_listing(
    simulator, shop, draft, at, after
):
    before = in_the_shop(simulator, shop)
    run = start_run(shop, Kind.CREATE, [draft], None)

    with pytest.raises(Crash):
        work(run, crashing(shop, at, after=after))
    run.refresh_from_db()
    assert (run.state, outcome(run).state) == (State.RUNNING, ItemState.SENDING)
    leave_for_dead(run)
    assert [each.pk for each in due_runs()] == [run.pk]
    run = work(PublishRun.objects.get(pk=run.pk))

    assert (run.state, outcome(run).state) == (State.DONE, ItemState.DONE)
    made = in_the_shop(simulator, shop) - before
    assert made == {Listing.objects.get(shop=shop).remote_id}
    assert outcome(run).attempts == 2
    mapped = Listing.objects.get(shop=shop).skus.filter(mapping="matched")
    assert mapped.count() == 2


@through_the_simulator
@pytest.mark.parametrize("kind", [Kind.CREATE, Kind.EDIT])
def test_what_was_done_counts_though_the_process_ended_before_it_said_so(
    simulator, shop, draft, monkeypatch, kind
):
    if kind == Kind.EDIT:
        listing = take_in(shop, listed(simulator, shop))
        title = "Another name, long enough for here"
        draft = save(start_edit(listing, None), {"title": title})
    run = start_run(shop, kind, [draft], None)
    monkeypatch.setattr(outcomes, "done", end_here)
    with pytest.raises(Crash):
        work(run)
    monkeypatch.undo()
    leave_for_dead(run)
    due_runs()

    run = work(PublishRun.objects.get(pk=run.pk))

    item = outcome(run)
    assert (item.state, item.attempts) == (ItemState.DONE, 2), item.failure
    assert item.listing
    draft.refresh_from_db()
    assert draft.state == ListingDraft.State.SENT


def end_here(*_: Any, **__: Any) -> None:
    raise Crash


@through_the_simulator
def test_a_stop_waits_for_what_a_dead_process_was_sending(
    simulator, shop, draft, monkeypatch
):
    later = take_in(shop, listed(simulator, shop))
    edits = [save(start_edit(later, None), {"title": "Another name, long enough"})]
    run = start_run(shop, Kind.EDIT, edits, None)
    with pytest.raises(Crash):
        work(run, crashing(shop, "edit_listing_partly", after=True))
    stop(run)
    leave_for_dead(run)
    due_runs()

    run = work(PublishRun.objects.get(pk=run.pk))

    assert outcome(run).state == ItemState.DONE
    edits[0].refresh_from_db()
    assert edits[0].state == ListingDraft.State.SENT


@through_the_simulator
def test_a_creation_whose_answer_was_lost_is_asked_for_again_with_the_same_key(
    simulator, shop, draft, hasty
):
    before = in_the_shop(simulator, shop)
    simulator.control("faults", {"kind": "cut", "path": CREATE, "count": 20})
    run = run_of(shop, Kind.CREATE, draft)
    assert (run.state, outcome(run).state) == (State.FAILED, ItemState.WAITING)
    assert len(in_the_shop(simulator, shop) - before) == 1
    simulator.control("faults", {}, method="DELETE")

    # Until that is settled the draft stays as it is, or nobody would know what is sold.
    with pytest.raises(DraftRefuses, match="Send it again"):
        save(draft, {"title": "Another name for the same lamp, natural"})
    again = work(retry_failed(run, None))

    assert outcome(again).state == ItemState.DONE, outcome(again).failure
    assert len(in_the_shop(simulator, shop) - before) == 1
    draft.refresh_from_db()
    assert draft.state == ListingDraft.State.SENT
    with pytest.raises(RunRefuses, match="Nothing of this run"):
        retry_failed(run, None)


@through_the_simulator
def test_a_creation_held_back_unread_leaves_the_draft_free(simulator, shop, draft):
    simulator.control(
        "faults",
        {"kind": "error", "code": 105005, "message": "No scope.", "path": CREATE},
    )

    run = run_of(shop, Kind.CREATE, draft)

    assert (run.state, outcome(run).state) == (State.FAILED, ItemState.WAITING)
    save(draft, {"title": "Another name for the same lamp, natural"})


@through_the_simulator
def test_an_attempt_that_may_have_arrived_is_not_forgotten_when_the_next_is_held_back(
    simulator, shop, draft, hasty
):
    simulator.control("faults", {"kind": "cut", "path": CREATE, "count": 20})
    run = run_of(shop, Kind.CREATE, draft)
    simulator.control("faults", {}, method="DELETE")
    simulator.control(
        "faults",
        {"kind": "error", "code": 36009002, "message": "Too many."}
        | {"path": CREATE, "count": 20},
    )
    run = work(retry_failed(run, None))
    simulator.control("faults", {}, method="DELETE")

    assert run.state == State.FAILED
    with pytest.raises(DraftRefuses, match="Send it again"):
        save(draft, {"title": "Another name for the same lamp, natural"})
    assert outcome(work(retry_failed(run, None))).state == ItemState.DONE


@through_the_simulator
def test_a_frozen_listing_is_not_taken_for_deleted(simulator, shop):
    listing = take_in(shop, listed(simulator, shop))
    path = f"listings/{listing.remote_id}/status"
    simulator.control(path, {"status": "FREEZE"})
    run = run_of(shop, Kind.DELETE, listing)
    assert outcome(run).code == 12052901

    again = work(retry_failed(run, None))

    assert (outcome(again).state, outcome(again).code) == (ItemState.REFUSED, 12052901)
    listing.refresh_from_db()
    assert listing.status != Listing.Status.DELETED


@through_the_simulator
def test_a_deletion_whose_answer_was_lost_counts_as_done(simulator, shop, hasty):
    listing = take_in(shop, listed(simulator, shop))
    path = "/product/202309/products"
    simulator.control("faults", {"kind": "cut", "path": path, "count": 1})
    run = run_of(shop, Kind.DELETE, listing)
    assert (run.state, outcome(run).state) == (State.FAILED, ItemState.WAITING)

    again = work(retry_failed(run, None))

    assert outcome(again).state == ItemState.DONE, outcome(again).failure
    listing.refresh_from_db()
    assert listing.status == Listing.Status.DELETED


@through_the_simulator
def test_what_failed_is_repeated_once_and_then_from_the_later_run(simulator, shop):
    listing = take_in(shop, listed(simulator, shop))
    simulator.control("partial_failures", {"count": 2, "code": 12052038})
    run = run_of(shop, Kind.DEACTIVATE, listing)
    assert outcome(run).state == ItemState.REFUSED

    again = work(retry_failed(run, None))

    with pytest.raises(RunRefuses, match=f"run {again.pk}"):
        retry_failed(run, None)
    assert retry_failed(again, None).retry_of == again


@through_the_simulator
def test_a_refused_creation_may_be_mended_and_sent_with_a_new_key(
    simulator, shop, draft
):
    key = draft.idempotency_key
    simulator.control(
        "faults",
        {"kind": "error", "code": 12052051, "message": "Too long.", "path": CREATE}
        | {"count": 1},
    )

    run = run_of(shop, Kind.CREATE, draft)

    item = outcome(run)
    assert (run.state, item.state, item.code) == (
        State.PARTLY,
        ItemState.REFUSED,
        12052051,
    )
    assert "Too long." in item.failure
    draft.refresh_from_db()
    assert draft.idempotency_key != key
    save(draft, {"title": "Another name for the same lamp, natural"})
    assert outcome(work(retry_failed(run, None))).state == ItemState.DONE


@through_the_simulator
def test_a_draft_with_errors_is_refused_before_anything_is_sent(shop, draft):
    save(draft, {"title": "Short"})

    run = run_of(shop, Kind.CREATE, draft)

    item = outcome(run)
    assert (item.state, item.sent_at) == (ItemState.REFUSED, None)
    assert "5 characters" in item.failure
    assert item.details[0]["field"] == "title"


@through_the_simulator
def test_partial_failures_are_each_listings_own(simulator, shop):
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&status=ACTIVATE")
    listings = [take_in(shop, row["id"]) for row in rows[:3]]
    simulator.control("partial_failures", {"count": 1, "code": 12052038})

    run = run_of(shop, Kind.DEACTIVATE, *listings)

    states = [item.state for item in run.items.all()]
    assert run.state == State.PARTLY
    assert states == [ItemState.REFUSED, ItemState.DONE, ItemState.DONE]
    refused = run.items.get(position=0)
    assert (refused.code, "promotion" in refused.failure) == (12052038, True)
    statuses = [Listing.objects.get(pk=each.pk).status for each in listings]
    assert statuses == ["live", "seller_deactivated", "seller_deactivated"]
    again = work(retry_failed(run, None))
    assert [item.listing for item in again.items.all()] == listings[:1]
    assert again.state == State.DONE
    assert progress(again)[ItemState.DONE] == 1


@through_the_simulator
def test_a_status_whose_answer_was_lost_counts_as_done_when_it_is(
    simulator, shop, hasty
):
    listing = take_in(shop, listed(simulator, shop))
    path = "/product/202309/products/deactivate"
    simulator.control("faults", {"kind": "cut", "path": path, "count": 1})
    run = run_of(shop, Kind.DEACTIVATE, listing)
    assert (run.state, outcome(run).state) == (State.FAILED, ItemState.WAITING)

    again = work(retry_failed(run, None))

    assert outcome(again).state == ItemState.DONE
    assert outcome(again).details == ["TikTok shows that it is so already."]
    listing.refresh_from_db()
    assert listing.status == Listing.Status.SELLER_DEACTIVATED


@through_the_simulator
def test_a_deletion_whose_answer_was_lost_counts_as_done_when_it_is(
    simulator, shop, hasty
):
    listing = take_in(shop, listed(simulator, shop))
    simulator.control("faults", {"kind": "cut", "path": CREATE, "count": 1})
    run = run_of(shop, Kind.DELETE, listing)
    assert outcome(run).state == ItemState.WAITING

    again = work(retry_failed(run, None))

    assert outcome(again).state == ItemState.DONE, outcome(again).failure
    listing.refresh_from_db()
    assert listing.status == Listing.Status.DELETED


@through_the_simulator
@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 503}, {"kind": "rate_limit"}]
)
def test_an_outage_leaves_the_rest_waiting_and_says_so(simulator, shop, hasty, fault):
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&status=ACTIVATE")
    listings = [take_in(shop, row["id"]) for row in rows[:2]]
    simulator.control("faults", fault | {"path": "/product/"})

    run = run_of(shop, Kind.PRICE, *listings)

    assert run.state == State.FAILED
    assert run.error
    assert {item.state for item in run.items.all()} == {ItemState.WAITING}
    simulator.control("faults", {}, method="DELETE")
    again = work(retry_failed(run, None))
    assert again.items.count() == 2
    assert again.state != State.FAILED


@through_the_simulator
def test_consent_that_is_gone_ends_the_run_in_words_and_the_shop_says_so(
    simulator, shop
):
    listing = take_in(shop, listed(simulator, shop))
    simulator.control("tokens/deauthorise", {})

    run = run_of(shop, Kind.DEACTIVATE, listing)

    assert (run.state, outcome(run).state) == (State.FAILED, ItemState.WAITING)
    assert run.error
    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED
    with pytest.raises(RunRefuses, match="reconnect needed"):
        start_run(shop, Kind.DEACTIVATE, [listing], None)


@through_the_simulator
def test_a_run_stops_between_two_items(simulator, shop):
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&status=ACTIVATE")
    listings = [take_in(shop, row["id"]) for row in rows[:2]]
    drafts = [
        save(start_edit(each, None), {"title": f"New name of a thing, number {n}"})
        for n, each in enumerate(listings)
    ]
    run = start_run(shop, Kind.EDIT, drafts, None)
    channel = Channel(shop)
    channel.clients["seller.product.write"] = cast(Any, StopsRun(channel.writes, run))

    run = work(run, channel)

    assert run.state == State.STOPPED
    assert [item.state for item in run.items.all()] == [
        ItemState.DONE,
        ItemState.STOPPED,
    ]
    again = work(retry_failed(run, None))
    assert (again.items.count(), again.state) == (1, State.DONE)
    with pytest.raises(RunRefuses, match="ended"):
        stop(run)


class StopsRun:
    """A client at whose first edit somebody stops the run."""

    def __init__(self, client: Any, run: PublishRun) -> None:
        self._client, self._run = client, run

    def edit_listing_partly(self, remote_id: str, body: Any) -> Any:
        stop(self._run)
        return self._client.edit_listing_partly(remote_id, body)


@through_the_simulator
def test_whoever_lost_the_run_lets_go_of_it(simulator, shop, draft):
    run = start_run(shop, Kind.CREATE, [draft], None)
    before = in_the_shop(simulator, shop)
    channel = Channel(shop)
    channel.clients["seller.product.write"] = TakenOver(channel.writes, run)

    run = work(run, channel)

    # The other process has it now, and will find the listing by its key.
    assert run.process == "elsewhere:1:abc"
    assert (run.state, outcome(run).state) == (State.RUNNING, ItemState.SENDING)
    leave_for_dead(run)
    due_runs()
    assert work(PublishRun.objects.get(pk=run.pk)).state == State.DONE
    assert len(in_the_shop(simulator, shop) - before) == 1


class TakenOver:
    """A client that is so slow that another process takes the run meanwhile."""

    def __init__(self, client: Any, run: PublishRun) -> None:
        self._client, self._run = client, run

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def create_listing(self, body: Any) -> Any:
        sent = self._client.create_listing(body)
        PublishRun.objects.filter(pk=self._run.pk).update(process="elsewhere:1:abc")
        return sent


@through_the_simulator
def test_a_single_item_can_be_sent_alone(simulator, shop):
    listing = take_in(shop, listed(simulator, shop))
    run = start_run(shop, Kind.DEACTIVATE, [listing], None)

    item = send_item(run.items.get())

    assert item.state == ItemState.DONE
    assert shown(shop, listing.remote_id)["status"] == "SELLER_DEACTIVATED"


@through_the_simulator
def test_a_run_is_woken_once_however_many_messages_come(
    simulator, shop, draft, monkeypatch
):
    before = in_the_shop(simulator, shop)
    run = start_run(shop, Kind.CREATE, [draft], None)
    monkeypatch.setattr(tasks.work_publish_run, "delay", tasks.work_publish_run)

    assert tasks.sweep_publish_runs() == 1
    tasks.work_publish_run(run.pk)
    assert tasks.sweep_publish_runs() == 0

    assert len(in_the_shop(simulator, shop) - before) == 1
    assert outcome(run).attempts == 1


@pytest.mark.django_db
def test_runs_refuse_what_makes_no_sense():
    shop, other = make_shop(), make_shop()
    listing, foreign = make_listing(shop), make_listing(other)
    new = ListingDraft.objects.create(shop=shop)
    edit = ListingDraft.objects.create(shop=shop, listing=listing)
    closed = ListingDraft.objects.create(shop=shop, state="discarded")

    cases: list[tuple[PublishRun.Kind, list[Any], str]] = [
        (Kind.DELETE, [], "at least one"),
        (Kind.DELETE, [foreign], "no such listing"),
        (Kind.DELETE, [listing, foreign], "no such listing"),
        (Kind.CREATE, [edit], "draft to edit"),
        (Kind.EDIT, [new], "draft to create"),
        (Kind.CREATE, [closed], "closed"),
        (Kind.EDIT, [listing], "from drafts"),
    ]
    for kind, subjects, words in cases:
        with pytest.raises(RunRefuses, match=words):
            start_run(shop, kind, subjects, None)
    assert not PublishRun.objects.exists()


@pytest.mark.django_db
def test_a_listing_named_twice_counts_once_and_a_draft_goes_once():
    shop = make_shop()
    listing, draft = make_listing(shop), ListingDraft.objects.create(shop=shop)

    run = start_run(shop, Kind.DELETE, [listing, listing], None)
    start_run(shop, Kind.CREATE, [draft], None)

    assert run.items.count() == 1
    with pytest.raises(RunRefuses, match="being sent already"):
        start_run(shop, Kind.CREATE, [draft], None)
    entry = AuditEntry.objects.filter(verb="started publishing").latest("pk")
    assert (entry.client, entry.details["items"]) == (shop.client, 1)


@pytest.mark.django_db
def test_a_shop_has_one_run_at_work_and_the_oldest_goes_first():
    shop = make_shop()
    first = start_run(shop, Kind.DELETE, [make_listing(shop)], None)
    second = start_run(shop, Kind.DELETE, [make_listing(shop)], None)
    elsewhere = start_run(
        make_shop_of(shop), Kind.DELETE, [make_listing(OTHER[0])], None
    )
    assert set(due_runs()) == {first, elsewhere}
    first.state, first.heartbeat_at = State.RUNNING, timezone.now()
    first.process = "another.example.com:77:abc"
    first.save()

    assert due_runs() == [elsewhere]
    assert work(second).state == State.WAITING
    assert not is_dead(first)
    leave_for_dead(first)
    assert set(due_runs()) == {first, elsewhere}


OTHER: list[Shop] = []


def make_shop_of(shop: Shop) -> Shop:
    OTHER[:] = [make_shop(shop.client)]
    return OTHER[0]


@pytest.mark.django_db
def test_a_run_whose_process_has_ended_is_known_to_be_dead():
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    host, _, start = process_name().split(":")
    run = PublishRun(state=State.RUNNING, heartbeat_at=timezone.now())

    run.process = process_name()
    assert not is_dead(run)
    run.process = f"{host}:{ended}:{start}"
    assert is_dead(run)
    run.process = f"another.example.com:{ended}:{start}"
    assert not is_dead(run)


@pytest.mark.django_db
def test_a_run_that_waits_is_stopped_at_once():
    shop = make_shop()
    run = start_run(shop, Kind.DELETE, [make_listing(shop)], None)

    stop(run)

    run.refresh_from_db()
    assert (run.state, outcome(run).state) == (State.STOPPED, ItemState.STOPPED)
    assert due_runs() == []


@pytest.mark.django_db
def test_an_error_of_ours_ends_the_run_and_is_not_swallowed(monkeypatch):
    shop = make_shop()
    run = start_run(shop, Kind.DELETE, [make_listing(shop)], None)
    channel = Channel(shop)
    channel.clients["seller.product.delete"] = cast(Any, object())

    with pytest.raises(AttributeError):
        work(run, channel)

    run.refresh_from_db()
    assert (run.state, run.error[:9]) == (State.FAILED, "We failed")
    assert outcome(run).state == ItemState.SENDING


@pytest.mark.django_db
def test_what_concerns_the_whole_shop_is_raised_by_an_item_sent_alone():
    shop = make_shop()
    run = start_run(shop, Kind.DELETE, [make_listing(shop)], None)
    channel = Channel(shop)
    channel.clients["seller.product.delete"] = cast(Any, Away())

    with pytest.raises(PlatformUnavailable):
        send_item(run.items.get(), channel)

    assert (outcome(run).state, outcome(run).failure) == (ItemState.WAITING, "Away.")


class Away:
    def delete_listings(self, remote_ids: list[str]) -> Any:
        raise PlatformUnavailable("Away.")

"""The pages of gaps in Chromium: nothing sticks out, nothing complains, and a day is
counted again without scripts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.sync import tasks
from apps.sync.models import Resource, SyncGapOrder, SyncRun
from tests.browser.conftest import NARROW, WIDE
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.sync import make_gap, make_run
from tests.factories.users import make_client, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = reverse("admin:sync_syncgap_changelist")


@pytest.fixture
def gap():
    """Open, with every kind of difference; beside it one that was closed."""
    team = make_client("Harbour Trading")
    shop = make_shop(team, name="A shop with quite a long name")
    make_order(shop, "580000000000000001")
    gap = make_gap(
        shop,
        *(f"58000000000000000{n}" for n in range(1, 4)),
        their_money={"MYR": "1234567.50"},
        our_money={"MYR": "1234447.50"},
        without_amount=2,
    )
    SyncGapOrder.objects.bulk_create(
        SyncGapOrder(
            gap=gap,
            remote_id="580000000000000009",
            kind=kind,
            theirs="14 Mar 2026 10:02:11 UTC",
            ours="known from a file only",
        )
        for kind in SyncGapOrder.Kind
    )
    day = gap.day - timedelta(days=1)
    make_gap(shop, "1", day=day, state="closed", closed_at=timezone.now())
    make_run(
        shop, resource=Resource.GAPS, read=1204, same=1201, new=2, failed=1,
        state=SyncRun.State.PARTLY,
    )  # fmt: skip
    make_shop(team, name="Never counted")
    return gap


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_page_of_gaps_sticks_out_or_complains(browser, gap, width):
    browser.resize(width)
    browser.sign_in(make_user("root", is_superuser=True))
    beyond = {}

    for address in (
        LIST,
        f"{LIST}?tab=all",
        reverse("admin:sync_syncgap_change", args=[gap.pk]),
        reverse("admin:sync_syncgap_repair", args=[gap.pk]),
        reverse("admin:sync_syncgap_leave", args=[gap.pk]),
    ):
        browser.open(address)
        beyond[address] = browser.run(
            "return document.documentElement.scrollWidth - window.innerWidth"
        )

    assert max(beyond.values()) <= 0, beyond
    assert not browser.complaints()


def test_a_day_is_counted_again_without_scripts(browser, gap, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.recount_orders, "delay", lambda *args: sent.append(args))
    browser.sign_in(make_user("root", is_superuser=True))
    browser.set_scripts(enabled=False)
    browser.open(reverse("admin:sync_syncgap_change", args=[gap.pk]))

    browser.one("a[href$='/repair/']").click()
    assert "Nothing is changed at TikTok" in browser.text()
    browser.one(".deeds .button-primary").click()

    assert "being counted" in browser.text()
    assert len(sent) == 1

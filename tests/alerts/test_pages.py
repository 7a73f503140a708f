"""The inbox, an alert's page, what one hears of, and hooks."""

from datetime import time, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.alerts.models import (
    Alert,
    AlertCheck,
    AlertHook,
    AlertHours,
    AlertPreference,
    Code,
)
from apps.alerts.services.kinds import KINDS
from apps.backoffice.navigation import critical_alerts
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.alerts import HOOK_SECRET, make_alert, make_hook
from tests.factories.platforms import make_shop
from tests.factories.team import (
    as_user,
    give_role,
    make_member,
    make_shop_member,
)
from tests.factories.users import make_client, make_user
from tests.inventory.pages import signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:alerts_alert_changelist")
READING = reverse("admin:alerts_alert_reading")
HOOKS = reverse("admin:alerts_alerthook_changelist")
NEW_HOOK = reverse("admin:alerts_alerthook_add")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def packer(company):
    return as_user(make_member(company, Role.ORDER_FULFILLMENT))


@pytest.fixture
def browser(packer):
    return signed_in(packer)


def page_of(alert):
    return reverse("admin:alerts_alert_change", args=[alert.pk])


def do(browser, alert, deed, **data):
    address = reverse("admin:alerts_alert_act", args=[alert.pk, deed])
    return browser.post(address, data, follow=True)


def checked(ago=timedelta(minutes=2)):
    at = timezone.now() - ago
    AlertCheck.objects.create(pk=1, begun_at=at, at=at)


def test_the_inbox_says_that_nothing_is_wrong_and_when_that_was_seen(browser):
    checked()

    page = words(browser.get(LIST))

    assert (
        f"Nothing is wrong. Last check {AlertCheck.objects.get().at:%H:%M} UTC" in page
    )


def test_the_inbox_says_that_nobody_looks_any_more(browser, shop):
    checked(timedelta(minutes=21))
    make_alert(shop)

    page = words(browser.get(LIST))

    assert "the scheduler or the workers have stopped" in page
    assert "Nothing is wrong" not in page


def test_each_problem_is_a_row_with_its_way_out(browser, shop):
    make_alert(shop, reopenings=1, times=7)

    page = browser.get(LIST)

    assert "Orders: 4 syncs in a row failed Back again" in words(page)
    runs = f"/admin/sync/syncrun/?shop={shop.pk}&resource=orders"
    assert runs in unescape(page.content.decode())


def test_tabs_tell_open_mine_snoozed_and_resolved_apart(browser, shop, packer):
    make_alert(shop, subject="1", title="Simply open")
    make_alert(shop, subject="2", title="Taken by me", taken_by=packer)
    later = timezone.now() + timedelta(hours=1)
    make_alert(shop, subject="3", title="Put off", snoozed_until=later)
    make_alert(shop, subject="4", title="Borne", is_snoozed_until_worse=True)
    past = {"state": "resolved", "resolved_at": timezone.now()}
    make_alert(shop, subject="5", title="Long over", **past)

    titles = {"Simply open", "Taken by me", "Put off", "Borne", "Long over"}
    shown = {
        tab: {
            title
            for title in titles
            if title in words(browser.get(f"{LIST}?tab={tab}"))
        }
        for tab in ("open", "mine", "snoozed", "resolved")
    }

    assert shown == {
        "open": {"Simply open", "Taken by me"},
        "mine": {"Taken by me"},
        "snoozed": {"Put off", "Borne"},
        "resolved": {"Long over"},
    }
    assert "Open 2 Mine 1 Snoozed 2 Resolved 1" in words(browser.get(LIST))


def test_the_worst_comes_first_and_filters_narrow(browser, shop):
    make_alert(shop, title="Bad", severity="warning")
    make_alert(shop, title="Worse", severity="critical", code=Code.RECONNECT)

    page = words(browser.get(LIST))
    assert page.index("Worse") < page.index("Bad")
    assert "Bad" not in words(browser.get(f"{LIST}?severity=critical"))
    assert "Worse" not in words(browser.get(f"{LIST}?kind=SYNC_FAILURES"))
    assert "No alerts match these filters" in words(
        browser.get(f"{LIST}?kind=SYNC_GAPS")
    )


def test_of_what_is_over_the_latest_comes_first(browser, shop):
    now = timezone.now()
    over = {"state": "resolved", "resolved_at": now - timedelta(days=1)}
    make_alert(shop, title="Long over", severity="critical", **over)
    make_alert(shop, title="Just over", **over | {"resolved_at": now})

    page = words(browser.get(f"{LIST}?tab=resolved"))

    assert page.index("Just over") < page.index("Long over")


def test_taking_from_the_list_leads_back_to_the_list(browser, shop, packer):
    alert = make_alert(shop)
    address = reverse("admin:alerts_alert_act", args=[alert.pk, "take"])

    answer = browser.post(f"{address}?_changelist_filters=severity%3Dwarning")

    assert answer.headers["Location"] == f"{LIST}?severity=warning"
    alert.refresh_from_db()
    assert (alert.taken_by, alert.is_acknowledged) == (packer, True)


def test_an_alert_is_taken_let_go_snoozed_woken_and_resolved(browser, shop, packer):
    alert = make_alert(shop)

    assert "It is yours to see to." in words(do(browser, alert, "take"))
    assert "It is yours already." in words(do(browser, alert, "take"))
    page = words(do(browser, alert, "snooze", how="worse"))
    assert "Snoozed until it gets worse." in page
    assert "Nobody is told until it gets worse." in page
    assert "It is no longer snoozed." in words(do(browser, alert, "wake"))
    assert "Nobody is told until" in words(do(browser, alert, "snooze", how="day"))
    assert "Snooze for one of these" in words(do(browser, alert, "snooze", how="x"))
    assert "It is nobody's now." in words(do(browser, alert, "let-go"))
    page = words(do(browser, alert, "resolve"))
    assert "the next check brings it back" in page
    assert f"by {packer}" in page
    assert "It is over already." in words(do(browser, alert, "take"))
    assert AuditEntry.objects.filter(actor=packer, shop_key=shop.pk).count() == 6


def bulk(browser, name, *alerts, query="", **options):
    address = reverse("admin:alerts_alert_bulk", args=[name])
    data = {"pk": [alert.pk for alert in alerts]}
    return browser.post(f"{address}{query}", data, **options)


def test_those_ticked_are_taken_snoozed_woken_and_resolved(browser, shop, packer):
    one, two, left = (make_alert(shop, subject=str(n), title=f"No {n}") for n in "123")
    page = browser.get(LIST)
    assert f'name="pk" value="{one.pk}" form="deeds"' in page.content.decode()
    assert "With those ticked: Take Snooze for 1 hour" in words(page)

    answer = bulk(browser, "take", one, two, query="?_changelist_filters=tab%3Dmine")
    assert answer.headers["Location"] == f"{LIST}?tab=mine"
    page = words(browser.get(answer.headers["Location"]))
    assert "2 alerts are yours to see to." in page
    assert "With those ticked: Let go" in page
    page = words(bulk(browser, "snooze-day", one, two, left, follow=True))
    assert "3 alerts are snoozed for 1 day" in page
    assert "Wake" in words(browser.get(f"{LIST}?tab=snoozed"))
    page = words(bulk(browser, "wake", one, follow=True))
    assert "1 alert is no longer snoozed." in page
    page = words(bulk(browser, "resolve", one, two, follow=True))
    assert "2 alerts are resolved: what is still wrong comes back" in page

    assert set(Alert.objects.filter(state="resolved")) == {one, two}
    verbs = AuditEntry.objects.filter(actor=packer, shop_key=shop.pk)
    assert verbs.filter(verb="snoozed an alert").count() == 3
    assert verbs.filter(verb="resolved an alert").count() == 2
    page = browser.get(f"{LIST}?tab=resolved").content.decode()
    assert 'name="pk"' not in page


def test_what_cannot_be_done_to_those_ticked_is_left_out_and_said(browser, shop):
    open_one = make_alert(shop)
    past = {"state": "resolved", "resolved_at": timezone.now()}
    over = make_alert(shop, subject="2", **past)

    page = words(bulk(browser, "take", open_one, over, follow=True))
    again = words(bulk(browser, "take", open_one, follow=True))

    assert "1 alert is yours to see to." in page
    assert "1 left out: It is over already." in page
    assert "1 left out: It was so already." in again
    assert "Tick the alerts" in words(bulk(browser, "resolve", follow=True))
    assert (
        browser.get(reverse("admin:alerts_alert_bulk", args=["take"])).status_code
        == 405
    )
    assert bulk(browser, "no-such-deed").status_code == 404


def test_nobody_ticks_for_shops_at_which_they_may_only_look(company, shop):
    own, beside = make_shop(company), shop
    member = make_shop_member(own, Role.ORDER_FULFILLMENT)
    give_role(member, beside, Role.ANALYST)
    keeper = signed_in(as_user(member))
    mine, theirs = make_alert(own, title="Mine"), make_alert(beside, title="Theirs")
    foreign = make_alert(make_shop(), title="Of strangers")

    page = keeper.get(LIST)
    assert f'value="{mine.pk}" form="deeds"' in page.content.decode()
    assert f'value="{theirs.pk}" form="deeds"' not in page.content.decode()
    said = words(bulk(keeper, "resolve", mine, theirs, foreign, follow=True))

    assert "1 alert is resolved" in said
    assert "1 left out: You may only look at alerts of its shop." in said
    assert set(Alert.objects.filter(state="open")) == {theirs, foreign}
    analyst = working_for(company, Role.ANALYST)
    assert bulk(analyst, "resolve", theirs).status_code == 403
    assert "With those ticked" not in words(analyst.get(LIST))


def test_a_page_of_a_row_answers_what_is_meant_for_it_and_nothing_else(
    browser, company, shop
):
    alert = make_alert(shop)
    page = page_of(alert)
    act = reverse("admin:alerts_alert_act", args=[alert.pk, "take"])
    outsider = signed_in(make_user(clients=[company]))

    assert browser.head(page).status_code == 200
    assert browser.post(page).headers["Allow"] == "GET, HEAD"
    assert browser.get(act).headers["Allow"] == "POST"
    assert do(browser, alert, "no-such-deed").status_code == 404
    for address in (page, act):
        assert outsider.get(address).status_code == 403
    for name in ("no-number", f"{alert.pk + 1}"):
        assert browser.get(f"{LIST}{name}/change/").status_code == 302
    assert not Alert.objects.get().taken_by


def test_who_looks_on_can_do_nothing(company, shop):
    alert = make_alert(shop)
    analyst = working_for(company, Role.ANALYST)

    page = words(analyst.get(page_of(alert)))

    assert "Take it" not in page
    assert do(analyst, alert, "take").status_code == 403
    assert not Alert.objects.get().taken_by


def test_alerts_of_others_are_as_good_as_none(browser, company):
    beside = make_shop(company)
    keeper = signed_in(as_user(make_shop_member(beside, Role.ORDER_FULFILLMENT)))
    own = make_alert(beside, title="Of the shop beside")
    foreign = make_alert(make_shop(), title="Of strangers")
    server = make_alert(None, code=Code.CHECKS_STOPPED, title="Of the server")

    page = words(browser.get(LIST))
    assert "Of the shop beside" in page
    assert "Of strangers" not in page
    assert "Of the server" not in page
    assert browser.get(page_of(foreign)).status_code == 302
    assert do(browser, server, "take").request["PATH_INFO"] == "/admin/"
    assert "Of the shop beside" in words(keeper.get(page_of(own)))


def test_the_sidebar_counts_what_is_critical_and_awake(rf, shop, packer):
    request = rf.get("/")
    request.user = packer
    assert critical_alerts(request) == ""
    critical = {"severity": "critical"}
    make_alert(shop, **critical)
    make_alert(shop, subject="2", is_snoozed_until_worse=True, **critical)
    make_alert(make_shop(), **critical)

    assert critical_alerts(request) == "1"


def test_the_list_and_a_page_cost_no_more_for_many(browser, shop, packer):
    alert = make_alert(shop, taken_by=packer)
    checked()

    def asked(address):
        with statements() as found:
            assert browser.get(address).status_code == 200
        return len(found)

    before = asked(LIST), asked(page_of(alert))
    for number in range(5):
        make_alert(shop, subject=str(number), taken_by=packer)
        alert.events.create(name="taken", user=packer, severity="warning")

    assert (asked(LIST), asked(page_of(alert))) == before


def test_one_chooses_what_one_hears_of(browser, packer):
    page = words(browser.get(READING))
    hidden = [code for code, kind in KINDS.items() if kind.about not in page]
    assert hidden == [Code.CHECKS_STOPPED]
    data = {
        "SYNC_FAILURES": "digest",
        "time_zone": "Asia/Jakarta",
        "quiet_from": "22:00",
        "quiet_until": "07:00",
    }

    assert "Saved." in words(browser.post(READING, data, follow=True))

    assert list(AlertPreference.objects.values_list("code", "delivery")) == [
        ("SYNC_FAILURES", "digest")
    ]
    assert AlertHours.objects.get(user=packer).quiet_from == time(22)
    browser.post(READING, data | {"SYNC_FAILURES": ""})
    assert not AlertPreference.objects.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"time_zone": "Nowhere/Town"}, "is not an IANA time zone"),
        ({"time_zone": "UTC", "quiet_from": "22:00"}, "Give both ends"),
        ({"time_zone": "UTC", "SYNC_FAILURES": "pigeon"}, "Select a valid choice"),
    ],
)
def test_a_choice_that_does_not_hold_is_said_so(browser, data, said):
    assert said in words(browser.post(READING, data))
    assert not AlertHours.objects.exists()


def test_a_hook_is_made_shown_and_its_secret_told_once(company):
    admin = working_for(company, Role.ADMIN)
    data = {"client": company.pk, "name": "Pager", "address": "https://a.example/k3y"}

    answer = admin.post(NEW_HOOK, data | {"is_on": "on", "codes": ["SYNC_FAILURES"]})

    hook = AlertHook.objects.get()
    assert hook.codes == ["SYNC_FAILURES"]
    assert hook.secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    page = admin.get(reverse("admin:alerts_alerthook_change", args=[hook.pk]))
    assert hook.secret not in page.content.decode()
    assert f"ends …{hook.secret[-4:]}" in words(page)
    listed = words(admin.get(HOOKS))
    assert "a.example" in listed
    assert "k3y" not in listed


def test_hooks_are_for_those_who_change_all_of_a_clients_shops(company, shop):
    hook = make_hook(company)
    page = reverse("admin:alerts_alerthook_change", args=[hook.pk])
    admin = working_for(company, Role.ADMIN)
    of_one_shop = signed_in(as_user(make_shop_member(shop, Role.ADMIN)))
    stranger = working_for(make_client(), Role.ADMIN)

    assert "Pager" in words(admin.get(page))
    for other in (of_one_shop, stranger):
        assert "Pager" not in words(other.get(HOOKS))
        assert other.get(page).status_code == 302
        act = reverse("admin:alerts_alerthook_act", args=[hook.pk, "remove"])
        other.post(act)
    packer = working_for(company)
    assert packer.get(HOOKS).status_code == 403
    assert AlertHook.objects.exists()
    foreign = {"client": company.pk, "name": "x", "address": "https://a.example"}
    assert "Select a valid choice" in words(stranger.post(NEW_HOOK, foreign))


def test_a_hook_is_changed_tried_renewed_and_removed(company):
    admin = working_for(company, Role.ADMIN)
    hook = make_hook(company, address="http://127.0.0.1:9/in")
    page = reverse("admin:alerts_alerthook_change", args=[hook.pk])

    def act(deed):
        address = reverse("admin:alerts_alerthook_act", args=[hook.pk, deed])
        return admin.post(address, follow=True)

    data = {"name": "Chat", "address": hook.address, "is_on": "on"}
    assert "Saved." in words(admin.post(page, data, follow=True))
    tried = words(act("try"))
    assert "The test did not arrive. It could not be reached." in tried
    assert "Test Given up It could not be reached." in tried
    assert HOOK_SECRET not in act("renew").content.decode()
    assert "is told of nothing any more" in words(act("remove"))
    assert not AlertHook.objects.exists()


def test_the_list_of_hooks_costs_no_more_for_many(company):
    admin = working_for(company, Role.ADMIN)
    make_hook(company)
    with statements() as one:
        admin.get(HOOKS)
    for _ in range(4):
        make_hook(company)
    with statements() as many:
        admin.get(HOOKS)

    assert len(many) == len(one)


def test_a_superuser_sees_the_servers_own_alert_and_where_to_look():
    root = signed_in(make_user(is_superuser=True))
    alert = make_alert(None, code=Code.CHECKS_STOPPED, subject="", title="Nobody looks")

    page = root.get(page_of(alert))

    assert "This server" in words(page)
    assert "/admin/django_celery_beat/periodictask/" in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (None, "Healthy Nothing is wrong"),
        ({"code": Code.LIVE_LOW, "severity": "info"}, "Healthy Info"),
        ({"code": Code.ORDER_DELAY}, "Needs a look Warning"),
        ({"code": Code.ACCESS, "value": 60.0}, "Needs a look Warning"),
        ({"code": Code.ACCESS, "value": 0.0}, "Nothing comes in Warning"),
        ({"code": Code.SYNC_FAILURES}, "Nothing comes in Warning"),
    ],
)
def test_a_shops_page_says_how_it_is(browser, shop, fields, said):
    if fields:
        make_alert(shop, **fields)

    page = browser.get(reverse("admin:platforms_shop_change", args=[shop.pk]))

    assert said in words(page)


@pytest.mark.parametrize("address", ["/health/", "/health/ready/"])
def test_a_health_address_notices_that_nobody_looks(client, address):
    checked(timedelta(minutes=21))

    client.get(address)

    assert Alert.objects.get().code == Code.CHECKS_STOPPED

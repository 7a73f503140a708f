"""The pages of alerts in Chromium: nothing sticks out, nothing complains, and an alert
is taken from the list without scripts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from selenium.webdriver.support.ui import WebDriverWait

from apps.alerts.models import Alert, AlertCheck, AlertHookDelivery, Code
from tests.browser.conftest import LOOKS_SECONDS, NARROW, WIDE
from tests.factories.alerts import make_alert, make_hook
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = reverse("admin:alerts_alert_changelist")


@pytest.fixture
def root():
    return make_user("root", is_superuser=True)


@pytest.fixture
def alert(root):
    """Critical and back again; another is snoozed by somebody, and a tool was told."""
    client = make_client("Harbour Trading")
    shop = make_shop(client, name="Main Store - MY (Live Enabled)")
    now = timezone.now()
    AlertCheck.objects.create(pk=1, begun_at=now, at=now)
    alert = make_alert(
        shop,
        severity="critical",
        title="Cancellations and returns: 12 syncs in a row failed",
        message="TikTok Shop did not answer within 30 seconds, after 3 tries.",
        value=12,
        threshold=3,
        times=40,
        reopenings=2,
        opened_at=now - timedelta(hours=5),
    )
    for name in ("opened", "notify", "escalated", "taken"):
        alert.events.create(name=name, severity="critical", user=root)
    make_alert(shop, code=Code.ORDER_DELAY, title="Orders are 2 hours late", value=120)
    make_alert(shop, code=Code.LIVE_LOW, severity="info", is_snoozed_until_worse=True)
    hook = make_hook(client, name="Pager of the night shift")
    AlertHookDelivery.objects.create(
        hook=hook, event=alert.events.first(), message="It answered 503.", attempts=2
    )
    return alert


def pages(alert):
    """(address, title) of each."""
    yield LIST, "Alerts"
    yield f"{LIST}?tab=resolved", "Alerts"
    yield reverse("admin:alerts_alert_change", args=[alert.pk]), alert.title
    yield reverse("admin:alerts_alert_reading"), "What I hear of"
    yield reverse("admin:alerts_alerthook_changelist"), "Alert hooks"
    yield reverse("admin:alerts_alerthook_add"), "Add an alert hook"
    hook = alert.shop.client.alert_hooks.get()
    yield reverse("admin:alerts_alerthook_change", args=[hook.pk]), str(hook)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_page_of_alerts_sticks_out_or_complains(browser, root, alert, width):
    browser.resize(width)
    browser.sign_in(root)
    beyond = {}

    for address, title in pages(alert):
        browser.open(address)
        assert browser.driver.title == f"{title} | Shopdesk", address
        beyond[address] = browser.run(
            "return document.documentElement.scrollWidth - window.innerWidth"
        )

    assert max(beyond.values()) <= 0, beyond
    assert not browser.complaints()


def test_an_alert_is_taken_from_the_list_without_scripts(browser, root, alert):
    browser.sign_in(root)
    browser.set_scripts(enabled=False)
    browser.open(f"{LIST}?severity=critical")

    browser.one("#result_list button[form=deeds]").click()

    WebDriverWait(browser.driver, 10, LOOKS_SECONDS).until(
        lambda _: "It is yours to see to." in browser.text()
    )
    assert browser.driver.current_url.endswith("?severity=critical")
    assert Alert.objects.get(pk=alert.pk).taken_by == root

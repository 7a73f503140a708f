"""The sync dashboard as people see it: it fits, and follows runs by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from selenium.webdriver.support.ui import WebDriverWait

from apps.core.processes import process_name
from apps.sync.models import Resource, SyncRun
from tests.browser.conftest import LOOKS_SECONDS, NARROW, WIDE
from tests.browser.test_pages import overflow
from tests.factories.platforms import make_authorization, make_call, make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.browser
PAGE = "/admin/sync/syncdashboard/"


@pytest.fixture
def shop(transactional_db):
    cache.clear()
    shop = make_shop(make_client("Harbour Trading"), name="A shop with a long name")
    make_authorization(shops=[shop])
    make_run(shop, resource=Resource.PRODUCTS)
    make_call(shop, code=36009004, message="Busy.", http_status=500)
    return shop


def under_way(shop: Any, **fields: Any) -> SyncRun:
    values = {"state": SyncRun.State.RUNNING, "ended_at": None, "expected": 400}
    return make_run(shop, process=process_name(), **values | fields)


def soon(browser, words, *, gone=False):
    WebDriverWait(browser.driver, 10, LOOKS_SECONDS).until(
        lambda driver: (words in browser.text()) is not gone
    )


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_it_fits_and_follows_runs_without_a_reload(browser, shop, width):
    browser.sign_in(make_user("harbour", is_superuser=True))
    browser.resize(width)
    run = under_way(shop, read=100)
    browser.open(PAGE)
    for theme in ("light", "dark"):
        browser.wear(theme)
        assert overflow(browser) <= 0, theme
    assert "100 of 400 orders" in browser.text()
    browser.run("window.isTheSamePage = true")

    SyncRun.objects.filter(pk=run.pk).update(read=200)
    second = under_way(shop, resource=Resource.RETURNS, read=7)

    soon(browser, "200 of 400 orders")
    soon(browser, "7 of 400 returns")
    SyncRun.objects.filter(pk__in=[run.pk, second.pk]).update(
        state=SyncRun.State.DONE, ended_at=timezone.now()
    )
    soon(browser, "Nothing is being pulled at the moment.")
    assert browser.run("return window.isTheSamePage")
    assert browser.complaints() == []


def test_without_scripts_a_run_is_stopped_all_the_same(browser, shop):
    browser.sign_in(make_user("harbour", is_superuser=True))
    run = under_way(shop, started_at=timezone.now() - timedelta(seconds=30))
    browser.set_scripts(enabled=False)
    browser.open(PAGE)

    browser.one("[data-running] [data-stop] button").click()

    soon(browser, "It stops after the page at hand.")
    run.refresh_from_db()
    assert run.stop_asked_at is not None

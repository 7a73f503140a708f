"""The team pages and an invitation in Chromium: they fit, and work without scripts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from apps.platforms.models import Invitation
from apps.platforms.services.team.seats import Seat, seat_of
from apps.platforms.tasks import mail_invitation
from apps.users.models import Membership, User
from apps.users.roles import Role
from tests.browser.test_shops import (
    _CONTRAST,
    NO_SCRIPTS,
    WIDTHS,
    after_loading,
    resize,
    sign_in,
    started,
    text_of,
)
from tests.factories.platforms import make_shop
from tests.factories.team import (
    give_role,
    make_invitation,
    make_member,
    make_shop_member,
)
from tests.factories.users import make_client, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEAM = reverse("admin:users_membership_changelist")
PASSWORD = "a long and odd sentence"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    driver = started({})
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def scriptless() -> Iterator[Any]:
    driver = started(NO_SCRIPTS)
    yield driver
    driver.quit()


@pytest.fixture
def team():
    """A client with some of everything; somebody who differs by shop is returned."""
    client = make_client("Northwind")
    names = ("Main Store - US (Live Enabled)", "A store with a long name", "Third")
    shops = [make_shop(client, name=name) for name in names]
    make_member(client, Role.ADMIN)
    make_member(client, Role.CREATOR_PARTNER, permissions=["process_orders"])
    make_member(client, Role.UNDERWRITER)
    make_shop_member(shops[2], Role.ADMIN)
    member = make_member(client, Role.ANALYST)
    give_role(member, shops[0], Role.ORDER_FULFILLMENT)
    give_role(member, shops[1])
    long = "somebody.with.a.very.long.address@subsidiary.of.northwind.example.com"
    make_invitation(client, long, shops=shops, mail_state="failed", mail_error="Away.")
    make_invitation(client, "old@example.com", expires_in=-timedelta(days=1))
    many = make_client("Southwind")
    for _ in range(6):
        give_role(make_member(many), make_shop(many), Role.ANALYST)
    make_client("Nobody's")
    return member


def addresses(member: Membership) -> list[str]:
    change, remove = (
        reverse(f"admin:users_membership_{name}", args=[member.pk])
        for name in ("change", "remove")
    )
    invite = reverse("admin:users_membership_invite")
    return [
        TEAM,
        change,
        remove,
        invite,
        f"{invite}?client={member.client_id}",
        reverse("admin:users_client_changelist"),
        reverse("admin:users_client_add"),
        reverse("admin:users_client_change", args=[member.client_id]),
        reverse("admin:users_user_changelist"),
        reverse("admin:users_user_change", args=[member.user_id]),
        reverse("users:invitation", args=[make_invitation().token]),
        reverse("users:invitation", args=["x"]),
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_pages_fit_and_nothing_is_refused(
    live_server, chromium, team, width, height, theme
):
    sign_in(chromium, live_server, make_user(is_superuser=True))
    chromium.execute_script(
        "localStorage.setItem('adminTheme', arguments[0])", f'"{theme}"'
    )
    scheme = {"name": "prefers-color-scheme", "value": theme}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    resize(chromium, width, height)
    chromium.get_log("browser")

    for address in addresses(team):
        chromium.get(live_server.url + address)
        chromium.execute_script(
            "document.querySelectorAll('details').forEach((each) => each.open = true)"
        )
        wide = chromium.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width, address
        assert chromium.execute_script(_CONTRAST) == [], address
        hosts = chromium.execute_script(
            "return performance.getEntriesByType('resource').map((e) => e.name)"
        )
        assert all(name.startswith(live_server.url) for name in hosts), address
        complaints = [
            line for line in chromium.get_log("browser") if line["level"] == "SEVERE"
        ]
        assert complaints == [], address


def test_without_scripts_a_role_is_changed_and_somebody_removed(
    live_server, scriptless, team
):
    sign_in(scriptless, live_server, make_user(is_superuser=True))
    scriptless.get(f"{live_server.url}{TEAM}?client={team.client_id}")
    row = scriptless.find_element(By.XPATH, f"//tr[contains(., '{team.user.email}')]")
    link = row.find_element(By.PARTIAL_LINK_TEXT, "Change")
    after_loading(scriptless, link.click)

    role = Select(scriptless.find_element(By.NAME, "all-role"))
    role.select_by_visible_text("Content Manager")
    scriptless.find_element(
        By.CSS_SELECTOR, "input[name=all-extra][value=process_orders]"
    ).click()
    save = scriptless.find_element(By.XPATH, "//button[contains(., 'Save roles')]")
    after_loading(scriptless, save.click)

    assert "Roles saved." in text_of(scriptless)
    team.refresh_from_db()
    assert seat_of(team) == Seat(Role.CONTENT_MANAGER, ("process_orders",))

    link = scriptless.find_element(By.PARTIAL_LINK_TEXT, "Remove…")
    after_loading(scriptless, link.click)
    assert "loses:" in text_of(scriptless)
    button = scriptless.find_element(By.CSS_SELECTOR, ".button-danger")
    after_loading(scriptless, button.click)
    assert "no longer works for Northwind." in text_of(scriptless)
    assert not Membership.objects.filter(pk=team.pk).exists()


def test_from_an_invitation_to_the_first_page(live_server, chromium, team, monkeypatch):
    """Also proves that the page's policy for referrers leaves its form usable."""
    monkeypatch.setattr(mail_invitation, "delay", lambda number: None)
    resize(chromium, 1440, 900)
    sign_in(chromium, live_server, make_user(is_superuser=True))
    invite = reverse("admin:users_membership_invite")
    chromium.get(f"{live_server.url}{invite}?client={team.client_id}")
    chromium.find_element(By.NAME, "email").send_keys("new@example.com")
    role = Select(chromium.find_element(By.NAME, "role"))
    role.select_by_visible_text("Order Fulfillment")
    button = chromium.find_element(By.XPATH, "//button[contains(., 'Send invitation')]")
    after_loading(chromium, button.click)
    assert "Invitation sent to new@example.com." in text_of(chromium)

    chromium.delete_all_cookies()
    row = Invitation.objects.get(email="new@example.com")
    link = reverse("users:invitation", args=[row.token])
    chromium.get(live_server.url + link)
    for name, words in (
        ("first_name", "Ana"),
        ("last_name", "Reyes"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ):
        chromium.find_element(By.NAME, name).send_keys(words)
    button = chromium.find_element(By.XPATH, "//button[contains(., 'Make account')]")
    after_loading(chromium, button.click)

    assert "Welcome. You work for Northwind from now on." in text_of(chromium)
    assert User.objects.filter(username="new@example.com").exists()
    assert row.token not in chromium.execute_script("return document.referrer")


def test_what_is_done_to_a_person_shows_a_ring_under_the_keyboard(
    live_server, chromium, team
):
    sign_in(chromium, live_server, make_user(is_superuser=True))
    resize(chromium, 1440, 900)
    chromium.get(f"{live_server.url}{TEAM}?client={team.client_id}")
    controls = chromium.find_elements(By.CSS_SELECTOR, ".row-deeds :is(a, button)")
    assert controls

    bare = []
    for control in controls:
        # By keyboard focus, as Tab would: a mere click shows no ring.
        chromium.execute_script("arguments[0].focus({focusVisible: true})", control)
        style = "return getComputedStyle(arguments[0]).outlineStyle"
        if chromium.execute_script(style, control) == "none":
            bare.append(control.text)
    assert bare == []

"""What the walk cannot see by itself: how many rows one gets, and single doors."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client as Browser

from apps.imports.models import ImportRun
from apps.orders.models import Buyer, Order
from apps.platforms.models import ApiCall, Shop
from apps.sync.models import SyncRun
from apps.users.models import Client
from apps.users.roles import Role
from tests.factories.users import make_client, make_user
from tests.walls.people import Worlds, make_worlds

pytestmark = pytest.mark.django_db


MODELS: dict[str, Any] = {
    "orders_order": Order,
    "sync_syncrun": SyncRun,
    "imports_importrun": ImportRun,
    "platforms_apicall": ApiCall,
}


@pytest.fixture
def worlds() -> Worlds:
    return make_worlds()


def browser_of(user) -> Browser:
    browser = Browser()
    browser.force_login(user, backend="apps.users.backends.PasswordBackend")
    return browser


def test_everybody_sees_the_rows_of_their_clients_and_no_others(worlds):
    ours, theirs = worlds.ours.client, worlds.theirs.client
    member = make_user("one", clients=[ours], role=Role.ADMIN)
    both = make_user("both", clients=[ours, theirs], role=Role.ADMIN)
    root = make_user("root", is_superuser=True)
    nobody = make_user("nobody")
    gone = make_user("gone", clients=[ours], is_superuser=True)
    gone.is_active = False
    gone.save()

    def seen(user):
        rows = (Shop, Order, SyncRun, ImportRun, Buyer)
        counts = {model.objects.visible_to(user).count() for model in rows}
        assert len(counts) == 1, counts
        return Client.objects.visible_to(user).count(), counts.pop()

    assert seen(member) == (1, 2)
    assert seen(both) == (2, 3)
    assert seen(root) == (2, 3)
    assert seen(nobody) == seen(gone) == seen(AnonymousUser()) == (0, 0)


def test_the_audit_export_holds_ones_own_and_nothing_of_another_client(worlds):
    admin = make_user("one", clients=[worlds.ours.client], role=Role.ADMIN)

    page: Any = browser_of(admin).get("/admin/users/auditentry/export/")

    exported = b"".join(page.streaming_content).decode()
    assert worlds.ours.word in exported
    assert worlds.theirs.word not in exported


def test_a_shop_can_only_be_given_to_a_client_one_runs(worlds):
    admin = make_user("one", clients=[worlds.ours.client], role=Role.ADMIN)
    shop = worlds.ours.shop

    answer = browser_of(admin).post(
        f"/admin/platforms/shop/{shop.pk}/do/settings/",
        {
            "name": "Given away",
            "client": worlds.theirs.client.pk,
            "time_zone": "Asia/Kuala_Lumpur",
            "environment": shop.environment,
        },
        follow=True,
    )

    assert answer.status_code == 200
    assert worlds.theirs.word not in answer.content.decode()
    kept = Shop.objects.get(pk=shop.pk)
    assert (kept.client, kept.name) == (worlds.ours.client, shop.name)


@pytest.mark.parametrize("name", MODELS)
def test_what_platforms_and_runs_write_nobody_adds_changes_or_deletes(worlds, name):
    model = MODELS[name]
    before = list(model.objects.order_by("pk").values())
    address = f"/admin/{name.replace('_', '/')}/"
    key = worlds.ours.key
    admin = make_user("one", clients=[worlds.ours.client], role=Role.ADMIN)

    for person in (admin, make_user("root", is_superuser=True)):
        browser = browser_of(person)
        assert browser.get(f"{address}add/").status_code == 403
        assert browser.post(f"{address}add/", {"shop": key}).status_code == 403
        assert browser.get(f"{address}{key}/delete/").status_code == 403
        assert browser.post(f"{address}{key}/delete/", {"post": "y"}).status_code == 403
        browser.post(f"{address}{key}/change/", {"shop": key})
        chosen = {"action": "delete_selected", "_selected_action": [key]}
        browser.post(address, chosen | {"post": "yes"})

    assert list(model.objects.order_by("pk").values()) == before


def test_without_a_role_there_is_no_list_at_all(worlds):
    browser = browser_of(make_user("one", clients=[make_client()]))

    for name in [*MODELS, "platforms_shop", "users_client", "users_auditentry"]:
        answer = browser.get(f"/admin/{name.replace('_', '/')}/")
        assert answer.status_code == 403


def test_health_says_nothing_but_that_it_is_well(worlds):
    assert Browser().get("/health/").json() == {"status": "ok"}

"""adopt_shop: a single shop's settings become the first account."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.core.management.reporting import ExitCode
from apps.orders.models import Order
from apps.platforms.models import ApiApp, Authorization, Credential, Shop
from apps.platforms.services.connecting.adopt import OPTIONAL, REQUIRED
from apps.sync.models import SyncRun
from apps.sync.services.orders import pull_orders
from apps.users.models import AuditEntry, Client
from tests.platforms.connect_support import point_settings_at
from tests.simulator_server import run_simulator

pytestmark = pytest.mark.django_db

SHOP_ID = "7495000000000000001"


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in REQUIRED + OPTIONAL:
        monkeypatch.delenv(f"TIKTOK_{name.upper()}", raising=False)


def settings_of_one_shop(**changes) -> dict[str, object]:
    now = timezone.now()
    return {
        "app_key": "6abc",
        "app_secret": "planted-secret",
        "service_id": "73000",
        "access_token": "planted-access",
        "access_token_expires_at": int((now + timedelta(days=3)).timestamp()),
        "refresh_token": "planted-refresh",
        "refresh_token_expires_at": (now + timedelta(days=90)).isoformat(),
        "shop_id": SHOP_ID,
        "shop_cipher": "planted-cipher",
        "shop_name": "Main Store",
        "shop_region": "GB",
    } | changes


def run(tmp_path, settings=None, **options) -> str:
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(settings or settings_of_one_shop()))
    out = StringIO()
    call_command("adopt_shop", file=path, client="Northwind", stdout=out, **options)
    return out.getvalue()


def refused(tmp_path, settings) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(tmp_path, settings)
    assert not Shop.objects.exists()
    assert "planted" not in str(caught.value)
    return caught.value


def test_a_file_becomes_the_first_account(tmp_path):
    said = run(tmp_path)

    shop = Shop.objects.get()
    assert (shop.name, shop.region, shop.currency) == ("Main Store", "GB", "GBP")
    assert (shop.client.name, shop.is_default) == ("Northwind", True)
    assert shop.state == Shop.State.CONNECTED
    credential = Credential.objects.select_related("authorization", "api_app").get()
    assert credential.shop_cipher == "planted-cipher"
    assert credential.authorization.access_token == "planted-access"
    assert credential.authorization.refresh_token == "planted-refresh"
    assert credential.api_app.app_secret == "planted-secret"
    assert AuditEntry.objects.get(verb="adopted").actor_text == "adopt_shop"
    assert "Main Store (GB)" in said
    assert "planted" not in said


def test_environment_variables_do_as_well(monkeypatch):
    for name, value in settings_of_one_shop().items():
        monkeypatch.setenv(f"TIKTOK_{name.upper()}", str(value))

    call_command("adopt_shop", client="Northwind", stdout=StringIO())

    assert Shop.objects.get().remote_id == SHOP_ID


def test_twice_changes_nothing(tmp_path):
    run(tmp_path)
    Authorization.objects.update(access_token="renewed since", generation=5)
    before = AuditEntry.objects.count()

    said = run(tmp_path)

    assert "Nothing has changed." in said
    assert Authorization.objects.get().access_token == "renewed since"
    assert Authorization.objects.get().generation == 5
    assert AuditEntry.objects.count() == before


def test_orders_under_the_shop_id_belong_to_it(tmp_path):
    owner = Client.objects.create(name="Northwind")
    shop = Shop.objects.create(
        client=owner,
        remote_id=SHOP_ID,
        name="From files",
        region="GB",
        currency="GBP",
        time_zone="Europe/London",
        state=Shop.State.DISCONNECTED,
    )
    Order.objects.create(
        shop=shop, remote_id="577000000000000001", placed_at=timezone.now()
    )

    said = run(tmp_path)

    shop.refresh_from_db()
    assert Shop.objects.count() == 1
    assert (shop.name, shop.state) == ("From files", Shop.State.CONNECTED)
    assert Order.objects.get().shop == shop
    assert "with 1 orders" in said


def test_a_dry_run_writes_nothing(tmp_path):
    said = run(tmp_path, dry_run=True)

    assert "would be an account of Northwind" in said
    assert not Shop.objects.exists()
    assert not Client.objects.exists()
    assert not ApiApp.objects.exists()


def test_what_is_missing_is_named_at_once(tmp_path):
    error = refused(tmp_path, settings_of_one_shop(app_secret="", shop_cipher=None))

    assert str(error) == "Missing: app_secret, shop_cipher."
    assert error.returncode == ExitCode.USAGE


def test_nothing_at_all_says_how_to_call_it():
    with pytest.raises(CommandError, match="give --file, or set TIKTOK_APP_KEY") as no:
        call_command("adopt_shop", client="Northwind")
    assert no.value.returncode == ExitCode.USAGE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"access_token_expires_at": 604_800}, "access_token_expires_at is a duration"),
        (
            {"refresh_token_expires_at": "soon"},
            "refresh_token_expires_at is no instant",
        ),
        (
            {"access_token_expires_at": "9" * 25},
            "access_token_expires_at is no instant",
        ),
        ({"access_token_expires_at": "2026-13-45T00:00"}, "is no instant"),
        ({"shop_region": "Atlantis"}, "shop_region is none of US"),
    ],
)
def test_what_cannot_be_right_is_named(tmp_path, change, words):
    error = refused(tmp_path, settings_of_one_shop(**change))

    assert words in str(error)
    assert error.returncode == ExitCode.USAGE


def test_an_ended_consent_needs_a_person(tmp_path):
    ended = int((timezone.now() - timedelta(days=1)).timestamp())

    error = refused(tmp_path, settings_of_one_shop(refresh_token_expires_at=ended))

    assert "Connect the shop with Add Shop instead." in str(error)
    assert error.returncode == ExitCode.NEEDS_PERSON


def test_a_file_that_is_none_is_refused(tmp_path):
    for content in ("{", "[1]"):
        path = tmp_path / "broken.json"
        path.write_text(content)
        with pytest.raises(CommandError) as caught:
            call_command("adopt_shop", file=path, client="Northwind")
        assert caught.value.returncode == ExitCode.USAGE
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("adopt_shop", file=tmp_path / "none.json", client="Northwind")


def test_a_shop_of_another_client_stays_theirs(tmp_path):
    run(tmp_path)
    path = tmp_path / "shop.json"

    with pytest.raises(CommandError, match="already linked") as caught:
        call_command("adopt_shop", file=path, client="Another")

    assert caught.value.returncode == ExitCode.USAGE
    assert Shop.objects.get().client.name == "Northwind"
    assert not Client.objects.filter(name="Another").exists()


def test_an_app_known_with_another_secret_is_not_overwritten(tmp_path):
    ApiApp.objects.create(
        name="Ours", app_key="6abc", app_secret="another", service_id="1"
    )

    error = refused(tmp_path, settings_of_one_shop())

    assert "known here with another secret" in str(error)
    assert ApiApp.objects.get().app_secret == "another"


def test_an_adopted_shop_can_be_pulled(tmp_path, settings):
    with run_simulator(orders=60) as simulator:
        point_settings_at(simulator, settings)
        app, seller = simulator.apps()[0], simulator.sellers()[3]
        tokens = simulator.tokens(seller_id=seller["id"])
        shop = seller["shops"][0]
        run(
            tmp_path,
            {
                "app_key": app["app_key"],
                "app_secret": app["app_secret"],
                "service_id": app["service_id"],
                "access_token": tokens["access_token"],
                "access_token_expires_at": tokens["access_token_expire_in"],
                "refresh_token": tokens["refresh_token"],
                "refresh_token_expires_at": tokens["refresh_token_expire_in"],
                "open_id": tokens["open_id"],
                "shop_id": shop["id"],
                "shop_cipher": shop["ciphers"][app["app_key"]],
                "shop_name": shop["name"],
                "shop_region": shop["region"],
            },
        )

        done = pull_orders(Shop.objects.get(), trigger=SyncRun.Trigger.COMMAND)

    assert done.state == SyncRun.State.DONE
    assert Order.objects.count() == done.read > 0

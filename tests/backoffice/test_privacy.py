"""Pages and commands that hand out and erase people's data."""

import io
import json
from html import unescape

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client as Browser
from django.utils import timezone

from apps.backoffice.errors import PersonRefused
from apps.backoffice.services.people import (
    KEYS,
    OWN,
    REST,
    erase_person,
    export_person,
    holdings_of,
)
from apps.orders.models import Buyer, Order, SavedView
from apps.platforms.errors import LastAdmin
from apps.platforms.models import ConnectAttempt, Invitation, ShopRole
from apps.platforms.services.team.invitations import invite
from apps.platforms.services.team.seats import Seat
from apps.users.models import ApiToken, AuditEntry, Authenticator, Membership, User
from apps.users.roles import Role
from apps.users.services import audit
from apps.users.services.tokens import make_token
from tests.factories.orders import make_order
from tests.factories.platforms import make_api_app, make_authorization, make_shop
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db


PRIVATE = ("planted_ann", "Annplanted", "Leeplanted", "ann@planted.example")


def text(page):
    return unescape(page.content.decode())


def signed_in(user):
    browser = Browser()
    browser.force_login(user)
    return browser


# Buyers.


@pytest.fixture
def order(company):
    shop = make_shop(company, name="Main Store")
    return make_order(
        shop,
        "580000000000000123",
        recipient_name="Ahmad Planted",
        recipient_address="12 Jalan Planted",
        buyer=Buyer.objects.create(shop=shop, username="planted_lover"),
    )


@pytest.fixture
def buyer_page(order):
    return f"/privacy/buyers/buyer/{order.buyer_id}/"


def test_a_buyer_is_found_and_their_page_says_what_is_held(staff, order, buyer_page):
    browser = signed_in(staff)

    found = browser.get("/privacy/buyers/?q=planted_lover")
    page = browser.get(buyer_page)

    assert buyer_page in text(found)
    assert "1 order</strong>" in text(page)
    assert "1 payload</strong>" in text(page)
    assert order.remote_id in text(page)
    assert "no-store" in page.headers["Cache-Control"]


def test_who_is_not_found_gets_a_hint(staff):
    assert "Nobody in your shops goes by “x”" in text(
        signed_in(staff).get("/privacy/buyers/?q=x")
    )


def test_a_buyer_is_downloaded_as_a_file(staff, buyer_page):
    answer = signed_in(staff).post(f"{buyer_page}export/")

    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "no-store" in answer.headers["Cache-Control"]
    data = json.loads(answer.content)
    assert data["orders"][0]["recipient_name"] == "Ahmad Planted"
    assert data["orders"][0]["total_amount"] == "40.4000"
    assert AuditEntry.objects.get().actor == staff


def test_a_buyer_is_erased_once_the_name_is_typed(staff, order, buyer_page):
    browser = signed_in(staff)

    refused = browser.post(f"{buyer_page}erase/", {"typed_name": "no"}, follow=True)
    assert "Type “planted_lover”" in text(refused)
    assert Order.objects.get().recipient_name == "Ahmad Planted"
    answer = browser.post(
        f"{buyer_page}erase/", {"typed_name": "planted_lover"}, follow=True
    )

    assert "erased from 1 order." in text(answer)
    assert "planted" not in text(answer).lower()
    assert Order.objects.get().recipient_name == ""


def test_an_order_leads_to_its_buyer(staff, order, buyer_page):
    browser = signed_in(staff)

    answer = browser.get(f"/privacy/buyers/order/{order.pk}/")
    page = browser.get(f"/admin/orders/order/{order.pk}/change/")

    assert answer.headers["Location"] == buyer_page
    assert f"/privacy/buyers/order/{order.pk}/" in text(page)


def test_an_order_whose_buyer_nobody_named_has_a_page_too(staff, company):
    order = make_order(make_shop(company), "581", recipient_name="Ahmad Planted")
    browser = signed_in(staff)
    page = f"/privacy/buyers/order/{order.pk}/"

    assert "The buyer of order 581" in text(browser.get(page))
    browser.post(f"{page}erase/", {"typed_name": "581"})

    assert Order.objects.get().recipient_name == ""
    assert "Erased" in text(browser.get(page))


def test_the_order_page_says_that_the_buyer_was_erased(staff, order, buyer_page):
    browser = signed_in(staff)
    browser.post(f"{buyer_page}erase/", {"typed_name": "planted_lover"})

    page = text(browser.get(f"/admin/orders/order/{order.pk}/change/"))

    assert "The buyer's data was erased on" in page
    assert "Recipient" not in page
    assert "Export or erase" not in page
    assert not AuditEntry.objects.filter(verb="saw the buyer").exists()


@pytest.mark.parametrize(
    "permissions",
    [(), ("process_orders",), ("manage_settings",), ("view_analytics",)],
)
def test_only_admins_of_the_shop_see_any_of_it(company, order, buyer_page, permissions):
    browser = signed_in(make_user(clients=[company], permissions=permissions))

    assert browser.get("/privacy/buyers/").status_code == 403
    for deed in ("", "export/", "erase/"):
        method = browser.post if deed else browser.get
        assert method(f"{buyer_page}{deed}").status_code == 403
    page = browser.get(f"/admin/orders/order/{order.pk}/change/")
    assert "/privacy/" not in text(page)


@pytest.mark.parametrize("deed", ["", "export/", "erase/"])
@pytest.mark.parametrize("kind", ["buyer", "order"])
def test_a_buyer_of_another_client_is_as_good_as_none(staff, kind, deed):
    shop = make_shop(make_client("Southwind"))
    buyer = Buyer.objects.create(shop=shop, username="secret_lover")
    order = make_order(shop, buyer=buyer)
    key = buyer.pk if kind == "buyer" else order.pk
    browser = signed_in(staff)
    method = browser.post if deed else browser.get

    def asked(number):
        with statements() as sql:
            answer = method(f"/privacy/buyers/{kind}/{number}/{deed}")
        return answer.status_code, text(answer), len(sql)

    asked(key)  # what a process looks up once
    assert asked(key) == asked(999_999)
    assert asked(key)[0] == 404
    found = browser.get("/privacy/buyers/?q=secret_lover")
    assert "Nobody in your shops goes by “secret_lover”" in text(found)


def test_the_buyer_pages_ask_for_a_sign_in():
    answer = Browser().get("/privacy/buyers/")

    assert answer.headers["Location"].startswith("/admin/login/")


def test_deeds_are_never_done_by_a_link(staff, superuser, buyer_page):
    browser = signed_in(superuser)

    for page in (buyer_page, f"/privacy/people/{staff.pk}/"):
        assert browser.get(f"{page}erase/").status_code == 405
        assert browser.get(f"{page}export/").status_code == 405


# People.


@pytest.fixture
def ann(company):
    """Works for a client that has another Admin, and left traces everywhere."""
    other = make_user("other", clients=[company], role=Role.ADMIN)
    make_shop(company)
    ann = make_user("planted_ann", clients=[company], role=Role.ADMIN)
    ann.first_name, ann.last_name = "Annplanted", "Leeplanted"
    ann.email = "ann@planted.example"
    ann.last_login = timezone.now()
    ann.save()
    make_token(ann, "till", [], days=9)
    Authenticator.objects.create(user=ann, name="phone", confirmed=True)
    SavedView.objects.create(user=ann, name="Annplanted's", query="status=to_ship")
    audit.record("did", company, actor=ann, client=company)
    audit.record(
        "changed role",
        Membership.objects.get(user=ann),
        actor=other,
        client=company,
        person=str(ann),
        role=["Analyst", "Admin"],
    )
    invite(other, make_client_of(other), "ann@planted.example", Seat(Role.ANALYST))
    LogEntry.objects.create(
        user=other,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(ann.pk),
        object_repr="planted_ann",
        action_flag=CHANGE,
        change_message="Annplanted",
    )
    ConnectAttempt.objects.create(
        state_hash="x", user=ann, api_app=make_api_app(), expires_at=timezone.now()
    )
    return ann


def make_client_of(user):
    client = make_client("Eastwind")
    Membership.objects.create(user=user, client=client, role=Role.ADMIN)
    return client


def everything_kept():
    rows = [
        list(model._default_manager.values())
        for model in (
            User,
            Membership,
            ShopRole,
            Invitation,
            AuditEntry,
            LogEntry,
            ApiToken,
            ConnectAttempt,
        )
    ]
    return json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False)


def found_private():
    kept = everything_kept()
    return [words for words in PRIVATE if words in kept]


def test_everything_that_points_at_a_person_has_been_thought_of():
    pointing = {
        f"{model._meta.label_lower}.{column.name}"
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if column.related_model is User
    }

    gone = {f"{model._meta.label_lower}.user" for model in (*KEYS, *OWN)}
    assert pointing == gone | REST.keys()


def test_erasing_a_person_leaves_their_deeds_and_no_trace_of_them(ann, superuser):
    assert found_private() == list(PRIVATE)
    browser = signed_in(ann)
    Browser().force_login(superuser)
    sessions = Session.objects.count()

    assert erase_person(ann, "planted_ann", actor=superuser)

    assert found_private() == []
    ann.refresh_from_db()
    assert (ann.username, ann.email) == (f"erased-{ann.pk}", "")
    assert (ann.is_active, ann.is_staff, ann.has_usable_password()) == (False,) * 3
    assert ann.last_login is None
    deed = AuditEntry.objects.get(verb="did")
    assert deed.actor == ann
    assert deed.actor_text == f"erased person {ann.pk}"
    role = AuditEntry.objects.get(verb="changed role")
    assert role.target_text == f"erased person {ann.pk} for Northwind"
    assert role.details["person"] == f"erased person {ann.pk}"
    assert role.actor_text == "other"
    assert not Membership.objects.filter(user=ann).exists()
    for model in (*KEYS, *OWN):
        assert not model._default_manager.filter(user=ann).exists()
    assert not ConnectAttempt.objects.exists()
    assert Session.objects.count() == sessions - 1
    assert browser.get("/admin/").status_code == 302


def test_an_erasure_is_written_down_without_the_name(ann, superuser):
    erase_person(ann, "planted_ann", actor=superuser, address="198.51.100.7")

    entry = AuditEntry.objects.get(verb="erased a person")
    assert (entry.actor, entry.address) == (superuser, "198.51.100.7")
    assert entry.target_text == f"erased person {ann.pk}"
    assert entry.details["memberships"] == 1
    assert entry.details["invitations"] == 1
    assert entry.details["api_tokens"] == 1
    assert AuditEntry.objects.filter(verb="removed from the team").count() == 1


def test_names_somebody_went_by_before_are_forgotten_too(ann, superuser):
    User.objects.filter(pk=ann.pk).update(username="ann.married")

    erase_person(ann, "ann.married", actor=superuser)

    assert found_private() == []


def test_somebody_with_a_name_that_begins_alike_keeps_it(ann, company, superuser):
    twin = make_user("planted_anne", clients=[company])
    audit.record(
        "changed role", Membership.objects.get(user=twin), person=str(twin), actor=twin
    )

    erase_person(ann, "planted_ann", actor=superuser)

    entry = AuditEntry.objects.get(actor=twin)
    assert entry.target_text == "planted_anne for Northwind"
    assert entry.details == {"person": "planted_anne"}
    assert User.objects.get(pk=twin.pk).is_active


def test_erasing_twice_is_harmless_and_noted_once(ann, superuser):
    erase_person(ann, "planted_ann", actor=superuser)
    before = everything_kept()

    assert not erase_person(ann, "whatever", actor=superuser)

    assert everything_kept() == before


def test_the_last_admin_of_a_shop_is_not_erased(ann, company, superuser):
    Membership.objects.filter(user__username="other", client=company).delete()
    before = everything_kept()

    with pytest.raises(LastAdmin, match="Make somebody else Admin"):
        erase_person(ann, "planted_ann", actor=superuser)

    assert everything_kept() == before


def test_nobody_erases_themselves_and_only_superusers_erase(ann, superuser):
    for actor, person in ((superuser, superuser), (ann, superuser)):
        with pytest.raises(PersonRefused):
            erase_person(person, person.username, actor=actor)

    superuser.refresh_from_db()
    assert superuser.is_active


def test_a_superuser_can_be_erased_by_another(superuser):
    other = make_user("chief", is_superuser=True)

    assert erase_person(other, "chief", actor=superuser)

    other.refresh_from_db()
    assert not other.is_superuser


def test_an_export_holds_what_we_know_and_no_secret(ann):
    token = ApiToken.objects.get(user=ann)
    authenticator = Authenticator.objects.get(user=ann)

    taken = json.dumps(export_person(ann, actor=ann), cls=DjangoJSONEncoder)

    for words in (*PRIVATE, "till", "Northwind", "Eastwind", "phone", '"did"'):
        assert words in taken
    for secret in (token.digest, authenticator.key, ann.password):
        assert secret not in taken
    entry = AuditEntry.objects.get(verb="exported a person's data")
    assert entry.actor == ann


def test_consents_somebody_gave_are_in_their_export(ann):
    make_authorization(connected_by=ann, seller_name="Lamps")

    assert export_person(ann)["consents"][0]["seller_name"] == "Lamps"


def test_the_views_somebody_saved_are_in_their_export(ann):
    assert export_person(ann)["saved_views"] == [
        {"name": "Annplanted's", "query": "status=to_ship"}
    ]


def test_nobody_takes_somebody_else_s_data(ann):
    with pytest.raises(PersonRefused):
        export_person(ann, actor=make_user("nosy"))


def test_a_person_sees_and_takes_their_own_data(ann):
    Authenticator.objects.filter(user=ann).delete()  # else it would be asked for
    browser = signed_in(ann)
    page = browser.get(f"/privacy/people/{ann.pk}/")

    answer = browser.post(f"/privacy/people/{ann.pk}/export/")

    assert "Your data" in text(page)
    assert 'name="typed_name"' not in text(page)
    assert json.loads(answer.content)["account"]["email"] == "ann@planted.example"
    refused = browser.post(f"/privacy/people/{ann.pk}/erase/", follow=True)
    assert "Only superusers erase people." in text(refused)
    assert User.objects.get(pk=ann.pk).is_active


def test_a_superuser_erases_somebody_on_their_page(ann, superuser):
    browser = signed_in(superuser)
    page = f"/privacy/people/{ann.pk}/"

    wrong = browser.post(f"{page}erase/", {"typed_name": "ann"}, follow=True)
    assert "Type “planted_ann”" in text(wrong)
    done = browser.post(f"{page}erase/", {"typed_name": "planted_ann"}, follow=True)

    assert "The person's data is erased." in text(done)
    assert found_private() == []


@pytest.mark.parametrize("deed", ["", "export/", "erase/"])
def test_another_person_s_page_is_as_good_as_none(ann, staff, deed):
    browser = signed_in(staff)
    method = browser.post if deed else browser.get

    def asked(number):
        with statements() as sql:
            answer = method(f"/privacy/people/{number}/{deed}")
        return answer.status_code, text(answer), len(sql)

    asked(ann.pk)
    assert asked(ann.pk) == asked(999_999)
    assert asked(ann.pk)[0] == 404


# Commands.


def run(name, *arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=err)
    return out.getvalue()


def test_the_command_exports_a_buyer_to_a_file_of_one_s_own(order, tmp_path):
    path = tmp_path / "buyer.json"

    run("export_person", "--buyer", "planted_lover", "--out", str(path))

    assert json.loads(path.read_text())["orders"][0]["remote_id"] == order.remote_id
    assert path.stat().st_mode & 0o077 == 0
    assert AuditEntry.objects.get().actor_text == "export_person"
    with pytest.raises(CommandError, match="cannot be written"):
        run("export_person", "--buyer", "planted_lover", "--out", str(path))
    assert AuditEntry.objects.count() == 1


def test_the_command_exports_a_person_to_standard_output(ann):
    taken = json.loads(run("export_person", "--user", "ANN@planted.example"))

    assert taken["account"]["username"] == "planted_ann"


def test_the_command_says_how_much_there_is(order, ann):
    counts = json.loads(run("export_person", "--order", order.remote_id, "--dry-run"))
    assert counts == {"type": "summary", "orders": 1, "payloads": 1}
    counts = json.loads(run("export_person", "--user", "planted_ann", "--dry-run"))
    assert counts["api_tokens"] == 1


def test_the_command_erases_a_buyer_only_with_the_name_again(order):
    options = ("erase_person", "--order", order.remote_id)

    with pytest.raises(CommandError, match="add --confirm “planted_lover”") as refused:
        run(*options)
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="Type “planted_lover”"):
        run(*options, "--confirm", "no")
    assert "would go: orders 1" in run(*options, "--dry-run", "--confirm", "x")
    assert Order.objects.get().recipient_name == "Ahmad Planted"

    said = run(*options, "--confirm", "planted_lover", "--json")

    assert json.loads(said) == {
        "type": "summary",
        "state": "gone",
        "orders": 1,
        "payloads": 1,
    }
    assert Order.objects.get().recipient_name == ""
    assert "already erased" in run(*options, "--confirm", "planted_lover")


def test_the_command_erases_a_person_in_a_superuser_s_name(ann, superuser):
    options = ("erase_person", "--user", "planted_ann", "--confirm", "planted_ann")

    with pytest.raises(CommandError, match="is no other superuser"):
        run(*options, "--by", "other")
    run(*options)

    assert found_private() == []
    assert AuditEntry.objects.get(verb="erased a person").actor == superuser


def test_the_command_asks_which_shop_where_several_know_the_name():
    for client in (make_client("One"), make_client("Two")):
        shop = make_shop(client, name=f"Shop of {client}")
        Buyer.objects.create(shop=shop, username="planted_lover")

    with pytest.raises(CommandError, match="known in several shops"):
        run("export_person", "--buyer", "planted_lover")
    taken = run("export_person", "--buyer", "planted_lover", "--shop", "Shop of Two")

    assert json.loads(taken)["shop"]["name"] == "Shop of Two"


@pytest.mark.parametrize("who", [("--buyer", "x"), ("--user", "x"), ("--order", "1")])
def test_a_name_nobody_has_is_wrong_usage(who):
    for command in ("export_person", "erase_person"):
        with pytest.raises(CommandError) as refused:
            run(command, *who)
        assert refused.value.returncode == 2


def test_what_a_person_holds_is_counted(ann):
    assert holdings_of(ann).as_json() == {
        "memberships": 1,
        "invitations": 1,
        "api_tokens": 1,
        "second_factor_devices": 1,
        "audit_entries": 2,
    }

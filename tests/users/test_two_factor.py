"""The second factor: nothing is open before it, and nothing of it lies about."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser
from django_otp.plugins.otp_static.models import StaticToken

from apps.platforms.models import Shop, ShopRole
from apps.platforms.services.keys import encrypted_models
from apps.users.models import AuditEntry, Authenticator, Membership
from apps.users.roles import Role
from apps.users.services import second_factor
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user
from tests.users.signin_support import (
    PASSWORD,
    SETUP,
    VERIFY,
    code_of,
    make_person,
    sign_in,
    with_second_factor,
    wrong_code_of,
)

pytestmark = pytest.mark.django_db

ACCOUNT = "/account/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(1_900_000_000, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person():
    return make_person(is_superuser=True)


@pytest.fixture
def codes(person, clock):
    codes = with_second_factor(person)
    clock.shift(60)
    return codes


@pytest.fixture
def halfway(client, person, codes):
    """Signed in by the password alone."""
    sign_in(client)
    return client


@pytest.fixture
def inside(halfway, person, clock):
    halfway.post(VERIFY, {"code": code_of(person)})
    clock.shift(60)
    return halfway


def html(answer):
    return unescape(answer.content.decode())


def verbs():
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


def test_setting_it_up_takes_a_code_and_shows_ten_backup_codes_once(client, person):
    sign_in(client)
    page = client.get(SETUP)
    key = Authenticator.objects.get(user=person)
    assert "<svg" in html(page)
    assert second_factor.key_in_words(key) in html(page)
    assert "no-store" in page["Cache-Control"]

    answer = client.post(SETUP, {"code": code_of(person)})

    shown = re.findall(r"<li>([a-z2-7-]{19})</li>", html(answer))
    assert len(set(shown)) == 10
    assert "no-store" in answer["Cache-Control"]
    assert client.get(ACCOUNT).status_code == 200  # this session has shown it
    for address in (ACCOUNT, SETUP, f"{ACCOUNT}two-factor/codes/"):
        page = html(client.get(address, follow=True))
        assert not any(code in page for code in shown)
        assert second_factor.key_in_words(key) not in page
    assert "turned on two-factor sign-in" in verbs()


def test_a_wrong_code_turns_nothing_on(client, person):
    sign_in(client)
    client.get(SETUP)

    answer = client.post(SETUP, {"code": wrong_code_of(person)})

    assert "That is not the code" in html(answer)
    assert not second_factor.is_on(person)
    assert not StaticToken.objects.exists()
    assert client.get(ACCOUNT).status_code == 200


def test_a_key_shown_and_left_is_not_shown_again_later(person, clock):
    first = second_factor.begin(person).key
    assert second_factor.begin(person).key == first
    clock.shift(timedelta(minutes=31))

    assert second_factor.begin(person).key != first


def test_key_and_backup_codes_lie_in_no_table_in_clear(person, codes):
    key = Authenticator.objects.get().key
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM users_authenticator")
        stored = bytes(cursor.fetchone()[0])
        cursor.execute("SELECT token FROM otp_static_statictoken")
        tokens = {row[0] for row in cursor.fetchall()}

    assert key.encode() not in stored
    assert len(tokens) == 10
    assert not tokens & {code.replace("-", "")[:16] for code in codes}
    assert Authenticator in encrypted_models()  # so rotate_keys finds it


PAGES = [
    "/",
    "/admin/",
    "/admin/orders/order/",
    "/account/",
    "/account/password/",
    "/account/two-factor/",
    "/account/two-factor/off/",
    "/account/two-factor/codes/",
    "/platforms/connect/",
    "/nothing/at/all/",
]


@pytest.mark.parametrize("address", PAGES)
def test_before_the_second_step_every_page_leads_to_it(halfway, address):
    for answer in (halfway.get(address), halfway.post(address)):
        assert answer.status_code == 302
        assert answer["Location"].startswith(f"{VERIFY}?next=")


def test_before_the_second_step_one_may_leave_and_machines_may_look(halfway):
    assert halfway.get("/health/").status_code == 200
    assert halfway.get(VERIFY).status_code == 200
    assert halfway.post("/admin/logout/").status_code == 200

    assert "_auth_user_id" not in halfway.session


def test_a_program_gets_a_problem_and_no_page(halfway):
    answer = halfway.get("/api/v1/me/")

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "two_factor_required"


def test_the_code_leads_on_to_where_one_was_going(halfway, person):
    before = halfway.session.session_key
    step = halfway.get("/account/password/?x=1&y=2")["Location"]
    page = html(halfway.get(step))
    (target,) = re.findall(r'name="next" value="([^"]*)"', page)

    answer = halfway.post(step, {"code": code_of(person), "next": target})

    assert answer["Location"] == "/account/password/?x=1&y=2"
    assert halfway.get(answer["Location"]).status_code == 200
    assert halfway.session.session_key != before
    assert "passed the second step" in verbs()


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"],
)
def test_the_way_on_never_leads_to_another_host(halfway, person, target):
    answer = halfway.post(VERIFY, {"code": code_of(person), "next": target})

    assert answer["Location"] == "/"


def test_the_same_code_opens_once(halfway, person):
    code = code_of(person)
    assert halfway.post(VERIFY, {"code": code}).status_code == 302
    elsewhere = Browser()
    sign_in(elsewhere)

    assert "That is not the code" in html(elsewhere.post(VERIFY, {"code": code}))


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_clocks_may_be_half_a_minute_off(halfway, person, steps):
    code = code_of(person, steps=steps)

    assert halfway.post(VERIFY, {"code": code}).status_code == 302


@pytest.mark.parametrize("bad", ["", "12345", "١٢٣٤٥٦", "1e5", "x" * 32, "-00001"])
def test_what_is_no_code_opens_nothing(halfway, bad):
    assert halfway.post(VERIFY, {"code": bad}).status_code == 200
    assert halfway.get(ACCOUNT).status_code == 302


def test_a_backup_code_works_once_with_or_without_dashes(halfway, person, codes):
    plain = codes[0].replace("-", "").upper()
    assert halfway.post(VERIFY, {"code": plain}).status_code == 302
    assert halfway.get(ACCOUNT).status_code == 200
    elsewhere = Browser()
    sign_in(elsewhere)

    assert elsewhere.post(VERIFY, {"code": codes[0]}).status_code == 200
    assert second_factor.codes_left(person) == 9
    entry = AuditEntry.objects.get(verb="passed the second step")
    assert entry.details == {"backup_codes_left": 9}


def test_somebody_elses_codes_open_nothing(halfway, clock):
    other = make_person("other")
    codes = with_second_factor(other)
    clock.shift(60)

    for code in (code_of(other), codes[0]):
        assert halfway.post(VERIFY, {"code": code}).status_code == 200
        clock.shift(120)
    assert second_factor.codes_left(other) == 10


def test_wrong_codes_have_to_wait_longer_and_longer(halfway, person, clock, codes):
    for count in range(4):
        halfway.post(VERIFY, {"code": wrong_code_of(person)})
        clock.shift(2**count)
    halfway.post(VERIFY, {"code": wrong_code_of(person)})

    answer = halfway.post(VERIFY, {"code": code_of(person)})
    assert "Too many wrong codes. Try again in 16 seconds" in html(answer)
    assert verbs().count("failed the second step") == 5  # what had to wait is not one

    # Who has the backup codes is not kept out by who guesses the app's.
    assert halfway.post(VERIFY, {"code": codes[0]}).status_code == 302


def test_after_the_wait_the_right_code_opens(halfway, person, clock):
    halfway.post(VERIFY, {"code": wrong_code_of(person)})
    clock.shift(2)

    assert halfway.post(VERIFY, {"code": code_of(person)}).status_code == 302


def test_another_session_has_to_show_it_as_soon_as_it_is_on(client, person, clock):
    elsewhere = Browser()
    for browser in (client, elsewhere):
        sign_in(browser)
    assert elsewhere.get(ACCOUNT).status_code == 200
    client.get(SETUP)
    client.post(SETUP, {"code": code_of(person)})

    assert elsewhere.get(ACCOUNT)["Location"].startswith(VERIFY)


def test_turning_it_off_takes_password_and_code(inside, person):
    off = f"{ACCOUNT}two-factor/off/"
    wrong = {"password": "no", "code": code_of(person)}, {"password": PASSWORD}
    for data in wrong:
        assert inside.post(off, data).status_code == 200
        assert second_factor.is_on(person)

    answer = inside.post(off, {"password": PASSWORD, "code": code_of(person)})

    assert answer["Location"] == ACCOUNT
    assert not Authenticator.objects.exists()
    assert not StaticToken.objects.exists()
    assert "turned off two-factor sign-in" in verbs()
    fresh = Browser()
    sign_in(fresh)
    assert fresh.get(ACCOUNT).status_code == 200


def test_new_backup_codes_take_the_place_of_the_old(inside, person, codes):
    data = {"password": PASSWORD, "code": code_of(person)}
    answer = inside.post(f"{ACCOUNT}two-factor/codes/", data)

    fresh = re.findall(r"<li>([a-z2-7-]{19})</li>", html(answer))
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    other = Browser()
    sign_in(other)
    assert other.post(VERIFY, {"code": codes[0]}).status_code == 200
    with time_machine.travel(1_900_001_000, tick=False):
        assert other.post(VERIFY, {"code": fresh[0]}).status_code == 302


def test_a_superuser_resets_a_lost_second_factor(client, person, codes):
    root = make_person("root", is_superuser=True)
    sign_in(client, "root")
    page = f"/admin/users/user/{person.pk}/"
    assert "Reset second factor" in html(client.get(f"{page}change/"))

    assert client.get(f"{page}second-factor/").status_code == 405
    answer = client.post(f"{page}second-factor/")

    assert answer["Location"] == f"{page}change/"
    assert not second_factor.is_on(person)
    entry = AuditEntry.objects.get(verb="reset two-factor sign-in")
    assert (entry.actor, entry.target_id) == (root, str(person.pk))
    assert "Reset second factor" not in html(client.get(f"{page}change/"))


def test_the_only_superuser_is_helped_from_the_servers_shell(person, codes, capsys):
    call_command("reset_second_factor", "kim")
    call_command("reset_second_factor", "kim")

    assert not second_factor.is_on(person)
    entry = AuditEntry.objects.get(verb="reset two-factor sign-in")
    assert (entry.actor, entry.actor_text) == (None, "reset_second_factor")
    assert "had no second factor" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody signs in as quokka"):
        call_command("reset_second_factor", "quokka")


def test_nobody_else_resets_a_second_factor(client, person, codes):
    company = make_client()
    Membership.objects.create(user=person, client=company)
    client.force_login(make_user(clients=[company], role=Role.ADMIN))

    answer = client.post(f"/admin/users/user/{person.pk}/second-factor/")

    assert answer.status_code == 403
    assert second_factor.is_on(person)


@pytest.mark.parametrize(
    ("setting", "role", "superuser", "asked"),
    [
        ("no", Role.ADMIN, False, False),
        ("no", "", True, False),
        ("admins", Role.ADMIN, False, True),
        ("admins", "", True, True),
        ("admins", Role.ANALYST, False, False),
        ("everyone", Role.ANALYST, False, True),
        ("everyone", "", False, True),
    ],
)
def test_who_is_asked_for_a_second_factor(
    client, settings, setting, role, superuser, asked
):
    settings.TWO_FACTOR_REQUIRED = setting
    user = make_user(clients=[make_client()], role=role, is_superuser=superuser)
    client.force_login(user)

    answer = client.get(f"{ACCOUNT}?a=1")

    assert (answer.status_code == 302) is asked
    if asked:
        assert answer["Location"] == f"{SETUP}?next=%2Faccount%2F%3Fa%3D1"
        assert client.get("/api/v1/me/").json()["code"] == "two_factor_required"


def test_an_admin_of_one_shop_is_asked_too(client, settings):
    settings.TWO_FACTOR_REQUIRED = "admins"
    shop: Shop = make_shop()
    user = make_user(clients=[shop.client])
    ShopRole.objects.create(
        membership=user.memberships.get(), shop=shop, role=Role.ADMIN
    )
    client.force_login(user)

    assert client.get(ACCOUNT)["Location"].startswith(SETUP)


def test_who_is_asked_sets_it_up_and_goes_on(client, settings, person):
    settings.TWO_FACTOR_REQUIRED = "everyone"
    sign_in(client)
    step = client.get("/account/password/")["Location"]
    page = html(client.get(step))
    assert "Your role asks for a second factor" in page
    assert 'action="/admin/logout/"' in page

    (target,) = re.findall(r'name="next" value="([^"]*)"', page)
    done = client.post(SETUP, {"code": code_of(person), "next": target})

    assert 'href="/account/password/"' in html(done)
    assert client.get("/account/password/").status_code == 200


def test_the_gate_asks_the_tables_nothing_more(
    client, person, codes, clock, django_assert_num_queries
):
    plain = make_person("plain", is_superuser=True)
    client.force_login(plain)
    client.get("/health/")
    with django_assert_num_queries(4):  # session, user, and the page's own two
        client.get("/health/")

    sign_in(verified := Browser())
    verified.post(VERIFY, {"code": code_of(person)})
    with django_assert_num_queries(4):
        verified.get("/health/")

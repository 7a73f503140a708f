"""Pages of creators: who earns for us, and who sees it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.content.models import CreatorLogin
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.content import (
    make_affiliate_order,
    make_creator,
    make_creator_account,
)
from tests.factories.platforms import make_shop
from tests.factories.sales import make_rates
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:content_creator_changelist")
ORDERS = reverse("admin:content_affiliateorder_changelist")
EXPORT = reverse("admin:content_creator_export")


def page_of(creator):
    return reverse("admin:content_creator_change", args=[creator.pk])


def text(answer):
    return answer.content.decode()


@pytest.fixture
def now():
    return timezone.now() - timedelta(hours=3)


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Kedai", region="MY", currency="MYR")


@pytest.fixture
def analyst(company, client):
    user = make_user("ana", clients=[company], role=Role.ANALYST)
    client.force_login(user)
    return user


def test_creators_are_ranked_by_what_they_brought_in_one_currency(
    shop, company, analyst, client, now
):
    away = make_shop(company, name="Toko", region="ID", currency="IDR")
    anna, budi = make_creator(company, "anna"), make_creator(company, "budi")
    make_rates(now.date(), USD="1.2", MYR="4.8", IDR="18000")
    make_affiliate_order(shop, creator=anna, placed_at=now)
    make_affiliate_order(
        shop,
        creator=anna,
        placed_at=now,
        settlement="settled",
        actual_amount=Decimal(8),
        content_id="live-1",
        content_type="live",
    )
    make_affiliate_order(
        away,
        creator=budi,
        placed_at=now,
        price_amount=Decimal(750_000),
        estimated_amount=Decimal(150_000),
    )

    answer = client.get(LIST)

    lines = answer.context["lines"]
    assert [(line.rank, line.name) for line in lines] == [(1, "@budi"), (2, "@anna")]
    assert (lines[0].gmv, lines[0].commission) == ("USD 100.00", "USD 10.00")
    anna_line = lines[1]
    assert (anna_line.gmv, anna_line.commission) == ("USD 50.00", "USD 4.50")
    assert (anna_line.videos, anna_line.lives, anna_line.orders) == (1, 1, 2)
    assert (anna_line.rate, anna_line.change) == ("9.0 %", "—")
    assert "Kedai" in text(answer)
    ascending = client.get(LIST, {"sort": "orders", "way": "up"}).context["lines"]
    assert [line.name for line in ascending] == ["@budi", "@anna"]


def test_what_has_no_rate_or_no_amount_is_left_out_and_said(
    shop, company, analyst, client, now
):
    anna = make_creator(company, "anna")
    make_affiliate_order(shop, creator=anna, placed_at=now)
    make_affiliate_order(
        shop,
        creator=anna,
        placed_at=now,
        settlement="settled",
        actual_amount=None,
        has_unread_amount=True,
    )

    answer = text(client.get(LIST))

    assert f"MYR 200.00 of {now.date():%d %b %Y}" in answer
    assert "Of 1 sale the commission is not known" in answer
    assert "USD 0.00" in answer


def test_the_change_is_against_as_many_days_before(shop, company, analyst, client, now):
    anna = make_creator(company, "anna")
    make_affiliate_order(shop, creator=anna, placed_at=now, quantity=3)
    make_affiliate_order(shop, creator=anna, placed_at=now - timedelta(days=10))
    query = {"period": "7", "base": "MYR"}

    line = client.get(LIST, query).context["lines"][0]

    assert (line.gmv, line.change) == ("MYR 150.00", "+50.0 %")


def test_the_file_of_the_list_has_all_of_it(shop, company, analyst, client, now):
    make_affiliate_order(shop, creator=make_creator(company, "=anna"), placed_at=now)
    make_affiliate_order(shop, placed_at=now)

    answer = client.get(EXPORT, {"base": "MYR"})

    rows = b"".join(answer.streaming_content).decode().splitlines()
    assert len(rows) == 3
    assert any("@=anna" in row and "100.0000" in row for row in rows)
    assert any("Not told" in row for row in rows)


def test_a_list_costs_the_same_however_many_creators_it_has(
    shop, company, analyst, client, now, django_assert_max_num_queries
):
    client.get(LIST)
    for number in range(30):
        creator = make_creator(company, f"creator{number}")
        make_affiliate_order(shop, creator=creator, placed_at=now)

    with django_assert_max_num_queries(28):
        answer = client.get(LIST)
    assert len(answer.context["lines"]) == 30
    with django_assert_max_num_queries(26):
        client.get(ORDERS)


def test_a_creator_is_shown_by_shop_product_and_content(
    shop, company, analyst, client, now
):
    anna = make_creator(company, "anna", nickname="Anna B.")
    make_affiliate_order(
        shop,
        creator=anna,
        placed_at=now,
        remote_product_id="173",
        product_name="Reading lamp",
    )
    make_affiliate_order(shop, creator=make_creator(company, "budi"), placed_at=now)

    answer = client.get(page_of(anna), {"base": "MYR"})

    parts = dict(answer.context["parts"])
    assert [line.name for line in parts["By shop"]] == [str(shop)]
    assert [line.name for line in parts["By product"]] == ["Reading lamp"]
    assert [(p.name, p.about) for p in parts["By content"]] == [("Video", "video-1")]
    assert answer.context["sales"] == "MYR 100.00"
    assert "Who signs in as" not in text(answer)


def test_orders_are_filtered_by_shop_creator_content_and_state(
    shop, company, analyst, client, now
):
    anna = make_creator(company, "anna")
    make_affiliate_order(shop, creator=anna, placed_at=now, remote_order_id="111")
    make_affiliate_order(
        shop, placed_at=now, remote_order_id="222", settlement="settled"
    )

    for query in (
        {"creator": "@Anna"},
        {"settlement": "to_settle"},
        {"q": "111 999"},
    ):
        shown = text(client.get(ORDERS, query))
        assert ">111<" in shown
        assert ">222<" not in shown
    assert "No affiliate orders match" in text(client.get(ORDERS, {"q": "404"}))


def test_a_creator_partner_sees_what_is_theirs_and_nothing_else(
    shop, company, client, now
):
    anna, budi = make_creator(company, "anna"), make_creator(company, "budi")
    make_affiliate_order(shop, creator=anna, placed_at=now, remote_order_id="111")
    make_affiliate_order(shop, creator=budi, placed_at=now, remote_order_id="222")
    partner = make_user("anna", clients=[company], role=Role.CREATOR_PARTNER)
    client.force_login(partner)
    assert "No creator has sold" in text(client.get(LIST))

    CreatorLogin.objects.create(creator=anna, user=partner)

    shown = client.get(LIST, {"base": "MYR"})
    assert [line.name for line in shown.context["lines"]] == ["@anna"]
    assert client.get(page_of(anna)).status_code == 200
    assert client.get(page_of(budi)).status_code == 302
    orders = text(client.get(ORDERS))
    assert "111" in orders
    assert "222" not in orders
    partner.memberships.all().delete()
    assert client.get(LIST).status_code == 403


def test_who_sees_one_shop_sees_its_creators_alone(company, client, now):
    shop, beside = make_shop(company), make_shop(company)
    anna, budi = make_creator(company, "anna"), make_creator(company, "budi")
    make_affiliate_order(shop, creator=anna, placed_at=now)
    make_affiliate_order(beside, creator=budi, placed_at=now)
    user = make_user("one", clients=[company])
    user.memberships.get().shop_roles.create(shop=shop, role=Role.ANALYST)
    client.force_login(user)

    shown = client.get(LIST).context["lines"]

    assert [line.name for line in shown] == ["@anna"]
    assert client.get(page_of(budi)).status_code == 302


def test_an_admin_says_who_a_creator_is_and_takes_it_back(company, client):
    anna = make_creator(company, "anna")
    partner = make_user("partner", clients=[company], role=Role.CREATOR_PARTNER)
    stranger = make_user("stranger")
    client.force_login(make_user("boss", clients=[company], role=Role.ADMIN))
    address = reverse("admin:content_creator_logins", args=[anna.pk])

    client.post(address, {"user": partner.pk})
    client.post(address, {"user": stranger.pk})

    login = CreatorLogin.objects.get()
    assert (login.creator, login.user) == (anna, partner)
    client.post(address, {"end": login.pk})
    assert not CreatorLogin.objects.exists()
    verbs = AuditEntry.objects.filter(target_id=str(anna.pk)).values_list("verb")
    assert verbs.count() == 2


def test_an_analyst_does_not_say_who_a_creator_is(company, shop, analyst, client, now):
    anna = make_creator(company, "anna")
    make_affiliate_order(shop, creator=anna, placed_at=now)
    address = reverse("admin:content_creator_logins", args=[anna.pk])

    assert client.post(address, {"user": analyst.pk}).status_code == 403
    assert not CreatorLogin.objects.exists()


def test_creators_accounts_are_listed_and_disconnected_by_who_connects(company, client):
    account = make_creator_account(company)
    listed = reverse("admin:platforms_creatoraccount_changelist")
    deed = reverse("admin:platforms_creatoraccount_disconnect", args=[account.pk])
    client.force_login(make_user("ana", clients=[company], role=Role.ANALYST))
    assert "@rumah.rapi" in text(client.get(listed))
    assert client.get(deed).status_code == 403
    client.force_login(make_user("boss", clients=[company], role=Role.ADMIN))
    assert "Nothing more is read of" in text(client.get(deed))

    client.post(deed)

    account.refresh_from_db()
    assert account.state == "disconnected"
    assert "Disconnected" in text(client.get(listed))

"""Stock rules: what they would change is looked at before they hold."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.inventory.models import ShopStockSettings, StockNews, StockRule
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.inventory import make_shop_warehouse, make_warehouse, receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.team import as_user, give_role, make_member, make_shop_member
from tests.factories.users import make_client
from tests.inventory.pages import signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:inventory_stockrule_changelist")
ADD = reverse("admin:inventory_stockrule_add")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def annex(company):
    return make_warehouse(company, "Annex", is_default=True)


def told_shop(company: Any, annex: Any, name: str) -> Any:
    shop = make_shop(company, name=name)
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    make_shop_warehouse(shop, annex)
    return shop


@pytest.fixture
def shop(company, annex):
    return told_shop(company, annex, "Main Store")


@pytest.fixture
def second(company, annex):
    return told_shop(company, annex, "Second Store")


@pytest.fixture
def lamp(company, shop, second, annex):
    """10 of them are there, listed in both shops."""
    variant = make_variant(client=company, sku="LAMP-30")
    receive(variant, 10, annex)
    for each in (shop, second):
        make_listing_sku(shop=each, variant=variant)
    StockNews.objects.all().delete()
    return variant


@pytest.fixture
def clerk(company, shop, second):
    return working_for(company)


def page_of(rule: StockRule) -> str:
    return reverse("admin:inventory_stockrule_change", args=[rule.pk])


def delete_page(rule: StockRule) -> str:
    return reverse("admin:inventory_stockrule_delete", args=[rule.pk])


def agree(browser: Browser, address: str, values: dict[str, Any]) -> Any:
    """Look at what it would change, and save it."""
    shown = browser.post(address, values)
    return browser.post(address, values | {"seal": shown.context["form"].seal})


def test_nothing_is_saved_before_it_was_looked_at(clerk, lamp):
    page = clerk.post(ADD, {"sku": "lamp-30", "buffer": "3"})

    said = words(page)
    assert "The rule concerns 2 SKUs of shops; 2 would be told another number." in said
    assert "LAMP-30 Rattan lamp, natural, 30 cm Main Store (MY) 10 7" in said
    assert "Save: 2 SKUs change" in said
    assert not StockRule.objects.exists()
    assert not StockNews.objects.exists()


def test_what_was_looked_at_is_saved_and_shops_are_told(clerk, company, lamp):
    agree(clerk, ADD, {"sku": "LAMP-30", "buffer": "3", "note": "Counting is rough"})

    rule = StockRule.objects.get()
    assert (rule.client, rule.variant, rule.buffer) == (company, lamp, 3)
    assert list(StockNews.objects.values_list("variant", flat=True)) == [lamp.pk]
    entry = AuditEntry.objects.get(verb="made a stock rule")
    assert entry.details == {"buffer": 3}


def test_other_figures_than_those_looked_at_are_looked_at_first(clerk, lamp):
    shown = clerk.post(ADD, {"buffer": "3"})

    page = clerk.post(ADD, {"buffer": "9", "seal": shown.context["form"].seal})

    assert not StockRule.objects.exists()
    assert "10 1" in words(page)


def test_the_last_pieces_are_for_one_shop_alone(clerk, shop, second, lamp):
    page = clerk.post(ADD, {"last_pieces": "4", "last_pieces_shop": shop.pk})

    said = words(page)
    assert "Second Store (MY) 10 6" in said
    assert "1 would be told another number." in said

    half = clerk.post(ADD, {"last_pieces": "4"})
    assert "Say both how many last pieces" in words(half)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({}, "Say at least one figure."),
        ({"sku": "NOPE-1", "buffer": "1"}, "Northwind has no SKU “NOPE-1”."),
        ({"share_percent": "140"}, "less than or equal to 100"),
        ({"buffer": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_does_not_hold_is_told_beside_the_form(clerk, lamp, values, fault):
    page = clerk.post(ADD, values)

    assert fault in words(page)
    assert not StockRule.objects.exists()


def test_a_second_rule_for_the_same_is_refused(clerk, company, lamp):
    StockRule.objects.create(client=company, variant=lamp, buffer=1)

    page = clerk.post(ADD, {"sku": "LAMP-30", "buffer": "3"})

    assert "There is a rule for exactly that already." in words(page)
    assert StockRule.objects.count() == 1


def test_a_rule_is_changed_as_it_is_made(clerk, company, lamp):
    rule = StockRule.objects.create(client=company, buffer=1)

    agree(clerk, page_of(rule), {"buffer": "5", "share_percent": "50"})

    rule.refresh_from_db()
    assert (rule.buffer, rule.share_percent) == (5, 50)
    assert AuditEntry.objects.filter(verb="changed a stock rule").exists()


def test_what_goes_with_a_rule_is_shown_before_it_is_deleted(clerk, company, lamp):
    rule = StockRule.objects.create(client=company, variant=lamp, buffer=4)

    said = words(clerk.get(delete_page(rule)))
    assert "Main Store (MY) 6 10" in said
    assert StockRule.objects.exists()

    clerk.post(delete_page(rule))
    assert not StockRule.objects.exists()
    assert StockNews.objects.filter(variant=lamp).exists()
    assert AuditEntry.objects.filter(verb="deleted a stock rule").exists()


def test_the_list_says_what_whom_and_how_many(clerk, company, shop, annex, lamp):
    StockRule.objects.create(client=company, buffer=2, share_percent=80)
    StockRule.objects.create(client=company, shop=shop, variant=lamp, cap=5)
    StockRule.objects.create(
        client=company, warehouse=annex, last_pieces=3, last_pieces_shop=shop
    )

    said = words(clerk.get(LIST))

    assert "All stock Northwind keep 2 back, 80 % — 2" in said
    assert "LAMP-30 Rattan lamp · Main Store (MY) Northwind at most 5 — 1" in said
    assert "Annex Northwind — Last 3 only in Main Store (MY) 2" in said
    only = clerk.get(LIST, {"q": "LAMP"}).context["cl"].result_list
    assert len(only) == 1


def test_the_list_costs_the_same_with_many(clerk, company, lamp):
    StockRule.objects.create(client=company, buffer=2)
    clerk.get(LIST)
    with statements() as few:
        clerk.get(LIST)
    for number in range(8):
        variant = make_variant(client=company)
        StockRule.objects.create(client=company, variant=variant, buffer=number)

    with statements() as many:
        clerk.get(LIST)

    assert len(many) == len(few)
    assert len(many) <= 21


def test_shops_one_does_not_see_are_not_named(company, shop, second, lamp):
    StockRule.objects.create(
        client=company, last_pieces=3, last_pieces_shop=second, buffer=1
    )
    rule = StockRule.objects.create(client=company, shop=second, buffer=2)
    member = make_member(company, Role.ORDER_FULFILLMENT)
    give_role(member, second)
    browser = signed_in(as_user(member))

    looked_at = browser.post(ADD, {"sku": "LAMP-30", "buffer": "3"})

    for page in (browser.get(LIST), looked_at):
        assert "Second Store" not in page.content.decode()
    said = words(looked_at)
    assert "The rule concerns 1 SKU of shops; 1 would be told" in said
    assert "the last 3 only in a shop you do not see" in said
    assert "Shops you do not see are told by the rule, too." in said
    assert browser.get(page_of(rule)).status_code == 302
    assert browser.post(delete_page(rule)).status_code == 302
    rule.refresh_from_db()
    assert rule.buffer == 2


def test_who_works_at_one_shop_alone_only_looks(company, shop, lamp):
    rule = StockRule.objects.create(client=company, shop=shop, buffer=2)
    browser = signed_in(as_user(make_shop_member(shop, Role.ORDER_FULFILLMENT)))

    assert "Add rule" not in words(browser.get(LIST))
    assert "You can look at this rule" in words(browser.get(page_of(rule)))
    assert browser.get(ADD).status_code == 403
    assert browser.post(page_of(rule), {"buffer": "9"}).status_code == 403
    assert browser.get(delete_page(rule)).status_code == 403
    assert browser.post(delete_page(rule)).status_code == 403
    assert StockRule.objects.get().buffer == 2


def test_another_clients_shop_cannot_be_named(clerk, lamp):
    foreign = make_shop(name="Foreign Store")

    page = clerk.post(ADD, {"shop": foreign.pk, "buffer": "1"})

    assert "Foreign Store" not in page.content.decode()
    assert "Select a valid choice" in words(page)
    assert not StockRule.objects.exists()


def test_other_clients_rules_are_as_if_not_there(company, lamp):
    rule = StockRule.objects.create(client=company, variant=lamp, buffer=2)
    stranger = working_for(make_client("Elsewhere"))

    assert "LAMP-30" not in words(stranger.get(LIST))
    assert stranger.get(page_of(rule)).status_code == 302
    assert stranger.post(delete_page(rule)).status_code == 302
    assert StockRule.objects.exists()


def test_empty_it_says_what_holds_without_rules(clerk):
    said = words(clerk.get(LIST))

    assert "No rules yet: every shop is told all that is available." in said

"""Orders as files: from the list and from the command."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from apps.core.management.reporting import ExitCode
from apps.orders.models import Buyer
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.team import give_role, make_shop_member
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

BULK = "/admin/orders/order/bulk/?deed=export"
PLACED = datetime(2026, 9, 20, 10, 0, tzinfo=UTC)
SECRET = (
    "Ahmad Yusof",
    "lamp_lover",
    "12 Jalan Besar",
    "+60 12-345 6789",
    "Ring twice",
)


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


def browser_of(name, shop, permission="process_orders"):
    browser = Browser()
    user = make_user(name, clients=[shop.client], permissions=[permission])
    browser.force_login(user)
    return browser


@pytest.fixture
def browser(shop):
    return browser_of("ann", shop)


def sold(shop, remote_id, **changes):
    """An order of two lines, with a buyer one may tell apart."""
    buyer, _ = Buyer.objects.get_or_create(shop=shop, username="lamp_lover")
    values: dict[str, Any] = {
        "buyer": buyer,
        "placed_at": PLACED,
        "recipient_name": "Ahmad Yusof",
        "recipient_address": "12 Jalan Besar",
        "recipient_phone": "+60 12-345 6789",
        "buyer_message": "Ring twice",
        "seller_note": "=cmd()",
        "total_amount": Decimal("1234.5"),
        "carrier": "@carrier",
    }
    order = make_order(shop, remote_id, **values | changes)
    line = order.lines.get()
    line.pk, line.key, line.position, line.seller_sku = None, "2", 2, "=POT"
    line.save()
    return order


def rows_of(answer):
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_what_is_to_be_in_the_file_is_asked_first(browser, shop):
    sold(shop, "580")
    sold(shop, "581", carrier="Quick")

    page = browser.get(f"{BULK}&carrier=quick&tab=all")

    text = unescape(page.content.decode())
    assert "Export 1 order<" in text
    assert "With the buyers" in text
    assert '<input type="hidden" name="carrier" value="quick">' in text
    looker = browser_of("bob", shop, "view_analytics").get(BULK)
    assert "With the buyers" not in looker.content.decode()


def test_a_row_for_each_item_or_each_order_without_the_buyers(browser, shop):
    order = sold(shop, "580", ship_by_at=PLACED + timedelta(days=2))
    variant = make_variant(client=shop.client, sku="OUR-LAMP")
    sku = make_listing_sku(shop=shop, variant=variant)
    order.lines.filter(position=1).update(listing_sku=sku, variant=variant)
    make_order(shop, "581", sku="", placed_at=PLACED - timedelta(days=1))

    items = browser.get(f"{BULK}&rows=items&tab=all")
    text = b"".join(items.streaming_content).decode()
    orders = rows_of(browser.get(f"{BULK}&rows=orders&tab=all"))

    found = list(csv.DictReader(io.StringIO(text)))
    assert [(r["order_id"], r["seller_sku"]) for r in found] == [
        ("580", "LAMP-30"),
        ("580", "'=POT"),
        ("581", ""),
    ]
    assert found[0]["placed_at"] == "2026-09-20T10:00:00Z"
    assert found[0]["total"] == "1234.50"
    assert found[0]["carrier"] == "'@carrier"
    assert "our_sku" in found[0]  # of which this role learns nothing
    assert found[0]["our_sku"] == ""
    assert [(r["order_id"], r["items"]) for r in orders] == [("580", "4"), ("581", "0")]
    assert not any(secret in text for secret in SECRET)
    assert not AuditEntry.objects.filter(verb__startswith="exported").exists()


def test_buyers_come_only_where_one_may_see_them_and_leave_a_line(shop):
    second = make_shop(shop.client, name="Second")
    member = make_shop_member(shop, Role.ORDER_FULFILLMENT)
    give_role(member, second, Role.ANALYST)
    browser = Browser()
    browser.force_login(member.user)
    sold(shop, "580")
    sold(shop, "581", buyer_erased_at=timezone.now())
    sold(second, "590")

    rows = rows_of(browser.get(f"{BULK}&rows=orders&buyers=1&tab=all"))

    told = {r["order_id"]: (r["recipient"], r["buyer"]) for r in rows}
    assert told == {
        "580": ("Ahmad Yusof", "lamp_lover"),
        "581": ("", ""),
        "590": ("", ""),
    }
    notes = {r["order_id"]: r["seller_note"] for r in rows}
    assert notes == {"580": "'=cmd()", "581": "", "590": ""}
    entry = AuditEntry.objects.get(verb="exported orders with their buyers")
    assert (entry.shop_key, entry.details) == (shop.pk, {"orders": 1})


def test_those_ticked_are_exported_alone_and_never_anybody_elses(browser, shop):
    first = sold(shop, "580")
    sold(shop, "581")
    foreign = sold(make_shop(), "590")

    rows = rows_of(
        browser.get(f"{BULK}&rows=orders&pk={first.pk}&pk={foreign.pk}&tab=all")
    )

    assert [r["order_id"] for r in rows] == ["580"]
    everything = rows_of(browser.get(f"{BULK}&rows=orders&tab=all"))
    assert {r["order_id"] for r in everything} == {"580", "581"}


def test_the_file_takes_the_same_statements_however_many_orders(browser, shop):
    sold(shop, "580")
    rows_of(browser.get(f"{BULK}&rows=items&tab=all"))
    with statements() as few:
        rows_of(browser.get(f"{BULK}&rows=items&tab=all"))
    for number in range(30):
        sold(shop, f"59{number}")
    with statements() as many:
        assert len(rows_of(browser.get(f"{BULK}&rows=items&tab=all"))) == 62
    assert len(many) == len(few)


# The command -------------------------------------------------------------------------


def run(*arguments):
    """What it printed: (on stdout, on stderr)."""
    out, err = io.StringIO(), io.StringIO()
    call_command("export_orders", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_rows_and_nothing_else(shop):
    sold(shop, "580")
    make_order(make_shop(name="Other"), "590")

    out, err = run("--shop", str(shop.pk), "--rows", "orders")

    (row,) = csv.DictReader(io.StringIO(out))
    assert row["order_id"] == "580"
    assert "recipient" not in row
    assert "1 orders, 1 rows." in err


def test_the_command_writes_a_file_of_a_period_and_a_status(shop, tmp_path):
    sold(shop, "in")
    sold(shop, "before", placed_at=PLACED - timedelta(days=2))
    sold(shop, "cancelled", status="cancelled")
    file = tmp_path / "orders.csv"

    out, _ = run(
        "--client", shop.client.name, "--since", "2026-09-20", "--until", "2026-09-21",
        "--status", "to_ship", "--buyers", "--output", str(file), "--no-progress",
    )  # fmt: skip

    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert out == ""
    assert {r["order_id"] for r in rows} == {"in"}
    assert {r["recipient"] for r in rows} == {"Ahmad Yusof"}
    assert {r["our_sku"] for r in rows} == {""}
    entry = AuditEntry.objects.get(verb="exported orders with their buyers")
    assert (entry.actor_text, entry.details) == ("export_orders", {"orders": 1})
    # For its owner's eyes only.
    assert file.stat().st_mode & 0o077 == 0


def test_the_command_speaks_json(shop):
    sold(shop, "580")

    out, err = run("--all-shops", "--json", "--limit", "1", "--rows", "orders")

    row, summary = map(json.loads, out.splitlines())
    assert (row["type"], row["order_id"]) == ("row", "580")
    assert summary == {"type": "summary", "orders": 1, "rows": 1}
    assert err == ""


def test_a_dry_run_only_counts(shop):
    sold(shop, "580")

    out, _ = run("--all-shops", "--buyers", "--dry-run")

    assert out == "Dry run: 1 orders, and nothing was written.\n"
    assert not AuditEntry.objects.filter(verb__startswith="exported").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say which shops"),
        (["--shop", "nowhere"], "No shop “nowhere”"),
        (["--all-shops", "--limit", "0"], "--limit must be 1 or more"),
        (["--all-shops", "--days", "0"], "Give --days"),
        (["--all-shops", "--until", "2026-01-01"], "--until needs --since"),
        (["--all-shops", "--output", "/no/such/folder/x.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_meant_is_exit_code_2(shop, arguments, words):
    with pytest.raises(CommandError, match=words) as refused:
        run(*arguments)

    assert refused.value.returncode == ExitCode.USAGE

"""Carriers and numbers of many orders, pasted or from a file."""

import csv
import io

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.exports import csv_lines
from apps.orders.models import OrderAction, ShippingProvider, ShopOrderSettings
from apps.orders.services.tracking_upload import (
    RESULT_HEADER,
    Result,
    preview,
    read_rows,
    result_rows,
    upload,
)
from apps.platforms.models import Shop
from apps.products.errors import FileUnusable
from apps.users.roles import Role
from apps.users.services.audit import By
from tests.factories.orders import make_order, make_package
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    cache.clear()


def cells(rows):
    return [(r.line, r.order_id, r.carrier, r.number, r.package_id) for r in rows]


def make_carriers(shop, *names, option="D1"):
    for number, name in enumerate(names, start=1):
        ShippingProvider.objects.create(
            shop=shop,
            delivery_option_id=option,
            remote_id=f"70{number:02}",
            name=name,
            read_at=timezone.now(),
        )


def make_shippable(shop, remote_id, **changes):
    values = {"shipping_type": "seller", "delivery_option_id": "D1"}
    order = make_order(shop, remote_id, **values | changes)
    make_package(order, f"1152{remote_id[-10:]}", status="to_fulfill")
    return order


ONE, TWO, THREE = (f"58000000000000000{n}" for n in (1, 2, 3))


class TestReading:
    @pytest.mark.parametrize(
        "text",
        [
            f"{ONE},J&T Express,JX1\n{TWO},Ninja Van,NV2",
            f"{ONE};J&T Express;JX1\n{TWO};Ninja Van;NV2\n",
            f"{ONE}\tJ&T Express\tJX1\r\n{TWO}\tNinja Van\tNV2",
            f"\ufeff{ONE}\t,J&T Express,JX1\n{TWO}\t,Ninja Van,'NV2",
            f'"{ONE}","J&T Express","JX1"\n"{TWO}","Ninja Van","NV2"',
            f'="{ONE}";J&T Express;JX1\n="{TWO}";Ninja Van;NV2',
        ],
    )
    def test_a_list_without_headings_is_order_carrier_number(self, text):
        assert cells(read_rows(text)) == [
            (1, ONE, "J&T Express", "JX1", ""),
            (2, TWO, "Ninja Van", "NV2", ""),
        ]

    def test_headings_stand_in_any_order_among_others(self):
        text = (
            "Tracking ID;Buyer;Package ID;ORDER ID ;Shipping Provider Name\n"
            f"JX1;Siti;11520001;{ONE};J&T, the fast ones\n"
        )
        [row] = read_rows(text.encode("utf-8-sig"))
        assert (row.order_id, row.number, row.package_id, row.line) == (
            ONE,
            "JX1",
            "11520001",
            2,
        )
        assert row.carrier == "J&T, the fast ones"

    def test_a_row_that_explains_the_columns_is_none_of_the_list(self):
        text = f"Order ID,Tracking ID\nPlatform unique order ID.,The number.\n{ONE},JX1"
        assert cells(read_rows(text)) == [(3, ONE, "", "JX1", "")]

    def test_a_form_filled_in_part_is_read_row_by_row(self):
        text = f"order, carrier, number\n{ONE}, J&T Express, JX1\n{TWO}, , \nnobody,,"
        assert cells(read_rows(text)) == [
            (2, ONE, "J&T Express", "JX1", ""),
            (3, TWO, "", "", ""),
            (4, "nobody", "", "", ""),
        ]

    def test_line_breaks_within_quotation_marks_do_not_shift_lines(self):
        text = f'order,carrier,number\n{ONE},"J&T\nExpress",JX1\n{TWO},X,JX2'
        assert [row.line for row in read_rows(text)] == [2, 4]

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("5.78901E+17,J&T,JX1", "turned the ids into numbers"),
            (f"{ONE},J&T,8.90E+11", "turned the tracking number"),
            ("ABC123,J&T,JX1", "is no order ID"),
            (f"{ONE},J&T,", "There is no tracking number."),
            (",J&T,JX1", "There is no order ID."),
            (f"{ONE},J&T,{'9' * 81}", "at most 80"),
            (f"{ONE},J&T,JX1,5.2E+17", "turned the ids into numbers"),
        ],
    )
    def test_a_row_that_cannot_be_used_says_why(self, row, words):
        rows = read_rows(f"{row}\n{TWO},J&T,JX2")
        assert words in rows[0].fault
        assert rows[1].fault == ""

    def test_a_carriers_number_may_have_an_e_of_its_own(self):
        assert read_rows(f"{ONE},J&T,1E5")[0].fault == ""

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("", "nothing in it"),
            ("order,carrier,number\n", "headings but no rows"),
            ("name,colour\nlamp,red", "must name the order"),
            ("order,colour\n1,red", "must name the order"),
            ('order,number\n"1,2', "quotation mark"),
            (b"PK\x03\x04", "workbook"),
            (f"{ONE[:-3]}000,J,1\n{TWO[:-4]}1000,J,2", "ends in 000"),
        ],
    )
    def test_what_is_no_such_list_is_refused_as_a_whole(self, content, words):
        with pytest.raises(FileUnusable, match=words):
            read_rows(content)


class TestPreview:
    def test_each_row_is_new_the_same_a_correction_or_refused(self):
        shop, user = make_shop(), make_user(is_superuser=True)
        make_carriers(shop, "J&T Express", "Ninja Van")
        make_shippable(shop, ONE)
        shipped = make_order(
            shop,
            TWO,
            shipping_type="seller",
            status="awaiting_collection",
            carrier="J&T Express",
            tracking_number="JX2",
        )
        make_shippable(shop, THREE, status="on_hold")
        rows = read_rows(
            f"{ONE},j&t EXPRESS,JX1\n{TWO},7001,JX2B\n{TWO[:-1]}9,J&T Express,JX3\n"
            f"{THREE},J&T Express,JX4"
        )

        new, correction, unknown, held = preview(user, rows)

        assert (new.result, new.why) == (Result.NEW, "")
        assert new.wish is not None
        assert new.wish.kind == OrderAction.Kind.SHIP
        assert new.wish.details["provider_id"] == "7001"
        assert correction.result == Result.CORRECTION
        assert correction.order == shipped
        assert (unknown.result, unknown.why) == (
            Result.REFUSED,
            "There is no such order.",
        )
        assert held.why.startswith("On hold")
        [same] = preview(user, read_rows(f"{TWO},J&T Express,jx2"))
        assert (same.result, same.why) == (Result.SAME, "It has this number already.")
        assert not OrderAction.objects.exists()

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("", "There is no carrier."),
            ("J&T Expres", "Did you mean J&T Express?"),
            ("Ninja-Van", ""),
            ("ninjavan", ""),
            ("7002", ""),
            ("Royal Mail", "Carrier does not fit this shop's region."),
            ("Zzzzqq", "There is no carrier “Zzzzqq”."),
            ("Pos Laju", "Carrier does not fit"),  # of another delivery option
        ],
    )
    def test_carriers_are_found_by_name_or_id_and_close_ones_suggested(
        self, name, words
    ):
        shop, user = make_shop(), make_user(is_superuser=True)
        make_carriers(shop, "J&T Express", "Ninja Van")
        make_carriers(shop, "Pos Laju", option="D2")
        make_carriers(make_shop(region="GB"), "Royal Mail", option="D9")
        make_shippable(shop, ONE)

        [row] = preview(user, read_rows(f"{ONE};{name};JX1"))

        assert words in row.why
        assert row.result == (Result.REFUSED if words else Result.NEW)

    def test_a_name_two_carriers_have_is_not_guessed(self):
        shop, user = make_shop(), make_user(is_superuser=True)
        make_carriers(shop, "J&T Express", "J & T Express")
        make_shippable(shop, ONE)

        [row] = preview(user, read_rows(f"{ONE};J&T Express;JX1"))

        assert "give an ID (7001, 7002)" in row.why

    def test_doubles_count_once_and_contradictions_not_at_all(self):
        shop, user = make_shop(), make_user(is_superuser=True)
        make_carriers(shop, "J&T Express", "Ninja Van")
        for remote_id in (ONE, TWO):
            make_shippable(shop, remote_id)
        text = (
            f"{ONE},J&T Express,JX1\n{ONE},J&T EXPRESS,jx1\n"
            f"{TWO},J&T Express,JX2\n{TWO},Ninja Van,NV2"
        )

        rows = preview(user, read_rows(text))

        assert [row.result for row in rows] == ["new", "same", "refused", "refused"]
        assert rows[1].why == "Line 1 says the same."
        assert rows[2].why == "Line 4 says otherwise of it."
        assert rows[3].why == "Line 3 says otherwise of it."

    def test_split_orders_are_told_package_by_package(self):
        shop, user = make_shop(), make_user(is_superuser=True)
        make_carriers(shop, "J&T Express")
        order = make_shippable(shop, ONE)
        second = make_package(order, "115200000099", status="to_fulfill")

        [unclear] = preview(user, read_rows(f"{ONE},J&T Express,JX1"))
        assert "2 packages: choose one" in unclear.why
        first, other, unknown = preview(
            user,
            read_rows(
                f"{ONE},J&T Express,JX1,{order.packages.first().remote_id}\n"
                f"{ONE},J&T Express,JX2,115200000099\n{ONE},J&T Express,JX3,1152777777"
            ),
        )
        assert (first.result, other.result) == (Result.NEW, Result.NEW)
        assert other.wish is not None
        assert (other.wish.package, other.package) == (second, second)
        assert unknown.why == "The order has no package 1152777777."

    def test_orders_one_may_not_process_do_not_exist(self):
        client = make_client()
        mine, theirs = make_shop(client), make_shop()
        for shop, remote_id in ((mine, ONE), (theirs, TWO)):
            make_carriers(shop, "J&T Express")
            make_shippable(shop, remote_id)
        text = f"{ONE},J&T Express,JX1\n{TWO},J&T Express,JX2"

        worker = make_user(clients=[client], role=Role.ORDER_FULFILLMENT)
        assert [row.why for row in preview(worker, read_rows(text))] == [
            "",
            "There is no such order.",
        ]
        reader = make_user(clients=[client], role=Role.ANALYST)
        assert {row.why for row in preview(reader, read_rows(text))} == {
            "There is no such order."
        }

    def test_many_rows_cost_as_much_as_few(self):
        shop, user = make_shop(), make_user(is_superuser=True)
        make_carriers(shop, "J&T Express")
        ids = [f"5800000000000{n:05}" for n in range(40)]
        for each in ids:
            make_shippable(shop, each)

        def count(some):
            text = "\n".join(f"{each},J&T Express,JX{each}" for each in some)
            with CaptureQueriesContext(connection) as queries:
                rows = preview(user, read_rows(text))
            assert {row.result for row in rows} == {Result.NEW}
            return len(queries)

        assert count(ids[:3]) == count(ids) <= 12


class TestUpload:
    def make_world(self):
        client = make_client()
        one, two = make_shop(client), make_shop(client, region="GB")
        for shop in (one, two):
            make_carriers(shop, "J&T Express", "Royal Mail")
        make_shippable(one, ONE)
        make_shippable(one, TWO)
        order = make_shippable(two, THREE)
        order.packages.all().delete()
        return one, two, make_user(is_superuser=True)

    def test_rows_become_actions_a_run_for_each_shop(self):
        one, two, user = self.make_world()
        text = (
            f"order,carrier,number\n{ONE},J&T Express,JX1\n{TWO},J&T Express,JX2\n"
            f"{THREE},Royal Mail,RM3\n{THREE[:-1]}8,J&T Express,JX8"
        )

        done = upload(user, read_rows(text), By(user), title="Morning")

        assert [run.shop for run in done.runs] == [one]
        assert done.runs[0].total == 2
        assert done.runs[0].group == done.group
        kinds = [row.action.kind if row.action else "" for row in done.rows]
        assert kinds == ["ship", "ship", "mark_shipped", ""]
        assert done.actions[2].shop == two
        assert {a.state for a in done.actions} == {"waiting"}
        assert {a.user for a in done.actions} == {user}

        again = upload(user, read_rows(text), By(user))
        assert [row.result for row in again.rows][:3] == ["same"] * 3
        assert OrderAction.objects.count() == 3

    def test_the_same_key_uploads_once(self):
        one, _, user = self.make_world()
        rows = read_rows(f"{ONE},J&T Express,JX1\n{TWO},J&T Express,JX2")
        first = upload(user, rows, By(user), key="upload-1")
        OrderAction.objects.update(state="refused")

        again = upload(user, rows, By(user), key="upload-1")

        assert [run.pk for run in again.runs] == [run.pk for run in first.runs]
        assert OrderAction.objects.filter(shop=one).count() == 2

    def test_a_shop_that_pushes_nothing_holds_them_back(self):
        one, _, user = self.make_world()
        ShopOrderSettings.objects.create(shop=one, pushes_shipped=False)

        done = upload(user, read_rows(f"{ONE},J&T Express,JX1"), By(user))

        assert done.actions[0].state == "held"
        assert "release it" in done.rows[0].why

    def test_what_became_of_each_row_is_a_harmless_file(self):
        _, _, user = self.make_world()
        text = f"{ONE};J&T Express;JX1\n{TWO};=HYPERLINK(1);JX2"
        done = upload(user, read_rows(text), By(user))

        lines = "".join(csv_lines(RESULT_HEADER, result_rows(done.rows)))

        header, first, second = csv.reader(io.StringIO(lines))
        assert tuple(header) == RESULT_HEADER
        assert first[:2] == ["1", ONE]
        assert first[5:] == ["waiting", ""]
        assert second[3] == "'=HYPERLINK(1)"
        assert second[5] == "refused"
        assert "no carrier" in second[6]
        assert [row.number for row in read_rows(lines)] == ["JX1", "JX2"]

    def test_a_paused_shop_refuses_its_rows(self):
        one, _, user = self.make_world()
        Shop.objects.filter(pk=one.pk).update(state=Shop.State.PAUSED)

        done = upload(user, read_rows(f"{ONE},J&T Express,JX1"), By(user))

        assert done.rows[0].result == Result.REFUSED
        assert "is paused" in done.rows[0].why

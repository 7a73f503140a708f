"""Files of affiliate orders: read row by row, taken back, and a creator's own."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from apps.content.models import AffiliateOrder, Creator, CreatorPerformance
from apps.content.services.affiliate import ingest_of_shop
from apps.imports.errors import UndoRefused
from apps.imports.models import ImportRun
from apps.imports.services.affiliate import import_affiliate, import_creators_orders
from apps.imports.services.undo import undo
from apps.integrations.contracts import Source
from apps.integrations.contracts.affiliate import CommissionAmounts, Settlement
from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.exports.creator_totals import read_creator_totals
from apps.users.services.audit import By
from tests.factories.content import make_creator_account, make_remote_sku
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db

HEADER = (
    "Order ID,Product ID,Product Name,SKU,SKU ID,Price,Payment Amount,Currency,"
    "Quantity,Order Status,Fully returned or refunded,Creator Username,Content Type,"
    "Content ID,Standard commission rate,Est. Commission Base,"
    "Est. standard commission payment,Actual Commission Base,"
    "Actual Commission Payment,Shop Ads commission rate,"
    "Est. Shop Ads commission payment,Time Created,Order Delivery Time,"
    "Time Commission Paid,Brand new column"
)
SETTLED = (
    "576000000000000011\t,1730000000000000001\t,Reading lamp,Warm,1731000000000000001,"
    "RM50.00,RM95.00,MYR,2,Settled,No,Rumah.Rapi,Video,7493000000000000001,15%,"
    "RM100.00,RM15.00,RM100.00,RM14.50,5%,RM0.00,25/03/2026,28/03/2026,05/04/2026,x"
)
PENDING = SETTLED.replace("000011", "000012").replace("Settled", "Pending")
CREATORS_HEADER = (
    "Order ID,SKU ID,Product name,Product ID,Price,Items sold,Items refunded,"
    "Shop name,Shop code,Affiliate partner,Agency,Currency,Order type,"
    "Order settlement status,Indirect,Commission type,Content Type,Content ID,"
    "Standard,Shop ads,GMV,Est. commission base,Est. standard commission,Est. PIT,"
    "Actual commission base,Standard commission,Shop Ads commission,Bonus,Tax - PIT,"
    "Shared with partner,Total final earned amount,Order date,"
    "Commission settlement date"
)
CREATORS_ROW = (
    "576000000000000011,1731000000000000001,Lampu baca,1730000000000000001,"
    "Rp99.000,2,0,Kedai,KD1,,,IDR,Normal,Settled,No,Standard,Livestream,"
    "7493000000000000002,10%,0%,Rp198.000,Rp198.000,Rp19.800,/,Rp198.000,Rp19.800,"
    "/,Rp1.000,Rp500,/,Rp20.300,25/03/2026,05/04/2026"
)


@pytest.fixture
def shop():
    return make_shop(region="MY", currency="MYR", time_zone="Asia/Kuala_Lumpur")


def write(folder, *lines, name="affiliate.csv"):
    path = folder / name
    path.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    return path


def counts(result):
    return result.outcome.new, result.outcome.updated, result.outcome.same


def test_a_shops_file_becomes_rows_with_their_money(shop, tmp_path):
    described = "Platform unique order ID." + "," * 24
    path = write(tmp_path, HEADER, described, SETTLED, PENDING, "")

    result = import_affiliate(shop, path)

    assert counts(result) == (2, 0, 0)
    report = result.report
    assert (report.rows, report.accepted_rows, report.description_rows) == (3, 2, 1)
    assert report.settled == {"MYR": Decimal("14.50")}
    assert report.unknown_columns == ("Brand new column",)
    row = AffiliateOrder.objects.with_commission().get(settlement="settled")
    assert (row.remote_sku_id, row.content_type) == ("1731000000000000001", "video")
    assert (row.commission, row.estimated_amount) == (Decimal("14.50"), Decimal(15))
    assert (row.rate, row.is_fully_returned) == (Decimal("0.15"), False)
    # By the shop's clock, eight hours ahead.
    assert row.placed_at == datetime(2026, 3, 24, 16, tzinfo=UTC)
    assert str(Creator.objects.get()) == "@rumah.rapi"
    assert import_affiliate(shop, path).outcome.same == 2


def test_a_dry_run_writes_nothing(shop, tmp_path):
    result = import_affiliate(shop, write(tmp_path, HEADER, SETTLED), dry_run=True)

    assert counts(result) == (1, 0, 0)
    assert not AffiliateOrder.objects.exists()
    assert not ImportRun.objects.exists()


def test_bad_rows_are_refused_by_line_and_unsure_amounts_left_open(
    shop, tmp_path, capsys
):
    no_date = SETTLED.replace("25/03/2026", "")
    broken = SETTLED.replace("576000000000000011\t", "x7")
    unsure = PENDING.replace("RM15.00", "RM15.000")
    path = write(tmp_path, HEADER, no_date, broken, unsure)

    with pytest.raises(SystemExit):
        call_command("import_file", "affiliate", str(path), shop=str(shop.pk))

    run = ImportRun.objects.get()
    assert (run.state, run.new, run.failed) == ("partly", 1, 2)
    refused = path.with_name("affiliate.csv.errors.csv").read_text("utf-8-sig")
    lines = refused.splitlines()
    assert len(lines) == 3
    assert lines[0].endswith(",error")
    assert "Time Created: is blank." in lines[1]
    row = AffiliateOrder.objects.get()
    assert row.estimated_amount == 0  # what of it is sure: no shop ads
    assert row.has_unread_amount
    assert row.amount_texts["est. standard commission payment"] == "RM15.000"


@pytest.mark.parametrize(
    ("header", "row", "says"),
    [
        (HEADER.replace("Time Created", "When"), SETTLED, "Time created"),
        (HEADER, SETTLED.replace("576000000000000011\t", "5.76E+17"), "5.76E+17"),
        (CREATORS_HEADER, CREATORS_ROW, "import_creator_file"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(shop, tmp_path, header, row, says):
    with pytest.raises(FileRefused, match=says.replace("+", r"\+")):
        import_affiliate(shop, write(tmp_path, header, row))

    assert not AffiliateOrder.objects.exists()


def test_undoing_a_file_takes_back_what_it_brought_and_what_it_changed(shop, tmp_path):
    known = make_remote_sku(
        order_id="576000000000000011",
        sku_id="1731000000000000001",
        content_id="7493000000000000001",
    )
    ingest_of_shop(shop, [known], Source.API)
    before = AffiliateOrder.objects.values().get()
    import_affiliate(shop, write(tmp_path, HEADER, SETTLED, PENDING))
    assert AffiliateOrder.objects.filter(settlement="settled").count() == 1

    undone = undo(ImportRun.objects.get(), by=By(process="test"))

    assert (undone.removed, undone.restored) == (1, 1)
    after = AffiliateOrder.objects.values().get()
    assert {n: v for n, v in after.items() if n != "modified_at"} == {
        n: v for n, v in before.items() if n != "modified_at"
    }


def test_what_the_platform_told_since_is_not_undone(shop, tmp_path):
    import_affiliate(shop, write(tmp_path, HEADER, PENDING))
    later = make_remote_sku(
        order_id="576000000000000012",
        sku_id="1731000000000000001",
        content_id="7493000000000000001",
        settlement=Settlement.SETTLED,
        actual=CommissionAmounts(commission=Decimal(14)),
    )
    ingest_of_shop(shop, [later], Source.API)

    with pytest.raises(UndoRefused, match="told again, since"):
        undo(ImportRun.objects.get(), by=By(process="test"))

    assert AffiliateOrder.objects.get().actual_amount == Decimal(14)


def test_a_creators_own_file_is_of_their_account(tmp_path, capsys):
    account = make_creator_account(region="ID", time_zone="Asia/Jakarta")
    path = write(tmp_path, CREATORS_HEADER, CREATORS_ROW, name="own.csv")

    call_command("import_creator_file", str(path), creator="@Rumah.Rapi", dry_run=True)
    assert not AffiliateOrder.objects.exists()
    call_command("import_creator_file", str(path), creator="@Rumah.Rapi")

    assert "new: 1" in capsys.readouterr().out
    row = AffiliateOrder.objects.with_commission().get()
    assert (row.shop, row.creator_account) == (None, account)
    assert (row.commission, row.tax_amount) == (Decimal(20_300), Decimal(500))
    assert (row.actual_bonus_amount, row.content_type) == (Decimal(1000), "live")
    assert (row.shop_name, row.shop_code, row.quantity) == ("Kedai", "KD1", 2)
    assert str(row.creator) == "@rumah.rapi"
    assert import_creators_orders(account, path).outcome.same == 1


def test_japanese_headings_are_known(tmp_path):
    account = make_creator_account(region="JP", time_zone="Asia/Tokyo")
    header = (
        "注文ID,SKU ID,商品名,商品ID,価格,ショップ名,ショップコード,Currency,"
        "注文決済ステータス,コンテンツID,Order date,Total final earned amount"
    )
    row = (
        "576000000000000011,1731000000000000001,読書灯,1730000000000000001,"
        '"2,280円",店,JP1,JPY,Settled,7493000000000000002,2026/03/25,"1,228円"'
    )

    import_creators_orders(account, write(tmp_path, header, row))

    sold = AffiliateOrder.objects.get()
    assert (sold.actual_amount, sold.price_amount) == (Decimal(1228), Decimal(2280))
    assert (sold.product_name, sold.shop_name) == ("読書灯", "店")


TOTALS = (
    "Creator name,Creator-attributed GMV (RM),LIVE-attributed GMV,Attributed orders,"
    "Videos,Video views,AOV,Est. commission",
    'Rumah.Rapi,"RM1,200.50",RM200.00,"1,024",3,99000,RM1.00,RM120.05',
    "budi,RM1.500,/,2,0,-,RM1.00,RM0.00",
    ",RM1.00,RM1.00,2,0,5,RM1.00,RM0.00",
)


def read_totals(path, shop, first, last):
    with pytest.raises(SystemExit) as ended:  # a row names nobody
        call_command(
            "import_creator_totals",
            *(str(path), "--shop", str(shop.pk)),
            *("--first", first, "--last", last),
        )
    assert ended.value.code == 3


def test_creators_totals_stand_by_their_days_and_are_never_added(
    shop, tmp_path, capsys
):
    path = write(tmp_path, *TOTALS, name="totals.csv")

    read_totals(path, shop, "2026-04-01", "2026-04-07")
    read_totals(path, shop, "2026-04-01", "2026-04-07")

    rows = CreatorPerformance.objects.order_by("creator__username")
    assert [str(row.creator) for row in rows] == ["@budi", "@rumah.rapi"]
    budi, rumah = rows
    assert (budi.sales_amount, budi.live_sales_amount, budi.views) == (None, None, None)
    assert (rumah.sales_amount, rumah.orders) == (Decimal("1200.50"), 1024)
    assert "“RM1.500” is no sure amount" in capsys.readouterr().err
    with pytest.raises(CommandError, match="these days meet them"):
        read_totals(path, shop, "2026-04-07", "2026-04-13")
    read_totals(path, shop, "2026-04-08", "2026-04-14")
    assert CreatorPerformance.objects.count() == 4


def settled_otherwise():
    return SETTLED.replace("RM14.50", "RM1.50")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        # A copy counts once, in the sum as well.
        ((SETTLED, SETTLED), (1, 1, 0, 0, "14.50")),
        # What was so earlier, wherever it stands.
        ((SETTLED, SETTLED.replace("Settled", "Pending")), (1, 0, 1, 0, "14.50")),
        ((SETTLED.replace("Settled", "Pending"), SETTLED), (1, 0, 1, 0, "14.50")),
        ((SETTLED, settled_otherwise(), PENDING), (1, 0, 0, 2, None)),
    ],
)
def test_of_rows_that_tell_of_the_same_sale_one_counts(shop, tmp_path, rows, told):
    result = import_affiliate(shop, write(tmp_path, HEADER, *rows))

    report = result.report
    counted = (report.copied_rows, report.older_rows, report.refused_rows)
    sums = {"MYR": Decimal(told[-1])} if told[-1] else {}
    assert ((report.accepted_rows, *counted), report.settled) == (told[:-1], sums)
    assert report.rows == report.accepted_rows + sum(counted)
    assert AffiliateOrder.objects.count() == 1
    if report.refused_rows:
        assert "otherwise on line 3" in result.problems[0].message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",x", "", "24 of 25 columns"),
        (",x", ",x,y", "26 of 25 columns"),
        (",MYR,", ",THB,", "Choose the shop"),
        (",MYR,", ",money,", "is no currency"),
        ("RM14.50", "RM1450.00", "more than what it is a share of"),
        (",RM14.50,", ",,", "blank, though the row is settled"),
    ],
)
def test_a_row_whose_money_cannot_be_meant_is_refused(shop, tmp_path, old, new, says):
    changed = SETTLED.replace(old, new)

    result = import_affiliate(shop, write(tmp_path, HEADER, changed, PENDING))

    [problem] = result.errors
    assert (problem.line, says in problem.message) == (2, True)
    assert (result.report.accepted_rows, result.report.refused_rows) == (1, 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",15%,", ",0.15,", "“0.15” is no percentage"),
        (",Settled,", ",Winking,", "“Winking” is no status we know"),
    ],
)
def test_what_is_not_understood_is_left_open_with_a_note(
    shop, tmp_path, old, new, says
):
    result = import_affiliate(shop, write(tmp_path, HEADER, SETTLED.replace(old, new)))

    assert result.report.accepted_rows == 1
    assert says in result.problems[0].message
    row = AffiliateOrder.objects.get()
    assert row.rate is None or row.settlement == "unknown"


def test_the_same_heading_twice_refuses_the_file(shop, tmp_path):
    path = write(tmp_path, f"{HEADER},Actual Commission Payment", f"{SETTLED},RM1.00")

    with pytest.raises(FileRefused, match="occurs twice"):
        import_affiliate(shop, path)


HEADINGS = "Creator name,Creator-attributed GMV,Attributed orders,Video views"
RUMAH = "Rumah.Rapi,RM120.50,3,20000000"


def totals_of(folder, *lines):
    path = write(folder, *lines, name="totals.csv")
    return read_creator_totals(path, currency="MYR", region="MY")


def test_views_of_creators_come_to_millions_and_copies_count_once(tmp_path):
    totals = totals_of(tmp_path, HEADINGS, RUMAH, RUMAH.lower().replace("rm", "RM"))

    assert [(row.views, row.orders) for row in totals.rows] == [(20_000_000, 3)]
    assert totals.problems == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Total,RM120.50,3,20000000", "is no creator but the sum"),
        ("Other,RM5.00,3", "The row has 3 of 4 columns."),
        ("Name of the creator,sum,orders,views", "Attributed orders: “orders” is not"),
        ("Other,/,,", "The row has no figures."),
    ],
)
def test_what_is_no_creators_row_is_refused(tmp_path, row, says):
    totals = totals_of(tmp_path, HEADINGS, RUMAH, row)

    assert [each.username for each in totals.rows] == ["Rumah.Rapi"]
    assert any(each.is_error and says in each.message for each in totals.problems)


def test_rows_of_a_creator_that_contradict_each_other_are_both_refused(tmp_path):
    totals = totals_of(tmp_path, HEADINGS, RUMAH, RUMAH.replace("120.50", "12.50"))

    assert totals.rows == []
    assert [each.line for each in totals.problems] == [2, 3]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((HEADINGS,), "no creators"),
        ((f"{HEADINGS},Video views", f"{RUMAH},1"), "mean the same"),
    ],
)
def test_a_file_of_totals_that_cannot_be_used_says_why(tmp_path, lines, says):
    with pytest.raises(FileRefused, match=says):
        totals_of(tmp_path, *lines)

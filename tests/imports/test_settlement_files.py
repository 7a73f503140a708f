"""Income files as sellers have them: read whole, checked, and never guessed at."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.integrations.contracts import AmountGroup, SettlementKind
from apps.integrations.tiktok.exports.problems import FileRefused
from apps.integrations.tiktok.exports.settlements import inspect_settlements_file
from apps.integrations.tiktok.exports.settlements_error_file import (
    write_settlements_error_file,
)
from tests.imports.settlement_files import (
    BANNER,
    ID,
    SEA,
    UNSETTLED,
    US,
    row_of,
    write_csv,
    write_xlsx,
)

D = Decimal
DAY = datetime(2026, 9, 21, tzinfo=UTC)


def read(path, region="MY", currency="MYR", timezone="Asia/Kuala_Lumpur", **options):
    file = inspect_settlements_file(
        path, region=region, currency=currency, timezone=timezone, **options
    )
    return file, list(file.items())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "income_20260921.xlsx"


def named(item):
    return {each.name: (each.group, each.amount) for each in item.amounts.named}


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_file_of_south_east_asia_is_lines_with_fees_by_name(path, write):
    file, [line] = read(write(path, [SEA]))

    assert (line.subject_id, line.order_id) == ("579300000000000101",) * 2
    assert (line.kind, line.currency, line.settled_at) == (
        SettlementKind.ORDER,
        "MYR",
        DAY,
    )
    assert line.amounts.settlement == D("89.85")
    assert (line.amounts.revenue, line.amounts.fee_tax) == (D("104"), D("-14.15"))
    assert line.amounts.shipping is None
    parts = named(line)
    # The sum of shipping is left out for its parts, and no zero is kept.
    assert parts["Actual shipping fee"] == (AmountGroup.FEE, D("-6.15"))
    assert "Seller shipping fee" not in parts
    assert "Moonlight fee" not in parts
    assert parts["GST / SST"] == (AmountGroup.TAX, D("-0.90"))
    assert parts["Customer payment"] == (AmountGroup.SUPPLEMENTARY, D("101.30"))
    assert "Subtotal after seller discounts" not in parts
    assert file.problems == []
    assert (file.report.rows, file.report.accepted_rows) == (1, 1)
    assert file.report.sums == {"MYR": D("89.85")}


def test_rows_of_skus_are_folded_to_one_line_of_their_statement(path):
    second = row_of(
        US,
        sku_id="1729000000000000012",
        settlement="10.00",
        net_sales="12.00",
        shipping="-1.00",
        tiktok_shop="-1.00",
        fees="-1.00",
        referral="-1.00",
        affiliate="0",
    )
    second["Customer-paid shipping fee"] = ""

    _, [line] = read(write_csv(path, [US, second]), "US", "USD", "America/Los_Angeles")

    assert line.statement_id == "7301000000000000009"
    assert line.settled_at == DAY
    assert line.amounts.settlement == D("50.00")
    assert (line.amounts.revenue, line.amounts.shipping) == (D("60"), D("-4.00"))
    assert [sku.amounts.settlement for sku in line.skus] == [D(40), D(10)]
    assert named(line)["Referral fee"] == (AmountGroup.FEE, D("-4.00"))
    assert named(line)["TikTok Shop shipping fee"][0] == AmountGroup.SHIPPING


def test_headings_may_be_indonesian(path):
    file, [line] = read(
        write_xlsx(path, [ID], sheet="Detail pesanan"), "ID", "IDR", "Asia/Jakarta"
    )

    assert line.kind is SettlementKind.ORDER
    assert line.settled_at == datetime(2026, 9, 20, 20, tzinfo=UTC)
    assert named(line)["Komisi Afiliasi"] == (AmountGroup.FEE, D(-7000))
    assert file.report.is_date_order_told


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_above_what_is_to_come_stands_a_banner(path, write):
    file, [row] = read(write(path, [UNSETTLED], banner=BANNER))

    assert file.report.is_unsettled
    assert row.amounts.settlement == D("33.00")
    assert row.expected_at == datetime(2026, 10, 2, tzinfo=UTC)
    assert row.reason == "Waiting for delivery"


def test_what_is_no_order_is_an_adjustment_of_its_related_one(path):
    ads = row_of(
        SEA, type="GMV Payment for TikTok Ads", adjustment_id="779300000000000500",
        settlement="-5.00", total_revenue="0", total_fees="0", transaction="0",
        commission_fee="0", ajustment="-5.00", gst="0", related="579300000000000101",
    )  # fmt: skip
    for name in (
        "Seller shipping fee",
        "Actual shipping fee",
        "Platform shipping fee discount",
    ):
        ads[name] = "0"

    _, [line] = read(write_csv(path, [ads]))

    assert line.kind is SettlementKind.ADJUSTMENT
    assert line.type_text == "GMV Payment for TikTok Ads"
    assert line.order_id == "579300000000000101"
    assert line.amounts.adjustment == D(-5)


def test_the_week_before_is_another_line_and_a_copy_is_none(path):
    refund = row_of(SEA, settled="2026/09/14", settlement="-1", revenue="13.15")

    file, lines = read(write_csv(path, [SEA, refund, SEA]))

    assert sorted(line.settled_at.day for line in lines) == [14, 21]
    assert (file.report.copied_rows, file.report.accepted_rows) == (1, 2)


def test_fees_moved_by_a_column_are_told_and_what_then_fails_is_refused(path):
    moved = row_of(SEA, transaction="-7.00", commission_fee="-0.90", gst="0")
    broken = row_of(
        SEA, adjustment_id="579300000000000102", total_fees="-2.10", transaction="-7.00"
    )

    file, lines = read(write_csv(path, [moved, broken]))

    assert [line.subject_id for line in lines] == ["579300000000000101"]
    noted, refused = file.problems
    assert "come to -12.05, not to -14.15" in noted.message
    assert not noted.is_error
    assert refused.is_error
    assert "wrong columns" in refused.message
    assert (file.report.refused_lines, file.report.refused_rows) == (1, 1)


def test_a_row_with_a_bad_cell_is_refused_and_comes_back_in_the_error_file(
    path, tmp_path
):
    bad = row_of(SEA, adjustment_id="579300000000000103", settlement="much")
    short = dict(list(SEA.items())[:5])
    write_csv(path, [SEA, bad])
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write(",".join(short.values()).replace("101", "104") + "\r\n")

    file, lines = read(path)
    errors = [problem for problem in file.problems if problem.is_error]
    target = tmp_path / "errors.csv"
    count = write_settlements_error_file(path, target, errors, region="MY")

    assert len(lines) == 1
    assert [problem.line for problem in errors] == [3, 4]
    assert "5 of 24 columns" in errors[1].message
    assert count == 2
    again = target.read_text(encoding="utf-8-sig").splitlines()
    assert again[0].endswith(",error")
    assert "is not an amount" in again[1]


@pytest.mark.parametrize(("told", "says"), [("MYR", "Choose the shop"), ("?", "is no")])
def test_lines_of_another_currency_than_the_shops_are_refused(path, told, says):
    file_path = write_csv(path, [row_of(SEA, currency=told)])
    file, lines = read(file_path, "TH", "THB", "Asia/Bangkok")

    assert lines == []
    assert says in file.problems[0].message
    assert file.report.refused_rows == 1


def test_a_sign_names_the_currency_too(path):
    _, [line] = read(write_csv(path, [row_of(SEA, currency="RM")]))

    assert line.currency == "MYR"


@pytest.mark.parametrize("amount", ["89-85", "--89.85", "-89-.85"])
def test_a_minus_between_digits_makes_no_amount(path, amount):
    file, lines = read(write_csv(path, [row_of(SEA, settlement=amount)]))

    assert lines == []
    assert amount in file.problems[0].message


def test_a_line_whose_totals_do_not_come_to_it_is_named(path):
    file, [line] = read(write_csv(path, [row_of(SEA, settlement="88.85")]))

    assert line.amounts.settlement == Decimal("88.85")
    [note] = file.problems
    assert (note.line, note.is_error) == (2, False)
    assert "come to 89.85, not to 88.85" in note.message


@pytest.mark.parametrize("changed", [{"settled": ""}, {"type": ""}])
def test_what_cannot_be_known_is_not_guessed(path, changed):
    file, lines = read(write_csv(path, [row_of(SEA, **changed)]))

    assert lines == []
    assert "is blank" in file.problems[0].message


def test_a_file_whose_ids_a_spreadsheet_has_ruined_is_refused(path):
    write_csv(path, [row_of(SEA, adjustment_id="5.79E+17")])

    with pytest.raises(FileRefused, match="last digits are lost"):
        read(path)


def test_other_files_are_told_where_they_belong(path):
    path.write_text("Order ID,Order Status,Quantity\n5793,Completed,1\n")

    with pytest.raises(FileRefused, match="no settlement file"):
        read(path)
    path.write_text(",".join(SEA) + "\n")
    with pytest.raises(FileRefused, match="no lines"):
        read(path)


def test_another_sheet_of_lines_is_not_passed_over_in_silence(path):
    write_xlsx(path, [SEA], sheet="July", others=[("August", SEA)])

    file, lines = read(path)

    assert len(lines) == 1
    [note] = file.problems
    assert "“July” was read. There are such lines on “August”" in note.message


def test_one_date_without_its_year_first_is_to_be_told(path):
    clear = row_of(SEA, adjustment_id="579300000000000109")
    told = [
        read(write_csv(path, [clear, other]))[0].report.is_date_order_told
        for other in (SEA, row_of(SEA, settled="05/09/2026"))
    ]

    assert told == [True, False]

"""What TikTok Shop tells of stock, read from documented and from odd shapes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.contracts import (
    RemoteStock,
    RemoteWarehouseStock,
    SkuStock,
    StockAnswer,
    StockFault,
)
from apps.integrations.tiktok.codes import FAULTS, stock_fault
from apps.integrations.tiktok.products.codes import STOCK_FAULTS
from apps.integrations.tiktok.products.stock import (
    stock_failures_from_json,
    stock_from_json,
)

PRODUCT, SKU, OTHER = "1730000000000000001", "1730000000000000101", "102"
NEAR, FAR = "7100000000000000003", "7100000000000000004"
SENT = [SkuStock(SKU, {NEAR: 5, FAR: 0}), SkuStock(OTHER, {NEAR: 7})]


def make_level(**changes: Any) -> dict[str, Any]:
    return {
        "warehouse_id": NEAR,
        "available_quantity": 70,
        "committed_quantity": 6,
    } | changes


def make_stock(**changes: Any) -> dict[str, Any]:
    return {
        "id": SKU,
        "seller_sku": "LAMP-30",
        "total_available_quantity": 100,
        "total_committed_quantity": 10,
        "warehouse_inventory": [
            make_level(),
            {"warehouse_id": FAR, "available_quantity": 30, "committed_quantity": 4},
        ],
        "total_available_inventory_distribution": {
            "campaign_inventory": [
                {"quantity": 30, "campaign_name": "Big Sale"},
                {"quantity": 5, "campaign_name": "Small Sale"},
            ],
            "creator_inventory": [{"quantity": 20, "creator_name": "glow"}],
            "in_shop_inventory": {"quantity": 45},
        },
    } | changes


def answer_with(*skus: Any) -> dict[str, Any]:
    return {"inventory": [{"product_id": PRODUCT, "skus": list(skus)}]}


def refusal(*extras: Any, sku_id: str = SKU, code: int = 12052990) -> dict[str, Any]:
    return {
        "code": code,
        "message": "batch update inventory error",
        "detail": {"sku_id": sku_id, "extra_errors": list(extras)},
    }


def reason(code: int, warehouse: str = "", message: str = "their words") -> Any:
    named = {"warehouse_id": warehouse} if warehouse else {}
    return named | {"code": code, "message": message}


def test_the_documented_answer_is_read_whole():
    answer = stock_from_json(answer_with(make_stock()), sku_ids=[SKU])

    assert answer == StockAnswer(
        stock=(
            RemoteStock(
                remote_sku_id=SKU,
                remote_product_id=PRODUCT,
                seller_sku="LAMP-30",
                available=100,
                committed=10,
                by_warehouse=(
                    RemoteWarehouseStock(NEAR, 70, 6),
                    RemoteWarehouseStock(FAR, 30, 4),
                ),
                campaign=35,
                creator=20,
            ),
        )
    )


def test_counts_and_ids_may_come_as_text_or_number_and_fields_we_do_not_know_too():
    row = make_stock(
        id=int(SKU),
        total_available_quantity="100",
        total_committed_quantity=" 10 ",
        warehouse_inventory=make_level(warehouse_id=int(NEAR), backorders={"x": 1}),
        reserved_quantity=[3],
    )

    [stock] = stock_from_json(answer_with(row)).stock

    assert (stock.remote_sku_id, stock.available, stock.committed) == (SKU, 100, 10)
    assert stock.by_warehouse == (RemoteWarehouseStock(NEAR, 70, 6),)


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_number_that_is_not_told_is_unknown_and_not_0(nothing):
    row = make_stock(
        total_available_quantity=nothing,
        total_committed_quantity=nothing,
        warehouse_inventory=[make_level(available_quantity=nothing), {}],
    )
    del row["warehouse_inventory"][1]

    [stock] = stock_from_json(answer_with(row)).stock

    assert (stock.available, stock.committed) == (None, None)
    assert stock.by_warehouse == (RemoteWarehouseStock(NEAR, None, 6),)


def test_a_sku_may_say_nothing_but_its_id():
    answer = stock_from_json({"inventory": [{"skus": [{"id": SKU}]}]})

    assert answer.stock == (RemoteStock(SKU, ""),)


def test_none_in_stock_is_a_number_like_others():
    row = make_stock(total_available_quantity=0, total_committed_quantity="0")

    [stock] = stock_from_json(answer_with(row)).stock

    assert (stock.available, stock.committed) == (0, 0)


@pytest.mark.parametrize(
    "odd", [1.5, "1.5", 12.0, -1, "-1", True, False, "many", [1], {}, 10**9 + 1, "٣"]
)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda odd: {"total_available_quantity": odd},
        lambda odd: {"total_committed_quantity": odd},
        lambda odd: {"warehouse_inventory": [make_level(available_quantity=odd)]},
        lambda odd: {"warehouse_inventory": [make_level(committed_quantity=odd)]},
        lambda odd: {
            "total_available_inventory_distribution": {
                "creator_inventory": [{"quantity": odd}]
            }
        },
    ],
)
def test_a_number_that_makes_no_sense_is_named_and_spoils_no_other_sku(spoil, odd):
    data = answer_with(make_stock(**spoil(odd)), make_stock(id=OTHER))

    answer = stock_from_json(data, sku_ids=[SKU, OTHER])

    assert [stock.remote_sku_id for stock in answer.stock] == [OTHER]
    [(sku_id, why)] = answer.malformed
    assert sku_id == SKU
    assert "quantity" in why
    assert answer.missing == ()


@pytest.mark.parametrize(
    ("row", "sku_id", "why"),
    [
        ("odd", "", "not an object"),
        (make_stock(id=None), "", "no id"),
        (make_stock(warehouse_inventory=["odd"]), SKU, "warehouse is not an object"),
        (
            make_stock(warehouse_inventory=[make_level(warehouse_id="")]),
            SKU,
            "warehouse has no id",
        ),
        (
            make_stock(total_available_inventory_distribution=["odd"]),
            SKU,
            "distribution is not an object",
        ),
        (
            make_stock(
                total_available_inventory_distribution={"campaign_inventory": [{}]}
            ),
            SKU,
            "share without a quantity",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row, sku_id, why):
    answer = stock_from_json(answer_with(row))

    assert answer.stock == ()
    assert answer.malformed[0][0] == sku_id
    assert why in answer.malformed[0][1]


@pytest.mark.parametrize("nothing", [None, {}])
def test_stock_that_is_not_distributed_is_kept_for_nobody(nothing):
    row = make_stock(total_available_inventory_distribution=nothing)

    [stock] = stock_from_json(answer_with(row)).stock

    assert (stock.campaign, stock.creator) == (0, 0)


def test_what_was_asked_for_and_not_answered_is_missing():
    data = answer_with(make_stock())
    data["inventory"].append({"product_id": "9", "skus": None})

    by_sku = stock_from_json(data, sku_ids=["3", SKU, OTHER])
    by_product = stock_from_json(data, product_ids=["9", PRODUCT, "8"])

    assert by_sku.missing == ("3", OTHER)
    assert by_product.missing == ("9", "8")


@pytest.mark.parametrize("data", [{}, {"inventory": None}, {"inventory": []}])
def test_an_answer_that_says_nothing_misses_everything(data):
    assert stock_from_json(data, sku_ids=[SKU]) == StockAnswer(missing=(SKU,))


odd_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*make_stock(), *make_level(), "product_id", "skus", "detail", "code"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(odd_json)
def test_nothing_the_platform_could_answer_makes_the_reading_fall_over(value):
    answer = stock_from_json({"inventory": value}, sku_ids=[SKU])
    failures = stock_failures_from_json({"errors": value}, SENT)

    told = {stock.remote_sku_id for stock in answer.stock}
    told |= {sku_id for sku_id, _ in answer.malformed}
    assert (SKU in told) != (SKU in answer.missing)
    assert bool(failures) == (value not in (None, "", []))


@pytest.mark.parametrize("data", [{}, {"errors": None}, {"errors": []}])
def test_without_errors_all_was_taken(data):
    assert stock_failures_from_json(data, SENT) == []


def test_a_refused_sku_has_the_first_reason_and_its_warehouses():
    data = {
        "errors": [
            refusal(
                reason(12052531, NEAR, "The warehouse is disabled"),
                reason(12052055, FAR, "Not within limits"),
            )
        ],
        "unheard_of": 1,
    }

    [failure] = stock_failures_from_json(data, SENT)

    assert (failure.remote_sku_id, failure.code) == (SKU, 12052531)
    assert failure.kind is StockFault.WAREHOUSE
    assert failure.message.startswith("The warehouse does not fit.")
    assert failure.message.endswith("TikTok Shop says: The warehouse is disabled")
    assert [each[:2] for each in failure.warehouses] == [
        (NEAR, 12052531),
        (FAR, 12052055),
    ]
    assert failure.warehouses[1][2].endswith("TikTok Shop says: Not within limits")


def test_a_state_that_forbids_it_is_told_as_the_documents_show():
    told = reason(12052003, NEAR, "The current product status can not be actiavted")

    [failure] = stock_failures_from_json({"errors": [refusal(told)]}, SENT)

    assert failure.kind is StockFault.STATUS


def test_a_reason_of_the_whole_sku_names_no_warehouse():
    data = {"errors": [refusal(reason(12052850))]}

    [failure] = stock_failures_from_json(data, SENT)

    assert (failure.code, failure.warehouses) == (12052850, ())
    assert failure.kind is StockFault.LOCKED


def test_an_error_that_is_a_reason_itself_keeps_its_place_before_the_others():
    data = {"errors": [refusal(reason(1, FAR), code=12052901)]}

    [failure] = stock_failures_from_json(data, SENT)

    assert (failure.code, failure.kind) == (12052901, StockFault.STATUS)
    assert failure.warehouses[0][:2] == (FAR, 1)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (refusal(), 12052990),
        (refusal("odd", None), 12052990),
        ({"code": "12052990", "detail": {"sku_id": int(SKU)}}, 12052990),
        ({"detail": {"sku_id": SKU, "extra_errors": None}}, 0),
        ({"detail": {"sku_id": SKU, "extra_errors": reason(12052850)}}, 12052850),
    ],
)
def test_an_error_may_lack_its_code_or_its_reasons(row, code):
    [failure] = stock_failures_from_json({"errors": row}, SENT)

    assert (failure.remote_sku_id, failure.code) == (SKU, code)
    assert failure.message


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"code": 36009003, "message": "internal"}, StockFault.RETRY),
        ({"code": 36009003, "detail": None}, StockFault.RETRY),
        ({"detail": {"sku_id": ""}}, StockFault.OTHER),
        ("odd", StockFault.OTHER),
    ],
)
def test_an_error_of_nobody_counts_against_every_sku_sent(row, kind):
    failures = stock_failures_from_json({"errors": [row]}, SENT)

    assert [failure.remote_sku_id for failure in failures] == [SKU, OTHER]
    assert {failure.kind for failure in failures} == {kind}


def test_a_sku_fails_once_however_many_errors_it_has():
    data = {
        "errors": [
            refusal(reason(12052531, NEAR)),
            refusal(reason(12052055, FAR)),
            reason(36009003),
        ]
    }

    first, second = stock_failures_from_json(data, SENT)

    assert (first.remote_sku_id, first.code) == (SKU, 12052531)
    assert [warehouse for warehouse, *_ in first.warehouses] == [NEAR, FAR]
    assert (second.remote_sku_id, second.code) == (OTHER, 36009003)


@pytest.mark.parametrize(
    ("quantities", "warehouse", "kind"),
    [
        ({NEAR: 0}, NEAR, StockFault.ZERO_REFUSED),
        ({NEAR: 0}, "", StockFault.ZERO_REFUSED),
        ({NEAR: 0, FAR: 5}, NEAR, StockFault.ZERO_REFUSED),
        ({NEAR: 0, FAR: 5}, "", StockFault.ZERO_REFUSED),
        ({NEAR: 0, FAR: 100_000}, FAR, StockFault.OUT_OF_RANGE),
        ({NEAR: 0, FAR: 100_000}, "", StockFault.OUT_OF_RANGE),
        ({NEAR: 100_000}, NEAR, StockFault.OUT_OF_RANGE),
        ({NEAR: 5}, "", StockFault.OUT_OF_RANGE),
    ],
)
def test_what_was_sent_tells_a_refused_zero_from_too_much(quantities, warehouse, kind):
    data = {"errors": [refusal(reason(12052055, warehouse))]}

    [failure] = stock_failures_from_json(data, [SkuStock(SKU, quantities)])

    assert failure.kind is kind


def test_a_sku_that_nobody_sent_is_named_all_the_same():
    data = {"errors": [refusal(reason(12052055), sku_id="999")]}

    [failure] = stock_failures_from_json(data, SENT)

    assert failure.remote_sku_id == "999"
    assert failure.kind is StockFault.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (StockFault.RETRY, [36009002, 36009003, 36009007, 12052109, 33001002]),
        (StockFault.OUT_OF_RANGE, [12052055, 12019024]),
        (
            StockFault.WAREHOUSE,
            [12052097, 12052530, 12052531, 12052532, 12052533, 12019022, 12052096],
        ),
        (StockFault.WAREHOUSE, [12052115, 12052403, 12019028, 12052094, 12052364]),
        (StockFault.LOCKED, [12052037, 12052141, 12052921, 12052850, 12052393]),
        (StockFault.STATUS, [12052901, 12019113]),
        (StockFault.GONE, [12052260, 12019150, 12052032, 12052048, 12052034]),
        (StockFault.GONE, [12052553, 12052556, 12052557]),
        (StockFault.SELLER, [12052700, 12052704]),
        (StockFault.OTHER, [0, 1, 105001, 12052036, 12052902, 12052990]),
    ],
)
def test_codes_of_stock_say_what_can_be_done(kind, codes):
    assert {code: stock_fault(code) for code in codes} == dict.fromkeys(codes, kind)


def test_a_code_of_the_whole_call_is_judged_by_what_was_sent_as_well():
    assert stock_fault(12052055, [0, 5]) is StockFault.ZERO_REFUSED
    assert stock_fault(12019024, [0]) is StockFault.ZERO_REFUSED
    assert stock_fault(12052055, [5]) is StockFault.OUT_OF_RANGE
    assert stock_fault(12052097, [0]) is StockFault.WAREHOUSE


def test_every_code_of_stock_has_words_for_staff():
    assert STOCK_FAULTS.keys() <= FAULTS.keys()

"""What goes out when the client asks for stock or sets it, and how often."""

from urllib.parse import urlsplit

import pytest
import requests

from apps.integrations.contracts import (
    BatchProgress,
    ItemFailure,
    PlatformClient,
    SkuStock,
    StockAnswer,
    StockFault,
)
from apps.integrations.errors import (
    MalformedReply,
    NotFound,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
)
from apps.integrations.tiktok.codes import stock_fault
from tests.integrations.tiktok.fakes import (
    CIPHER,
    FakeSession,
    failure,
    make_client,
    success,
)

PRODUCT = "1730000000000000001"
SEARCH_PATH = "/product/202309/inventory/search"
UPDATE_PATH = f"/product/202309/products/{PRODUCT}/inventory/update"
NEAR, FAR = "7100000000000000003", "7100000000000000004"
LOST = requests.ReadTimeout("?sign=planted")


def path_of(sent):
    return urlsplit(sent.url).path


def ids_of(count):
    return [str(number) for number in range(1000, 1000 + count)]


def stock_of(sku_ids, *, product_id=PRODUCT):
    rows = [{"id": sku_id, "total_available_quantity": 3} for sku_id in sku_ids]
    return success({"inventory": [{"product_id": product_id, "skus": rows}]})


def skus_of(count):
    return [SkuStock(sku_id, {NEAR: 5}) for sku_id in ids_of(count)]


def refused(*sku_ids):
    rows = [
        {"code": 12052850, "message": "no", "detail": {"sku_id": sku_id}}
        for sku_id in sku_ids
    ]
    return success({"errors": rows})


def test_it_is_what_the_project_expects_of_a_platform():
    client: PlatformClient = make_client(FakeSession())

    assert client.search_stock() == StockAnswer()
    assert client.update_stock(PRODUCT, []) == []


def test_skus_are_searched_six_hundred_a_call_and_each_once():
    ids = ids_of(1201)
    session = FakeSession(
        stock_of(ids[:600]), stock_of(ids[601:1200]), stock_of(ids[1200:])
    )

    answer = make_client(session).search_stock(sku_ids=[*ids, *ids[:5]])

    assert [(sent.method, path_of(sent)) for sent in session.sent] == [
        ("POST", SEARCH_PATH)
    ] * 3
    assert [sent.json for sent in session.sent] == [
        {"sku_ids": ids[:600]},
        {"sku_ids": ids[600:1200]},
        {"sku_ids": ids[1200:]},
    ]
    assert all(sent.params["shop_cipher"] == CIPHER for sent in session.sent)
    assert len(answer.stock) == 1200
    assert answer.missing == (ids[600],)


def test_products_are_searched_a_hundred_a_call():
    ids = ids_of(150)
    session = FakeSession(
        stock_of(["1", "2"], product_id=ids[7]), stock_of([None], product_id=ids[149])
    )

    answer = make_client(session).search_stock(product_ids=ids)

    assert [sent.json for sent in session.sent] == [
        {"product_ids": ids[:100]},
        {"product_ids": ids[100:]},
    ]
    assert {each.remote_product_id for each in answer.stock} == {ids[7]}
    assert set(answer.missing) == {*ids} - {ids[7], ids[149]}
    assert [sku_id for sku_id, _ in answer.malformed] == [""]


def test_a_search_is_for_skus_or_for_products():
    client = make_client(FakeSession())

    with pytest.raises(ValueError, match="not for both"):
        client.search_stock(sku_ids=["1"], product_ids=["2"])


def test_a_search_that_is_answered_with_nothing_misses_everything():
    session = FakeSession(success(None))

    answer = make_client(session).search_stock(sku_ids=("1", "2"))

    assert answer == StockAnswer(missing=("1", "2"))


def test_a_search_is_repeated_after_an_outage_and_an_odd_answer_is_no_stock():
    session = FakeSession(LOST, stock_of(["1"]), success(["odd"]))
    client = make_client(session)

    assert client.search_stock(sku_ids=["1"]).stock[0].available == 3
    with pytest.raises(MalformedReply):
        client.search_stock(sku_ids=["1"])


def test_every_warehouse_is_sent_in_an_order_of_its_own():
    session = FakeSession(success({}), success({}))
    client = make_client(session)

    failures = client.update_stock(
        PRODUCT, [SkuStock("101", {FAR: 0, NEAR: 12}), SkuStock("102", {NEAR: 7})]
    )
    client.update_stock(
        PRODUCT, [SkuStock("101", {NEAR: 12, FAR: 0}), SkuStock("102", {NEAR: 7})]
    )

    first, second = session.sent
    assert (first.method, path_of(first)) == ("POST", UPDATE_PATH)
    assert first.params["shop_cipher"] == CIPHER
    assert first.json == {
        "skus": [
            {
                "id": "101",
                "inventory": [
                    {"warehouse_id": NEAR, "quantity": 12},
                    {"warehouse_id": FAR, "quantity": 0},
                ],
            },
            {"id": "102", "inventory": [{"warehouse_id": NEAR, "quantity": 7}]},
        ]
    }
    assert first.body == second.body
    assert failures == []


@pytest.mark.parametrize(
    ("sku", "why"),
    [
        (SkuStock("101", {NEAR: 3, FAR: -1}), "SKU 101 has a negative quantity"),
        (SkuStock("101", {}), "SKU 101 has no warehouse"),
        (SkuStock("101", {"": 3}), "SKU 101 has a warehouse without id"),
        (SkuStock("1000", {NEAR: 3}), "SKU 1000 is named twice"),
    ],
)
def test_stock_that_makes_no_sense_asks_nobody(sku, why):
    session = FakeSession()

    with pytest.raises(ValueError, match=why):
        make_client(session).update_stock(PRODUCT, [*skus_of(150), sku])

    assert session.sent == []


def test_what_cannot_be_a_product_asks_nobody():
    with pytest.raises(NotFound) as error:
        make_client(FakeSession()).update_stock("../orders", skus_of(1))

    assert error.value.progress is None


def test_skus_are_updated_a_hundred_a_call():
    skus = skus_of(250)
    session = FakeSession(refused("1003"), success({}), refused("1249"))

    failures = make_client(session).update_stock(PRODUCT, skus)

    sent = [[sku["id"] for sku in each.json["skus"]] for each in session.sent]
    ids = ids_of(250)
    assert sent == [ids[:100], ids[100:200], ids[200:]]
    assert [each.remote_sku_id for each in failures] == ["1003", "1249"]
    assert {each.kind for each in failures} == {StockFault.LOCKED}


def test_an_error_of_nobody_counts_against_the_skus_of_its_call_alone():
    session = FakeSession(success({}), success({"errors": [{"code": 36009003}]}))

    failures = make_client(session).update_stock(PRODUCT, skus_of(102))

    assert [each.remote_sku_id for each in failures] == ["1100", "1101"]


@pytest.mark.parametrize("trouble", [LOST, failure(36009003, "internal error")])
def test_stock_is_absolute_and_so_sent_again_after_an_outage(trouble):
    session = FakeSession(trouble, success({}))

    assert make_client(session).update_stock(PRODUCT, skus_of(1)) == []

    assert session.sent[0].body == session.sent[1].body


def test_what_was_done_before_a_call_failed_is_not_lost():
    ids = ids_of(250)
    session = FakeSession(refused("1003"), *[LOST] * 5)

    with pytest.raises(PlatformUnavailable) as error:
        make_client(session).update_stock(PRODUCT, skus_of(250))

    progress = error.value.progress
    assert progress
    assert progress.taken == tuple(each for each in ids[:100] if each != "1003")
    [refusal] = progress.failures
    assert isinstance(refusal, ItemFailure)
    assert (refusal.remote_id, refusal.code) == ("1003", 12052850)
    assert progress.unsure == tuple(ids[100:200])
    assert progress.unsent == tuple(ids[200:])


def test_a_first_call_that_fails_leaves_everything_open():
    limit = failure(36009002, "too many", status=429, Retry_After="90")
    session = FakeSession(limit)

    with pytest.raises(RateLimited) as error:
        make_client(session).update_stock(PRODUCT, skus_of(2))

    assert error.value.progress == BatchProgress((), (), ("1000", "1001"), ())


@pytest.mark.parametrize(
    ("code", "kind", "fault"),
    [
        (12052260, NotFound, StockFault.GONE),
        (12052901, RequestRefused, StockFault.STATUS),
        (12019028, RequestRefused, StockFault.WAREHOUSE),
        (12052700, RequestRefused, StockFault.SELLER),
    ],
)
def test_a_call_that_is_refused_as_a_whole_says_why(code, kind, fault):
    session = FakeSession(failure(code, "their words"))

    with pytest.raises(RequestRefused, match="their words") as error:
        make_client(session).update_stock(PRODUCT, skus_of(1))

    assert type(error.value) is kind
    assert stock_fault(error.value.code) is fault
    assert len(session.sent) == 1

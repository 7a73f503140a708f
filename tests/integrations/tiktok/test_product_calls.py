from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.parser import BytesParser
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from apps.integrations.contracts import BatchProgress, PlatformClient, SkuPrice
from apps.integrations.errors import (
    MalformedReply,
    NotFound,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
)
from apps.integrations.tiktok.products.trees import usual_version
from apps.integrations.tiktok.signing import sign
from tests.integrations.tiktok.fakes import (
    APP_SECRET,
    CIPHER,
    NOW,
    FakeSession,
    RecordingObserver,
    failure,
    make_client,
    success,
)
from tests.integrations.tiktok.product_payloads import make_product, make_short_product

SINCE = datetime.fromtimestamp(NOW - 3600, tz=UTC)
UNTIL = datetime.fromtimestamp(NOW, tz=UTC)
PRODUCT = "1730000000000000001"
LOST = requests.ReadTimeout("?sign=planted")


def path_of(sent):
    return urlsplit(sent.url).path


def errors(*ids):
    rows = [
        {"code": 12052901, "message": "no", "detail": {"product_id": remote_id}}
        for remote_id in ids
    ]
    return success({"errors": rows})


def test_it_is_what_the_project_expects_of_a_platform():
    client: PlatformClient = make_client(FakeSession())

    assert client.activate_listings([]) == []


def test_a_search_pages_in_the_query_and_filters_in_the_body():
    session = FakeSession(
        success(
            {
                "products": [make_short_product(id="1")],
                "next_page_token": "p2",
                "total_count": 7,
            }
        )
    )

    page = make_client(session).search_listings(
        status="ACTIVATE",
        updated_from=SINCE,
        updated_to=UNTIL,
        page_token="p1",
        page_size=50,
    )

    [sent] = session.sent
    assert (sent.method, path_of(sent)) == ("POST", "/product/202502/products/search")
    assert sent.params["page_size"] == "50"
    assert sent.params["page_token"] == "p1"
    assert sent.params["shop_cipher"] == CIPHER
    assert sent.json == {
        "status": "ACTIVATE",
        "update_time_ge": 1789996400,
        "update_time_le": 1790000000,
    }
    assert [listing.remote_id for listing in page.listings] == ["1"]
    assert (page.next_page_token, page.total_count) == ("p2", 7)


def test_both_ends_of_a_window_count_and_whole_seconds_keep_it_exact():
    session = FakeSession(success({}))
    half = timedelta(seconds=0.5)

    make_client(session).search_listings(
        updated_from=SINCE + half, updated_to=UNTIL + half
    )

    assert session.sent[0].json == {
        "status": "ALL",
        "update_time_ge": 1789996401,
        "update_time_le": 1790000000,
    }


def test_a_window_of_one_instant_is_asked_for_and_an_empty_one_is_not():
    session = FakeSession(success({}))
    client = make_client(session)

    client.search_listings(updated_from=UNTIL, updated_to=UNTIL)
    page = client.search_listings(updated_from=UNTIL, updated_to=SINCE)

    assert len(session.sent) == 1
    assert (page.listings, page.total_count) == ((), 0)


def test_a_search_can_be_narrowed_by_when_products_were_made():
    session = FakeSession(success({}))
    client = make_client(session)

    client.search_listings(created_from=SINCE, created_to=UNTIL)
    empty = client.search_listings(created_from=UNTIL, created_to=SINCE)

    assert session.sent[0].json == {
        "status": "ALL",
        "create_time_ge": 1789996400,
        "create_time_le": 1790000000,
    }
    assert (len(session.sent), empty.total_count) == (1, 0)


def test_a_search_without_a_window_asks_for_everything():
    session = FakeSession(success({}))

    make_client(session).search_listings()

    assert session.sent[0].json == {"status": "ALL"}
    assert "page_token" not in session.sent[0].params


def test_instants_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="zone"):
        make_client(FakeSession()).search_listings(
            updated_from=UNTIL.replace(tzinfo=None)
        )


@pytest.mark.parametrize(
    ("version", "params"),
    [
        ("live", {}),
        ("under_review", {"return_under_review_version": "true"}),
        ("draft", {"return_draft_version": "true"}),
    ],
)
def test_each_version_of_a_listing_can_be_read(version, params):
    session = FakeSession(success(make_product()))

    listing = make_client(session).get_listing(PRODUCT, version=version)

    [sent] = session.sent
    assert (sent.method, sent.body) == ("GET", b"")
    assert path_of(sent) == f"/product/202309/products/{PRODUCT}"
    asked = {name for name in sent.params if name.startswith("return_")}
    assert asked == set(params)
    assert sent.params.items() >= params.items()
    assert listing.is_whole


@pytest.mark.parametrize(
    "answer",
    [
        failure(12052260, "The product ID does not exist"),
        failure(12052048, "not yours"),
        failure(12052547, "no version under review"),
        success({}),
        success(None),
    ],
)
def test_what_is_not_there_is_not_found(answer):
    with pytest.raises(NotFound, match="Seller Center"):
        make_client(FakeSession(answer)).get_listing(PRODUCT)


def test_what_is_of_another_shop_is_told_like_what_is_nowhere():
    def words_of(code):
        with pytest.raises(NotFound) as error:
            make_client(FakeSession(failure(code, ""))).get_listing(PRODUCT)
        return error.value.message

    assert words_of(12052048) == words_of(12052260)


@pytest.mark.parametrize(
    "remote_id", ["", "../orders", "1/2", "1?x=1", "1 2", "x" * 65]
)
def test_what_cannot_be_an_id_asks_nobody(remote_id):
    client = make_client(FakeSession())

    with pytest.raises(NotFound):
        client.get_listing(remote_id)
    with pytest.raises(NotFound):
        client.edit_listing(remote_id, {})


def test_a_listing_that_is_there_but_unreadable_is_not_called_missing():
    session = FakeSession(success({"title": "no id"}))

    with pytest.raises(MalformedReply, match="the product has no id"):
        make_client(session).get_listing(PRODUCT)


def test_bodies_go_out_as_they_are():
    session = FakeSession(*[success({"product_id": PRODUCT})] * 3)
    client = make_client(session)
    body = {"title": "Lämpchen", "unheard_of": [1, {"deep": None}]}

    for sent in (
        client.create_listing(body),
        client.edit_listing(PRODUCT, body),
        client.edit_listing_partly(PRODUCT, body),
    ):
        assert sent.remote_id == PRODUCT

    assert [(sent.method, path_of(sent)) for sent in session.sent] == [
        ("POST", "/product/202309/products"),
        ("PUT", f"/product/202509/products/{PRODUCT}"),
        ("POST", f"/product/202509/products/{PRODUCT}/partial_edit"),
    ]
    assert all(sent.json == body for sent in session.sent)
    assert all(sent.params["shop_cipher"] == CIPHER for sent in session.sent)


def test_a_lost_create_is_repeated_only_if_repeating_makes_nothing_twice():
    busy = failure(36009003, "internal error")
    plain, keyed = FakeSession(busy), FakeSession(busy, success({"product_id": "1"}))

    with pytest.raises(PlatformUnavailable):
        make_client(plain).create_listing({"title": "x"})
    made = make_client(keyed).create_listing({"idempotency_key": "k1"})

    assert made.remote_id == "1"
    assert keyed.sent[0].body == keyed.sent[1].body


@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.edit_listing(PRODUCT, {"title": "x"}),
        lambda client: client.edit_listing_partly(PRODUCT, {"title": "x"}),
        lambda client: client.update_prices(
            PRODUCT, [SkuPrice("1", Decimal(2), "MYR")]
        ),
        lambda client: client.activate_listings(["1"]),
        lambda client: client.delete_listings(["1"]),
        lambda client: client.create_brand("Glow"),
    ],
)
def test_a_write_is_never_repeated_by_itself(write):
    session = FakeSession(failure(36009003, "internal error"))

    with pytest.raises(PlatformUnavailable):
        write(make_client(session))

    assert len(session.sent) == 1


def test_the_platforms_dry_run_makes_nothing_and_uses_no_key():
    session = FakeSession(
        success({"check_result": "FAILED", "fail_reasons": [{"message": "No title"}]})
    )

    check = make_client(session).check_listing({"title": "", "idempotency_key": "k"})

    [sent] = session.sent
    assert path_of(sent) == "/product/202309/products/listing_check"
    assert sent.json == {"title": ""}
    assert (check.is_passed, check.reasons) == (False, ("No title",))


def test_prices_are_sent_in_plain_digits():
    session = FakeSession(success({}))
    prices = [
        SkuPrice("101", Decimal("1E+2"), "MYR", Decimal("120.50")),
        SkuPrice("102", Decimal("39.90"), "MYR"),
    ]

    make_client(session).update_prices(PRODUCT, prices)

    [sent] = session.sent
    assert path_of(sent) == f"/product/202309/products/{PRODUCT}/prices/update"
    assert sent.json == {
        "skus": [
            {
                "id": "101",
                "price": {"amount": "100", "currency": "MYR"},
                "list_price": {"amount": "120.50", "currency": "MYR"},
            },
            {"id": "102", "price": {"amount": "39.90", "currency": "MYR"}},
        ]
    }


def test_cross_border_shops_name_what_buyers_see_by_its_own_name():
    session = FakeSession(success({}))

    make_client(session).update_prices(
        PRODUCT, [SkuPrice("101", Decimal(9), "USD")], is_cross_border=True
    )

    assert session.sent[0].json["skus"][0]["price"]["sale_price"] == "9"


def test_no_prices_ask_nobody():
    make_client(FakeSession()).update_prices(PRODUCT, [])


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("activate_listings", "POST", "/product/202309/products/activate"),
        ("deactivate_listings", "POST", "/product/202309/products/deactivate"),
        ("delete_listings", "DELETE", "/product/202309/products"),
        ("recover_listings", "POST", "/product/202309/products/recover"),
    ],
)
def test_batches_have_twenty_and_each_id_once(name, method, path):
    ids = [str(number) for number in range(45)]
    session = FakeSession(errors("3"), success({}), errors("44"))

    failures = getattr(make_client(session), name)([*ids, "0", "1"])

    assert [(sent.method, path_of(sent)) for sent in session.sent] == [
        (method, path)
    ] * 3
    assert [sent.json["product_ids"] for sent in session.sent] == [
        ids[:20],
        ids[20:40],
        ids[40:],
    ]
    assert [each.remote_id for each in failures] == ["3", "44"]


def test_a_delete_signs_its_body():
    session = FakeSession(success({}))

    make_client(session).delete_listings(["1"])

    [sent] = session.sent
    assert sent.params["sign"] == sign(
        APP_SECRET, "/product/202309/products", sent.params, sent.body
    )


def test_what_was_done_before_a_batch_failed_is_not_lost():
    ids = [str(number) for number in range(50)]
    session = FakeSession(errors("3"), LOST)

    with pytest.raises(PlatformUnavailable) as error:
        make_client(session).activate_listings(ids)

    progress = error.value.progress
    assert progress
    assert [each.remote_id for each in progress.failures] == ["3"]
    assert progress.taken == tuple(each for each in ids[:20] if each != "3")
    assert progress.unsure == tuple(ids[20:40])
    assert progress.unsent == tuple(ids[40:])


def test_a_first_batch_that_fails_leaves_everything_open():
    session = FakeSession(failure(36009002, "too many", status=429))

    with pytest.raises(RateLimited) as error:
        make_client(session).activate_listings(["1", "2"])

    assert error.value.progress == BatchProgress((), (), ("1", "2"), ())


WRONG_TREE = failure(12052217, "Incorrect category version")


def test_the_category_version_is_found_out_and_remembered():
    session = FakeSession(
        WRONG_TREE, success({"categories": []}), success({"attributes": []})
    )
    client = make_client(session)

    client.categories(keyword="lamp")
    client.category_attributes("613")

    assert [sent.params.get("category_version") for sent in session.sent] == [
        None,
        "v2",
        "v2",
    ]
    assert session.sent[0].params["keyword"] == "lamp"


@pytest.mark.parametrize(
    ("region", "version"), [("US", "v2"), ("us", "v2"), ("MY", ""), ("", "")]
)
def test_each_region_has_a_usual_tree(region, version):
    assert usual_version(region) == version


def test_a_configured_category_version_is_tried_first():
    session = FakeSession(success({}), WRONG_TREE, success({}))
    client = make_client(session, category_version="v2")

    client.category_rules("613")
    client.category_rules("614")

    assert [sent.params["category_version"] for sent in session.sent] == [
        "v2",
        "v2",
        "v1",
    ]


def test_a_write_refused_for_its_tree_is_sent_once_more_for_the_other():
    session = FakeSession(WRONG_TREE, success({"product_id": "1"}))

    make_client(session).create_listing({"title": "x"})

    assert [sent.json for sent in session.sent] == [
        {"title": "x"},
        {"title": "x", "category_version": "v2"},
    ]


def test_a_body_that_names_its_category_version_is_not_overruled():
    session = FakeSession(WRONG_TREE)

    with pytest.raises(RequestRefused, match="another version"):
        make_client(session).edit_listing(PRODUCT, {"category_version": "v1"})


def test_if_neither_tree_will_do_the_platform_has_the_last_word():
    session = FakeSession(WRONG_TREE, WRONG_TREE, success({}))
    client = make_client(session)

    with pytest.raises(RequestRefused, match="another version"):
        client.categories()
    client.categories()

    assert "category_version" not in session.sent[2].params


def test_a_category_is_recommended_from_what_is_known():
    session = FakeSession(success({"leaf_category_id": "613"}), success({}))
    client = make_client(session)

    leaf = client.recommend_category(
        "Rattan lamp", description="<p>Woven</p>", image_uris=["tos/1"]
    )
    client.recommend_category("Rattan lamp")

    assert leaf == "613"
    assert path_of(session.sent[0]) == "/product/202309/categories/recommend"
    assert session.sent[0].json == {
        "product_title": "Rattan lamp",
        "description": "<p>Woven</p>",
        "images": [{"uri": "tos/1"}],
    }
    assert session.sent[1].json == {"product_title": "Rattan lamp"}


@pytest.mark.parametrize("code", [12019064, 12052912])
def test_no_category_that_fits_is_an_answer(code):
    session = FakeSession(failure(code))

    assert make_client(session).recommend_category("?") == ""


def test_brands_are_paged_and_filtered_in_the_query():
    session = FakeSession(success({"brands": [{"id": "1"}]}), success({}))
    client = make_client(session)

    client.brands(category_id="613", name="Glow", page_token="p2")
    client.brands()

    first, second = (sent.params for sent in session.sent)
    assert path_of(session.sent[0]) == "/product/202309/brands"
    assert first["page_size"] == second["page_size"] == "100"
    assert (first["category_id"], first["brand_name"]) == ("613", "Glow")
    assert first["page_token"] == "p2"
    assert not {"category_id", "brand_name", "page_token"} & second.keys()


def test_a_brand_is_created_without_a_cipher():
    session = FakeSession(success({"id": "7"}), success({}))
    client = make_client(session)

    assert client.create_brand("Glow") == "7"
    assert session.sent[0].json == {"name": "Glow"}
    assert "shop_cipher" not in session.sent[0].params
    with pytest.raises(MalformedReply):
        client.create_brand("Glow")


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def parts_of(sent) -> dict[str, Any]:
    header = f"content-type: {sent.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser().parsebytes(header + sent.body)
    parts: Any = message.get_payload()
    return {
        part.get_param("name", header="content-disposition"): part for part in parts
    }


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (PNG, "image.png"),
        (b"\xff\xd8\xff\xe0", "image.jpg"),
        (b"RIFF....WEBP", "image.webp"),
        (b"BM....", "image.bmp"),
        (b"\0\0\0\x18ftypheic", "image.heic"),
        (b"", "image.jpg"),
    ],
)
def test_a_picture_goes_out_as_a_form_whose_body_is_not_signed(content, filename):
    session = FakeSession(success({"uri": "tos/1", "url": "https://img.example/1"}))

    image = make_client(session).upload_image(content, use_case="SIZE_CHART_IMAGE")

    [sent] = session.sent
    path = "/product/202309/images/upload"
    assert (sent.method, path_of(sent)) == ("POST", path)
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert sent.params["sign"] == sign(APP_SECRET, path, sent.params, b"")
    assert "shop_cipher" not in sent.params
    parts = parts_of(sent)
    assert parts["use_case"].get_payload() == "SIZE_CHART_IMAGE"
    assert parts["data"].get_filename() == filename
    assert content in sent.body
    assert image.uri == "tos/1"


def test_an_upload_is_repeated_with_the_same_bytes():
    session = FakeSession(failure(36009003), success({"uri": "tos/1"}))

    make_client(session).upload_image(PNG)

    assert session.sent[0].body == session.sent[1].body


def test_a_picture_that_is_too_big_is_not_sent():
    with pytest.raises(RequestRefused, match="10 MB"):
        make_client(FakeSession()).upload_image(bytes(10 * 1024 * 1024 + 1))


def test_nobody_is_told_the_bytes_of_a_picture():
    observer = RecordingObserver()
    session = FakeSession(success({"uri": "tos/1"}), success({"id": "7"}))
    client = make_client(session, observer=observer)

    client.upload_image(PNG)
    client.create_brand("Glow")

    upload, brand = observer.reports
    assert (upload.path, upload.body) == ("/product/202309/images/upload", b"")
    assert brand.body == b'{"name": "Glow"}'


def test_warehouses_and_prerequisites_are_asked_for():
    session = FakeSession(
        success({"warehouses": [{"id": "1", "type": "SALES_WAREHOUSE"}]}),
        success({"check_results": [{"check_item": "SHOP_TAX", "is_failed": True}]}),
    )
    client = make_client(session)

    assert [each.remote_id for each in client.warehouses()] == ["1"]
    assert client.listing_prerequisites() == [("SHOP_TAX", ())]
    assert [path_of(sent) for sent in session.sent] == [
        "/logistics/202309/warehouses",
        "/product/202312/prerequisites",
    ]
    assert all(sent.params["shop_cipher"] == CIPHER for sent in session.sent)

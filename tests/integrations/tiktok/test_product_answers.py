import pytest

from apps.integrations.contracts import SentListing, UploadedImage
from apps.integrations.errors import (
    MalformedReply,
    NotFound,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    TooManyFound,
)
from apps.integrations.tiktok.codes import FAULTS
from apps.integrations.tiktok.products.answers import (
    check_from_json,
    failed_prerequisites,
    failures_from_json,
    image_from_json,
    sent_from_json,
)
from apps.integrations.tiktok.products.codes import PRODUCT_FAULTS
from apps.integrations.tiktok.replies import error_for


def make_error(code, message="their words"):
    return error_for(200, code, message, "REQ9", {})


def test_a_refused_item_has_our_words_and_theirs():
    [failure] = failures_from_json(
        {
            "errors": [
                {
                    "code": 12052901,
                    "message": "Status does not allow it",
                    "detail": {"product_id": 1730000000000000001},
                }
            ]
        },
        ["1730000000000000001", "2"],
    )

    assert failure.remote_id == "1730000000000000001"
    assert failure.code == 12052901
    assert failure.message.startswith("The product's state does not allow this.")
    assert failure.message.endswith("TikTok Shop says: Status does not allow it")
    assert failure.details == ()


def test_a_reason_that_wraps_others_gives_way_to_the_first_of_them():
    [failure] = failures_from_json(
        {
            "errors": {
                "code": 12052990,
                "message": "Batch error",
                "detail": {
                    "product_id": "1",
                    "extra_errors": [
                        {"code": 12052028, "message": "No image"},
                        {"code": 12052261, "message": "No title"},
                    ],
                },
            }
        },
        ["1"],
    )

    assert failure.code == 12052028
    assert "A main picture is missing" in failure.message
    assert failure.details == ("No image (code 12052028)", "No title (code 12052261)")


def test_a_reason_that_is_one_itself_keeps_its_place_before_the_others():
    [failure] = failures_from_json(
        {
            "errors": [
                {
                    "code": 12052700,
                    "message": "Inactive",
                    "detail": {
                        "product_id": "1",
                        "extra_errors": [{"code": 1, "message": "more"}],
                    },
                }
            ]
        },
        ["1"],
    )

    assert (failure.code, failure.details) == (12052700, ("more (code 1)",))


@pytest.mark.parametrize("data", [{}, {"errors": None}, {"errors": []}])
def test_without_errors_all_went_well(data):
    assert failures_from_json(data, ["1"]) == []


@pytest.mark.parametrize(
    "row", [{"code": 36009003, "message": "odd"}, {"detail": "odd"}, "odd"]
)
def test_an_error_of_nobody_counts_against_everybody(row):
    failures = failures_from_json({"errors": [row]}, ["1", "2"])

    assert [failure.remote_id for failure in failures] == ["1", "2"]


def test_what_was_sent_is_known_by_its_ids():
    sent = sent_from_json(
        {
            "product_id": 1730000000000000001,
            "skus": [{"id": "101", "seller_sku": "LAMP-30"}, {"id": 102}, "odd"],
            "warnings": [{"message": "The brand was cleared"}, {}],
        }
    )

    assert sent == SentListing(
        "1730000000000000001",
        (("LAMP-30", "101"), ("1", "102")),
        ("The brand was cleared",),
    )


def test_an_edit_that_is_answered_with_nothing_was_of_the_product_it_named():
    assert sent_from_json({}, "1") == SentListing("1")
    with pytest.raises(MalformedReply, match="name the new product"):
        sent_from_json({})


@pytest.mark.parametrize(
    ("data", "is_passed", "reasons", "warnings"),
    [
        ({"check_result": "PASS"}, True, (), ()),
        ({"check_result": "pass", "warnings": {"message": "w"}}, True, (), ("w",)),
        (
            {
                "check_result": "FAILED",
                "fail_reasons": [{"code": 12052261, "message": "No title"}],
            },
            False,
            ("No title (code 12052261)",),
            (),
        ),
        ({"fail_reasons": ["plain"]}, False, ("plain",), ()),
        ({}, True, (), ()),
        ({"check_result": "SOON"}, False, (), ()),
        (
            {
                "check_result": "PASS",
                "pre_check_results": [
                    {"pre_check_details": [{"short_reason": "s", "long_reason": "l"}]}
                ],
            },
            True,
            (),
            ("l",),
        ),
    ],
)
def test_a_check_has_a_verdict_and_says_why(data, is_passed, reasons, warnings):
    check = check_from_json(data)

    assert (check.is_passed, check.reasons, check.warnings) == (
        is_passed,
        reasons,
        warnings,
    )


def test_an_uploaded_picture_needs_its_name():
    data = {"uri": "tos/1", "url": "https://img.example/1", "width": 8, "height": "9"}

    assert image_from_json(data) == UploadedImage(
        "tos/1", "https://img.example/1", 8, 9
    )
    with pytest.raises(MalformedReply):
        image_from_json({"url": "https://img.example/1"})


def test_failed_prerequisites_are_spelled_alike():
    data = {
        "check_results": [
            {"check_item": "SHOP_STATUS", "is_failed": False},
            {"check_item": "BANk_ACCOUNT", "is_failed": True, "fail_reasons": ["None"]},
            {"check_item": "SHOP_TAX", "is_failed": "true", "fail_reasons": "Missing"},
            "odd",
        ]
    }

    assert failed_prerequisites(data) == [
        ("BANK_ACCOUNT", ("None",)),
        ("SHOP_TAX", ("Missing",)),
    ]


@pytest.mark.parametrize(
    ("code", "kind", "meaning"),
    [
        (12052260, NotFound, "not in this shop"),
        (12052048, NotFound, "not in this shop"),
        (12052547, NotFound, "under review"),
        (12052217, RequestRefused, "another version"),
        (12052028, RequestRefused, "main picture"),
        (12052722, RequestRefused, "upload it again"),
        (12052026, RequestRefused, "brand does not exist"),
        (12052104, RequestRefused, "attribute the category asks for is missing"),
        (12052054, RequestRefused, "seller SKU"),
        (12052038, RequestRefused, "promotion"),
        (12052901, RequestRefused, "state does not allow"),
        (12052051, RequestRefused, "title"),
        (12052180, TooManyFound, "10,000"),
        (12019057, RequestRefused, "SKUs of this product cannot be"),
        (12052093, RateLimited, "limit of new products"),
        (12001000, PlatformUnavailable, "catalogue is busy"),
    ],
)
def test_codes_of_products_say_what_can_be_done(code, kind, meaning):
    error = make_error(code)

    assert type(error) is kind
    assert meaning in error.message
    if issubclass(kind, RequestRefused):
        assert error.message.endswith("TikTok Shop says: their words")


def test_no_code_has_two_meanings():
    codes = [code for _, codes in PRODUCT_FAULTS for code in codes]

    assert len(codes) == len(set(codes))
    assert {FAULTS[code] for code in codes} == {fault for fault, _ in PRODUCT_FAULTS}

import json
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.integrations.hooks import CallReport
from apps.platforms.models import ApiCall
from apps.platforms.services.call_log import (
    CallLog,
    calls_like,
    error_groups,
)
from apps.platforms.services.masking import is_hidden, masked, masked_text
from tests.factories.platforms import make_api_app, make_shop

pytestmark = pytest.mark.django_db
SECRETS = ("planted-app-secret", "planted-access", "planted-cipher")


def report(**fields):
    defaults: dict[str, Any] = {
        "method": "POST",
        "path": "/order/202309/orders/search",
        "http_status": 200,
        "code": 0,
        "milliseconds": 12,
        "request_id": "REQ1",
    }
    return CallReport(**defaults | fields)


def test_a_call_is_kept_with_what_was_asked_and_answered():
    app, shop = make_api_app(), make_shop()

    CallLog(app, shop).called(
        report(
            query={"page_size": "100", "page_token": "p2"},
            body=b'{"update_time_ge": 17}',
            data={"total_count": 3},
        )
    )

    call = ApiCall.objects.get()
    assert (call.shop, call.api_app) == (shop, app)
    assert (call.http_status, call.code, call.milliseconds) == (200, 0, 12)
    assert json.loads(call.request) == {
        "query": {"page_size": "100", "page_token": "p2"},
        "body": {"update_time_ge": 17},
    }
    assert json.loads(call.response) == {"total_count": 3}


def test_secrets_are_masked_by_name_and_by_value():
    echoed = f"bad {SECRETS[1]} for {SECRETS[0]}"

    CallLog(make_api_app()).called(
        report(
            code=105001,
            message=f"denied {echoed}",
            query={"app_secret": SECRETS[0], "sign": "abc123", "x": echoed},
            data={"accessToken": "t1", "deep": [{"shop_cipher": "t2", "say": echoed}]},
            secrets=SECRETS,
        )
    )

    call = ApiCall.objects.get()
    kept = call.message + call.request + call.response
    for secret in (*SECRETS, "abc123", "t1", "t2"):
        assert secret not in kept
    assert call.message.startswith("denied bad ***")


BUYER = {
    "buyer_email": "a.person@example.com",
    "buyer_message": "ring twice",
    "seller_note": "VIP planted",
    "cpf": "123.456.789-00",
    "recipient_address": {
        "name": "Planted Person",
        "phone_number": "(+1)555*****12",
        "full_address": "1 Planted Road",
        "district_info": [{"address_level_name": "State", "address_name": "Planted"}],
    },
    "payment": {"nested": [{"customerFirstName": "Planted", "Contact": "Planted"}]},
    "comment_with_mail": "write to b.person@example.com",
}


def test_no_buyer_is_kept_however_deep():
    text = masked({"orders": [{"id": "57", **BUYER}]})

    assert "lanted" not in text
    assert "example.com" not in text
    assert "twice" not in text
    assert "555" not in text
    assert "123.456" not in text
    assert '"id": "57"' in text


def test_things_keep_their_names():
    row = {
        "product_name": "Mug",
        "warehouse_name": "East",
        "next_page_token": "p3",
        "capacity": 40,
        "delivery_option": "Standard",
    }

    assert json.loads(masked(row)) == row


@pytest.mark.parametrize(
    "name",
    [
        *("access_token", "refreshToken", "app_secret", "shop_cipher", "sign"),
        *("name", "buyer_nickname", "user_name", "phone_number", "email", "E-Mail"),
        *("full_address", "address_level_name", "message", "note", "postal_code"),
        *("buyer_status_name", "recipient", "auth_code", "x-tts-access-token"),
        *("user_id", "doc_url"),
        # Parts of an address, as files of orders have them in columns of their own.
        *("City", "Regency and City", "Province", "Municipality", "Commune"),
        *("Villages", "Barangay", "Post Town", "Districts", "Zipcode"),
        *("Delivery Instruction", "delivery_preferences", "Shipping Information"),
    ],
)
def test_a_field_of_such_a_name_is_hidden(name):
    assert is_hidden(name)


def test_the_platforms_word_about_a_failed_row_is_kept():
    row = {"errors": [{"code": 11, "message": "SKU 5 is gone, ask x@example.com"}]}

    assert json.loads(masked(row)) == {
        "errors": [{"code": 11, "message": "SKU 5 is gone, ask ***"}]
    }


def test_a_sentence_loses_its_phone_number_but_not_its_order():
    sentence = "order 576461413038785752 of +1 555 010 2030 is gone"

    assert masked_text(sentence) == "order 576461413038785752 of *** is gone"


def test_a_token_nobody_told_us_of_is_known_by_its_looks():
    token = "ROW_" + "aB3-" * 12

    assert token not in masked_text(f"invalid {token} given")
    assert masked({"detail": f"old {token}"}) == '{"detail": "old ***"}'
    assert "***" in masked_text("sign " + "0f" * 32)


class WatchedList(list[Any]):
    """Counts the items that were looked at."""

    looked_at = 0

    def __iter__(self):
        for item in super().__iter__():
            WatchedList.looked_at += 1
            yield item


def test_a_big_page_is_cut_without_being_walked():
    order = {"id": "1", "line_items": [{"sku_id": str(n)} for n in range(50)]}
    page = {"orders": WatchedList([order] * 5_000)}

    text = masked(page)

    assert len(text) == 2_000
    assert text.endswith("…")
    assert WatchedList.looked_at < 50


def test_a_secret_on_the_edge_of_the_cut_is_masked_whole():
    secret = "planted-" + "x" * 40

    for padding in range(1_940, 2_000):
        assert "planted" not in masked(["y" * padding + secret], [secret])


def test_a_body_that_is_no_json_is_only_counted():
    log = CallLog(make_api_app())

    log.called(report(body=b"\xff\xd8planted"))
    log.called(report(body=b'"' + b"x" * 70_000 + b'"'))

    kept = [call.request for call in ApiCall.objects.order_by("pk")]
    assert kept == [
        '{"body": "(no JSON, 9 bytes)"}',
        '{"body": "(70,002 bytes)"}',
    ]


def test_a_log_that_cannot_be_written_does_not_fail_the_call(caplog):
    app = make_api_app()

    with transaction.atomic():
        CallLog(app).called(report(code=2**70, message="planted"))
        assert make_shop().pk  # the transaction around it goes on

    assert "call not logged" in caplog.text
    assert "planted" not in caplog.text


def test_a_deep_answer_does_not_fail_the_call(caplog):
    data: dict[str, object] = {}
    for _ in range(5_000):
        data = {"deeper": data}

    CallLog(make_api_app()).called(report(data=data))

    assert ApiCall.objects.count() + len(caplog.records) == 1


def test_errors_are_grouped_by_code_and_path():
    log, now = CallLog(make_api_app(), make_shop()), timezone.now()
    for code, message in ((11, "first"), (11, "second"), (12, "other"), (0, "")):
        log.called(report(code=code, message=message))
    log.called(report(code=0, http_status=0, message="No answer."))

    groups = error_groups(ApiCall.objects.all())

    assert [(g.code, g.count, g.message) for g in groups] == [
        (11, 2, "second"),
        (0, 1, "No answer."),
        (12, 1, "other"),
    ]
    assert groups[0].last_at >= now
    first = ApiCall.objects.filter(code=11).latest("pk")
    assert calls_like(first, ApiCall.objects.all()).count() == 2


def test_grouping_takes_two_queries(django_assert_num_queries):
    log = CallLog(make_api_app())
    for code in range(1, 15):
        log.called(report(code=code))

    with django_assert_num_queries(2):
        assert len(error_groups(ApiCall.objects.all(), limit=10)) == 10


def test_a_report_does_not_show_what_it_carries():
    shown = repr(
        report(message="planted", query={"a": "planted"}, data="planted", body=b"plan")
    )

    assert "plan" not in shown

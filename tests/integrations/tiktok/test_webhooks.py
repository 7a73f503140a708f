import hashlib
import json
from datetime import UTC, datetime

import pytest

from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.topics import WEBHOOK_TOPICS, Topic
from apps.integrations.tiktok.webhooks import is_authentic, parse_notice

KEY = "7x9k2m4p6q8r"
SECRET = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
BODY = '{"type":1,"shop_id":"749","note":"Đà Lạt 🌸"}'.encode()
SIGNATURE = "9de720c8408ff649a0cdbba3de98c7e47802b100dcec7d34c01077956883a2ac"


def make_body(**changes):
    notice = {
        "type": 1,
        "tts_notification_id": "7390000000000000001",
        "shop_id": "7490000000000000001",
        "timestamp": 1790000000,
        "data": {"order_id": "580000000000000001", "order_status": "CANCEL"},
    } | changes
    return json.dumps(
        {name: value for name, value in notice.items() if value is not None}
    ).encode()


def test_the_official_example_is_authentic():
    body = (
        b'{"type":1,"tts_notification_id":"7380066284010030890","shop_id":'
        b'"7495540735365777507","timestamp":1718305585,"data":{"is_on_hold_order":true,'
        b'"order_id":"576653688135258178","order_status":"UNPAID",'
        b'"update_time":1718305585}}'
    )
    signature = "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"

    assert is_authentic("abcdef", "123", body, signature)


def test_only_these_bytes_and_this_secret_fit_the_signature():
    assert is_authentic(KEY, SECRET, BODY, SIGNATURE)
    assert not is_authentic(KEY, SECRET, BODY + b" ", SIGNATURE)
    assert not is_authentic(KEY, SECRET + "0", BODY, SIGNATURE)
    assert not is_authentic(KEY + "0", SECRET, BODY, SIGNATURE)


@pytest.mark.parametrize(
    "header", [None, "", "é", "\udcff", SIGNATURE[:-1], "Bearer x"]
)
def test_any_other_header_is_refused(header):
    assert not is_authentic(KEY, SECRET, BODY, header)


def test_without_a_secret_nothing_is_authentic():
    nobody = "9b0f6e3bd13b6f8ff5fa0d0ee9fd42eef6e5ee0f8d2a4ad1a6f5d0e4f0e7a9c1"

    assert not is_authentic(KEY, "", BODY, nobody)


def test_a_notice_names_what_to_fetch():
    notice = parse_notice(make_body())

    assert (notice.type_number, notice.topic) == (1, Topic.ORDER_STATUS_CHANGE)
    assert notice.notification_id == "7390000000000000001"
    assert notice.shop_id == "7490000000000000001"
    assert notice.sent_at == datetime.fromtimestamp(1790000000, tz=UTC)
    assert notice.order_ids == ("580000000000000001",)


def test_rearranged_packages_name_each_order_once():
    packages = [
        {"package_id": "1", "order_id_list": ["5", 6]},
        {"package_id": "2", "order_id_list": "5"},
        "?",
    ]

    notice = parse_notice(make_body(type=4, data={"package_list": packages}))

    assert notice.topic is Topic.PACKAGE_UPDATE
    assert notice.order_ids == ("5", "6")


def test_without_an_id_the_body_names_the_delivery():
    body = make_body(tts_notification_id=None)

    assert parse_notice(body).notification_id == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("kind", [9999, "?", None])
def test_an_unknown_type_is_no_error(kind):
    notice = parse_notice(make_body(type=kind, data="?", timestamp="soon"))

    assert notice.topic is Topic.UNKNOWN
    assert notice.data == {}
    assert notice.sent_at is None
    assert notice.order_ids == ()


def test_owners_other_than_shops_are_kept():
    notice = parse_notice(make_body(type=20, shop_id=None, creator_open_id="CR1"))
    other = parse_notice(make_body(type=21, shop_id=None, seller_open_id="SE1"))

    assert (notice.shop_id, notice.creator_open_id) == ("", "CR1")
    assert other.seller_open_id == "SE1"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body):
    with pytest.raises(MalformedReply):
        parse_notice(body)


def test_each_topic_but_unknown_has_one_number():
    assert sorted(WEBHOOK_TOPICS.values()) == sorted(set(Topic) - {Topic.UNKNOWN})

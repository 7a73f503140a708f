import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    OurFault,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    TokenExpired,
)
from apps.integrations.tiktok.retries import RetryPolicy
from apps.integrations.tiktok.signing import sign
from tests.integrations.tiktok.fakes import (
    ACCESS_TOKEN,
    APP_KEY,
    APP_SECRET,
    CIPHER,
    NOW,
    FakeSession,
    RecordingLimiter,
    RecordingObserver,
    answer,
    failure,
    make_client,
    success,
)

SINCE = datetime.fromtimestamp(NOW - 3600, tz=UTC)
UNTIL = datetime.fromtimestamp(NOW, tz=UTC)
BROKEN = requests.ConnectionError("?sign=planted")


def search(session, **options):
    return make_client(session, **options).search_orders(SINCE, UNTIL)


def server_date(seconds):
    return format_datetime(datetime.fromtimestamp(seconds, tz=UTC), usegmt=True)


def test_a_call_is_signed_over_the_bytes_that_are_sent():
    session = FakeSession(success({}))

    search(session)

    [sent] = session.sent
    query = dict(sent.params)
    assert query["sign"] == sign(
        APP_SECRET, "/order/202309/orders/search", query, sent.body
    )
    assert query["app_key"] == APP_KEY
    assert query["timestamp"] == "1790000000"
    assert query["shop_cipher"] == CIPHER
    assert sent.headers["x-tts-access-token"] == ACCESS_TOKEN
    assert sent.url == (
        "https://open-api.tiktokglobalshop.com/order/202309/orders/search"
    )
    assert "access_token" not in query


def test_the_content_type_is_json_even_without_content():
    session = FakeSession(success({"shops": []}))

    make_client(session).authorized_shops()

    [sent] = session.sent
    assert sent.headers["content-type"] == "application/json"
    assert sent.body == b""


def test_the_cipher_stays_at_home_where_nobody_expects_it():
    session = FakeSession(success({"shops": []}))

    make_client(session).authorized_shops()

    assert "shop_cipher" not in session.sent[0].params


def test_a_safe_call_is_repeated_with_growing_pauses_and_signed_afresh():
    clock = itertools.count(NOW, 10)
    session = FakeSession(
        failure(36009003), failure(77, status=502), failure(36009007), success({})
    )
    naps: list[float] = []

    search(session, clock=lambda: next(clock), sleep=naps.append)

    assert [1 <= nap <= 1.5 for nap in naps[:1]] == [True]
    assert 2 <= naps[1] <= 2.5
    assert 4 <= naps[2] <= 4.5
    stamps = [sent.params["timestamp"] for sent in session.sent]
    assert len(set(stamps)) == len({sent.params["sign"] for sent in session.sent}) == 4


def test_patience_ends_after_five_tries():
    session = FakeSession(*[failure(36009003) for _ in range(6)])

    with pytest.raises(PlatformUnavailable):
        search(session)
    assert len(session.sent) == 5


def test_a_worker_may_ask_for_no_patience():
    session = FakeSession(failure(36009003))

    with pytest.raises(PlatformUnavailable):
        search(session, retries=RetryPolicy(tries=1))


def test_the_growing_pause_has_a_ceiling():
    error = PlatformUnavailable("")
    policy = RetryPolicy(tries=20)

    assert policy.pause_seconds(error, 12) == 60
    assert policy.pause_seconds(error, 20) is None


def test_a_429_is_obeyed_and_told_to_everybody():
    limiter = RecordingLimiter()
    session = FakeSession(failure(36009002, status=429, Retry_After="9"), success({}))
    naps: list[float] = []

    search(session, limiter=limiter, sleep=naps.append)

    assert naps == [9]
    assert limiter.pushed_back == [9]
    assert limiter.waits == 2


def test_a_429_without_a_time_backs_off_by_itself():
    limiter = RecordingLimiter()
    session = FakeSession(
        answer(b"slow down", status=429), failure(36009002), success({})
    )
    naps: list[float] = []

    search(session, limiter=limiter, sleep=naps.append)

    assert limiter.pushed_back == naps
    assert 1 <= naps[0] <= 1.5
    assert 2 <= naps[1] <= 2.5


def test_a_pause_beyond_all_patience_is_the_callers_business():
    limiter = RecordingLimiter()
    session = FakeSession(failure(36009002, status=429, Retry_After="120"))

    with pytest.raises(RateLimited) as caught:
        search(session, limiter=limiter)
    assert caught.value.retry_after_seconds == 120
    assert limiter.pushed_back == [120]


def test_an_overload_that_names_a_time_is_obeyed_too():
    limiter = RecordingLimiter()
    session = FakeSession(answer(b"", status=503, Retry_After="30"), success({}))
    naps: list[float] = []

    search(session, limiter=limiter, sleep=naps.append)

    assert naps == limiter.pushed_back == [30]


def test_a_quota_of_something_else_holds_nobody_back():
    limiter = RecordingLimiter()
    session = FakeSession(failure(12052093))

    with pytest.raises(RateLimited):
        search(session, limiter=limiter)
    assert limiter.pushed_back == []


def test_a_limiter_that_says_no_is_not_argued_with():
    refusal = RateLimited("wait", retry_after_seconds=40)
    limiter = RecordingLimiter(refusal=refusal)
    session = FakeSession()

    with pytest.raises(RateLimited) as caught:
        search(session, limiter=limiter)
    assert caught.value is refusal
    assert limiter.waits == 1
    assert limiter.pushed_back == []
    assert session.sent == []


@pytest.mark.parametrize(
    "outcome",
    [
        BROKEN,
        requests.ReadTimeout("late"),
        failure(36009003),
        failure(36009007),
        failure(36009002, status=429),
        answer(b"", status=502),
        answer(b'{"code":'),
    ],
)
def test_a_write_is_never_repeated(outcome):
    session = FakeSession(outcome)

    with pytest.raises((PlatformUnavailable, RateLimited)):
        make_client(session).set_webhook("ORDER_STATUS_CHANGE", "https://shop.example")
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (failure(105001), ConsentNeeded),
        (failure(106001), OurFault),
        (failure(12345678), RequestRefused),
        (answer(b"<html>"), MalformedReply),
    ],
)
def test_what_cannot_get_better_is_not_repeated(outcome, kind):
    session = FakeSession(outcome)

    with pytest.raises(kind):
        search(session)
    assert len(session.sent) == 1


def test_a_doubtful_refusal_is_asked_once_more():
    session = FakeSession(failure(10006402), failure(10006402))

    with pytest.raises(RequestRefused):
        search(session)
    assert len(session.sent) == 2


def test_a_dropped_connection_is_tried_again_at_once():
    limiter, observer = RecordingLimiter(), RecordingObserver()
    session = FakeSession(BROKEN, success({}))

    search(session, limiter=limiter, observer=observer)

    assert limiter.waits == 2
    assert [report.http_status for report in observer.reports] == [0, 200]


def test_our_clock_is_set_once_by_theirs():
    theirs = NOW + 4000
    wrong = failure(36009004, "Invalid timestamp", status=400, Date=server_date(theirs))
    session = FakeSession(wrong, success({}), success({}))
    client = make_client(session)

    client.search_orders(SINCE, UNTIL)
    client.search_orders(SINCE, UNTIL)

    stamps = [sent.params["timestamp"] for sent in session.sent]
    assert stamps == ["1790000000", "1790004000", "1790004000"]
    query = dict(session.sent[1].params)
    assert query["sign"] == sign(
        APP_SECRET, "/order/202309/orders/search", query, session.sent[1].body
    )


def test_a_write_turned_down_for_its_time_is_made_with_the_right_one():
    wrong = failure(36009004, "Invalid timestamp", Date=server_date(NOW + 900))
    session = FakeSession(wrong, success({}))

    make_client(session).delete_webhook("NEW_MESSAGE")

    assert len(session.sent) == 2


def test_a_clock_that_stays_wrong_is_reported():
    wrong = failure(36009004, "Invalid timestamp", Date=server_date(NOW + 4000))
    session = FakeSession(wrong, wrong)

    with pytest.raises(OurFault, match="Set this server's clock"):
        search(session)
    assert len(session.sent) == 2


def test_without_a_date_the_clock_is_not_guessed():
    session = FakeSession(failure(36009004, "Invalid timestamp", status=400))

    with pytest.raises(OurFault):
        search(session)
    assert len(session.sent) == 1


@pytest.mark.parametrize("refusal", [failure(105002, status=401), failure(105001)])
def test_an_old_token_is_renewed_and_the_call_made_once_more(refusal):
    session = FakeSession(refusal, success({}), success({}))
    client = make_client(session, renew_token=lambda: "ROW_new")

    client.search_orders(SINCE, UNTIL)
    client.search_orders(SINCE, UNTIL)

    tokens = [sent.headers["x-tts-access-token"] for sent in session.sent]
    assert tokens == [ACCESS_TOKEN, "ROW_new", "ROW_new"]


def test_a_token_that_stays_expired_is_reported():
    session = FakeSession(failure(105002), failure(105002))

    with pytest.raises(TokenExpired):
        search(session, renew_token=lambda: "ROW_new")
    with pytest.raises(TokenExpired):
        search(FakeSession(failure(105002)))


def test_access_that_was_taken_back_stays_so():
    session = FakeSession(failure(105001), failure(105001))

    with pytest.raises(ConsentNeeded):
        search(session, renew_token=lambda: "ROW_new")
    with pytest.raises(ConsentNeeded):
        search(FakeSession(failure(105005)), renew_token=lambda: "ROW_new")


def test_every_try_is_reported_without_query_or_body():
    observer = RecordingObserver()
    session = FakeSession(failure(36009003), answer(b"?"))

    with pytest.raises(MalformedReply):
        search(session, observer=observer)

    assert [
        (report.method, report.path, report.http_status, report.code, report.request_id)
        for report in observer.reports
    ] == [
        ("POST", "/order/202309/orders/search", 200, 36009003, "REQ2"),
        ("POST", "/order/202309/orders/search", 200, 0, ""),
    ]
    assert all(report.milliseconds >= 0 for report in observer.reports)


def test_an_instant_must_know_its_zone():
    with pytest.raises(ValueError, match="zone"):
        make_client(FakeSession()).search_orders(
            SINCE.replace(tzinfo=None), UNTIL + timedelta(1)
        )

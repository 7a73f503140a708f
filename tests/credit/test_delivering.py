"""What lenders are told arrives signed, or is tried again."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.posting import signature
from apps.credit.models import LenderDelivery
from apps.credit.services.delivering import PAUSES, deliver_due
from apps.credit.services.scoring import score_applicant
from tests.alerts.test_hooks import listener
from tests.credit.consent_support import make_lender
from tests.credit.selling import AS_OF, BY, make_applicant, make_read_shop, sell

pytestmark = pytest.mark.django_db

SECRET = "planted-lender-secret-11d7"


def make_told(address):
    lender = make_lender(hook_address=address, hook_secret=SECRET)
    shop = make_read_shop(name="Harbour Lamps")
    sell(shop, 100, 10, buyer="7001", recipient_name="Nur Planted")
    applicant = make_applicant(lender.client, shops=[shop])
    return score_applicant(applicant, as_of=AS_OF, by=BY)


def test_a_score_is_posted_signed_and_names_no_buyer_and_no_shop():
    with listener() as (address, posted):
        made = make_told(address)
        assert deliver_due(timezone.now()) == 1
        assert deliver_due(timezone.now()) == 0

    [(headers, body, _)] = posted
    told = json.loads(body)
    assert told["event"] == "score.made"
    assert told["score"]["number"] == made.number
    assert told["links"]["score"] == f"/api/v1/credit/scores/{made.pk}/"
    signed = signature(SECRET, headers["X-Shopdesk-Timestamp"], body)
    assert headers["X-Shopdesk-Signature"] == f"sha256={signed}"
    for secret in (b"7001", b"Nur", b"Harbour", SECRET.encode()):
        assert secret not in body
    row = LenderDelivery.objects.get()
    assert (row.state, row.attempts) == (LenderDelivery.State.DONE, 1)


def test_a_lender_who_is_away_is_posted_again_and_given_up_at_last():
    now = timezone.now() + timedelta(minutes=1)
    with listener(status=500) as (address, posted):
        make_told(address)
        for _ in PAUSES:
            assert deliver_due(now) == 0
            now += timedelta(days=1)
        assert deliver_due(now) == 0

    row = LenderDelivery.objects.get()
    assert row.state == LenderDelivery.State.GIVEN_UP
    assert row.last_error == "It answered 500."
    assert len(posted) == len(PAUSES) + 1


def test_nothing_waits_for_a_lender_without_an_address():
    make_told("")

    assert not LenderDelivery.objects.exists()

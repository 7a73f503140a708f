"""Scores are made, kept with all they came from, and never changed."""

import json
import zlib
from decimal import Decimal

import pytest

from apps.credit.errors import NotToScore, ScoreIsFinal
from apps.credit.models import (
    LenderDelivery,
    Score,
    ScoreInput,
    ShopStanding,
)
from apps.credit.services.scoring import reproduce, score_applicant
from apps.finance.models import ExchangeRate
from apps.orders.models import OrderLine
from apps.users.models import AuditEntry
from tests.credit.consent_support import make_lender
from tests.credit.selling import (
    AS_OF,
    BY,
    make_applicant,
    make_rate,
    make_read_shop,
    pulled,
    sell,
    spread,
)
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db


def scored(applicant) -> Score:
    return Score.objects.get(pk=score_applicant(applicant, as_of=AS_OF, by=BY).pk)


def test_a_score_says_what_was_found_and_why_it_is_not_higher():
    shop = make_read_shop(rating=Decimal("4.6"))
    ShopStanding.objects.create(
        shop=shop,
        seller_type="business",
        reviews=80,
        sps=4,
        violation_points=0,
        warnings=0,
    )
    spread(shop, 90, 9_000)

    made = scored(make_applicant(shops=[shop]))

    assert made.status == Score.Status.SCORED
    assert made.monthly_usd == Decimal("3000.0000")
    assert 300 <= (made.score or 0) <= 850
    assert made.result["score"] == made.score
    assert made.facts["measured"]["gmv_usd"] == "9000.00"
    assert made.facts["measured"]["orders"] == 90
    assert [month["orders"] for month in made.facts["months"]] == [30, 30, 30]
    assert made.facts["shops"][0]["net_usd"] == "9000.00"
    assert "$3,000 a month" in made.result["reasons"][0]["sentence"]
    assert len(made.result["reasons"]) <= 4


def test_the_same_rows_give_the_same_score_each_time_under_a_new_number():
    shop = make_read_shop()
    spread(shop, 30, 3_000)
    applicant = make_applicant(shops=[shop])

    first, second = scored(applicant), scored(applicant)

    assert (first.number, second.number) == (1, 2)
    assert first.result == second.result
    assert len({row.digest for row in ScoreInput.objects.all()}) == 1


def test_a_score_that_is_made_cannot_be_saved_again():
    made = scored(make_applicant(shops=[make_read_shop()]))
    made.score = 850

    with pytest.raises(ScoreIsFinal):
        made.save()

    assert Score.objects.get(pk=made.pk).score != 850


def test_a_score_reproduces_after_orders_and_rates_have_changed():
    shop = make_shop(region="MY")
    pulled(shop)
    make_rate("USD", "1.20", AS_OF)
    for day in range(1, 90, 5):
        at = AS_OF.fromordinal(AS_OF.toordinal() - day)
        make_rate("USD", "1.20", at)
        make_rate("MYR", "4.60", at)
        sell(shop, "777.7777", day)
    made = scored(make_applicant(shops=[shop]))

    ExchangeRate.objects.all().delete()
    OrderLine.objects.update(amount=1)

    again = reproduce(made)
    assert again.holds
    assert again.has_rows
    assert made.rates_used


def test_what_was_tampered_with_does_not_reproduce():
    shop = make_read_shop()
    spread(shop, 30, 3_000)
    made = scored(make_applicant(shops=[shop]))
    data = json.loads(zlib.decompress(bytes(ScoreInput.objects.get().body)))
    data["rows"]["orders"][0]["value"] = "100000"
    body = zlib.compress(json.dumps(data).encode())
    ScoreInput.objects.update(body=body)
    Score.objects.update(result=made.result | {"score": 850})

    again = reproduce(Score.objects.get())

    assert again.differences == [
        "The rows are not those that were kept.",
        "The rows give other figures.",
        "The figures give another result.",
    ]


def test_a_score_whose_rows_were_let_go_reproduces_from_its_figures():
    made = scored(make_applicant(shops=[make_read_shop()]))
    ScoreInput.objects.update(body=b"")

    again = reproduce(Score.objects.get(pk=made.pk))

    assert again.holds
    assert not again.has_rows


def test_whoever_shows_nothing_gets_no_figure_and_is_told_why():
    made = scored(make_applicant())

    assert made.status == Score.Status.UNSCORABLE
    assert made.score is None
    assert made.confidence_level == Score.Confidence.INSUFFICIENT
    assert made.result["reasons"][0]["code"] == "DATA_INSUFFICIENT"
    assert reproduce(made).holds


def test_who_connects_a_shop_without_orders_is_scored_low():
    made = scored(make_applicant(shops=[make_read_shop()]))

    assert made.status == Score.Status.SCORED
    assert made.monthly_usd == 0
    assert made.confidence_level == Score.Confidence.LOW
    assert made.result["components"]["REV_LEVEL"] == 20


def test_a_shop_that_two_applicants_show_asks_for_a_review():
    shop = make_read_shop(name="Harbour Lamps")
    first = make_applicant(shops=[shop])
    assert not scored(first).needs_review
    make_applicant(first.client, shops=[shop])
    make_applicant(shops=[shop])  # of another client: none of their business

    made = scored(first)

    assert made.needs_review
    assert made.facts["shown_by_others"] == ["Harbour Lamps"]


def test_an_applicant_who_was_erased_is_scored_no_more():
    applicant = make_applicant(erased_at="2026-11-01T00:00Z")

    with pytest.raises(NotToScore):
        score_applicant(applicant, as_of=AS_OF, by=BY)

    assert not Score.objects.exists()


def test_a_lender_is_told_once_and_the_trail_knows_who_made_it():
    lender = make_lender(hook_address="https://lender.example.com/hook")
    applicant = make_applicant(lender.client, shops=[make_read_shop()])

    made = scored(applicant)

    delivery = LenderDelivery.objects.get()
    body = json.loads(delivery.body)
    assert delivery.event == "score.made"
    assert body["score"]["score"] == made.score
    assert body["applicant"]["reference"] == applicant.reference
    entry = AuditEntry.objects.get(verb="made a score")
    assert entry.actor_text == "test"
    assert entry.client == lender.client

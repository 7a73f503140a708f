"""What is held about an applicant is handed out, let go in time, or erased."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.credit.errors import ErasingRefused
from apps.credit.models import (
    Applicant,
    CreditReport,
    LenderDelivery,
    ReportShare,
    Score,
    ScoreInput,
)
from apps.credit.services import erasing
from apps.credit.services.consenting.leaving import stop_sharing
from apps.credit.services.scoring import reproduce, score_applicant
from apps.credit.tasks import let_applicants_go
from apps.orders.models import Order
from apps.platforms.models import CreatorAccount, Shop
from apps.users.models import AuditEntry, Client
from tests.credit.consent_support import WALLET, make_lender
from tests.credit.selling import (
    AS_OF,
    BY,
    earn,
    make_applicant,
    make_creator_account,
    make_read_shop,
    sell,
    show,
)
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def lender():
    return make_lender(keep_days=90, hook_address="https://lender.example.com/hook")


@pytest.fixture
def applicant(lender) -> Applicant:
    """With a shop and a creator account of their own, one that we run for somebody
    else, a score and an issued report."""
    home = Client.objects.create(name="Applicant at home", is_applicant=True)
    shop, run_here = make_read_shop(home, name="Tide Lamps"), make_read_shop()
    account = make_creator_account(home)
    applicant = make_applicant(
        lender.client,
        reference="A-17",
        wallet_address=WALLET,
        wallet_key=WALLET.lower(),
        home=home,
        shops=[shop, run_here],
        creators=[account],
    )
    sell(shop, 120, 5)
    sell(run_here, 80, 6)
    earn(account, "20.00", 7)
    made = score_applicant(applicant, as_of=AS_OF, by=BY)
    report = CreditReport.objects.create(
        score=made, number="CR-1", content={}, issued_at=timezone.now()
    )
    ReportShare.objects.create(
        report=report, token_hash="1" * 64, expires_at=timezone.now() + timedelta(9)
    )
    return applicant


def test_all_that_is_held_is_handed_out(applicant):
    told = json.loads(json.dumps(erasing.export(applicant, BY)))

    assert told["applicant"]["wallet_address"] == WALLET
    assert {shop["name"] for shop in told["shops"]} >= {"Tide Lamps"}
    (score,) = told["scores"]
    assert score["report"]["number"] == "CR-1"
    assert len(score["rows"]["rows"]["orders"]) == 2
    assert AuditEntry.objects.filter(verb="exported an applicant's data").exists()


def test_erasing_takes_everything_but_what_is_somebody_elses(applicant):
    theirs = Shop.objects.exclude(client=applicant.home).get()

    erasing.erase(applicant, "A-17", BY)

    applicant.refresh_from_db()
    assert applicant.erased_at is not None
    assert WALLET not in json.dumps(erasing.export(applicant, BY))
    for model in (Score, ScoreInput, CreditReport, ReportShare, LenderDelivery):
        assert not model.objects.exists()
    assert list(Shop.objects.all()) == [theirs]
    assert list(Order.objects.values_list("shop", flat=True)) == [theirs.pk]
    assert not CreatorAccount.objects.exists()
    trail = AuditEntry.objects.filter(verb="erased an applicant").get()
    assert "A-17" not in trail.target_text
    assert erasing.erase(applicant, "", BY) == {}


def test_erasing_asks_for_the_name(applicant):
    with pytest.raises(ErasingRefused, match="Type “A-17”"):
        erasing.erase(applicant, "A-18", BY)

    assert Score.objects.exists()


def test_a_wallet_that_was_erased_may_apply_anew(applicant, lender):
    erasing.erase(applicant, "A-17", BY)

    again = make_applicant(
        lender.client, wallet_key=WALLET.lower(), wallet_address=WALLET
    )

    assert again.pk != applicant.pk


def test_a_shop_that_another_applicant_shows_outlives_the_first(applicant):
    shop = Shop.objects.get(name="Tide Lamps")
    other = make_applicant()
    show(other, shop)

    erasing.erase(applicant, "A-17", BY)
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED

    stop_sharing(other, BY)
    shop.refresh_from_db()
    assert shop.state == Shop.State.DISCONNECTED


def test_in_time_the_rows_go_and_scores_and_reports_stay(applicant):
    assert let_applicants_go() == 0
    Score.objects.update(created_at=timezone.now() - timedelta(days=91))

    assert let_applicants_go() == 1

    made = Score.objects.get()
    assert made.input
    assert made.input.body == b""
    assert CreditReport.objects.filter(number="CR-1").exists()
    assert not Shop.objects.filter(client=applicant.home).exists()
    assert not applicant.shown.exists()
    # From the figures it still follows, from the rows no more.
    again = reproduce(made)
    assert again.holds
    assert not again.has_rows
    assert let_applicants_go() == 0


def test_who_never_came_back_is_forgotten_and_nobody_else(applicant, lender):
    home = Client.objects.create(name="Applicant who left", is_applicant=True)
    stranger = make_applicant(lender.client, reference="left", home=home)
    early = make_applicant(lender.client, reference="early")
    long_ago = timezone.now() - timedelta(days=31)
    Applicant.objects.exclude(pk=early.pk).update(created_at=long_ago)

    assert erasing.forget_strangers(timezone.now()) == 1

    assert set(Applicant.objects.all()) == {applicant, early}
    assert not Client.objects.filter(pk=home.pk).exists()
    assert not Applicant.objects.filter(pk=stranger.pk).exists()


def test_taking_it_back_ends_accounts_and_counts_no_more(applicant):
    stop_sharing(applicant, BY)

    account = CreatorAccount.objects.get()
    assert account.state == CreatorAccount.State.DISCONNECTED
    later = score_applicant(applicant, as_of=AS_OF, by=BY)
    assert later.status == Score.Status.UNSCORABLE
    assert Score.objects.count() == 2


def test_what_never_was_an_applicants_is_not_touched(applicant):
    stranger = make_shop()

    erasing.erase(applicant, "A-17", BY)

    stranger.refresh_from_db()
    assert stranger.state == Shop.State.CONNECTED

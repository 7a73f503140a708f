"""Applicants consent without a login, see how far it is, and take it back."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from apps.core.deleting import delete_whole
from apps.credit.models import (
    Applicant,
    ApplicantConsent,
    ApplicantShop,
    LenderDelivery,
    Score,
)
from apps.credit.services.scoring import reckon
from apps.credit.tasks import minimise_applicants
from apps.credit.views.applicants import lenders_page
from apps.integrations.tiktok.retries import RetryPolicy
from apps.orders.models import Order, OrderPayload
from apps.platforms.models import ConnectAttempt, CreatorAccount, Shop
from apps.platforms.services.connecting import exchange
from apps.sync import tasks
from apps.sync.services.applicants import finish_consent
from apps.users.models import Client
from tests.credit.consent_support import (
    BACK,
    CONNECT,
    CONSENT,
    WALLET,
    answer_at_tiktok,
    ask,
    come_back,
    make_lender,
    set_up,
)
from tests.factories.orders import make_order
from tests.factories.platforms import make_api_app, make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db
Step = ApplicantConsent.Step


@pytest.fixture
def lender(simulator, monkeypatch):
    monkeypatch.setattr(exchange, "PATIENCE", RetryPolicy(tries=2, base_seconds=0.01))
    return set_up(simulator)


@pytest.fixture
def seller(simulator):
    return simulator.sellers()[2]


def text_of(response):
    return " ".join(response.content.decode().split())


def test_a_consent_opens_all_shops_for_the_applicant_and_nobody_else(
    simulator, lender, seller, client
):
    page = come_back(client, simulator, seller["id"])

    applicant = Applicant.objects.get()
    assert (applicant.client, applicant.wallet_key) == (lender.client, WALLET.lower())
    shops = Shop.objects.filter(client=applicant.home)
    assert {shop.remote_id for shop in shops} == {
        shop["id"] for shop in seller["shops"]
    }
    assert ApplicantConsent.objects.get().step == Step.READING
    assert "Harbour Credit" in text_of(page)
    assert "may close this page" in text_of(page)
    assert page.redirect_chain[-1][0] == CONSENT
    # The lender's own people see none of the shops.
    people = make_user(clients=[lender.client], role="admin")
    assert not Shop.objects.visible_to(people).exists()
    assert list(Applicant.objects.visible_to(people)) == [applicant]


def test_the_state_works_once_and_only_the_browser_that_brought_it_goes_on(
    simulator, lender, seller, client
):
    address = ask(client).json()["authorization_url"]
    back = answer_at_tiktok(address, seller["id"])
    client.get(back)
    stranger = Browser()

    again = stranger.get(back, follow=True)

    assert "This consent is over" in text_of(again)
    assert "This consent is over" in text_of(stranger.get(CONSENT))
    assert client.get(back).headers["Location"] == CONSENT
    assert "code" not in client.get(CONSENT, follow=True).request["QUERY_STRING"]


def test_a_state_that_is_too_old_leads_nowhere(simulator, lender, seller, client):
    back = answer_at_tiktok(ask(client).json()["authorization_url"], seller["id"])
    ConnectAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page = client.get(back, follow=True)

    assert "This consent is over" in text_of(page)
    assert not Shop.objects.exists()


def test_a_no_stores_nothing_and_leads_back_to_the_lender(
    simulator, lender, seller, client
):
    page = come_back(client, simulator, seller["id"], "refuse")

    assert "You did not grant access. Nothing was stored." in text_of(page)
    assert "step=2&amp;tiktokshop_connected=false" in text_of(page)
    assert not Shop.objects.exists()


def test_a_seller_without_a_shop_is_told_what_to_do(
    simulator, lender, seller, client, monkeypatch
):
    monkeypatch.setattr(exchange, "authorized_shops", lambda *args, **options: [])

    page = come_back(client, simulator, seller["id"])

    assert "No active TikTok Shop found. Please set up your shop first." in text_of(
        page
    )


def test_the_same_wallet_is_one_applicant_however_it_is_written(lender, client):
    ask(client)
    ask(client, wallet=WALLET.lower())

    assert Applicant.objects.count() == 1
    assert ApplicantConsent.objects.count() == 2


def test_nobody_gets_hold_of_anothers_applicant_by_knowing_one_of_its_names(
    lender, client
):
    ask(client, reference="A-17")
    theirs = "0x" + "1" * 40

    taken = ask(client, wallet=theirs, reference="A-17")
    other = ask(client, wallet=WALLET, reference="A-18")

    assert taken.status_code == other.status_code == 409
    assert "not of one applicant" in taken.json()["detail"]
    assert Applicant.objects.count() == 1


@pytest.mark.parametrize(
    ("parameters", "status", "words"),
    [
        ({"wallet": ""}, 400, ""),
        ({"wallet": "me"}, 409, "not a wallet address"),
        ({"lender": "nobody"}, 409, "no such lender"),
        ({"return_url": "https://evil.example.com/"}, 409, "not one of the lender's"),
        ({"region": "ZZ"}, 400, ""),
        ({"colour": "red"}, 400, ""),
        ({"reference": "<script>"}, 409, "letters, digits"),
    ],
)
def test_what_cannot_begin_says_why(lender, client, parameters, status, words):
    answer = ask(client, **parameters)

    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert not Applicant.objects.exists()


def test_a_lender_must_be_named_where_there_are_several(db, client):
    make_api_app()
    assert "No lender is set up here yet." in ask(client).json()["detail"]
    make_lender()
    make_lender(make_client(), slug="quay", is_open=False)

    assert "name one" in ask(client).json()["detail"]
    assert ask(client, lender="harbour").status_code == 200
    closed = ask(client, lender="quay")
    assert "takes no applications now" in closed.json()["detail"]


def test_without_a_wallet_the_api_says_what_it_needs(lender, client):
    assert client.get(CONNECT).status_code == 409


def test_a_shop_that_is_run_here_stays_with_its_client(
    simulator, lender, seller, client
):
    ours = make_client()
    listed = seller["shops"][0]
    shop = make_shop(ours, remote_id=listed["id"], region=listed["region"])

    come_back(client, simulator, seller["id"])

    shop.refresh_from_db()
    assert shop.client == ours
    assert ApplicantShop.objects.get(shop=shop).ended_at is None


def test_a_shop_that_its_client_disconnected_is_not_opened_behind_their_back(
    simulator, lender, seller, client
):
    listed = seller["shops"][0]
    shop = make_shop(
        remote_id=listed["id"],
        region=listed["region"],
        state=Shop.State.DISCONNECTED,
    )

    page = come_back(client, simulator, seller["id"])

    shop.refresh_from_db()
    assert shop.state == Shop.State.DISCONNECTED
    assert "run here by somebody else" in text_of(page)
    assert not ApplicantShop.objects.exists()
    assert not Client.objects.filter(name__startswith="Applicant").exists()


def test_taking_it_back_disconnects_what_is_here_for_the_lender_alone(
    simulator, lender, seller, client
):
    listed = seller["shops"][0]
    ours = make_shop(remote_id=listed["id"], region=listed["region"])
    come_back(client, simulator, seller["id"])

    page = client.post(f"{CONSENT}leave/")

    assert "You no longer share anything with Harbour Credit." in text_of(page)
    ours.refresh_from_db()
    assert ours.state == Shop.State.CONNECTED
    rest = Shop.objects.exclude(pk=ours.pk)
    assert {shop.state for shop in rest} <= {Shop.State.DISCONNECTED}
    assert not ApplicantShop.objects.filter(ended_at=None).exists()


def test_how_far_it_is_can_be_followed(
    simulator, lender, seller, client, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(tasks.pull_orders, "delay", tasks.pull_orders)
    with django_capture_on_commit_callbacks(execute=True):
        come_back(client, simulator, seller["id"])

    told = client.get(f"{CONSENT}status/").json()

    assert told["is_over"] is False
    orders = [step for step in told["steps"] if "orders" in step["name"]]
    assert {step["state"] for step in orders} == {"done"}
    assert Order.objects.count() > 10
    assert Browser().get(f"{CONSENT}status/").status_code == 200


def pull_all(monkeypatch, capture, browser, simulator, seller):
    """Come back with a consent; workers pull what the sweeps would."""
    monkeypatch.setattr(tasks.pull_orders, "delay", tasks.pull_orders)
    with capture(execute=True):
        come_back(browser, simulator, seller["id"])
    for shop in Shop.objects.all():
        for pull in (tasks.pull_cancellations, tasks.pull_returns):
            pull(shop.pk, "schedule")


def test_once_all_is_read_the_applicant_is_scored_and_the_browser_goes_back(
    simulator, lender, seller, client, monkeypatch, django_capture_on_commit_callbacks
):
    lender.hook_address = "https://lender.example.com/hook"
    lender.save()
    monkeypatch.setattr(tasks.finish_applicant, "delay", tasks.finish_applicant)
    capture = django_capture_on_commit_callbacks
    pull_all(monkeypatch, capture, client, simulator, seller)

    assert tasks.sweep_applicants() == 1

    consent = ApplicantConsent.objects.get()
    assert consent.step == Step.SCORED
    made = Score.objects.get()
    assert made.status == Score.Status.SCORED
    assert float(made.result["monthly_usd"]) >= 0
    back = client.get(CONSENT)
    assert back.headers["Location"] == f"{BACK}&tiktokshop_connected=true"
    assert tasks.sweep_applicants() == 0
    assert LenderDelivery.objects.get().event == "score.made"


def test_a_creator_consents_is_read_and_scored(
    simulator, lender, client, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(tasks.pull_creator_orders, "delay", tasks.pull_creator_orders)
    creator = simulator.control("creators")[0]
    address = ask(client, account="creator").json()["authorization_url"]

    back = answer_at_tiktok(address, creator["id"], field="creator")
    with django_capture_on_commit_callbacks(execute=True):
        client.get(back, follow=True)
        client.post(CONSENT)

    account = CreatorAccount.objects.get()
    applicant = Applicant.objects.get()
    assert account.client == applicant.home
    assert finish_consent(ApplicantConsent.objects.get().pk, timezone.now())
    made = Score.objects.get()
    assert float(made.result["monthly_usd"]) > 0
    assert set(made.features["source_income"]) == {"affiliate"}
    client.post(f"{CONSENT}leave/")
    account.refresh_from_db()
    assert account.state == CreatorAccount.State.DISCONNECTED


def test_a_seller_without_orders_is_scored_with_nothing(
    simulator, lender, seller, client, monkeypatch, django_capture_on_commit_callbacks
):
    capture = django_capture_on_commit_callbacks
    pull_all(monkeypatch, capture, client, simulator, seller)
    delete_whole(Order.objects.all())

    assert finish_consent(ApplicantConsent.objects.get().pk, timezone.now())

    made = Score.objects.get()
    assert [made.status, made.monthly_usd] == [Score.Status.SCORED, 0]
    assert made.confidence_level == Score.Confidence.LOW


def test_nothing_is_scored_before_all_is_read_and_a_day_is_long_enough(
    simulator, lender, seller, client
):
    come_back(client, simulator, seller["id"])
    key, now = ApplicantConsent.objects.get().pk, timezone.now()

    assert not finish_consent(key, now)
    assert finish_consent(key, now + timedelta(hours=25))

    assert not Score.objects.exists()
    assert "neither at once nor within a day" in text_of(client.get(CONSENT))


def test_a_shop_taken_away_meanwhile_ends_the_consent(
    simulator, lender, seller, client
):
    come_back(client, simulator, seller["id"])
    Shop.objects.update(
        state=Shop.State.RECONNECT_NEEDED, state_reason="The seller took it back."
    )

    assert finish_consent(ApplicantConsent.objects.get().pk, timezone.now())

    assert "The seller took it back." in text_of(client.get(CONSENT))


def test_buyers_of_an_applicants_shop_are_hashed_and_forgotten(
    simulator, lender, seller, client, monkeypatch, django_capture_on_commit_callbacks
):
    ours = make_shop()
    capture = django_capture_on_commit_callbacks
    pull_all(monkeypatch, capture, client, simulator, seller)
    kept = make_order(ours, remote_id="1", recipient_address="7 Quay Lane, Hull")
    before = reckon(Applicant.objects.get(), as_of=timezone.now().date())

    forgotten = minimise_applicants()

    theirs = Order.objects.exclude(pk=kept.pk)
    assert forgotten == theirs.count() > 10
    assert not theirs.exclude(recipient_name="").exists()
    assert not OrderPayload.objects.exclude(body={}).exists()
    kept.refresh_from_db()
    assert kept.recipient_address == "7 Quay Lane, Hull"
    after = reckon(Applicant.objects.get(), as_of=timezone.now().date())
    assert after.result == before.result
    assert minimise_applicants() == 0


def test_the_lenders_address_keeps_what_it_had():
    consent = ApplicantConsent(return_url=f"{BACK}&tiktokshop_connected=no#top")

    assert lenders_page(consent, is_connected=True) == (
        "https://lender.example.com/loan?step=2&tiktokshop_connected=true#top"
    )

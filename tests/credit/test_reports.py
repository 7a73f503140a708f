"""Reports are frozen, shared, looked at and objected to."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pypdf import PdfReader

from apps.credit.errors import ReportRefused
from apps.credit.models import (
    CreditReport,
    Dispute,
    LenderDelivery,
    ReportShare,
    ReportView,
    ShopStanding,
)
from apps.credit.services.reports import words
from apps.credit.services.reports.content import tiers_of
from apps.credit.services.reports.disputing import answer, raise_dispute
from apps.credit.services.reports.issuing import issue, withdraw
from apps.credit.services.reports.paper import as_pdf
from apps.credit.services.reports.sharing import (
    opened_by,
    revoke,
    share_by_address,
    share_with,
)
from apps.credit.services.reports.viewing import log_view
from apps.credit.services.scoring import score_applicant
from apps.finance.models import ExchangeRate
from apps.orders.models import OrderLine
from apps.platforms.models import Shop
from tests.credit.consent_support import make_lender
from tests.credit.selling import (
    AS_OF,
    BY,
    earn,
    make_applicant,
    make_creator_account,
    make_rate,
    make_read_shop,
    pulled,
    sell,
    spread,
)
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


def issued(*shops, creators=(), **fields) -> CreditReport:
    applicant = make_applicant(shops=shops, creators=creators, **fields)
    return issue(score_applicant(applicant, as_of=AS_OF, by=BY), BY)


def text_of(pdf: bytes) -> str:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    return " ".join(" ".join(pages).split())


def test_a_report_says_the_documents_figures():
    shop, creator = make_read_shop(name="Harbour Lamps"), make_creator_account()
    spread(shop, 100, 10_000)
    for number in range(100):
        earn(creator, 30, 90 - number * 90 // 100)

    content = issued(shop, creators=[creator]).content

    assert content["kind"] == "Seller and creator"
    assert content["measured"]["gmv_usd"] == "10000.00"
    assert content["measured"]["commission_usd"] == "3000.00"
    assert content["monthly_usd"] == "4333.33"
    assert [tier["label"] for tier in content["tiers"] if tier["is_here"]] == [
        "$1,000 to $5,000"
    ]
    assert [factor["weight"] for factor in content["factors"]] == [
        "40",
        "20",
        "20",
        "20",
    ]
    assert content["factors"][0]["facts"].startswith("Average net income of $4,333")
    assert content["shops"][0]["name"] == "Harbour Lamps"
    assert 0 < len(content["reasons"]) <= 4
    assert float(content["reasons"][0]["lost"]) > 0


def test_a_report_stays_as_it_was_issued():
    shop = make_shop(region="MY", name="Harbour Lamps")
    pulled(shop)
    for age in (10, 20):
        make_rate("USD", "1.20", AS_OF - timedelta(days=age))
        make_rate("MYR", "4.60", AS_OF - timedelta(days=age))
        sell(shop, 460, age)
    report = issued(shop)
    before = CreditReport.objects.get(pk=report.pk).content

    OrderLine.objects.update(amount=1)
    ExchangeRate.objects.update(per_euro=9)
    Shop.objects.update(name="Other Name")

    assert CreditReport.objects.get(pk=report.pk).content == before
    assert before["measured"]["gmv_usd"] == "240.00"
    assert issue(report.score, BY) == report


@pytest.mark.parametrize(
    ("monthly", "tier"),
    [
        ("-5", "$0 to $1,000"),
        ("0", "$0 to $1,000"),
        ("999.9999", "$0 to $1,000"),
        ("1000", "$1,000 to $5,000"),
        ("5000", "$5,000 to $20,000"),
        ("20000", "$20,000 and more"),
        (None, None),
    ],
)
def test_an_income_is_on_one_step(monthly, tier):
    found = tiers_of(None if monthly is None else Decimal(monthly))

    assert [one["label"] for one in found if one["is_here"]] == ([tier] if tier else [])


def test_on_paper_stands_what_stands_on_the_page():
    shop = make_read_shop(name="Łódź Świece Žlutý kůň", rating=Decimal("4.6"))
    ShopStanding.objects.create(shop=shop, seller_type="business", reviews=80, sps=4)
    spread(shop, 150, 15_000)
    report = issued(shop, reference="Größe Ğ/12")
    report.score.refresh_from_db()

    pdf = as_pdf(report.content)

    told = text_of(pdf)
    content = report.content
    wanted = [
        report.number,
        "Größe Ğ/12",
        "Łódź Świece Žlutý kůň",
        f"Score {content['score']} of 300 to 850",
        *[value for _, _, value in words.measured(content)],
        *[factor["score"] for factor in content["factors"]],
        *[reason["code"] for reason in content["reasons"]],
        *[cell for row in words.months(content) for cell in row],
        "4.60 of 5, 80 reviews",
        "How to dispute",
    ]
    assert [each for each in wanted if each not in told] == []
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
    assert as_pdf(report.content) == pdf
    size = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (round(size.width), round(size.height)) == (595, 842)


def test_a_report_without_a_score_is_a_paper_too():
    report = issued()

    told = text_of(as_pdf(report.content))

    assert "No score: too little data." in told
    assert "DATA_INSUFFICIENT" in told


def test_a_withdrawn_report_is_shown_to_nobody_it_was_shared_with():
    report, reader = issued(), make_user()
    share_with(report, reader, BY)
    _, token = share_by_address(report, 7, BY)
    assert CreditReport.objects.visible_to(reader).exists()
    assert opened_by(token)

    withdraw(report, BY)

    assert not CreditReport.objects.visible_to(reader).exists()
    assert opened_by(token) is None
    with pytest.raises(ReportRefused, match="withdrawn"):
        issue(report.score, BY)
    with pytest.raises(ReportRefused, match="withdrawn"):
        share_with(report, reader, BY)


def test_an_address_ends_and_can_be_taken_back():
    report = issued()
    share, token = share_by_address(report, 1, BY)
    other, other_token = share_by_address(report, 30, BY)
    revoke(other, BY)
    assert opened_by(token) == share
    assert opened_by(other_token) is None
    assert token not in str(ReportShare.objects.values())

    share.expires_at = timezone.now()
    share.save()

    assert opened_by(token) is None
    for days in (0, 91):
        with pytest.raises(ReportRefused):
            share_by_address(report, days, BY)


def test_sharing_with_somebody_twice_is_one_share_and_taking_it_back_holds_at_once():
    report, reader = issued(), make_user()

    share = share_with(report, reader, BY)
    assert share_with(report, reader, BY) == share
    log_view(report, ReportView.Way.PAGE, user=reader, address="2001:db8::1")
    revoke(share, BY)

    assert not CreditReport.objects.visible_to(reader).exists()
    view = ReportView.objects.get()
    assert (view.share, view.user, view.address) == (share, reader, "2001:db8::1")
    assert share_with(report, reader, BY) != share


def test_an_objection_is_answered_once():
    report = issued()

    dispute = raise_dispute(report, " The rating is 4.9. ", BY, component="REL_RATING")
    answer(dispute, Dispute.State.UPHELD, "Noted down wrongly.", BY)

    dispute.refresh_from_db()
    assert dispute.text == "The rating is 4.9."
    assert dispute.answered_at is not None
    with pytest.raises(ReportRefused, match="already"):
        answer(dispute, Dispute.State.DISMISSED, "No.", BY)
    for text, component in (("", ""), ("x" * 2001, ""), ("Wrong.", "REL_NOTHING")):
        with pytest.raises(ReportRefused):
            raise_dispute(report, text, BY, component=component)
    assert report.disputes.count() == 1


def test_a_lender_is_told_of_a_report_and_of_its_end():
    lender = make_lender(hook_address="https://lender.example.com/hook")
    report = issued(client=lender.client)
    issue(report.score, BY)

    withdraw(report, BY)

    events = LenderDelivery.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["score.made", "report.issued", "report.withdrawn"]

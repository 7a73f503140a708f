"""Who sees which pages of credit, and what stands on them."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from apps.credit.models import (
    Applicant,
    CreditReport,
    Dispute,
    ReportShare,
    ReportView,
    Score,
    ShopStanding,
)
from apps.credit.services.reports.issuing import issue
from apps.credit.services.reports.sharing import share_by_address, share_with
from apps.credit.services.reports.words import head
from apps.credit.services.scoring import score_applicant
from apps.credit.views import shared
from apps.users.roles import Role
from tests.credit.selling import (
    AS_OF,
    BY,
    make_applicant,
    make_read_shop,
    make_us_shop,
    pulled,
    sell,
    spread,
)
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

APPLICANTS = "/admin/credit/applicant/"
REPORTS = "/admin/credit/creditreport/"


@pytest.fixture
def agency():
    return make_client("Harbour Agency")


@pytest.fixture
def shop(agency):
    row = make_read_shop(agency, name="Harbour Lamps")
    spread(row, 30, 3_000)
    return row


@pytest.fixture
def report(agency, shop) -> CreditReport:
    applicant = make_applicant(agency, shops=[shop], reference="Loan 4711")
    return issue(score_applicant(applicant, as_of=AS_OF, by=BY), BY)


@pytest.fixture
def staff(client, agency):
    user = make_user("vera", clients=[agency], role=Role.ADMIN)
    client.force_login(user)
    return user


def sign_in(client, clients=(), role=""):
    user = make_user(clients=clients, role=role)
    client.force_login(user)
    return user


def page(client, address, status=200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return str(answer.content.decode())


def test_staff_add_an_applicant_score_it_issue_a_report_and_share_it(
    client, staff, agency, shop
):
    make_shop(name="Somebody Else's")
    form = page(client, f"{APPLICANTS}add/")
    assert "Harbour Lamps" in form
    assert "Somebody" not in form

    values = {"client": agency.pk, "reference": "Loan 4711", "shops": [shop.pk]}
    answer = client.post(f"{APPLICANTS}add/", values, follow=True)
    applicant = Applicant.objects.get()
    assert "Loan 4711 is added" in answer.content.decode()
    own = f"{APPLICANTS}{applicant.pk}/"
    told = client.post(f"{own}score/", follow=True).content.decode()
    assert "Number 1 is made" in told
    told = client.post(f"{own}scores/1/issue/", follow=True).content.decode()
    report = CreditReport.objects.get()
    assert f"{report.number} is issued" in told

    reader = make_user("ulla")
    own = f"{REPORTS}{report.pk}/"
    client.post(f"{own}share/", {"person": "ULLA"})
    assert report.shares.get().user == reader
    assert (
        "Nobody signs in here"
        in client.post(
            f"{own}share/", {"person": "nobody"}, follow=True
        ).content.decode()
    )
    told = client.post(f"{own}address/", {"days": 7})
    assert told["Cache-Control"].startswith("max-age=0")
    assert "/credit/shared/" in told.content.decode()
    client.post(f"{own}shares/{report.shares.get(user=reader).pk}/end/")
    assert report.shares.get(user=reader).revoked_at is not None
    client.post(f"{own}withdraw/")
    assert "Withdrawn" in page(client, f"{own}change/")


def test_a_shop_of_another_client_cannot_be_chosen(client, staff, agency):
    other = make_shop()

    values = {"client": agency.pk, "reference": "Loan", "shops": [other.pk]}
    answer = client.post(f"{APPLICANTS}add/", values)

    assert answer.status_code == 200
    assert not Applicant.objects.exists()


def test_the_list_of_applicants_is_filtered_and_costs_few_queries(
    client, staff, agency, shop, report, django_assert_max_num_queries
):
    for number in range(5):
        make_applicant(agency, reference=f"New {number}")
    make_applicant(reference="Not Ours")

    with django_assert_max_num_queries(22):
        listed = page(client, APPLICANTS)

    assert "Loan 4711" in listed
    assert "Not Ours" not in listed
    assert "Harbour Lamps" in listed
    assert "Loan 4711" not in page(client, f"{APPLICANTS}?state=none")
    assert "New 1" not in page(client, f"{APPLICANTS}?q=harbour+lamps")
    assert "No applicants match" in page(client, f"{APPLICANTS}?q=nowhere")
    file = b"".join(client.get(f"{APPLICANTS}export/?state=issued").streaming_content)
    assert file.decode().count("\n") == 2
    assert report.number in file.decode()


def test_the_page_of_an_applicant_shows_scores_figures_and_accounts(
    client, staff, shop, report
):
    applicant = report.score.applicant
    score_applicant(applicant, as_of=AS_OF, by=BY)

    shown = page(client, f"{APPLICANTS}{applicant.pk}/change/")

    assert "$3,000.00" in shown
    assert "polyline" in shown
    assert report.number in shown
    assert "Harbour Lamps" in shown
    own = f"{APPLICANTS}{applicant.pk}/"
    client.post(f"{own}shops/{shop.pk}/", {"seller_type": "business", "reviews": 12})
    assert ShopStanding.objects.get().noted_by == staff
    client.post(f"{own}edit/", {"shops": [], "buyer_ids": "7001 7002"})
    applicant.refresh_from_db()
    assert applicant.buyer_ids == ["7001", "7002"]
    assert applicant.shown.get().ended_at is not None


def test_returns_that_were_never_read_are_said_and_can_be_pulled_from_the_page(
    client, staff, agency
):
    shop = make_us_shop(agency, name="Quiet Lamps")
    pulled(shop, timezone.now().date(), resources=["orders", "cancellations"])
    applicant = make_applicant(agency, shops=[shop])
    client.force_login(staff)

    page = client.post(
        reverse("admin:credit_applicant_score", args=[applicant.pk]), follow=True
    )

    words = page.content.decode()
    assert "too little data" in words
    assert "Never read: returns of Quiet Lamps. Pull that first" in words
    assert f"sync_returns --shop {shop.pk}" in words
    pull = reverse("admin:platforms_shop_act", args=[shop.pk, "sync-returns"])
    assert f'action="{pull}"' in words
    made = applicant.scores.get()
    assert made.facts["shops"][0]["unread"] == ["returns"]
    assert made.facts["measured"]["refunds_usd"] is None
    report = issue(made, BY)
    assert ("Never read", "returns of Quiet Lamps") in head(report.content)
    what_if = reverse("admin:credit_applicant_what_if", args=[applicant.pk, 1])
    assert client.get(what_if, {"monthly": "5000"}).status_code == 200


def test_what_would_lift_a_score_is_shown_and_changes_nothing(client, staff, report):
    own = f"{APPLICANTS}{report.score.applicant_id}/scores/1/what-if/"

    assert "What would lift it" in page(client, own)
    shown = page(client, f"{own}?monthly=20000&returned=0&new_products_sold=5")

    before = report.score.score or 0
    assert f"<strong>{before}</strong> now" in shown
    assert "then" in shown
    assert Score.objects.get().score == before
    assert "Enter a number" in page(client, f"{own}?monthly=much")


def test_a_figure_opens_the_rows_behind_it(client, staff, shop, report):
    order = shop.orders.first()
    shown = page(client, f"{REPORTS}{report.pk}/page/")
    address = reverse(
        "admin:credit_applicant_rows", args=[report.score.applicant_id, 1, "sales"]
    )
    assert address in shown

    rows = page(client, address)

    assert order.remote_id in rows
    assert "30 rows" in rows
    assert page(client, address.replace("sales", "nothing"), status=404)


def test_an_underwriter_reads_what_was_shared_and_nothing_else(
    client, agency, shop, report
):
    lender = make_client("Lender")
    reader = sign_in(client, [lender], Role.UNDERWRITER)
    other = issue(
        score_applicant(make_applicant(agency, shops=[shop]), as_of=AS_OF, by=BY), BY
    )
    assert "Nobody has shared" in page(client, REPORTS)
    own = f"{REPORTS}{report.pk}/"
    assert client.get(f"{own}page/").status_code == 302

    share_with(report, reader, BY)

    listed = page(client, REPORTS)
    assert report.number in listed
    assert other.number not in listed
    assert client.get(f"{own}change/")["Location"].endswith("/page/")
    shown = page(client, f"{own}page/")
    assert "$3,000.00" in shown
    assert "#months" in shown
    assert "/applicant/" not in shown
    assert client.get(f"{own}pdf/")["Content-Type"] == "application/pdf"
    for deed in ("share", "address", "withdraw"):
        assert (
            client.post(f"{own}{deed}/", {"person": "x", "days": 7}).status_code == 403
        )
    for address in (
        f"{APPLICANTS}",
        f"{APPLICANTS}{report.score.applicant_id}/change/",
        f"{APPLICANTS}{report.score.applicant_id}/scores/1/rows/sales/",
        "/admin/orders/order/",
        "/admin/platforms/shop/",
        "/admin/users/client/",
    ):
        assert client.get(address).status_code == 403, address
    ways = report.views.order_by("pk").values_list("way", "user__username")
    assert list(ways) == [("page", reader.username), ("pdf", reader.username)]


def test_an_underwriter_objects_and_staff_answer(client, staff, agency, report):
    reader = make_user(clients=[make_client()], role=Role.UNDERWRITER)
    share_with(report, reader, BY)
    own = f"{REPORTS}{report.pk}/"
    client.force_login(reader)
    told = client.post(
        f"{own}object/",
        {"component": "REL_RATING", "text": "The rating is 4.9."},
        follow=True,
    )
    assert "The rating is 4.9." in told.content.decode()
    dispute = Dispute.objects.get()
    answering = f"{own}disputes/{dispute.pk}/answer/"
    values = {"state": "upheld", "answer": "Noted down wrongly."}
    assert client.post(answering, values).status_code == 403

    client.force_login(staff)
    client.post(answering, values)

    dispute.refresh_from_db()
    assert (dispute.state, dispute.answered_by) == ("upheld", staff)
    assert "Noted down wrongly." in page(client, f"{own}page/")


@pytest.mark.parametrize("role", ["", Role.ANALYST, Role.ADMIN])
def test_an_outsider_finds_nothing(client, report, role):
    sign_in(client, [make_client()], role)

    own = f"{REPORTS}{report.pk}/"
    for address in (f"{own}page/", f"{own}pdf/", f"{own}change/"):
        assert client.get(address).status_code in (302, 403)
    assert not ReportView.objects.exists()
    if role == Role.ADMIN:
        assert report.number not in page(client, REPORTS)
        assert "Loan 4711" not in page(client, APPLICANTS)


def test_an_analyst_of_the_client_reads_only_what_is_shared(client, agency, report):
    reader = sign_in(client, [agency], Role.ANALYST)
    address = f"{REPORTS}{report.pk}/page/"
    assert client.get(address).status_code == 302

    share_with(report, reader, BY)

    assert report.number in page(client, address)
    assert client.get(APPLICANTS).status_code == 403


def test_an_address_shows_the_report_without_signing_in(client, report):
    _, token = share_by_address(report, 7, BY)
    address = f"/credit/shared/{token}/"

    answer = client.get(address)

    assert answer.status_code == 200
    assert report.number in answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store"
    assert client.get(f"{address}pdf/").content.startswith(b"%PDF")
    told = client.post(f"{address}object/", {"text": "Not mine."}, follow=True)
    assert "Not mine." in told.content.decode()
    assert client.post(f"{address}object/", {"text": ""}).status_code == 409
    share = ReportShare.objects.get()
    assert list(report.views.values_list("share", "user")) == [(share.pk, None)] * 3


def test_an_address_that_is_none_shows_nothing_and_guessing_is_slow(client, report):
    cache.clear()
    answers = [
        client.get(f"/credit/shared/guess{number}/").status_code
        for number in range(shared.MOST_A_MINUTE + 1)
    ]

    assert answers == [404] * shared.MOST_A_MINUTE + [429]
    cache.clear()


def test_the_page_of_a_client_lists_its_reports(client, staff, agency, report):
    shown = page(client, f"/admin/users/client/{agency.pk}/change/")

    assert report.number in shown


def test_rows_of_shops_that_lie_with_the_applicant_are_not_shown_to_the_lender(
    client, agency, staff
):
    home = make_client("Applicant home", is_applicant=True)
    theirs = make_read_shop(home, name="Their Lamps")
    order = sell(theirs, Decimal(70), 10)
    applicant = make_applicant(agency, shops=[theirs], home=home)
    score_applicant(applicant, as_of=AS_OF, by=BY)

    rows = page(client, f"{APPLICANTS}{applicant.pk}/scores/1/rows/sales/")

    assert order.remote_id not in rows
    assert "Their Lamps (1 orders, net $70.00)" in rows

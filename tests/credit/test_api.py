"""Credit over REST: what programs of staff, of underwriters and of others get."""

import pytest

from apps.credit.models import CreditReport, ReportView, Score
from apps.credit.services.reports.issuing import issue
from apps.credit.services.reports.sharing import share_with
from apps.credit.services.scoring import score_applicant
from apps.users.roles import Role
from tests.api.support import Caller, code, keys
from tests.credit.selling import AS_OF, BY, make_applicant, make_read_shop, spread
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency():
    return make_client("Harbour Agency")


@pytest.fixture
def shop(agency):
    row = make_read_shop(agency, name="Harbour Lamps")
    spread(row, 30, 3_000)
    return row


@pytest.fixture
def staff(agency):
    return Caller(make_user(clients=[agency], role=Role.ADMIN))


def test_a_program_of_staff_goes_all_the_way(staff, agency, shop):
    body = {"client": agency.pk, "reference": "Loan 4711", "shops": [shop.pk]}
    made = staff.post("credit/applicants/", body)
    assert made.status_code == 201, made.content
    applicant = made.json()
    assert applicant["shops"] == [shop.pk]
    assert code(staff.post("credit/applicants/", body)) == (409, "not_to_score")

    asked = {"applicant": applicant["id"], "as_of": AS_OF.isoformat()}
    score = staff.post("credit/scores/", asked).json()
    assert (score["number"], score["monthly_usd"]) == (1, "1000.0000")
    assert score["reasons"][0]["sentence"]
    lifts = staff.get(f"credit/scores/{score['id']}/lifts/").json()["lifts"]
    assert lifts[0]["lost"] >= lifts[-1]["lost"] > 0

    report = staff.post("credit/reports/", {"score": score["id"]})
    assert report.status_code == 201
    own = f"credit/reports/{report.json()['id']}/"
    shown = staff.get(own).json()
    stored = CreditReport.objects.get()
    assert shown["content"] == stored.content
    assert stored.views.get().way == ReportView.Way.API

    reader = make_user("ulla")
    assert staff.post(f"{own}share/", {"person": "Ulla"}).json()["person"] == "ulla"
    address = staff.post(f"{own}share/", {"days": 7}).json()["address"]
    assert "/credit/shared/" in address
    shares = staff.get(f"{own}shares/").json()["shares"]
    assert len(shares) == 2
    assert "address" not in shares[0]
    share = stored.shares.get(user=reader)
    ended = staff.post(f"{own}shares/{share.pk}/end/")
    assert ended.json()["revoked_at"]
    assert code(staff.post(f"{own}share/", {"person": "nobody"})) == (400, "invalid")
    assert code(staff.post(f"{own}share/", {})) == (400, "invalid")
    withdrawn = staff.post(f"{own}withdraw/").json()
    assert withdrawn["withdrawn_at"]
    assert code(staff.post(f"{own}share/", {"days": 7})) == (409, "report_refused")


def test_an_underwriters_token_reads_what_was_shared_and_objects(staff, agency, shop):
    applicant = make_applicant(agency, shops=[shop])
    made = [score_applicant(applicant, as_of=AS_OF, by=BY) for _ in range(2)]
    report, other = (issue(score, BY) for score in made)
    reader = Caller(make_user(clients=[make_client()], role=Role.UNDERWRITER))
    assert keys(reader.get("credit/reports/")) == []

    share_with(report, reader.user, BY)

    assert keys(reader.get("credit/reports/")) == [report.pk]
    assert reader.get(f"credit/reports/{report.pk}/").json()["number"] == report.number
    assert report.views.get().user == reader.user
    assert reader.get(f"credit/reports/{other.pk}/").status_code == 404
    assert keys(reader.get("credit/applicants/")) == []
    assert keys(reader.get("credit/scores/")) == []
    for path in (f"credit/reports/{report.pk}/shares/",):
        assert reader.get(path).status_code == 403
    for deed in ("share", "withdraw"):
        answer = reader.post(f"credit/reports/{report.pk}/{deed}/", {"days": 7})
        assert answer.status_code in (400, 403)
    told = reader.post(f"credit/reports/{report.pk}/object/", {"text": "Not so."})
    assert told.status_code == 201
    dispute = told.json()["id"]
    answering = f"credit/reports/{report.pk}/disputes/{dispute}/answer/"
    values = {"state": "dismissed", "answer": "It is."}
    assert reader.post(answering, values).status_code == 403
    assert staff.post(answering, values).json()["state"] == "dismissed"


def test_an_outsider_gets_nothing_and_makes_nothing(agency, shop):
    applicant = make_applicant(agency, shops=[shop])
    report = issue(score_applicant(applicant, as_of=AS_OF, by=BY), BY)
    outsider = Caller(make_user(clients=[make_client()], role=Role.ADMIN))
    analyst = Caller(make_user(clients=[agency], role=Role.ANALYST))

    for caller in (outsider, analyst):
        for what in ("applicants", "scores", "reports"):
            assert keys(caller.get(f"credit/{what}/")) == []
        assert caller.get(f"credit/reports/{report.pk}/").status_code == 404
        asked = {"applicant": applicant.pk}
        assert caller.post("credit/scores/", asked).status_code == 400
    body = {"client": agency.pk, "reference": "Mine", "shops": [shop.pk]}
    assert outsider.post("credit/applicants/", body).status_code == 400
    own = {
        "client": outsider.user.memberships.get().client_id,
        "reference": "Mine",
        "shops": [make_shop().pk],
    }
    assert outsider.post("credit/applicants/", own).status_code == 400
    assert Score.objects.count() == 1


def test_a_token_without_the_scope_is_told_so(agency, shop, staff):
    reading = Caller(staff.user, ["credit:read"])
    applicant = make_applicant(agency, shops=[shop])

    assert keys(reading.get("credit/applicants/")) == [applicant.pk]
    asked = {"applicant": applicant.pk}
    assert code(reading.post("credit/scores/", asked)) == (403, "scope_missing")


def test_lists_cost_as_many_queries_however_long(
    agency, shop, staff, django_assert_max_num_queries
):
    for _ in range(4):
        applicant = make_applicant(agency, shops=[shop])
        issue(score_applicant(applicant, as_of=AS_OF, by=BY), BY)

    for what in ("applicants", "scores", "reports"):
        with django_assert_max_num_queries(9):
            assert len(keys(staff.get(f"credit/{what}/"))) == 4

"""The log of what was read of creators' own accounts: a list, and as data."""

import pytest
from django.urls import reverse

from apps.sync.models import SyncRun
from tests.api.support import Caller
from tests.factories.content import make_creator_account
from tests.factories.platforms import make_shop
from tests.factories.sync import make_creator_run
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements
from tests.platforms.screens_support import signed_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:sync_creatorrun_changelist")
WORDS = "The creator has to consent again."


@pytest.fixture
def account(company):
    make_shop(company)
    return make_creator_account(company)


@pytest.fixture
def clerk(company):
    return make_user("clerk", clients=[company], permissions=["process_orders"])


def failed(account, **fields):
    state = SyncRun.State.FAILED
    return make_creator_run(
        account, state=state, first_error=WORDS, needs_person=True, **fields
    )


def test_the_list_tells_what_became_of_each(account, clerk):
    failed(account)
    make_creator_run(account, read=12, new=5, failed=1, issues=[["579", "No amount."]])
    browser = signed_in(clerk)

    page = browser.get(LIST).content.decode()
    narrowed = browser.get(LIST, {"state": "failed"}).content.decode()

    assert WORDS in page
    assert "12 / 5 / 0 / 0 / 1" in page
    assert "579: No amount." in page
    assert WORDS in narrowed
    assert "No amount." not in narrowed


def test_others_runs_are_as_good_as_absent(account, clerk):
    other = make_creator_account(make_client(), open_id="creator-2", username="other")
    failed(other)

    page = signed_in(clerk).get(LIST).content.decode()

    assert WORDS not in page
    assert "No creator's account has been read yet." in page


def test_who_sees_no_runs_sees_no_list(account, visitor):
    assert signed_in(visitor).get(LIST).status_code == 403


def test_the_list_asks_as_much_for_many_runs(account, clerk, company):
    browser = signed_in(clerk)
    make_creator_run(account)
    browser.get(LIST)
    with statements() as few:
        browser.get(LIST)
    for number in range(5):
        more = make_creator_account(company, open_id=f"more-{number}")
        make_creator_run(more)

    with statements() as many:
        assert browser.get(LIST).status_code == 200

    assert len(many) == len(few)


def test_programs_read_them_one_by_one_and_filtered(account, clerk):
    run = failed(account, issues=[["579", "No amount."]])
    make_creator_run(account)
    caller = Caller(clerk)

    listed = caller.get("creator-runs/?state=failed").json()["results"]
    whole = caller.get(f"creator-runs/{run.pk}/").json()

    assert [row["id"] for row in listed] == [run.pk]
    assert listed[0]["creator_account"] == account.pk
    assert listed[0]["needs_person"] is True
    assert whole["issues"] == [{"remote_id": "579", "message": "No amount."}]
    theirs = make_creator_account(make_client(), open_id="creator-2")
    assert caller.get(f"creator-runs/{failed(theirs).pk}/").status_code == 404

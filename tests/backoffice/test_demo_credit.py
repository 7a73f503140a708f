"""The demo's first client has a credit report that an underwriter reads."""

import pytest

from apps.backoffice.management.demo_credit import make_credit
from apps.credit.models import CreditReport, Lender
from apps.sync.models import SyncRun
from apps.sync.services.orders import pull_orders
from tests.factories.platforms import connect_simulator_shops
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


def test_a_report_is_issued_once_and_shared(simulator, company, superuser):
    for shop in connect_simulator_shops(simulator, client=company):
        pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    reader = make_user(clients=[company], role="underwriter")

    report = make_credit(company, superuser, reader, "http://desk.example.com")

    assert report
    assert report.score.score is not None
    assert list(CreditReport.objects.visible_to(reader)) == [report]
    assert Lender.objects.get().return_url == "http://desk.example.com/"
    assert make_credit(company, superuser, reader, "http://desk.example.com") is None

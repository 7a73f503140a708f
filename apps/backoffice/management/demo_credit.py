"""A lender, an applicant with the demo's first client's shops, and an issued report."""

from django.utils import timezone

from apps.credit.models import Applicant, CreditReport, Lender
from apps.credit.services import lenders
from apps.credit.services.applicants import add_applicant
from apps.credit.services.reports.issuing import issue
from apps.credit.services.reports.sharing import share_with
from apps.credit.services.scoring import score_applicant
from apps.integrations.errors import PlatformError
from apps.platforms.models import Shop
from apps.sync.errors import AlreadyRunning
from apps.sync.models import SyncRun
from apps.sync.services.aftersales import pull_cancellations, pull_returns
from apps.sync.services.finance import pull_finance
from apps.users.models import Client, User
from apps.users.services.audit import By

LENDER = "Harbour Credit"
REFERENCE = "Demo loan"


def make_credit(
    client: Client, user: User, underwriter: User, url: str
) -> CreditReport | None:
    """The report, shared with the underwriter; None where there is one already."""
    by = By(user, process="connect_demo")
    if not Lender.objects.exists():
        lender, _ = Client.objects.get_or_create(name=LENDER)
        lenders.make(lender, by, slug="harbour", return_url=f"{url}/")
    shops = Shop.objects.connected().filter(client=client)
    if not shops or Applicant.objects.filter(client=client).exists():
        return None
    for shop in shops:
        _read_money(shop)
    applicant = add_applicant(client, REFERENCE, list(shops), by)
    report = issue(score_applicant(applicant, as_of=timezone.now().date(), by=by), by)
    share_with(report, underwriter, by)
    return report


def _read_money(shop: Shop) -> None:
    """What was sold is here; what was called off, paid back and settled counts, too."""
    for pull in (pull_cancellations, pull_returns, pull_finance):
        try:
            pull(shop, trigger=SyncRun.Trigger.COMMAND)
        except (AlreadyRunning, PlatformError):
            continue  # the schedule was faster, or will come back to it

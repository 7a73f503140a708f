"""The end of what an applicant shares, with the platform told as far as it listens."""

from apps.credit.models import Applicant
from apps.credit.services import erasing
from apps.credit.services.consenting import leaving
from apps.users.services.audit import By
from apps.webhooks.services import subscriptions


def part(applicant: Applicant, by: By) -> None:
    """End their consents. The platform is asked first, while the tokens still work; one
    that does not answer keeps nothing: what it still posts is acted on no more."""
    _unsubscribe(applicant, by)
    leaving.stop_sharing(applicant, by)


def erase(applicant: Applicant, typed: str, by: By) -> None:
    """The same, and forget them. Raises ErasingRefused."""
    erasing.check_name(applicant, typed)
    _unsubscribe(applicant, by)
    erasing.erase(applicant, typed, by)


def _unsubscribe(applicant: Applicant, by: By) -> None:
    for shop in leaving.shops_to_shut(applicant):
        subscriptions.let_go(shop, by)

"""What a consent opens becomes the applicant's.

A shop new to us lies with the applicant's `home`, where no lender's people see its
orders. One that we run for somebody already stays theirs: the applicant has shown that
it is theirs to show, and its figures count for them.
"""

from django.db import transaction
from django.utils import timezone

from apps.credit.errors import ConsentRefused
from apps.credit.models import (
    Applicant,
    ApplicantConsent,
    ApplicantCreator,
    ApplicantShop,
)
from apps.integrations.contracts import RemoteShop
from apps.platforms.models import ApiApp, Authorization, ConnectAttempt, Shop
from apps.platforms.services.connecting.exchange import offered_shops
from apps.platforms.services.connecting.linking import account_for, open_with
from apps.users.models import Client
from apps.users.services import audit

Step = ApplicantConsent.Step
PROCESS = "applicant"

SHUT = (
    "{shop} is run here by somebody else who has disconnected it. Ask them to connect "
    "it again, or the lender what to do."
)


@transaction.atomic
def grant_account(consent: ApplicantConsent) -> None:
    """The creator account that an exchanged consent has opened is the applicant's;
    repeating it changes nothing."""
    consent = (
        ApplicantConsent.objects.select_for_update(of=["self"])
        .select_related("applicant__client", "attempt__creator_account")
        .get(pk=consent.pk)
    )
    account = consent.attempt.creator_account if consent.attempt else None
    if account is None or consent.step != Step.AWAY:
        return
    now = timezone.now()
    ApplicantCreator.objects.update_or_create(
        applicant=consent.applicant,
        account=account,
        defaults={"ended_at": None},
        create_defaults={"shown_at": now},
    )
    audit.record(
        "showed a creator account to a lender",
        account,
        process=PROCESS,
        client=consent.applicant.client,
        applicant=consent.applicant_id,
    )
    consent.step, consent.granted_at, consent.problem = Step.READING, now, ""
    consent.save()


@transaction.atomic
def grant(consent: ApplicantConsent) -> list[Shop]:
    """Link all the shops of an exchanged consent; repeating it returns them.

    Raises ConsentRefused, and then nothing changes.
    """
    consent = (
        ApplicantConsent.objects.select_for_update(of=["self"])
        .select_related("applicant__client")
        .get(pk=consent.pk)
    )
    attempt = (
        ConnectAttempt.objects.select_for_update(of=["self"])
        .select_related("authorization", "api_app")
        .filter(applicant_consent=consent)
        .first()
    )
    if attempt is None:
        raise ConsentRefused("This consent is over. Begin again at the lender's page.")
    if attempt.finished_at is not None:
        return list(attempt.shops.all())
    authorization = attempt.authorization
    if authorization is None or not attempt.offered:
        raise ConsentRefused("This consent is not complete yet. Begin again.")
    applicant = Applicant.objects.select_for_update().get(pk=consent.applicant_id)
    remotes = sorted(offered_shops(attempt), key=lambda remote: remote.remote_id)
    shops = [_opened(applicant, attempt, authorization, remote) for remote in remotes]
    attempt.shops.set(shops)
    now = timezone.now()
    attempt.finished_at, attempt.code, attempt.offered = now, "", ""
    attempt.save()
    consent.step, consent.granted_at, consent.problem = Step.READING, now, ""
    consent.save()
    return shops


def _opened(
    applicant: Applicant,
    attempt: ConnectAttempt,
    authorization: Authorization,
    remote: RemoteShop,
) -> Shop:
    shop = _account(applicant, attempt.api_app, attempt.environment, remote)
    is_shut = shop.state == Shop.State.DISCONNECTED
    if is_shut and not lies_with_an_applicant(shop):
        raise ConsentRefused(SHUT.format(shop=remote.name or remote.remote_id))
    open_with(shop, authorization, remote.cipher)
    ApplicantShop.objects.update_or_create(
        applicant=applicant,
        shop=shop,
        defaults={"ended_at": None},
        create_defaults={"shown_at": timezone.now()},
    )
    audit.record(
        "showed a shop to a lender",
        shop,
        process=PROCESS,
        client=applicant.client,
        applicant=applicant.pk,
    )
    return shop


def _account(
    applicant: Applicant, app: ApiApp, environment: str, remote: RemoteShop
) -> Shop:
    known = Shop.objects.select_for_update().filter(
        platform=app.platform, remote_id=remote.remote_id
    )
    if (shop := known.first()) is not None:
        return shop
    name = remote.name or remote.remote_id
    made, _ = account_for(remote, home_of(applicant), app, name, environment)
    return made


def lies_with_an_applicant(shop: Shop) -> bool:
    """Whether a shop is here because of applicants' consents alone."""
    return shop.client.is_applicant


def home_of(applicant: Applicant) -> Client:
    """The client that holds what the applicant's own consents opened."""
    if applicant.home is None:
        applicant.home = Client.objects.create(
            name=f"Applicant {applicant.pk}", is_applicant=True
        )
        applicant.save(update_fields=["home", "modified_at"])
    return applicant.home

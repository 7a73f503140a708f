"""Who applies with which lender, and the address of TikTok's consent page."""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.credit.errors import ConsentRefused
from apps.credit.models import Applicant, ApplicantConsent, Lender
from apps.credit.services.consenting.granting import home_of
from apps.platforms.models import ApiApp, ConnectAttempt
from apps.platforms.regions import open_regions
from apps.platforms.services.connecting import tickets
from apps.users.models import Client

_ETHEREUM = re.compile(r"0[xX][0-9a-fA-F]{40}")
# Base58 and bech32 of the usual chains; case tells addresses apart in the first.
_OTHER_WALLET = re.compile(r"[A-Za-z0-9]{20,128}")
_REFERENCE = re.compile(r"[\w][\w .:@/+-]{0,79}")

NOT_OPEN = "This lender takes no applications now. Ask the lender."
NO_LENDER = "There is no such lender. Ask whoever sent you here."
NO_LENDER_YET = "No lender is set up here yet. An Admin does that on the page Lenders."
SEVERAL = "Several lend here: name one as `lender`."


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody begins with; at least one of wallet and reference."""

    wallet: str = ""
    reference: str = ""
    account: ApplicantConsent.Account = ApplicantConsent.Account.SELLER
    region: str = ""
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    consent: ApplicantConsent
    address: str


def lender_of(slug: str) -> Lender:
    """By name, or the only one there is. Raises ConsentRefused."""
    rows = Lender.objects.select_related("client", "api_app")
    found = list(rows.filter(slug=slug) if slug else rows[:2])
    if not found:
        raise ConsentRefused(NO_LENDER if slug else NO_LENDER_YET)
    if len(found) > 1:
        raise ConsentRefused(SEVERAL)
    if not found[0].is_open or not found[0].client.is_active:
        raise ConsentRefused(NOT_OPEN)
    return found[0]


@transaction.atomic
def begin(lender: Lender, asked: Asked) -> Begun:
    """Make or find the applicant, and sign a state for their way to TikTok and back:
    it works once, for ten minutes, and for this applicant alone.

    Raises ConsentRefused and ConnectFailed.
    """
    now = timezone.now()
    tickets.tidy(now)
    _check(lender, asked)
    app = _app_of(lender)
    applicant = find_or_make(lender.client, asked.wallet, asked.reference)
    if applicant.erased_at is not None:
        raise ConsentRefused("This applicant was erased. Ask the lender for a new one.")
    is_creator = asked.account == ApplicantConsent.Account.CREATOR
    attempt = ConnectAttempt.objects.create(
        state_hash=tickets.digest(secrets.token_urlsafe(32)),
        account_kind=asked.account,
        # A creator's account lies with whoever the attempt is for; shops are placed
        # once it is known which are new.
        client=home_of(applicant) if is_creator else lender.client,
        api_app=app,
        region=asked.region,
        environment=app.environment,
        expires_at=now + tickets.TICKET_LIFE,
    )
    consent = ApplicantConsent.objects.create(
        applicant=applicant,
        attempt=attempt,
        account=asked.account,
        return_url=asked.return_url or lender.return_url,
    )
    address = tickets.leave_for_consent(attempt, asks=lender.client)
    return Begun(consent, address)


def find_or_make(client: Client, wallet: str, reference: str) -> Applicant:
    """The client's applicant of that wallet or reference.

    Raises ConsentRefused where both are given and do not name the same one: whoever
    knows one of them must not get hold of the other's applicant.
    """
    names = {"wallet_key": wallet_key(wallet) if wallet else "", "reference": reference}
    given = {name: value for name, value in names.items() if value}
    rows = Applicant.objects.filter(client=client)
    found = {
        row.pk: row
        for name, value in given.items()
        for row in rows.filter(**{name: value})
    }
    if not found:
        return _made(client, wallet, names)
    [*rest, row] = found.values()
    if rest or any(getattr(row, name) != value for name, value in given.items()):
        raise ConsentRefused("This wallet and this reference are not of one applicant.")
    return row


def _made(client: Client, wallet: str, names: dict[str, str]) -> Applicant:
    row = Applicant(client=client, wallet_address=wallet, **names)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # another request was faster
        return Applicant.objects.get(
            client=client, **{name: value for name, value in names.items() if value}
        )
    return row


def wallet_key(wallet: str) -> str:
    """An address as it is compared: the case of a hexadecimal one is a checksum, that
    of another one belongs to it. Raises ConsentRefused for what is no address."""
    if _ETHEREUM.fullmatch(wallet):
        return wallet.lower()
    if _OTHER_WALLET.fullmatch(wallet):
        return wallet
    raise ConsentRefused("This is not a wallet address. Check what was copied.")


def _check(lender: Lender, asked: Asked) -> None:
    if not asked.wallet and not asked.reference:
        raise ConsentRefused("Name a wallet address or a reference.")
    if asked.reference and not _REFERENCE.fullmatch(asked.reference):
        raise ConsentRefused("A reference has letters, digits and . : @ / + - only.")
    if asked.region and asked.region not in {each.code for each in open_regions()}:
        tickets.check_region(asked.region)
    if asked.return_url and _origin(asked.return_url) != _origin(lender.return_url):
        raise ConsentRefused("The return address is not one of the lender's pages.")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _app_of(lender: Lender) -> ApiApp:
    """Raises ConsentRefused, and ConnectFailed for one that is not set up."""
    app = lender.api_app
    if app is None:
        ours = ApiApp.objects.filter(
            client=None, scope_category=ApiApp.Scope.MULTI_CHANNEL
        )
        app = ours.order_by("pk").first()
    if app is None:
        raise ConsentRefused("No API app is set up here yet. Ask the lender.")
    tickets.check_app(app, lender.client)
    return app

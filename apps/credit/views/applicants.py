"""What an applicant sees on the way back from TikTok: no login, one plain page.

A signed cookie binds the consent to the browser that brought its state back.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.credit.models import ApplicantConsent
from apps.credit.services.consenting import granting
from apps.platforms.models import ConnectAttempt
from apps.platforms.services.connecting import exchange, tickets
from apps.platforms.views.access import start_pulls
from apps.platforms.views.pick import finish_context
from apps.platforms.views.progress import FirstPull, first_pull_of
from apps.sync.models import SyncRun
from apps.sync.tasks import pull_creator_orders
from apps.users.services.audit import By
from apps.webhooks.services import parting

COOKIE = "applicant"
_COOKIE_SECONDS = 24 * 60 * 60
_SALT = "applicant's consent"
TITLE = "Share your shop's income"
REFUSED = "You did not grant access. Nothing was stored."
NO_CODE = "TikTok sent no authorisation code."
OVER = "This consent is over. Begin again at the lender's page."
CONNECTED = "tiktokshop_connected"
Step = ApplicantConsent.Step

View = Callable[[HttpRequest, ApplicantConsent], HttpResponse]


def consent_of(state: str) -> ApplicantConsent | None:
    """The applicant's consent whose state this is, for the platform's callback."""
    rows = ApplicantConsent.objects.select_related("applicant__client", "attempt")
    found: ApplicantConsent | None = (
        rows.filter(attempt__state_hash=tickets.digest(state)).first()
        if state
        else None
    )
    return found


def back_from_consent(
    request: HttpRequest, consent: ApplicantConsent, code: str, trouble: str
) -> HttpResponse:
    """The state is used up, the code leaves the address, and the browser is bound."""
    attempt = consent.attempt
    assert attempt is not None
    if attempt.used_at is None and attempt.expires_at <= timezone.now():
        return _stopped(request, OVER)
    if trouble:
        tickets.refuse(attempt)
        _fail(consent, trouble)
    elif not tickets.redeem(attempt, code) and _remembered(request) != consent.pk:
        return _stopped(request, OVER)
    response = redirect("credit:consent")
    response.set_signed_cookie(
        COOKIE,
        str(consent.pk),
        salt=_SALT,
        max_age=_COOKIE_SECONDS,
        path=reverse("credit:consent"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _with_consent(view: View) -> Callable[[HttpRequest], HttpResponse]:
    @wraps(view)
    def found(request: HttpRequest) -> HttpResponse:
        rows = ApplicantConsent.objects.select_related(
            "applicant__client", "attempt__authorization", "attempt__api_app"
        )
        consent = rows.filter(pk=_remembered(request) or 0).first()
        if consent is None:
            return _stopped(request, OVER)
        return view(request, consent)

    return never_cache(found)


@require_http_methods(["GET", "POST"])
@_with_consent
def consent(request: HttpRequest, consent: ApplicantConsent) -> HttpResponse:
    """How far it is; sent off, the code is exchanged and the shops are linked. Where
    all is done, on to the lender's page."""
    if consent.step == Step.AWAY and consent.attempt is not None:
        if request.method == "POST":
            _take(consent, consent.attempt)
            return redirect("credit:consent")
        return _page(request, consent, **finish_context(consent.attempt))
    if consent.step == Step.SCORED and consent.return_url:
        return redirect(lenders_page(consent, is_connected=True))
    return _page(request, consent, pulls=_pulls(consent))


@require_safe
@_with_consent
def status(request: HttpRequest, consent: ApplicantConsent) -> JsonResponse:
    """For the page's script; in the shape of a first pull's."""
    steps = [step for pull in _pulls(consent) for step in pull.as_json()["steps"]]
    return JsonResponse({"is_over": consent.step != Step.READING, "steps": steps})


@require_POST
@_with_consent
def leave(request: HttpRequest, consent: ApplicantConsent) -> HttpResponse:
    """They take it back: shops are disconnected, nothing more is read."""
    by = By(address=address_of(request), process=granting.PROCESS)
    parting.part(consent.applicant, by)
    consent.refresh_from_db()
    return _page(request, consent, is_left=True)


def lenders_page(consent: ApplicantConsent, *, is_connected: bool) -> str:
    """The lender's address, which says whether a shop was connected."""
    parts = urlsplit(consent.return_url)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] != CONNECTED]
    told = [(CONNECTED, "true" if is_connected else "false")]
    return urlunsplit(parts._replace(query=urlencode(kept + told)))


def _take(consent: ApplicantConsent, attempt: ConnectAttempt) -> None:
    exchange.complete(attempt)
    if attempt.creator_account is not None:
        granting.grant_account(consent)
        account = attempt.creator_account.pk
        after_commit(pull_creator_orders.delay, account, SyncRun.Trigger.CONNECT)
        return
    if not attempt.offered:
        return  # what is wrong stands on the attempt
    try:
        shops = granting.grant(consent)
    except DomainError as error:
        _fail(consent, str(error))
    else:
        start_pulls(shops)


def _fail(consent: ApplicantConsent, why: str) -> None:
    consent.step, consent.problem = Step.FAILED, why[:600]
    consent.finished_at = timezone.now()
    consent.save()


def _pulls(consent: ApplicantConsent) -> list[FirstPull]:
    if consent.attempt is None or consent.step == Step.AWAY:
        return []
    return [first_pull_of(shop) for shop in consent.attempt.shops.order_by("pk")]


def _page(
    request: HttpRequest, consent: ApplicantConsent, **context: object
) -> HttpResponse:
    back = consent.return_url and lenders_page(consent, is_connected=False)
    everything = {
        "title": TITLE,
        "consent": consent,
        "attempt": consent.attempt,
        "lender": consent.applicant.client,
        "back": back,
    }
    return TemplateResponse(request, "credit/consent.html", everything | context)


def _stopped(request: HttpRequest, text: str) -> HttpResponse:
    context = {"title": TITLE, "text": text}
    return TemplateResponse(request, "platforms/connect_stopped.html", context)


def _remembered(request: HttpRequest) -> int | None:
    value = request.get_signed_cookie(
        COOKIE, default="", salt=_SALT, max_age=_COOKIE_SECONDS
    )
    return int(value) if value else None

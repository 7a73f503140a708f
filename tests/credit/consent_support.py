"""An applicant's way to TikTok and back, as their browser goes it."""

from urllib.parse import parse_qsl, urlsplit

import requests

from apps.credit.models import Lender
from apps.users.models import Client
from tests.factories.platforms import make_simulator_app

WALLET = "0x52908400098527886E0F7030069857D2E4169EE7"
CONNECT = "/api/v1/credit/connect"
CONSENT = "/credit/consent/"
BACK = "https://lender.example.com/loan?step=2"


def make_lender(client: Client | None = None, **fields) -> Lender:
    values = {"slug": "harbour", "return_url": BACK}
    client = client or Client.objects.create(name="Harbour Credit")
    return Lender.objects.create(client=client, **values | fields)


def set_up(simulator) -> Lender:
    make_simulator_app(simulator)
    return make_lender()


def ask(browser, **parameters):
    """The answer of the API to whoever begins."""
    return browser.get(CONNECT, {"wallet": WALLET} | parameters)


def answer_at_tiktok(
    consent: str, who: str, decision: str = "approve", *, field: str = "seller"
) -> str:
    """Consent as the seller or creator; where the browser is sent: path and query."""
    form = dict(parse_qsl(urlsplit(consent).query))
    reply = requests.post(
        consent,
        form | {field: who, "decision": decision},
        allow_redirects=False,
        timeout=30,
    )
    back = urlsplit(reply.headers["location"])
    return f"{back.path}?{back.query}"


def come_back(browser, simulator, seller, decision="approve", **parameters):
    """Begin, consent, come back, and send the page off; what is shown then."""
    begun = ask(browser, **parameters)
    assert begun.status_code == 200, begun.content
    back = answer_at_tiktok(begun.json()["authorization_url"], seller, decision)
    page = browser.get(back, follow=True)
    if b"data-auto-submit" in page.content:
        page = browser.post(CONSENT, follow=True)
    return page

"""Connect the simulator's shops the way a person would, and wait for their orders.

Every step goes over HTTP: sign in, Add Shop, the consent page, back, pick, link.
"""

import html
import logging
import os
import re
import time
from argparse import ArgumentParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Sum
from django.utils import timezone

from apps.backoffice.management.demo_catalogue import make_catalogue
from apps.backoffice.management.demo_credit import make_credit
from apps.backoffice.management.demo_orders import make_orders
from apps.backoffice.management.demo_stock import make_stock
from apps.core.management.reporting import Progress
from apps.finance.services.rate_sources import load_from_ecb, load_from_other
from apps.orders.models import Order
from apps.platforms.models import ApiApp, Authorization, Shop
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.users.models import Client, Membership, User
from apps.users.roles import Role
from apps.users.services.audit import By

USERNAME = "demo"
CALLBACK = "/platforms/tiktok/callback/"
# Only says whose consent page is opened; what TikTok says of a shop counts.
REGION = "GB"
PATIENCE_SECONDS = 600


class Command(BaseCommand):
    help = "Connect the simulator's shops to the running server at URL."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url")

    def handle(self, *, url: str, **options: Any) -> None:
        # What is done is told in lines of its own.
        logging.getLogger("apps").setLevel(logging.WARNING)
        simulator = settings.SIMULATOR_URL
        password = os.environ.get("DEMO_PASSWORD", "")
        if not password:
            raise CommandError("DEMO_PASSWORD is not set; `make env` writes one.")
        self._login_exists(password)
        app = self._app_exists(simulator, url)
        sellers = requests.get(f"{simulator}/control/sellers", timeout=10).json()
        for seller in sellers:
            name, open_id = seller["name"], seller["id"]
            if Authorization.objects.filter(
                api_app=app, seller_name=name, state=Authorization.State.ACTIVE
            ).exists():
                continue
            client, _ = Client.objects.get_or_create(name=name)
            _connect(url, password, client, app, simulator, open_id)
            self.stdout.write(f"Connected {name}.")
        _team_exists(password)
        self._await_orders()
        self._work_exists(url)
        others = ", ".join(_username(role) for role in Role)
        self.stdout.write(
            f"\n  Back office  {url}/admin/orders/order/\n"
            f"  Login        {USERNAME} / {password}\n"
            f"  Other roles  {others}\n"
            f"  Simulator    {simulator}/\n"
        )

    def _login_exists(self, password: str) -> None:
        user, _ = User.objects.get_or_create(
            username=USERNAME, defaults={"is_staff": True, "is_superuser": True}
        )
        if not user.check_password(password):
            user.set_password(password)
            user.save()

    def _app_exists(self, simulator: str, url: str) -> ApiApp:
        """Copy the key and the secret from the simulator's Partner Center page."""
        listed = requests.get(f"{simulator}/control/apps", timeout=10).json()[0]
        requests.post(
            f"{simulator}/control/apps/{listed['app_key']}",
            json={"redirect_url": url + CALLBACK},
            timeout=10,
        ).raise_for_status()
        app, _ = ApiApp.objects.update_or_create(
            app_key=listed["app_key"],
            defaults={
                "name": "Simulator",
                "app_secret": listed["app_secret"],
                "service_id": listed["service_id"],
            },
        )
        return app

    def _work_exists(self, url: str) -> None:
        client = Client.objects.order_by("pk").first()
        user = User.objects.get(username=USERNAME)
        self._rates_exist()
        if client is not None and (count := make_catalogue(client, user)):
            self.stdout.write(f"{count} products of {client} are in the catalogue.")
        if client is not None and (count := make_stock(client, user)):
            self.stdout.write(f"Stock of {count} SKUs of {client} was counted.")
        simulator = settings.SIMULATOR_URL
        if client is not None and (count := make_orders(client, user, simulator)):
            self.stdout.write(f"{count} orders of {client} ask for an answer.")
        underwriter = User.objects.get(username=_username(Role.UNDERWRITER))
        if client is not None and (
            report := make_credit(client, user, underwriter, url)
        ):
            self.stdout.write(f"Credit report {report} of {client} is issued.")

    def _rates_exist(self) -> None:
        """Before the schedule asks for them, so that sums have them at once."""
        today = timezone.now().date()
        by = By(process="demo")
        new = load_from_ecb(today, by).new + load_from_other(today, by).new
        if new:
            self.stdout.write(f"{new:,} exchange rates are loaded.")

    def _await_orders(self) -> None:
        """Show the first pull's progress until every connected shop has had one."""
        progress = Progress("connect_demo", "Orders", self.stdout, quiet=False)
        deadline = time.monotonic() + PATIENCE_SECONDS
        if not _shops_without_first_pull():
            self.stdout.write(f"{Order.objects.count():,} orders are here already.")
            return
        while waiting := _shops_without_first_pull():
            if time.monotonic() > deadline:
                names = ", ".join(str(shop) for shop in waiting)
                raise CommandError(f"Still waiting for the first orders of {names}.")
            progress.show(*_progress(waiting))
            time.sleep(0.3)
        progress.finish(*_progress([]))


def _team_exists(password: str) -> None:
    """Somebody in every role at the first client, to see what each may do."""
    client = Client.objects.order_by("pk").first()
    for role in Role:
        user, created = User.objects.get_or_create(
            username=_username(role), defaults={"is_staff": True}
        )
        if not user.check_password(password):
            user.set_password(password)
            user.save()
        if created and client is not None:
            Membership.objects.create(user=user, client=client, role=role)


def _username(role: Role) -> str:
    return f"demo-{role.value.replace('_', '-')}"


def _shops_without_first_pull() -> list[Shop]:
    pulled = SyncRun.objects.filter(
        resource=Resource.ORDERS, state__in=[SyncRun.State.DONE, SyncRun.State.PARTLY]
    )
    return list(Shop.objects.connected().exclude(sync_runs__in=pulled))


def _progress(waiting: list[Shop]) -> tuple[int, int | None, dict[str, int]]:
    runs = SyncRun.objects.filter(trigger=SyncRun.Trigger.CONNECT).aggregate(
        read=Sum("read", default=0), expected=Sum("expected", default=0)
    )
    shops = SyncCursor.objects.filter(resource=Resource.ORDERS).count()
    counts = {"shops": shops - len([s for s in waiting if s.sync_cursors.exists()])}
    return runs["read"], runs["expected"] or None, counts


def _connect(
    url: str, password: str, client: Client, app: ApiApp, simulator: str, seller: str
) -> None:
    """Sign in and take every step of the wizard; approve as the seller."""
    steps = _Steps(url)
    page = steps.get("/admin/login/?next=/platforms/connect/")
    page = steps.send(page, {"username": USERNAME, "password": password})
    fields = {
        "client": client.pk,
        "region": REGION,
        "api_app": app.pk,
        "environment": app.environment,
        "name": "",
    }
    page = steps.send(page, fields, expects="/explain/")
    consent = steps.send(page, {}, follows=False).headers.get("Location", "")
    if not consent.startswith(simulator):
        raise CommandError(
            "Consent does not lead to the simulator; check SIMULATOR_URL."
        )
    approval = requests.post(
        consent,
        data=_hidden_fields(consent) | {"seller": seller, "decision": "approve"},
        timeout=30,
        allow_redirects=False,
    )
    way_back = approval.headers.get("Location", "")
    if not way_back.startswith(url + CALLBACK):
        raise CommandError(f"The consent page answered {approval.status_code}.")
    page = steps.get(way_back.removeprefix(url))
    page = steps.send(page, {}, expects="/shops/")
    picked = re.findall(r'name="shop" value="(\d+)" checked', page.text)
    steps.send(page, {"shop": picked, "answer": "link"}, expects="/pull/")


class _Steps:
    """A browser's part: follow redirects, send forms back to the page they are on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def get(self, path: str) -> requests.Response:
        page = self.session.get(urljoin(self.url, path), timeout=60)
        page.raise_for_status()
        return page

    def send(
        self,
        page: requests.Response,
        fields: dict[str, Any],
        *,
        expects: str = "",
        follows: bool = True,
    ) -> requests.Response:
        """Raises CommandError if the answer is not the page that is expected."""
        answer = self.session.post(
            page.url,
            data=fields | {"csrfmiddlewaretoken": _csrf(page.text)},
            timeout=120,
            allow_redirects=follows,
        )
        answer.raise_for_status()
        path = urlsplit(answer.url).path
        if not path.endswith(expects):
            raise CommandError(f"The connection stopped at {path}.")
        return answer


def _hidden_fields(consent: str) -> dict[str, str]:
    """What the page's form carries along: the query it was opened with."""
    return dict(parse_qsl(urlsplit(consent).query))


def _csrf(text: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    if found is None:
        raise CommandError("The page has no form to send off.")
    return html.unescape(found.group(1))

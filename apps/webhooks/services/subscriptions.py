"""Where a shop's news are posted to: asked for, set, put right, ended.

The rows are what the platform said when last asked; nothing but these functions writes
them. All is done app by app, because each has addresses of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.integrations.contracts import PlatformClient
from apps.integrations.errors import PlatformError, RequestRefused, ScopeMissing
from apps.integrations.tiktok.topics import Topic
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress, ShopRefuses
from apps.platforms.models import Credential, Shop
from apps.platforms.services.clients import client_through
from apps.users.services import audit
from apps.users.services.audit import By
from apps.webhooks.errors import NoAddress
from apps.webhooks.models import WebhookSubscription
from apps.webhooks.services.public_address import (
    own_address_problem,
    webhook_address,
)
from apps.webhooks.services.wanted import wanted_of

CHECK_EVERY = timedelta(days=1)
# What ends the work through one app, and lets the others go on.
_OF_ONE_APP = (PlatformError, ReconnectNeeded, RefreshInProgress)

ClientOf = Callable[[Credential], PlatformClient]


class State(StrEnum):
    """How a subject stands; UNKNOWN where nobody has looked, EXTRA where it comes here
    and needs not, BARRED where no app may have it."""

    SET = "set"
    ELSEWHERE = "elsewhere"
    MISSING = "missing"
    UNKNOWN = "unknown"
    EXTRA = "extra"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject of a shop through one app (none where it is barred); `is_wanted` if
    we need it."""

    topic: str
    state: State
    app: str = ""
    address: str = ""
    checked_at: datetime | None = None
    problem: str = ""
    is_wanted: bool = True


@dataclass(slots=True)
class Done:
    """What came of it: subjects set or ended, those left as they were, and (subject or
    app, why) of what failed."""

    changed: list[str] = field(default_factory=list)
    kept: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def standing_of(shop: Shop) -> list[Standing]:
    """As far as we know, without asking. A few queries."""
    wanted, ours = wanted_of(shop), webhook_address()
    rows = {
        (row.api_app_id, row.topic): row
        for row in WebhookSubscription.objects.filter(shop=shop)
    }
    found = []
    for credential, topics in wanted.by_credential.items():
        app = str(credential.api_app)
        for topic in topics:
            row = rows.pop((credential.api_app_id, topic.value), None)
            found.append(_standing(topic, app, row, ours))
        for (app_id, name), row in sorted(rows.items()):
            if app_id == credential.api_app_id and row.address:
                state = State.EXTRA if row.address == ours else State.ELSEWHERE
                found.append(
                    Standing(
                        name,
                        state,
                        app,
                        row.address,
                        row.checked_at,
                        is_wanted=False,
                    )
                )
    barred = [Standing(t, State.BARRED, problem=why) for t, why in wanted.barred]
    return found + barred


def check(shop: Shop, *, client_of: ClientOf | None = None) -> Done:
    """Ask each app of the shop what is set; what cannot be asked is noted as a problem.
    Nothing is changed at the platform."""
    done = Done()
    for credential, topics in wanted_of(shop).by_credential.items():
        try:
            _read(credential, topics, client_of)
        except _OF_ONE_APP as error:
            _note_problem(credential, topics, str(error))
            done.failed.append((str(credential.api_app), str(error)))
        else:
            done.kept += len(topics)
    return done


def set_all(
    shop: Shop,
    by: By,
    *,
    replaces: bool = True,
    client_of: ClientOf | None = None,
) -> Done:
    """Have all that is wanted posted to us: what is missing is set and, if `replaces`,
    what is posted elsewhere as well. Repeating it changes nothing.

    Raises NoAddress where the platform would not take our address, and ShopRefuses
    where the shop is not connected.
    """
    if problem := own_address_problem():
        raise NoAddress(problem)
    _require_connected(shop)
    ours, done = webhook_address(), Done()

    def through(credential: Credential, topics: list[Topic]) -> None:
        client = (client_of or _client_of)(credential)
        there = _read(credential, topics, lambda _: client)
        for topic in topics:
            address = there.get(topic.value, "")
            if address == ours or (address and not replaces):
                done.kept += 1
                continue
            try:
                client.set_webhook(topic.name, ours)
            except (RequestRefused, ScopeMissing) as error:
                # It is about this subject alone.
                done.failed.append((topic.value, str(error)))
                _note(credential, topic.value, address, str(error))
            else:
                done.changed.append(topic.value)
                _note(credential, topic.value, ours)

    _app_by_app(shop, through, done)
    done.failed += [(topic.value, why) for topic, why in wanted_of(shop).barred]
    if done.changed:
        _record("set webhooks", shop, by, done, posted_to=ours)
    return done


def remove_all(shop: Shop, by: By, *, client_of: ClientOf | None = None) -> Done:
    """End all that is posted to us; what is posted elsewhere stays. Raises ShopRefuses
    where the shop is not connected."""
    _require_connected(shop)
    done = _end(shop, client_of)
    if done.changed:
        _record("removed webhooks", shop, by, done)
    return done


def let_go(shop: Shop, by: By, *, client_of: ClientOf | None = None) -> Done:
    """As remove_all, of a shop that is about to be disconnected, in whatever state it
    is: what fails is left and told, also in the trail.

    A shop that comes back is subscribed for anew, unless somebody had declined.
    """
    was_declined = is_declined(shop)
    done = _end(shop, client_of)
    rows = WebhookSubscription.objects.filter(shop=shop)
    ours = rows.filter(address=webhook_address()).select_related("api_app")
    told = {what for what, _ in done.failed}
    for app in sorted({str(row.api_app) for row in ours if not row.problem} - told):
        done.failed.append((app, "It has no consent any more by which to end them."))
    if not was_declined:
        rows.filter(problem="").exclude(address=webhook_address()).delete()
    if done.changed or done.failed:
        verb = "removed webhooks" if done.changed else "could not remove webhooks"
        failed = [f"{what}: {why}" for what, why in done.failed]
        _record(verb, shop, by, done, **({"failed": failed} if failed else {}))
    return done


def _end(shop: Shop, client_of: ClientOf | None) -> Done:
    """All that is posted to us, through each app of the shop that has a consent."""
    ours, done = webhook_address(), Done()

    def through(credential: Credential, topics: list[Topic]) -> None:
        client = (client_of or _client_of)(credential)
        there = _read(credential, topics, lambda _: client)
        for topic, address in there.items():
            if address != ours:
                done.kept += 1
                continue
            try:
                client.delete_webhook(topic.upper())
            except RequestRefused as error:
                # It is about this subject alone.
                done.failed.append((topic, str(error)))
                _note(credential, topic, address, str(error))
            else:
                done.changed.append(topic)
                # The row stays: a shop without any counts as one never looked after.
                _note(credential, topic, "")

    _app_by_app(shop, through, done)
    return done


def never_set_up() -> "QuerySet[Shop]":
    """Connected shops nobody has subscribed for or decided not to."""
    rows = WebhookSubscription.objects.filter(shop=OuterRef("pk"))
    return Shop.objects.connected().filter(~Exists(rows))


def is_declined(shop: Shop) -> bool:
    """Whether somebody ended what was posted to us: nothing is, and that is no
    failure."""
    rows = WebhookSubscription.objects.filter(shop=shop)
    wanted = Q(address=webhook_address()) | ~Q(problem="")
    return rows.exists() and not rows.filter(wanted).exists()


def due_for_check(now: datetime) -> "QuerySet[Shop]":
    """Connected shops that were looked at a day ago or longer."""
    rows = WebhookSubscription.objects.filter(shop=OuterRef("pk"))
    lately = rows.filter(checked_at__gt=now - CHECK_EVERY)
    return Shop.objects.connected().filter(Exists(rows), ~Exists(lately))


def _app_by_app(
    shop: Shop, through: Callable[[Credential, list[Topic]], None], done: Done
) -> None:
    for credential, topics in wanted_of(shop).by_credential.items():
        try:
            through(credential, topics)
        except _OF_ONE_APP as error:
            _note_problem(credential, topics, str(error))
            done.failed.append((str(credential.api_app), str(error)))


def _client_of(credential: Credential) -> PlatformClient:
    return client_through(credential, urgent=True)


def _read(
    credential: Credential, topics: Iterable[Topic], client_of: ClientOf | None
) -> dict[str, str]:
    """{subject: address} as the platform has it; the rows say the same then."""
    client = (client_of or _client_of)(credential)
    there = {row.event_type.lower()[:60]: row.address for row in client.webhooks()}
    now = timezone.now()
    about = {topic.value for topic in topics} | there.keys()
    with transaction.atomic():
        known = WebhookSubscription.objects.filter(
            shop=credential.shop_id, api_app=credential.api_app_id
        )
        known.exclude(topic__in=about).delete()
        before = dict(known.values_list("topic", "address"))
        same = [key for key in about if before.get(key) == there.get(key, "")]
        known.filter(topic__in=same).update(checked_at=now, problem="")
        _store(
            [
                _row(credential, topic, there.get(topic, ""), now)
                for topic in sorted(about.difference(same))
            ],
            "address",
            "modified_at",
        )
    return there


def _note(credential: Credential, topic: str, address: str, problem: str = "") -> None:
    row = _row(credential, topic, address, timezone.now(), problem)
    _store([row], "address", "modified_at")


def _note_problem(
    credential: Credential, topics: Iterable[Topic], problem: str
) -> None:
    """The addresses stay what they were when they were last told."""
    now = timezone.now()
    _store([_row(credential, topic.value, "", now, problem) for topic in topics])


def _store(rows: Iterable[WebhookSubscription], *columns: str) -> None:
    """New ones whole; of those there are, these columns and what was found. When one
    was last modified tells since when its address is what it is."""
    WebhookSubscription.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["shop", "api_app", "topic"],
        update_fields=[*columns, "checked_at", "problem"],
    )


def _row(
    credential: Credential,
    topic: str,
    address: str,
    at: datetime,
    problem: str = "",
) -> WebhookSubscription:
    return WebhookSubscription(
        shop_id=credential.shop_id,
        api_app_id=credential.api_app_id,
        topic=topic,
        address=address[:255],
        checked_at=at,
        problem=problem[:300],
        modified_at=at,
    )


def _standing(
    topic: Topic, app: str, row: WebhookSubscription | None, ours: str
) -> Standing:
    if row is None:
        return Standing(topic.value, State.UNKNOWN, app)
    state = State.ELSEWHERE if row.address else State.MISSING
    if row.address == ours:
        state = State.SET
    elif row.problem and not row.address:
        state = State.UNKNOWN
    return Standing(topic.value, state, app, row.address, row.checked_at, row.problem)


def _require_connected(shop: Shop) -> None:
    if shop.state != Shop.State.CONNECTED:
        raise ShopRefuses(
            f"{shop} is {shop.get_state_display().lower()}: its webhooks cannot be "
            "changed."
        )


def _record(verb: str, shop: Shop, by: By, done: Done, **details: Any) -> None:
    audit.record(
        verb,
        shop,
        actor=by.user,
        process=by.process,
        client=shop.client,
        address=by.address,
        topics=", ".join(done.changed),
        **details,
    )

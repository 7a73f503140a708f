"""How long things are kept: the rules, what goes by them, and the page."""

import io
import json
from datetime import timedelta
from html import unescape

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client as Browser
from django.utils import timezone

from apps.alerts.models import Alert
from apps.backoffice import retention, tasks
from apps.backoffice.errors import RetentionRefused
from apps.backoffice.models import RetentionRule
from apps.backoffice.retention import KINDS
from apps.backoffice.services.retention import apply_rule, rule_of, rules, set_days
from apps.credit.models import Lender, LenderDelivery
from apps.imports.models import ImportRun
from apps.integrations.contracts import Source
from apps.inventory.models import Booking, OversellIncident
from apps.orders.models import Order, OrderPayload
from apps.platforms.models import ApiCall, ConnectAttempt, ConnectLink, Invitation
from apps.sync.models import StockDrift, SyncGap, SyncIssue, SyncLatency, SyncRun
from apps.users.models import ApiToken, AuditEntry, IdempotencyRecord
from apps.users.services import audit
from apps.users.services.tokens import make_token
from apps.webhooks.models import WebhookEvent
from config.schedule import SCHEDULE
from tests.credit.consent_support import make_lender
from tests.factories.inventory import level_of, make_shop_warehouse, receive
from tests.factories.orders import make_order
from tests.factories.platforms import make_api_app, make_call, make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.sync import make_drift, make_gap, make_run
from tests.factories.users import make_client, make_user
from tests.factories.webhooks import make_event
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

PAGE = "/admin/backoffice/retentionrule/"
DAY = timedelta(days=1)


def ago(days):
    return timezone.now() - timedelta(days=days)


def make_trail(at):
    user = make_user()
    entry = audit.record("did", user, actor=user)
    super(
        type(AuditEntry.objects.all()), AuditEntry.objects.filter(pk=entry.pk)
    ).update(at=at)


def make_finished_order(at):
    make_order(status=Order.Status.COMPLETED, placed_at=at, recipient_name="Ahmad")


def make_payload(at):
    order = make_order(source=Source.API, placed_at=timezone.now())
    order.payloads.update(received_at=at, body={"id": "1"})


def make_import(at):
    ImportRun.objects.create(
        shop=make_shop(),
        kind="orders",
        state=ImportRun.State.DONE,
        file_name="a.csv",
        started_at=at,
    )


def make_kept_file(at):
    make_import(at)
    ImportRun.objects.filter(started_at=at).update(file=f"imports/{at:%s}")


def make_latency(at):
    SyncLatency.objects.create(
        shop=make_shop(), door="api", hour=at, within_seconds=5, orders=3
    )


def make_webhook(at):
    make_event(make_shop(), received_at=at)


def make_settled_drift(at):
    sku = make_listing_sku()
    place = make_shop_warehouse(sku.shop)
    make_drift(sku, place, found_at=at, state="gone", settled_at=at)


def make_resolved_alert(at):
    Alert.objects.create(
        shop=make_shop(),
        code="SYNC_FAILURES",
        severity="warning",
        title="Orders fail",
        state="resolved",
        resolved_at=at,
    )


def make_lender_message(at):
    lender = Lender.objects.filter(slug="harbour").first() or make_lender()
    row = LenderDelivery.objects.create(
        lender=lender,
        event="score.made",
        key=f"score.made:{at}",
        body="{}",
        state=LenderDelivery.State.DONE,
        next_try_at=at,
    )
    LenderDelivery.objects.filter(pk=row.pk).update(created_at=at)


def make_attempt(at):
    ConnectAttempt.objects.create(
        state_hash=str(at), api_app=make_api_app(), expires_at=at, finished_at=at
    )


def make_invitation(at):
    Invitation.objects.create(
        client=make_client(),
        email="new@example.com",
        invited_by=make_user(),
        expires_at=at + 7 * DAY,
        accepted_at=at,
    )


def make_log_entry(at):
    entry = LogEntry.objects.create(
        user=make_user(), object_repr="x", action_flag=CHANGE, change_message=""
    )
    LogEntry.objects.filter(pk=entry.pk).update(action_time=at)


def make_expired_token(at):
    token, _ = make_token(make_user(), "till", [], days=1)
    ApiToken.objects.filter(pk=token.pk).update(expiry=at)


def make_attempt_to_sign_in(at):
    attempt = AccessAttempt.objects.create(
        username="f", failures_since_start=1, user_agent="", get_data="", post_data=""
    )
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=at)


# Kind: (makes one of that age, the table it is in, what is left of two).
WORLD = {
    "buyers": (make_finished_order, Order.objects.exclude(recipient_name="")),
    "payloads": (make_payload, OrderPayload.objects.exclude(body={})),
    "api_calls": (lambda at: make_call(None, at=at), ApiCall.objects.all()),
    "webhook_events": (make_webhook, WebhookEvent.objects),
    "sync_runs": (lambda at: make_run(make_shop(), started_at=at), SyncRun.objects),
    "gaps": (
        lambda at: make_gap(make_shop(), state="closed", closed_at=at),
        SyncGap.objects,
    ),
    "latency": (make_latency, SyncLatency.objects),
    "import_runs": (make_import, ImportRun.objects),
    "import_files": (make_kept_file, ImportRun.objects.exclude(file="")),
    "stock_differences": (make_settled_drift, StockDrift.objects),
    "alerts": (make_resolved_alert, Alert.objects),
    "lender_messages": (make_lender_message, LenderDelivery.objects),
    "connections": (make_attempt, ConnectAttempt.objects),
    "invitations": (make_invitation, Invitation.objects),
    "audit": (make_trail, AuditEntry.objects.filter(verb="did")),
    "admin_log": (make_log_entry, LogEntry.objects),
    "sessions": (
        lambda at: Session.objects.create(
            session_key=str(at), session_data="", expire_date=at
        ),
        Session.objects,
    ),
    "sign_ins": (make_attempt_to_sign_in, AccessAttempt.objects),
    "api_tokens": (make_expired_token, ApiToken.objects),
    "idempotency": (
        lambda at: IdempotencyRecord.objects.create(
            user=make_user(), key="k", fingerprint="f", created_at=at
        ),
        IdempotencyRecord.objects,
    ),
}


def test_every_kind_is_tried_here():
    assert WORLD.keys() == KINDS.keys()


@pytest.mark.parametrize("name", KINDS)
def test_what_is_older_than_its_rule_goes_and_the_rest_stays(name):
    make, kept = WORLD[name]
    days = KINDS[name].days
    if days is None:
        days = 60
        set_days(name, days)
    make(ago(days + 2))
    make(timezone.now() + DAY if days == 0 else ago(days - 0.5))

    assert rule_of(name).due(timezone.now()) == 1
    assert apply_rule(name) == 1
    assert apply_rule(name) == 0

    assert kept.all().count() == 1


def test_differences_that_stand_stay_and_closed_incidents_go():
    sku = make_listing_sku()
    for state in ("open", "left"):
        place = make_shop_warehouse(sku.shop)
        make_drift(sku, place, state=state, settled_at=ago(900))
    variant = make_variant()
    receive(variant, 1)
    booking = Booking.objects.get()
    for closed_at in (ago(900), None):
        OversellIncident.objects.create(
            level=level_of(variant),
            booking=booking,
            quantity=1,
            worst=1,
            opened_at=ago(901),
            closed_at=closed_at,
        )

    assert apply_rule("stock_differences") == 1

    assert StockDrift.objects.count() == 2
    assert OversellIncident.objects.get().closed_at is None


def test_nothing_of_an_order_goes_before_somebody_decides_when():
    assert (KINDS["buyers"].days, KINDS["payloads"].days) == (None, None)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_kept_for_good_does_not_go(name):
    make, kept = WORLD[name]
    set_days(name, None)
    make(ago(20_000))

    assert rule_of(name).due(timezone.now()) == 0
    assert apply_rule(name) == 0
    assert kept.all().count() == 1


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_says_what_goes_and_what_stays(name):
    kind = KINDS[name]

    assert kind.label
    assert kind.goes
    assert kind.stays
    assert kind.days is None or kind.days >= kind.minimum


@pytest.mark.parametrize("name", ["api_calls", "audit", "sync_runs"])
def test_it_goes_in_batches_and_on_after_a_crash(name, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    make, kept = WORLD[name]
    for _ in range(5):
        make(ago(1000))
    told = []

    def crash(count):
        told.append(count)
        if len(told) == 2:
            raise DatabaseError("gone away")

    with pytest.raises(DatabaseError):
        apply_rule(name, on_batch=crash)

    assert told == [2, 4]
    assert kept.all().count() == 1
    assert rule_of(name).last_run_at is None
    assert apply_rule(name) == 1


def test_issues_go_with_their_run_and_are_not_counted():
    run = make_run(make_shop(), started_at=ago(100))
    SyncIssue.objects.create(run=run, message="bad")

    assert apply_rule("sync_runs") == 1

    assert not SyncIssue.objects.exists()


def test_what_is_under_way_stays_however_old():
    make_run(make_shop(), started_at=ago(100), state=SyncRun.State.RUNNING)
    ConnectAttempt.objects.create(
        state_hash="x", api_app=make_api_app(), expires_at=ago(100)
    )
    make_order(status=Order.Status.TO_SHIP, placed_at=ago(1000), recipient_name="A")

    for name in ("sync_runs", "connections", "buyers"):
        assert apply_rule(name) == 0


def test_closed_links_go_and_open_ones_stay():
    def link(token, **fields):
        ConnectLink.objects.create(
            token_hash=token,
            client=make_client(),
            api_app=make_api_app(),
            created_by=make_user(),
            **{"expires_at": timezone.now() + DAY} | fields,
        )

    link("open")
    link("used", used_at=ago(100))
    link("revoked", revoked_at=ago(100))
    link("expired", expires_at=ago(100))

    assert apply_rule("connections") == 3

    assert ConnectLink.objects.get().token_hash == "open"


def test_a_run_is_remembered_and_written_down_if_anything_went():
    make_call(None, at=ago(100))
    boss = make_user("boss")

    apply_rule("api_calls", actor=boss)
    apply_rule("sync_runs", process="schedule")

    entry = AuditEntry.objects.get()
    assert (entry.actor_text, entry.verb) == ("boss", "let old data go")
    assert entry.target_text == "API log"
    assert entry.details == {"count": 1, "older_than": "30 days"}
    rule = rule_of("api_calls")
    assert rule.last_count == 1
    assert rule.last_run_at is not None
    assert rule_of("sync_runs").last_run_at is not None


def test_the_api_log_starts_from_the_setting(settings):
    assert rule_of("api_calls").days == settings.API_CALLS_KEPT_DAYS


def test_a_change_is_written_down_before_and_after():
    boss = make_user("boss")

    assert set_days("api_calls", 14, actor=boss, address="198.51.100.7")
    assert not set_days("api_calls", 14, actor=boss)
    assert set_days("api_calls", None, actor=boss)

    first, second = AuditEntry.objects.order_by("pk")
    assert first.details == {"kept": ["30 days", "14 days"]}
    assert (first.actor_text, first.address) == ("boss", "198.51.100.7")
    assert second.details == {"kept": ["14 days", "for good"]}
    assert rule_of("api_calls").is_own


def test_back_at_the_default_a_rule_follows_it():
    set_days("api_calls", 14)
    set_days("api_calls", KINDS["api_calls"].days)

    assert not rule_of("api_calls").is_own


@pytest.mark.parametrize(
    ("name", "days"), [("audit", 364), ("api_calls", 0), ("audit", 40_000)]
)
def test_too_short_or_too_long_is_refused(name, days):
    with pytest.raises(RetentionRefused, match="choose"):
        set_days(name, days)

    assert not RetentionRule.objects.exists()


def test_the_rules_take_one_query():
    with statements() as asked:
        assert len(rules()) == len(KINDS)

    assert len(asked) == 1


def test_the_daily_task_wakes_one_for_each_kind(monkeypatch):
    woken: list[str] = []
    monkeypatch.setattr(tasks.apply_retention_of, "delay", woken.append)

    assert tasks.apply_retention() == len(KINDS)
    assert woken == list(KINDS)
    assert "apps.backoffice.tasks.apply_retention" in {job.task for job in SCHEDULE}


def test_a_task_lets_one_kind_go_in_somebody_s_name():
    make_call(None, at=ago(100))

    assert tasks.apply_retention_of("api_calls", make_user("boss").pk) == 1
    assert tasks.apply_retention_of("a kind of the past") == 0

    assert AuditEntry.objects.get().actor_text == "boss"


def test_the_old_line_of_the_schedule_is_gone():
    tasks_table = apps.get_model("django_celery_beat", "PeriodicTask")

    assert not tasks_table.objects.filter(task__contains="prune_calls").exists()


# The command.


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("apply_retention", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_counts_and_deletes_nothing_when_asked_to():
    make_call(None, at=ago(100))

    out, _ = run("--kind", "api_calls", "--dry-run")

    assert "API log | 30 days  |   1 |    0" in out
    assert "Dry run" in out
    assert ApiCall.objects.count() == 1


def test_the_command_lets_go_and_says_so_as_json():
    make_call(None, at=ago(100))
    make_run(make_shop(), started_at=ago(100))

    out, err = run("--kind", "api_calls", "--kind", "sync_runs", "--json")

    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["type"] for line in lines] == ["kind", "kind", "summary"]
    assert lines[0] == {
        "type": "kind",
        "kind": "api_calls",
        "days": 30,
        "due": 1,
        "gone": 1,
    }
    assert lines[2]["gone"] == 2
    assert err == ""
    assert AuditEntry.objects.latest("pk").actor_text == "apply_retention"


def test_the_command_with_nothing_to_do_is_content():
    out, err = run()

    assert "Nothing is that old." in out
    assert err == ""


def test_a_kind_there_is_not_is_wrong_usage():
    with pytest.raises(CommandError):
        run("--kind", "everything")


@pytest.mark.django_db(transaction=True)
def test_a_kind_that_crashes_keeps_none_of_the_others(monkeypatch):
    make_run(make_shop(), started_at=ago(100))
    make_call(None, at=ago(100))

    def broken(execute, sql, params, many, context):
        if sql.startswith("DELETE") and "platforms_apicall" in sql:
            raise DatabaseError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(broken), pytest.raises(SystemExit) as ended:
        run("--kind", "api_calls", "--kind", "sync_runs")

    assert ended.value.code == 1
    assert not SyncRun.objects.exists()


# The page.


@pytest.fixture
def root(superuser):
    browser = Browser()
    browser.force_login(superuser)
    return browser


def text(page):
    return unescape(page.content.decode())


def test_the_page_lists_every_kind_with_what_would_go(root):
    make_call(None, at=ago(100))

    page = root.get(PAGE)

    assert page.status_code == 200
    for kind in KINDS.values():
        assert kind.label in text(page)
        assert kind.goes in text(page)
    assert f"{PAGE}api_calls/apply/" in text(page)
    assert f"{PAGE}sync_runs/apply/" not in text(page)


def test_days_are_changed_by_the_form(root):
    answer = root.post(f"{PAGE}api_calls/days/", {"days": "14"}, follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    assert "API log: kept 14 days from now on." in text(answer)
    assert rule_of("api_calls").days == 14
    root.post(f"{PAGE}api_calls/days/", {"days": ""})
    assert rule_of("api_calls").days is None
    root.post(f"{PAGE}api_calls/days/", {"days": "9", "default": "1"})
    assert rule_of("api_calls").days == 30
    assert AuditEntry.objects.filter(actor_text="root").count() == 3


@pytest.mark.parametrize("days", ["364", "-1", "many", "9" * 40, "1.5"])
def test_days_that_do_not_hold_are_shown_again_and_why(root, days):
    answer = root.post(f"{PAGE}audit/days/", {"days": days})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)
    assert rule_of("audit").days == 730


def test_apply_now_names_the_count_and_asks_once(
    root, monkeypatch, django_capture_on_commit_callbacks
):
    make_call(None, at=ago(100))
    make_call(None, at=ago(101))
    woken = []
    monkeypatch.setattr(
        "apps.backoffice.admin.retention.apply_retention_of.delay",
        lambda *arguments: woken.append(arguments),
    )

    asked = root.get(f"{PAGE}api_calls/apply/")
    assert "Let 2 go" in text(asked)
    assert ApiCall.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        answer = root.post(f"{PAGE}api_calls/apply/")

    assert answer.headers["Location"] == PAGE
    assert [name for name, _ in woken] == ["api_calls"]
    entry = AuditEntry.objects.get(verb="asked to let old data go")
    assert entry.details == {"count": 2, "older_than": "30 days"}


def test_a_queue_that_is_away_is_no_error(
    root, monkeypatch, django_capture_on_commit_callbacks
):
    make_call(None, at=ago(100))

    def away(*arguments):
        raise ConnectionError("no broker")

    monkeypatch.setattr(
        "apps.backoffice.admin.retention.apply_retention_of.delay", away
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert root.post(f"{PAGE}api_calls/apply/").status_code == 302


def test_nothing_to_apply_says_so(root):
    assert "Nothing is older than 30 days" in text(root.get(f"{PAGE}api_calls/apply/"))
    answer = root.post(f"{PAGE}api_calls/apply/", follow=True)
    assert "nothing is that old" in text(answer)


@pytest.mark.parametrize("path", ["nothing/days/", "nothing/apply/"])
def test_a_kind_there_is_not_has_no_page(root, path):
    assert root.post(f"{PAGE}{path}").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "path", ["", "api_calls/days/", "api_calls/apply/", "1/change/", "add/"]
)
def test_the_page_is_for_superusers_alone(staff, method, path):
    browser = Browser()
    browser.force_login(staff)

    assert getattr(browser, method)(f"{PAGE}{path}").status_code in (403, 405)
    assert not RetentionRule.objects.exists()

"""The log of calls: written as they end, masked, grouped for the screen."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, QuerySet

from apps.integrations.hooks import CallReport
from apps.platforms.models import ApiApp, ApiCall, Shop
from apps.platforms.services.masking import masked, masked_text

logger = logging.getLogger(__name__)

# A longer body is a picture or a document; nobody wants to read it in a log.
LONGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class CallLog:
    """Writes an app's calls, for one shop or (asking for tokens) for none. Where they
    are many and hardly ever say anything, answers need not be kept."""

    api_app: ApiApp
    shop: Shop | None = None
    keeps_answers: bool = True

    def called(self, report: CallReport) -> None:
        """Keep a masked record. The call goes on whatever becomes of it."""
        try:
            self._write(report)
        except Exception as error:  # noqa: BLE001 - a log must never fail the call
            # Its text may quote the row, so only the kind is told.
            logger.warning(
                "call not logged path=%s error=%s", report.path, type(error).__name__
            )

    def _write(self, report: CallReport) -> None:
        row = ApiCall(
            shop=self.shop,
            api_app=self.api_app,
            method=report.method,
            path=report.path[:160],
            http_status=report.http_status,
            code=report.code,
            message=masked_text(_message(report), report.secrets)[:300],
            milliseconds=report.milliseconds,
            request_id=report.request_id[:64],
            request=_request(report),
            response=_response(report) if self.keeps_answers else "",
        )
        if connection.in_atomic_block:
            # A failure in here must not spoil the caller's transaction.
            with transaction.atomic():
                row.save(force_insert=True)
        else:
            row.save(force_insert=True)


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Failed calls alike: how many, the last one, and what the platform said then."""

    code: int
    path: str
    count: int
    last_at: datetime
    message: str
    last_id: int


def error_groups(
    calls: "QuerySet[ApiCall]", *, limit: int | None = 20
) -> list[ErrorGroup]:
    """The failures among `calls` by code and path, the most frequent first.

    Two queries, whatever the number of groups.
    """
    failures = getattr(calls, "errors", lambda: calls.exclude(code=0, http_status=200))
    groups = list(
        failures()
        .order_by()
        .values("code", "path")
        .annotate(count=Count("pk"), last_at=Max("at"), last_id=Max("pk"))
        .order_by("-count", "code", "path")[:limit]
    )
    messages = dict(
        ApiCall.objects.filter(pk__in=[group["last_id"] for group in groups])
        .order_by()
        .values_list("pk", "message")
    )
    return [
        ErrorGroup(**group, message=messages.get(group["last_id"], ""))
        for group in groups
    ]


def calls_like(call: ApiCall, calls: "QuerySet[ApiCall]") -> "QuerySet[ApiCall]":
    """Those among `calls` that failed alike: same code, same path."""
    return calls.filter(code=call.code, path=call.path)


def _message(report: CallReport) -> str:
    """The platform's words about a failure; a success says nothing."""
    is_good = report.code == 0 and report.http_status == 200
    return "" if is_good else report.message


def _request(report: CallReport) -> str:
    sent: dict[str, Any] = {}
    if report.query:
        sent["query"] = dict(report.query)
    if report.body:
        sent["body"] = _body(report.body)
    return masked(sent, report.secrets) if sent else ""


def _body(body: bytes) -> Any:
    if len(body) > LONGEST_BODY:
        return f"({len(body):,} bytes)"
    try:
        return json.loads(body)
    except ValueError:
        return f"(no JSON, {len(body):,} bytes)"


def _response(report: CallReport) -> str:
    return "" if report.data is None else masked(report.data, report.secrets)

"""A report as a page of its own and as PDF, whoever is let in by whichever door."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.credit.models import CreditReport
from apps.credit.services.reports import words
from apps.credit.services.reports.content import COMPONENT_NAMES
from apps.credit.services.reports.paper import as_pdf


def context_of(
    request: HttpRequest,
    report: CreditReport,
    *,
    pdf: str,
    objects_at: str,
    back: str = "",
    rows_of: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page. `rows_of` are {figure: address of the rows behind it}; others lead to
    the sums in the annex."""
    content = report.content
    rows = rows_of or {}
    response = TemplateResponse(
        request,
        "credit/report.html",
        {
            "title": f"Credit report {report.number}",
            "report": report,
            "content": content,
            "head": words.head(content),
            "measured": [
                {
                    "code": code,
                    "what": what,
                    "value": value,
                    "address": rows.get(code, _SUMS.get(code, "")),
                }
                for code, what, value in words.measured(content)
            ],
            "tables": [
                ("months", "Months", words.MONTHS, words.months(content)),
                ("accounts", "Accounts", words.ACCOUNTS, words.accounts(content)),
                ("standing", "Standing", words.STANDING, words.standing(content)),
                ("rates", "Exchange rates used", words.RATES, words.rates(content)),
            ],
            "counts": words.counts(content),
            "disputes": disputes_of(report),
            "components": COMPONENT_NAMES,
            "pdf": pdf,
            "objects_at": objects_at,
            "back": back,
        },
    )
    return closed(response)


# Where the sums behind a figure stand, for whoever sees no rows.
_SUMS = {
    "gmv": "#months",
    "orders": "#months",
    "returned": "#months",
    "refunds": "#months",
    "net": "#accounts",
    "commission": "#accounts",
    "total": "#months",
    "left_out": "#counts",
    "fx_missing": "#rates",
}


def paper_of(report: CreditReport) -> HttpResponse:
    response = HttpResponse(
        as_pdf(report.content, disputes_of(report)),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{report.number}.pdf"',
        },
    )
    return closed(response)


def disputes_of(report: CreditReport) -> list[dict[str, str]]:
    return [
        {
            "on": words.day(one.created_at.date().isoformat()),
            "about": COMPONENT_NAMES.get(one.component, ""),
            "text": one.text,
            "state": one.get_state_display(),
            "answer": one.answer,
        }
        for one in report.disputes.order_by("pk")
    ]


def closed(response: Any) -> HttpResponse:
    """Kept by no cache, found by no search engine, told to no other site. (No referrer
    at all would make a browser hide where its own form comes from.)"""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    answer: HttpResponse = response
    return answer

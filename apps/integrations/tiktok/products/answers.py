"""What TikTok Shop answers to what we send of products, to our contracts."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.integrations.contracts import (
    ItemFailure,
    ListingCheck,
    SentListing,
    UploadedImage,
)
from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.codes import fault_of
from apps.integrations.tiktok.products.codes import WRAPPER
from apps.integrations.tiktok.reading import (
    JsonObject,
    enum_key,
    flag,
    identifier,
    mapping,
    sequence,
    text,
    whole_number,
)
from apps.integrations.tiktok.replies import sentence_for


def failures_from_json(data: JsonObject, asked_for: Sequence[str]) -> list[ItemFailure]:
    """The items of a batch that were refused; all others of it were taken.

    An error that does not say whose it is counts against each item asked for, because
    none is known to have been taken.
    """
    failures: list[ItemFailure] = []
    for row in sequence(data, "errors"):
        failure = _failure(row)
        ids = [failure.remote_id] if failure.remote_id else asked_for
        failures += [
            ItemFailure(remote_id, failure.code, failure.message, failure.details)
            for remote_id in ids
        ]
    return failures


def _failure(row: Any) -> ItemFailure:
    """A reason that only wraps others gives way to the first of them."""
    if not isinstance(row, Mapping):
        return ItemFailure("", 0, sentence_for(fault_of(0), str(row)))
    detail = mapping(row, "detail")
    extras = [
        each for each in sequence(detail, "extra_errors") if isinstance(each, Mapping)
    ]
    reason = extras[0] if extras and whole_number(row, "code") == WRAPPER else row
    code, words = whole_number(reason, "code") or 0, text(reason, "message")
    return ItemFailure(
        remote_id=identifier(detail, "product_id"),
        code=code,
        message=sentence_for(fault_of(code, words), words),
        details=tuple(map(_quoted, extras)),
    )


def sent_from_json(data: JsonObject, remote_id: str = "") -> SentListing:
    """What was made or changed. Raises MalformedReply if nobody knows its id."""
    remote_id = identifier(data, "product_id") or remote_id
    if not remote_id:
        raise MalformedReply("TikTok Shop's answer does not name the new product.")
    rows = [row for row in sequence(data, "skus") if isinstance(row, Mapping)]
    return SentListing(
        remote_id=remote_id,
        sku_ids=tuple(
            (text(row, "seller_sku") or str(position), identifier(row, "id"))
            for position, row in enumerate(rows)
        ),
        warnings=_messages(data, "warnings"),
    )


def check_from_json(data: JsonObject) -> ListingCheck:
    """The platform's own dry run. Where it gives no verdict, its reasons are one."""
    reasons = tuple(
        _quoted(row) if isinstance(row, Mapping) else str(row)
        for row in sequence(data, "fail_reasons")
    )
    verdict = enum_key(text(data, "check_result"))
    hints = tuple(
        text(detail, "long_reason") or text(detail, "short_reason")
        for result in sequence(data, "pre_check_results")
        if isinstance(result, Mapping)
        for detail in sequence(result, "pre_check_details")
        if isinstance(detail, Mapping)
    )
    return ListingCheck(
        is_passed=verdict == "PASS" if verdict else not reasons,
        reasons=reasons,
        warnings=(*_messages(data, "warnings"), *filter(None, hints)),
    )


def image_from_json(data: JsonObject) -> UploadedImage:
    """Raises MalformedReply without the one thing a product names a picture by."""
    if not (uri := text(data, "uri")):
        raise MalformedReply("TikTok Shop's answer does not name the picture.")
    return UploadedImage(
        uri=uri,
        url=text(data, "url"),
        width=whole_number(data, "width"),
        height=whole_number(data, "height"),
    )


def failed_prerequisites(data: JsonObject) -> list[tuple[str, tuple[str, ...]]]:
    """(what was checked, why it failed) of each that failed.

    One name is spelled `BANk_ACCOUNT` by the platform; here all are in capitals.
    """
    return [
        (
            enum_key(text(row, "check_item")),
            tuple(str(reason) for reason in sequence(row, "fail_reasons")),
        )
        for row in sequence(data, "check_results")
        if isinstance(row, Mapping) and flag(row, "is_failed")
    ]


def _messages(data: JsonObject, name: str) -> tuple[str, ...]:
    """Messages in a list or alone, as objects or as texts."""
    words = (
        text(row, "message") if isinstance(row, Mapping) else str(row)
        for row in sequence(data, name)
    )
    return tuple(filter(None, words))


def _quoted(row: JsonObject) -> str:
    code, words = whole_number(row, "code"), text(row, "message")
    return f"{words} (code {code})" if code else words

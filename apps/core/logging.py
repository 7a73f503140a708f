"""Log lines without secrets, joined by the work they belong to: as text for people or
JSON for machines."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

# key=value, "key": "value" and header: value forms of what must never be written.
_SECRET = re.compile(
    r"(?i)\b(app_secret|access_token|refresh_token|auth_code|x-tts-access-token"
    r"|authorization|password|fernet_keys|secret_key|shop_cipher|sign)\b"
    r"(\"?'?\s*[=:]\s*\"?'?(?:bearer\s+|basic\s+)?)([^\s\"'&,}]+)"
)
# Addresses that are themselves the key to what they lead to: invitations, links for
# shop owners, new passwords. Quoted where they stand in another's query.
_KEY_IN_PATH = re.compile(
    r"(?i)((?:/|%2f)(?:invitation|grant|reset(?:/|%2f)[\w-]+)(?:/|%2f))"
    r"(?:[\w:.~-]|%3a){8,}"
)
# What the database repeats of a row that it refuses: somebody's name may stand in it.
_ROW = re.compile(
    r"(?s)(Failing row contains )\(.*?\)\.(?=\s*\Z|\nCONTEXT:|\n\n)"
    r"|(CONTEXT:  COPY \w+, line \d+)[:,][^\n]*"
    r"|(Key \([^)]*(?:name|mail)[^)]*\)=)\(.*?\)(?= already exists)"
)
_bound: ContextVar[Mapping[str, str]] = ContextVar(
    "bound", default=MappingProxyType({})
)


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Every line written inside names these: `request`, `task`, `run`, `event` …

    They hold for this thread alone; what is bound already stays, or is replaced.
    """
    token = _bound.set({**_bound.get(), **{k: str(v) for k, v in ids.items()}})
    try:
        yield
    finally:
        _bound.reset(token)


def bound_ids() -> Mapping[str, str]:
    """What lines written here name, {kind: id}."""
    return _bound.get()


def redacted(text: str) -> str:
    """`text` with the values of known secrets replaced by asterisks, and without rows
    of the database."""
    text = _KEY_IN_PATH.sub(r"\1***", _SECRET.sub(r"\1\2***", text))
    return _ROW.sub(_without_row, text)


def _without_row(found: re.Match[str]) -> str:
    row, line, key = found.groups()
    return f"{line} ***" if line else f"{row or key}***"


def without_request_values(event: Any, hint: Any) -> Any:
    """An error report without query string, body, cookies and headers, and what an
    error quotes: a consent's code or a buyer's number may stand in any of them."""
    if request := event.get("request"):
        kept = ("method", "url")
        event["request"] = {k: redacted(v) for k, v in request.items() if k in kept}
    for error in (event.get("exception") or {}).get("values", ()):
        error["value"] = redacted(str(error.get("value", "")))
    return event


class Redact(logging.Filter):
    """Replace secrets in the message, its arguments and the traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # A filter's error would reach the program that wrote the line.
            message = f"{record.msg} {record.args}"
            record.msg, record.args = message, None
        if (clean := redacted(message)) != message:
            record.msg, record.args = clean, None
        if record.exc_info:
            record.exc_text = redacted(
                logging.Formatter().formatException(record.exc_info)
            )
            record.exc_info = None
        return True


class TextFormatter(logging.Formatter):
    """A line as people read it, and at its end what it belongs to."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (theirs)
        line = super().formatMessage(record)
        ids = " ".join(f"{kind}={value}" for kind, value in bound_ids().items())
        return f"{line} [{ids}]" if ids else line


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, error, and the IDs of what
    it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **bound_ids(),
        }
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)

"""Somebody who asks for everything, and what is noted about the answers."""

import re
import traceback
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from http.cookies import SimpleCookie
from itertools import zip_longest
from typing import Any
from urllib.parse import unquote

from django.apps import apps
from django.core import mail
from django.db import connection, models, transaction
from django.test import Client as Browser

from tests.walls import chance
from tests.walls.pages import names_asked
from tests.walls.world import ABSENT, NOBODYS, World

Data = Mapping[str, Any]

# Tables that note what somebody did at a client; looking at a buyer is noted as well.
LOGS = {"django_admin_log", "users_auditentry"}
# Neither rows nor notes: a browser's own, and what Django knows of the models.
_UNGUARDED = {"django_session", "auth_permission", "django_content_type"}
_WRITE = re.compile(r'^(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"')
_VOLATILE = re.compile(r"Content-Length|RateLimit-", re.IGNORECASE)
# {table: its column that counts by itself}.
_NUMBERED = {
    model._meta.db_table: model._meta.pk.column
    for model in apps.get_models(include_auto_created=True)
    if isinstance(model._meta.pk, models.AutoField)
}
# The platform answers nobody in a test, and that is told.
_NO_PLATFORM = 502


@dataclass
class Answer:
    """What came back, as far as it may not depend on what others have."""

    address: str
    status: int
    words: str
    headers: dict[str, str]
    cookies: frozenset[str]
    messages: tuple[str, ...]
    queries: int
    writes: frozenset[str]
    asked: frozenset[str]

    @cached_property
    def everything(self) -> str:
        """All of it in lower case, to look for marks in."""
        told = (self.words, *self.headers.values(), *self.messages)
        return unquote("\n".join(told)).lower()

    def without(self, world: World) -> tuple[Any, ...]:
        """What must be the same for the rows of any world one may not see."""

        marks = _pattern((self.address, *world.marks))

        def plain(text: str) -> str:
            return marks.sub("…", text)

        headers = {name: plain(value) for name, value in self.headers.items()}
        said = tuple(plain(message) for message in self.messages)
        return self.status, plain(self.words), headers, self.cookies, said

    def __str__(self) -> str:
        where = self.headers.get("Location", "")
        return " ".join([str(self.status), where, *self.messages])


@dataclass
class Walker:
    """`own` is the world they work in, `hidden` are those they see nothing of: the
    first of them is asked for, or all where `asks_for_all`. What is wrong is found, not
    raised, so that one walk tells all."""

    browser: Browser
    own: World
    hidden: Sequence[World]
    headers: Mapping[str, str] = field(default_factory=dict)
    changes_nothing_of: Sequence[World] = ()
    found: list[str] = field(default_factory=list)
    sent: set[Any] = field(default_factory=set)
    rows: dict[str, list[Any]] | None = None
    asks_for_all: bool = False

    def ask(self, method: str, address: str, data: Data | None = None) -> Answer:
        """Ask for what may be seen: nothing hidden is in the answer."""
        answer = self._send(method, address, data)
        asked = f"{address} {data or ''}".lower()
        for world in self.hidden:
            for mark in world.marks:
                if mark in answer.everything and mark not in asked:
                    self._note(method, address, data, f"shows {_around(answer, mark)}")
        return answer

    def compare(
        self, method: str, ask: Callable[[World], tuple[str, Data | None]]
    ) -> Answer:
        """Ask for what a hidden world has, and for what nobody has: no difference."""
        address, data = ask(ABSENT)
        absent = self._send(method, address, data)
        for world in self.hidden if self.asks_for_all else self.hidden[:1]:
            address, data = ask(world)
            theirs = self._send(method, address, data)
            if theirs.queries != absent.queries:
                # Whoever asks first fills caches.
                theirs = self._send(method, address, data)
                absent = self._send(method, *ask(ABSENT))
            if theirs.without(world) != absent.without(ABSENT):
                told = _difference(theirs.without(world), absent.without(ABSENT))
                self._note(method, address, data, f"differs from none: {told}")
            elif theirs.queries != absent.queries:
                told = f"{theirs.queries} queries, {absent.queries} for none"
                self._note(method, address, data, told)
        return absent

    def _send(self, method: str, address: str, data: Data | None) -> Answer:
        """The database and the cookies are afterwards as they were before."""
        cookies = SimpleCookie()
        cookies.update(self.browser.cookies)
        mail.outbox.clear()
        statements: list[str] = []
        if self.rows is None:
            self.rows = self._rows()
            _wind_back(_NUMBERED)
        chance.begin_anew()
        with _pretended(), connection.execute_wrapper(_note_in(statements)):
            response = self._request(method, address, data)
            body = _body_of(response)
            answer = _answer(response, body, statements)
            # What broke off has changed nothing.
            if not connection.needs_rollback:
                self._look_for_damage(answer, method, address, data)
        _wind_back(answer.writes)
        if answer.status >= 500 and answer.status != _NO_PLATFORM:
            self._note(method, address, data, _what_broke(response))
        self.browser.cookies = cookies
        return answer

    def _look_for_damage(
        self, answer: Answer, method: str, address: str, data: Data | None
    ) -> None:
        """Only in tables that were written to: no trigger writes to others."""
        assert self.rows is not None
        now = self._rows(answer.writes)
        if any(rows != self.rows[table] for table, rows in now.items()):
            self._note(method, address, data, "changes what is not theirs")

    def _request(self, method: str, address: str, data: Data | None) -> Any:
        send = getattr(self.browser, method.lower())
        if method in ("GET", "HEAD"):
            return send(address, headers=self.headers)
        if method == "POST" and not address.startswith("/api/"):
            return send(address, data or {}, headers=self.headers)
        return send(
            address,
            data or {},
            content_type="application/json",
            headers=self.headers,
        )

    def _rows(self, tables: Collection[str] | None = None) -> dict[str, list[Any]]:
        """{table: rows that this person may not change or add, whatever they send}, of
        these tables or of all."""
        if not self.hidden:
            return {}
        hidden = {world.key for world in self.hidden}
        kept = hidden | {world.key for world in self.changes_nothing_of}
        found: dict[str, list[Any]] = {}
        for model, is_nobodys in _guarded_tables():
            table = model._meta.db_table
            if tables is not None and table not in tables:
                continue
            keys = hidden if table in LOGS else kept
            rows = model._base_manager.order_by("pk").values()
            found[table] = [r for r in rows if is_nobodys or _names_one(r, keys)]
        return found

    def _note(self, method: str, address: str, data: Data | None, told: str) -> None:
        sent = f" {dict(data)}" if data else ""
        self.found.append(f"{method} {address}{sent}: {told}")


def _guarded_tables() -> Iterator[tuple[type[models.Model], bool]]:
    """All tables, and whether they are the server's own (superusers look after it)."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        if not (options.proxy or options.swapped or options.db_table in _UNGUARDED):
            yield model, options.label in NOBODYS


def _names_one(row: Mapping[str, Any], keys: set[int]) -> bool:
    """Whether the row has one of these keys or refers to it."""
    return any(
        # A consent from the App Store names an app before it is anybody's.
        isinstance(value, int) and value in keys and name != "api_app_id"
        for name, value in row.items()
    )


@lru_cache(maxsize=4)
def _pattern(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, marks)), re.IGNORECASE)


@contextmanager
def _pretended() -> Iterator[None]:
    """What happens within has not happened. What must not be nested in a transaction
    may be, as it may within that of a test."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def _wind_back(tables: Iterable[str]) -> None:
    """Let the next row of each have the same number: PostgreSQL gives none back when
    what took it has not happened, and answers would differ by it."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in _NUMBERED.keys() & set(tables):
            column = _NUMBERED[table]
            highest = f'SELECT COALESCE(MAX("{column}"), 1) FROM "{table}"'  # noqa: S608
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), ({highest}))",
                [f'"{table}"', column],
            )


def _note_in(statements: list[str]) -> Callable[..., Any]:
    def note(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        statements.append(str(sql))
        return execute(sql, params, many, context)

    return note


def _body_of(response: Any) -> str:
    parts = response.streaming_content if response.streaming else [response.content]
    return b"".join(parts).decode(errors="replace")


def _answer(response: Any, body: str, statements: Sequence[str]) -> Answer:
    request = response.wsgi_request
    queued = getattr(getattr(request, "_messages", None), "_queued_messages", ())
    mails = [f"{m.to} {m.subject} {m.body}" for m in mail.outbox]
    writes = (_WRITE.match(statement) for statement in statements)
    return Answer(
        address=request.path,
        status=response.status_code,
        words="\n".join([body, *mails]),
        headers={n: v for n, v in response.items() if not _VOLATILE.match(n)},
        cookies=frozenset(response.cookies),
        messages=tuple(str(message) for message in queued),
        queries=len(statements),
        writes=frozenset(found[1] for found in writes if found),
        asked=frozenset(names_asked(request)),
    )


def _around(answer: Answer, mark: str) -> str:
    at = answer.everything.index(mark)
    shown = answer.everything[max(at - 90, 0) : at + 60]
    return f"“{' '.join(shown.split())}”"


def _what_broke(response: Any) -> str:
    broke = getattr(response, "exc_info", None)
    if broke is None:
        return f"{response.status_code}"
    last = traceback.extract_tb(broke[2])[-1]
    return f"500 {broke[0].__name__}: {broke[1]} ({last.filename}:{last.lineno})"


def _difference(theirs: Sequence[Any], absent: Sequence[Any]) -> str:
    """The first thing that differs, where it does."""
    pairs = zip(map(str, theirs), map(str, absent), strict=True)
    left, right = next((one, other) for one, other in pairs if one != other)
    places = zip_longest(left, right)
    place = next(n for n, (one, other) in enumerate(places) if one != other)
    start = max(place - 60, 0)
    return f"“{left[start : start + 120]}” not “{right[start : start + 120]}”"

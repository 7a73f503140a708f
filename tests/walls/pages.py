"""What a page asks for: its forms as a browser would send them, and the names that a
view looks up in the address and the body."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch
from urllib.parse import urljoin

from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.test import client
from django.utils.functional import cached_property

# What a person would type, by the input's type; so that forms hold.
_TYPED = {
    "email": "walker@shopdesk.example",
    "date": "2026-01-31",
    "number": "1",
    "url": "https://shopdesk.example/",
}
_BUTTONS = ("submit", "image", "button", "reset")


@dataclass
class Form:
    """`fields` are {name: values}; `choices` the names for which one picks from what
    the page offers, `buttons` the (name, value) to send it off with."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def print(self) -> tuple[str, tuple[str, ...], tuple[Any, ...]]:
        """The same for forms that ask the same; what they hold beforehand aside."""
        return self.action, tuple(sorted(self.fields)), tuple(self.buttons)

    def sent_with(self, button: tuple[str, str]) -> dict[str, list[str]]:
        name, value = button
        return self.fields | ({name: [value]} if name else {})


def forms_on(page: str, address: str) -> list[Form]:
    reader = _Reader(address)
    reader.feed(page)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select = self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.address, given.get("action", ""))
            self.form = Form(action, given.get("method", "get").lower())
            self.forms.append(self.form)
        elif self.form is not None:
            getattr(self, f"_{tag}", lambda form, given: None)(self.form, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None

    def _input(self, form: Form, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        value = given.get("value", "")
        if kind in _BUTTONS:
            self._button(form, given | {"type": kind})
        elif not name or kind == "file":
            return
        elif kind in ("checkbox", "radio"):
            form.choices.add(name)
            if "checked" in given:
                form.fields.setdefault(name, []).append(value or "on")
        else:
            if kind == "hidden":
                form.choices.add(name)
            else:
                value = value or _TYPED.get(kind, "Walked")
            form.fields.setdefault(name, []).append(value)

    def _textarea(self, form: Form, given: dict[str, str]) -> None:
        if name := given.get("name"):
            form.fields.setdefault(name, []).append("Walked")

    def _select(self, form: Form, given: dict[str, str]) -> None:
        self.select = given.get("name", "")
        form.choices.add(self.select)

    def _option(self, form: Form, given: dict[str, str]) -> None:
        """The one that is selected, else the first that says anything."""
        value = given.get("value", "")
        if "selected" in given and value:
            form.fields[self.select] = [value]
        elif value:
            form.fields.setdefault(self.select, [value])

    def _button(self, form: Form, given: dict[str, str]) -> None:
        if given.get("name") and given.get("type", "submit") == "submit":
            form.buttons.append((given["name"], given.get("value", "")))


class Asked(QueryDict):
    """Remembers which names were looked up in it."""

    names: set[str]

    @classmethod
    def of(cls, given: QueryDict) -> "Asked":
        copy = cls("", mutable=True, encoding=given.encoding)
        copy.names = set()
        for name, values in given.lists():
            copy.setlist(name, values)
        copy._mutable = False
        return copy

    def get(self, key: Any, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def getlist(self, key: Any, default: Any = None) -> Any:
        self._note(key)
        return super().getlist(key, default)

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: Any) -> bool:
        self._note(key)
        return super().__contains__(key)

    def _note(self, key: Any) -> None:
        # Copies made by copy() and pickle come without.
        if isinstance(key, str) and "names" in self.__dict__:
            self.names.add(key)


_read_address = WSGIRequest.GET.func  # type: ignore[attr-defined]
_read_body = WSGIRequest._get_post  # type: ignore[attr-defined]


@contextmanager
def remembering() -> Iterator[None]:
    """Requests remember meanwhile which names their views look up. (And the browser of
    the tests does not copy the context of each template, which takes half the time.)
    """
    address = cached_property(lambda request: Asked.of(_read_address(request)))
    address.__set_name__(WSGIRequest, "GET")
    body = property(_asked_in_body, WSGIRequest._set_post)  # type: ignore[attr-defined]
    with (
        patch.object(WSGIRequest, "GET", address),
        patch.object(WSGIRequest, "POST", body),
        patch.object(client, "store_rendered_templates", lambda *a, **context: None),
    ):
        yield


def names_asked(request: Any) -> Iterator[str]:
    """All that a view looked up in the address and, where one was sent, the body."""
    for given in (request.__dict__.get("GET"), getattr(request, "_post", None)):
        if isinstance(given, Asked):
            yield from given.names


def _asked_in_body(request: Any) -> QueryDict:
    given = _read_body(request)
    if not isinstance(given, Asked):
        given = request._post = Asked.of(given)
    return given

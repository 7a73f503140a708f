"""A page's form as a browser without scripts would send it."""

from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._form: dict[str, Any] | None = None
        self._select: tuple[str, list[str], list[str]] | None = None
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, pairs: Any) -> None:
        has = dict(pairs)
        if tag == "form":
            self._form = {"class": has.get("class") or "", "fields": {}}
            self._form |= {"action": has.get("action") or "", "buttons": []}
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(has)
        elif tag == "button" and "disabled" not in has:
            self._form["buttons"].append((has.get("name", ""), has.get("value", "")))
        elif tag == "select":
            self._select = (has.get("name", ""), [], [])
        elif tag == "option" and self._select:
            # The text of an option without a value is not needed by our pages.
            value = has.get("value", "") or ""
            self._select[1].append(value)
            if "selected" in has:
                self._select[2].append(value)
        elif tag == "textarea":
            self._text = (has.get("name", ""), [])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif self._form is None:
            return
        elif tag == "select" and self._select:
            name, offered, chosen = self._select
            self._set(name, *(chosen or offered[:1]))
            self._select = None
        elif tag == "textarea" and self._text:
            # The first line end belongs to the tag; a browser sends its own.
            text = "".join(self._text[1]).replace("\r\n", "\n").removeprefix("\n")
            self._set(self._text[0], text.replace("\n", "\r\n"))
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def _input(self, has: dict[str, Any]) -> None:
        kind = has.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in has:
                self._set(has.get("name", ""), has.get("value", "on"))
        elif kind not in ("file", "submit"):
            self._set(has.get("name", ""), has.get("value") or "")

    def _set(self, name: str, *values: str) -> None:
        assert self._form is not None
        if name:
            self._form["fields"].setdefault(name, []).extend(values)


def forms_of(response: Any) -> list[dict[str, Any]]:
    """Each with its class, action, fields {name: [values]} and buttons."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.forms


def filled(response: Any, css_class: str) -> dict[str, Any]:
    """The fields of the form of that class, as the page fills them in."""
    form = next(each for each in forms_of(response) if css_class in each["class"])
    return dict(form["fields"])

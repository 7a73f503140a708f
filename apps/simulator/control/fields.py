"""Reading what a control call was sent, with errors that help the caller."""

from typing import Any, TypeVar

T = TypeVar("T")
Json = dict[str, Any]


class ControlError(Exception):
    """Said to whoever calls /control/, as `{"error": …}`."""

    def __init__(self, message: str, *, http: int = 400) -> None:
        super().__init__(message)
        self.http = http


class Fields:
    """The fields of a JSON object, taken one by one; what is left over is an error."""

    def __init__(self, body: Json) -> None:
        self._body = dict(body)
        self._known: list[str] = []

    def has(self, name: str) -> bool:
        return name in self._body

    def take(self, name: str, kind: type[T], default: T) -> T:
        """The value, of that type; `default` if it was not sent or is null."""
        self._known.append(name)
        value = self._body.pop(name, None)
        return default if value is None else _checked(name, value, kind)

    def flag(self, name: str, *, default: bool = False) -> bool:
        return self.take(name, bool, default)

    def need(self, name: str, kind: type[T]) -> T:
        self._known.append(name)
        value = self._body.pop(name, None)
        if value is None:
            raise ControlError(f"'{name}' is required ({kind.__name__}).")
        return _checked(name, value, kind)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.take(name, str, default)
        if value not in choices:
            raise ControlError(f"'{name}' must be one of: {', '.join(choices)}.")
        return value

    def done(self) -> None:
        """Refuse fields nobody asked for: they are usually misspelt."""
        if self._body:
            unknown, known = ", ".join(self._body), ", ".join(self._known) or "none"
            raise ControlError(f"Unknown field: {unknown}. Known fields: {known}.")


def _checked(name: str, value: Any, kind: type[T]) -> T:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ControlError(f"'{name}' must be of type {kind.__name__}.")
    return value

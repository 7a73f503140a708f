"""What the OpenAPI description says beyond the views: each problem that may come."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from apps.core.api.problems import MEDIA_TYPE

_TEXT = {"type": "string"}


def _header(name: str, words: str, **schema: str) -> dict[str, Any]:
    described = {"type": "string", **schema}
    return {"name": name, "in": "header", "description": words, "schema": described}


_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is what programs compare; GET /api/problems "
    "lists them all.",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "code",
        "instance",
        "request_id",
    ],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "instance": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {"field": _TEXT, "code": _TEXT, "detail": _TEXT},
            },
        },
    },
}
_WORDS = {
    400: "Some values do not hold, or a parameter is unknown",
    401: "No token, or one that does not hold",
    403: "Not allowed there, or the token lacks a scope",
    404: "Nothing is there that you may see",
    406: "Only JSON is spoken here",
    409: "A rule is broken; `code` names it",
    412: "It has changed since the ETag in If-Match",
    413: "The body is too large",
    415: "The body has to be JSON",
    422: "The Idempotency-Key belongs to another request",
    429: "Too many requests; Retry-After says how long to wait",
    502: "The platform failed",
}
_KEY = _header(
    "Idempotency-Key",
    "Any text of yours; with the same one the deed is done once and its answer "
    "repeated, for 24 hours.",
    pattern="^[!-~]{1,200}$",
)
_MATCH = _header("If-Match", "The ETag you saw; 412 if it is no longer current.")
_NONE_MATCH = _header("If-None-Match", "The ETag you have; 304 if it is current.")
_ALWAYS = (400, 401, 403, 406, 429)
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


class ApiSchema(AutoSchema):
    """Adds the problems, the headers that every view knows, and the tag."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", "") or getattr(self.view, "scope", "")]

    def get_summary(self) -> str:
        """The first sentence: the list of operations has no room for more."""
        words = " ".join(str(self.get_description() or "").split())
        return words.split(". ")[0].removesuffix(".")

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> Any:
        operation = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation is None:
            return None
        answers = operation["responses"]
        for status in self._statuses(has_body="requestBody" in operation):
            answers.setdefault(str(status), self._problem(status))
        if self._is_detail and self.method == "GET":
            answers["304"] = {"description": "What If-None-Match names is current"}
        if headers := self._headers():
            operation["parameters"] = operation.get("parameters", []) + headers
        return operation

    @property
    def _is_detail(self) -> bool:
        return "{" in self.path

    @property
    def _is_change(self) -> bool:
        """Of a row that is there, of which one may have seen another state."""
        return self._is_detail and self.method in _WRITES

    def _statuses(self, *, has_body: bool) -> list[int]:
        found = list(_ALWAYS)
        if self._is_detail:
            found.append(404)
        if self.method in _WRITES:
            found += [409, 413, 422]
        if self._is_change:
            found.append(412)
        if has_body:
            found.append(415)
        return found + list(getattr(self.view, "own_problems", {}).get(self._name, ()))

    @property
    def _name(self) -> str:
        """What the operation is called: an action of a resource, else the method."""
        return str(getattr(self.view, "action", None) or self.method.lower())

    def _headers(self) -> list[dict[str, Any]]:
        found = []
        if self.method in _WRITES:
            found.append(_KEY)
        if self._is_change:
            found.append(_MATCH)
        if self._is_detail and self.method == "GET":
            found.append(_NONE_MATCH)
        return found

    def _problem(self, status: int) -> Any:
        self.registry.register_on_missing(
            ResolvedComponent(  # type: ignore[no-untyped-call]
                name="Problem",
                type=ResolvedComponent.SCHEMA,
                schema=_PROBLEM,
                object="Problem",
            )
        )
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answer = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=f"Problem{status}",
            type=ResolvedComponent.RESPONSE,
            schema={"description": _WORDS[status], "content": content},
            object=f"Problem{status}",
        )
        self.registry.register_on_missing(answer)
        return answer.ref


def close_bodies(result: Any, generator: Any, request: Any, public: Any) -> Any:
    """Bodies are read strictly: a field they do not know is an error."""
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema["additionalProperties"] = False
    return result

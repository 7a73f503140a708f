"""What the API takes, as its own description says."""

import re
from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from tests.walls.world import World

_PLACE = re.compile(r"\{\w+\}|%\(\w+\)s")
# A valid value by format, so that bodies hold.
_FORMATS = {
    "email": "walker@shopdesk.example",
    "date": "2026-01-31",
    "date-time": "2026-01-31T00:00:00Z",
    "uri": "https://shopdesk.example/",
    "decimal": "1.00",
}

Schema = dict[str, Any]


def body_of(method: str, template: str) -> dict[str, Schema]:
    """{name: its schema} of what a route takes; nothing where it takes no body."""
    paths = {
        _PLACE.sub("{}", path): told for path, told in _document()["paths"].items()
    }
    operation = paths.get(_PLACE.sub("{}", template), {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    schema = _resolved(content.get("application/json", {}).get("schema", {}))
    return {
        name: _resolved(part) for name, part in schema.get("properties", {}).items()
    }


def value_for(schema: Schema, world: World) -> Any:
    """Something that fits: the world's key for a number."""
    kinds = schema.get("type", "")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if choices := [choice for choice in schema.get("enum", []) if choice]:
        return choices[0]
    if "array" in kinds:
        return [value_for(_resolved(schema.get("items", {})), world)]
    if "integer" in kinds:
        return min(world.key, schema.get("maximum", world.key))
    if "number" in kinds:
        return 1
    if "boolean" in kinds:
        return True
    if "object" in kinds:
        return {}
    return _FORMATS.get(schema.get("format", ""), "Walked")


def names_a_row(schema: Schema) -> bool:
    inner = _resolved(schema.get("items", schema))
    kinds = inner.get("type", "")
    return "integer" in (kinds if isinstance(kinds, list) else [kinds])


def _resolved(schema: Schema) -> Schema:
    """Behind references, and of alternatives the first that says something."""
    while True:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            schema = _document()["components"]["schemas"][name]
        elif parts := schema.get("allOf") or schema.get("oneOf") or schema.get("anyOf"):
            schema = parts[0]
        else:
            return schema


@lru_cache(maxsize=1)
def _document() -> Schema:
    document: Schema = SchemaGenerator().get_schema(request=None, public=True)
    return document

"""The order of a category chain, which the platform does not promise."""

from collections.abc import Iterable

from apps.integrations.tiktok.reading import JsonObject, flag, identifier


def root_to_leaf(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """The categories of a chain, root first, by what each names as its parent.

    Categories that hang together with no other keep their order, before the rest.
    """
    chain = [row for row in rows if identifier(row, "id")]
    if not chain:
        return []
    by_id = {identifier(row, "id"): row for row in chain}
    path: list[JsonObject] = []
    row: JsonObject | None = _leaf(chain)
    while row is not None and row not in path:
        path.insert(0, row)
        row = by_id.get(identifier(row, "parent_id"))
    return [each for each in by_id.values() if each not in path] + path


def _leaf(chain: list[JsonObject]) -> JsonObject:
    parents = {identifier(row, "parent_id") for row in chain}
    ends = [row for row in chain if identifier(row, "id") not in parents] or chain
    return next((row for row in ends if flag(row, "is_leaf")), ends[-1])

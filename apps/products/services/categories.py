"""The client's own shelves, one within another."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from apps.products.errors import CatalogueRefuses, Fault, InUse, ProductRefused
from apps.products.models import Category
from apps.products.services.checks import Bad, line_of
from apps.products.services.locking import still_there
from apps.users.models import Client, User
from apps.users.services import audit

SEPARATOR = " > "
DEEPEST, LONGEST = 8, 120
_TAKEN = "There is such a category already."


def save_category(
    client: Client,
    name: str,
    *,
    parent: Category | None = None,
    category: Category | None = None,
    actor: User | None = None,
    address: str | None = None,
) -> Category:
    """Make one, or rename and move `category`. Raises ProductRefused."""
    try:
        name = line_of(name, LONGEST)
    except Bad as error:
        raise ProductRefused([Fault("name", str(error))]) from None
    if not name or SEPARATOR.strip() in name:
        told = f"A category needs a name, without “{SEPARATOR.strip()}”."
        raise ProductRefused([Fault("name", told)])
    try:
        with transaction.atomic():
            Client.objects.select_for_update(no_key=True).get(pk=client.pk)
            _check_place(client, category, parent)
            return _save(client, category, name, parent, actor, address)
    except IntegrityError as error:
        raise ProductRefused([Fault("name", _TAKEN)]) from error


@transaction.atomic
def delete_category(
    category: Category, *, actor: User | None = None, address: str | None = None
) -> None:
    """Its products lose it, no more. Raises InUse while others are within it."""
    Client.objects.select_for_update(no_key=True).get(pk=category.client_id)
    if count := category.children.count():
        raise InUse(
            f"{category} has {count} categor{'y' if count == 1 else 'ies'} within it. "
            "Move or delete them first."
        )
    audit.record(
        "deleted a category",
        category,
        actor=actor,
        client=category.client,
        address=address,
        products=category.products.count(),
    )
    category.delete()


def category_at(
    client: Client,
    path: str,
    *,
    actor: User | None = None,
    address: str | None = None,
) -> Category:
    """The category of “Home > Lamps”, made where there is none. Raises
    ProductRefused."""
    found: Category | None = None
    for name in names_in(path):
        rows = Category.objects.filter(client=client, parent=found)
        known = rows.filter(name__iexact=name).first()
        found = known or save_category(
            client, name, parent=found, actor=actor, address=address
        )
    if found is None:
        raise CatalogueRefuses("A category needs a name.")
    return found


def wrong_path(path: str) -> str:
    """Why there can be no category at “Home > Lamps”; empty if there can."""
    names = names_in(path)
    if len(names) > DEEPEST:
        return f"Categories are at most {DEEPEST} deep."
    try:
        for name in names:
            line_of(name, LONGEST)
    except Bad as error:
        return str(error)
    return ""


def names_in(path: str) -> list[str]:
    return [name.strip() for name in path.split(SEPARATOR.strip()) if name.strip()]


def paths_of(categories: Iterable[Category]) -> dict[int, str]:
    """{key: “Home > Lamps”} of all categories of some clients."""
    rows = {row.pk: row for row in categories}
    return {
        key: SEPARATOR.join(each.name for each in _line(row, rows))
        for key, row in rows.items()
    }


def in_tree_order(categories: Iterable[Category]) -> list[tuple[Category, int]]:
    """Each with how deep it stands, below the one it is within."""
    rows = list(categories)
    keyed = {row.pk: row for row in rows}
    lines = [(_line(row, keyed), row) for row in rows]
    lines.sort(key=lambda each: [(row.name.lower(), row.pk) for row in each[0]])
    return [(row, len(line) - 1) for line, row in lines]


def keys_within(tree: Iterable[tuple[Category, int]], key: int) -> list[int]:
    """A category and all within it; `tree` as `in_tree_order` has it."""
    found: list[int] = []
    depth = -1
    for row, at in tree:
        if row.pk == key:
            depth = at
        elif depth >= 0 and at <= depth:
            break
        if depth >= 0:
            found.append(row.pk)
    return found


def _line(row: Category, rows: dict[int, Category]) -> list[Category]:
    """From the outermost to itself."""
    line = [row]
    while (parent := rows.get(line[0].parent_id or 0)) and parent not in line:
        line.insert(0, parent)
    return line


def _height(category: Category, rows: dict[int, Category]) -> int:
    """Levels of what moves along: 1 for a category with none within it."""
    lines = [_line(row, rows) for row in rows.values()]
    deep = (len(line) - line.index(category) for line in lines if category in line)
    return max(deep, default=1)


def _save(
    client: Client,
    category: Category | None,
    name: str,
    parent: Category | None,
    actor: User | None,
    address: str | None,
) -> Category:
    row = Category(client=client)
    if category is not None:  # under the client's lock, which all of them take
        row = still_there(Category.objects.all(), category)
    before = (row.name, row.parent_id)
    row.name, row.parent = name, parent
    if before == (name, parent.pk if parent else None) and row.pk:
        return row
    row.save()
    details: dict[str, Any] = {}
    if category and before[0] != name:
        details["name"] = [before[0], name]
    audit.record(
        "changed a category" if category else "added a category",
        row,
        actor=actor,
        client=client,
        address=address,
        within=str(parent) if parent else "",
        **details,
    )
    return row


def _check_place(
    client: Client, category: Category | None, parent: Category | None
) -> None:
    """Under the client's lock: no category is within itself, however far down."""
    if parent is None:
        return
    rows = {row.pk: row for row in Category.objects.filter(client=client)}
    if parent.pk not in rows:
        raise ProductRefused([Fault("parent", "There is no such category.")])
    line = _line(rows[parent.pk], rows)
    if category is not None and category in line:
        told = "A category cannot be within itself, or within one of its own."
        raise ProductRefused([Fault("parent", told)])
    below = _height(category, rows) if category else 1
    if len(line) + below > DEEPEST:
        told = f"Categories are at most {DEEPEST} deep."
        raise ProductRefused([Fault("parent", told)])

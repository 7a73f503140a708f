"""What a command did, shop by shop, as people and as programs read it."""

from collections.abc import Iterable, Mapping, Sequence

from django.core.management.base import BaseCommand

from apps.core.management.reporting import grouped, json_line, table
from apps.platforms.models import Shop

Row = tuple[Shop, Mapping[str, int], float]


def tell_by_shop(
    command: BaseCommand, header: Sequence[str], rows: Iterable[Row], *, is_json: bool
) -> None:
    """Each shop with its figures, in the header's order, and how many seconds it took:
    a table, or one object a line."""
    if is_json:
        for shop, figures, seconds in rows:
            took = round(seconds, 1)
            line = json_line(type="shop", shop=shop.pk, **figures, seconds=took)
            command.stdout.write(line)
        return
    cells = [
        (str(shop), *figures.values(), f"{seconds:.1f} s")
        for shop, figures, seconds in rows
    ]
    command.stdout.write(table(header, cells))


def tell_troubles(command: BaseCommand, troubles: Iterable[str]) -> None:
    """The most frequent first; the rest is counted."""
    for words in grouped(list(troubles)):
        command.stderr.write(command.style.WARNING(words))

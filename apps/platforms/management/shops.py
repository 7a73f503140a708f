"""How every command is told which shops it is for."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.core.management.reporting import ExitCode
from apps.platforms.models import Shop


def add_shop_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--shop",
        action="append",
        default=[],
        metavar="ID|NAME",
        help="a shop by our ID, its TikTok shop ID or its name; repeatable",
    )
    parser.add_argument("--all-shops", action="store_true", help="every connected shop")
    parser.add_argument("--client", metavar="NAME", help="every shop of this client")


def chosen_shops(options: dict[str, Any]) -> list[Shop]:
    """The shops the options name. Raises CommandError (exit 2) if they name none."""
    if options["all_shops"]:
        return list(Shop.objects.connected())
    if options["client"]:
        shops = list(Shop.objects.filter(client__name__iexact=options["client"]))
        if not shops:
            raise CommandError(
                f"No shop of a client “{options['client']}”.", returncode=ExitCode.USAGE
            )
        return shops
    if not options["shop"]:
        raise CommandError(
            "Say which shops: --shop NAME, --client NAME or --all-shops.",
            returncode=ExitCode.USAGE,
        )
    return [shop_named(name) for name in options["shop"]]


def shop_named(name: str) -> Shop:
    """One shop by ID, TikTok's ID, name, or name with region as “Name (US)”."""
    shops = list(Shop.objects.all())
    for matches in (
        [s for s in shops if name in (str(s.pk), s.remote_id)],
        [s for s in shops if name.casefold() in (s.name.casefold(), str(s).casefold())],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise CommandError(
                f"“{name}” names several shops: "
                + ", ".join(f"{s} is {s.pk}" for s in matches),
                returncode=ExitCode.USAGE,
            )
    known = ", ".join(f"{s.pk} {s}" for s in shops) or "none is connected yet"
    raise CommandError(f"No shop “{name}”. Known: {known}.", returncode=ExitCode.USAGE)
